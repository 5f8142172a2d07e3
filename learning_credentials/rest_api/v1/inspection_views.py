"""Checking a file that somebody was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import SuspiciousMultipartForm, TooManyFieldsSent, TooManyFilesSent
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from learning_credentials import api, uploads
from learning_credentials.data import ClaimFormat, Claims, FileKind, Finding, Inspection, SignatureCheck, Verdict
from learning_credentials.rest_api.v1 import documentation as docs
from learning_credentials.rest_api.v1.base import PublicAPIView
from learning_credentials.rest_api.v1.serializers import MetadataSerializer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request


class UploadSerializer(serializers.Serializer[Any]):
    """A file to be checked."""

    file = serializers.FileField(
        help_text="A PDF or another file that was issued, a badge as JSON, or a picture with a badge in it."
    )


class ClaimsSerializer(serializers.Serializer[Claims]):
    """What a file of another issuer says of itself. Nothing of it is proved."""

    format = serializers.ChoiceField(choices=[kind.value for kind in ClaimFormat])
    issuer_name = serializers.CharField(help_text="Of a signed PDF, the names in the certificates of its signatures.")
    issuer_id = serializers.CharField(help_text="The issuer's identifier or address.")
    name = serializers.CharField(help_text="What it is for.")
    valid_from = serializers.CharField(help_text="As it stands in the file.")
    valid_until = serializers.CharField(help_text="As it stands in the file; empty if it says none.")
    status_url = serializers.CharField(help_text="Where it says that its state is published. It was not asked.")
    signature = serializers.ChoiceField(
        choices=[check.value for check in SignatureCheck],
        help_text="Whether the signature fits a key that the file names itself. A good one does not tell whose key that is.",
    )
    verifiers = serializers.ListField(
        child=serializers.CharField(), help_text="Addresses of public services that check this format."
    )


class BadgeInspectionSerializer(serializers.Serializer[Inspection]):
    """What was found of one of several badges in a file."""

    is_valid = serializers.BooleanField(  # type: ignore[assignment]
        help_text="Whether it is as it was issued, and the credential holds now."
    )
    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    finding = serializers.ChoiceField(choices=[finding.value for finding in Finding], help_text="What that rests on.")
    message = serializers.CharField(help_text="For people, in their language.")
    credential = MetadataSerializer(
        source="verification",
        allow_null=True,
        help_text="The credential that it is, or says it is; null where none is known that may be seen.",
    )
    claims = ClaimsSerializer(allow_null=True, help_text="What a file of another issuer says of itself; else null.")


class InspectionSerializer(BadgeInspectionSerializer):
    """What a file is, and whether the credential still holds."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in FileKind], help_text="What it is, by its content.")
    sha256 = serializers.CharField(help_text="Of the file, in hex.")
    badges = BadgeInspectionSerializer(
        many=True,
        help_text="Where the file has more than one badge: the answer for each. The verdict is then the worst of theirs.",
    )


INSPECTION_EXAMPLE = OpenApiExample(
    "a certificate as it was issued",
    {
        "is_valid": True,
        "verdict": "unchanged",
        "finding": "same_file",
        "message": "The file is exactly as it was issued, and the credential is valid.",
        "kind": "pdf",
        "sha256": "9f2feb0f1ef425b292f2f94bc8482494df430413c6ecd6e8ad5f2a7c0a5b7b1f",
        "credential": docs.METADATA_EXAMPLE.value,
        "claims": None,
        "badges": [],
    },
    response_only=True,
    status_codes=["200"],
)


class InspectionView(PublicAPIView):
    """Check a file."""

    parser_classes = (MultiPartParser,)
    response_headers: ClassVar[Mapping[str, str]] = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

    @docs.describe_operation(
        operation_id="verify_file",
        request={"multipart/form-data": UploadSerializer},
        responses=docs.describe_answers(
            InspectionSerializer,
            INSPECTION_EXAMPLE,
            docs.describe_errors(400, 413, 429, 503, error_400=("required", "file: No file was submitted.")),
            description="What is known of the file, also that nothing is.",
        ),
    )
    def post(self, request: Request) -> Response:
        """Tell whether a file is as it was issued, and whether the credential still holds. Anyone may ask; the file is not stored.

        PDFs and other files are known by their SHA-256, badges by their signature. Of a credential that may not be seen the answer is that
        the file is unknown.
        """
        handler = uploads.prepare(request._request)  # noqa: SLF001
        try:
            form = UploadSerializer(data=request.data)
        except (SuspiciousMultipartForm, TooManyFieldsSent, TooManyFilesSent) as error:
            raise ParseError from error
        finally:
            uploads.check(handler)
        form.is_valid(raise_exception=True)
        content = uploads.read(form.validated_data["file"])
        return Response(InspectionSerializer(api.inspect_file(content)).data)
