"""Serve the endpoint that verifies an uploaded file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import SuspiciousMultipartForm, TooManyFieldsSent, TooManyFilesSent
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from learning_credentials import uploads
from learning_credentials.http.public_answers import InspectionSerializer
from learning_credentials.rest_api.v1 import documentation as docs
from learning_credentials.rest_api.v1.base import PublicAPIView
from learning_credentials.services.public import inspect_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request


class UploadSerializer(serializers.Serializer[Any]):
    """A file to verify."""

    file = serializers.FileField(
        help_text="An issued PDF or other file, a badge as JSON, or an image with a badge in it."
    )


INSPECTION_EXAMPLE = OpenApiExample(
    "an unchanged certificate",
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
    """Verify a file."""

    parser_classes = (MultiPartParser,)
    response_headers: ClassVar[Mapping[str, str]] = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

    @docs.describe_operation(
        operation_id="verify_file",
        request={"multipart/form-data": UploadSerializer},
        responses=docs.describe_answers(
            InspectionSerializer,
            INSPECTION_EXAMPLE,
            docs.describe_errors(400, 413, 429, 503, error_400=("required", "file: No file was submitted.")),
            description="What is known about the file. A verdict of `unknown` is also an answer.",
        ),
    )
    def post(self, request: Request) -> Response:
        """Return whether a file is unchanged since its issue and whether the credential is valid. Anyone can ask. The file is not stored.

        The app identifies PDFs and other files by their SHA-256 hash, and badges by their signature. If the credential is hidden, the
        answer says that the file is unknown.
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
        return Response(InspectionSerializer(inspect_file(content)).data)
