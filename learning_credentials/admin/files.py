"""Hands files of the private storage, and previews, to staff."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from django.http import FileResponse

from learning_credentials.filenames import get_attachment_disposition

if TYPE_CHECKING:
    from django.core.files.base import File

#: What a browser may show in place: it can run no script of the file's in the admin's origin.
SAFE_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"})

SVG = "image/svg+xml"

SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


def sniff(head: bytes) -> str:
    """Media type of a file by its first bytes: a name or a stored type could lie, and the browser shows it in the admin's origin."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next(
        (media_type for signature, media_type in SIGNATURES if head.startswith(signature)), "application/octet-stream"
    )


def serve(file: File[bytes] | IO[bytes], media_type: str, filename: str) -> FileResponse:
    """Send a file to staff: shown in place where that is safe, else to be saved."""
    response = FileResponse(file, content_type=media_type or "application/octet-stream")
    response["Content-Disposition"] = get_attachment_disposition(filename, is_inline=media_type in SAFE_INLINE)
    response["X-Content-Type-Options"] = "nosniff"
    if media_type == SVG:
        # For pictures in pages. Opened by itself it is saved, and where a browser shows it all the same, nothing in it runs.
        response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
