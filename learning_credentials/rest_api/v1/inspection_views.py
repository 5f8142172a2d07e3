"""Serve the endpoint that verifies an uploaded file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import SuspiciousMultipartForm, TooManyFieldsSent, TooManyFilesSent
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import ParseError, Throttled
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from learning_credentials import uploads
from learning_credentials.http.code_limits import TooManyCodesError, answer_limited
from learning_credentials.http.public_answers import InspectionSerializer
from learning_credentials.rest_api.v1 import documentation as docs
from learning_credentials.rest_api.v1.base import PublicAPIView
from learning_credentials.rest_api.v1.fields import StrictCharField
from learning_credentials.rest_api.v1.parsers import BoundedFormParser, StrictJSONParser
from learning_credentials.services.public import MAX_TEXT, inspect_file, inspect_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from learning_credentials.data import Inspection


class UploadSerializer(serializers.Serializer[Any]):
    """A file, or a code, to verify."""

    file = serializers.FileField(
        required=False,
        help_text="An issued PDF or other file, a badge as JSON, an image with a badge in it, or a photo or scan with a QR code "
        "(JPEG, PNG, WebP, PDF).",
    )
    code = StrictCharField(
        required=False,
        max_length=MAX_TEXT,
        help_text="Instead of a file: the code of a credential, its id, or an address with its id, in any spelling. "
        "An address is only read and never requested.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse neither and both."""
        if len(attrs) != 1:
            code = "invalid" if attrs else "required"
            raise serializers.ValidationError({"file": [_("Send either a file or a code.")]}, code=code)
        return attrs


class CodeSerializer(serializers.Serializer[Any]):
    """A code to verify, for programs that send no file."""

    code = StrictCharField(
        max_length=MAX_TEXT, help_text="The code of a credential, its id, or an address with its id."
    )


INSPECTION_EXAMPLE = OpenApiExample(
    "an unchanged certificate",
    {
        "is_valid": True,
        "verdict": "unchanged",
        "finding": "same_file",
        "compared": "file",
        "compared_message": "The whole file was compared with the files that were issued here.",
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
    """Verify a file or a code."""

    parser_classes = (MultiPartParser, StrictJSONParser, BoundedFormParser)
    response_headers: ClassVar[Mapping[str, str]] = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

    @docs.describe_operation(
        operation_id="verify_file",
        request={
            "multipart/form-data": UploadSerializer,
            "application/json": CodeSerializer,
            "application/x-www-form-urlencoded": CodeSerializer,
        },
        responses=docs.describe_answers(
            InspectionSerializer,
            INSPECTION_EXAMPLE,
            docs.describe_errors(400, 413, 429, 503, error_400=("required", "file: Send either a file or a code.")),
            description="What is known about the file or the code. A verdict of `unknown` is also an answer.",
        ),
    )
    def post(self, request: Request) -> Response:
        """Return whether a file is unchanged since its issue and whether the credential is valid. Anyone can ask. The file is not stored.

        The app identifies PDFs and other files by their SHA-256 hash, and badges by their signature. A code, an id, an address or a QR code
        leads to a credential. `compared` says what was compared. If the credential is hidden, the answer says that the file or the code is
        unknown. Codes that fail are limited.
        """
        handler = uploads.prepare(request._request)  # noqa: SLF001
        try:
            form = UploadSerializer(data=request.data)
        except (SuspiciousMultipartForm, TooManyFieldsSent, TooManyFilesSent) as error:
            raise ParseError from error
        finally:
            uploads.check(handler)
        form.is_valid(raise_exception=True)
        return Response(InspectionSerializer(_inspect(request, form.validated_data)).data)


def _inspect(request: Request, sent: Mapping[str, Any]) -> Inspection:
    if "file" in sent:
        return inspect_file(uploads.read(sent["file"]))
    try:
        return answer_limited(request._request, sent["code"], inspect_text)  # noqa: SLF001
    except TooManyCodesError as error:
        raise Throttled(wait=error.seconds) from error
