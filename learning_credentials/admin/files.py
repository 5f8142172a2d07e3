"""Send files of the private storage, and previews, to staff."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from django.http import FileResponse

from learning_credentials.filenames import get_attachment_disposition

if TYPE_CHECKING:
    from django.core.files.base import File

#: Types that a browser may show inline, because they cannot run scripts in the admin's origin.
SAFE_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"})

SVG = "image/svg+xml"

SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


def sniff(head: bytes) -> str:
    """Return the media type of a file by its first bytes.

    A name or a stored type could be wrong, and the browser would show the file in the admin's origin.
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next(
        (media_type for signature, media_type in SIGNATURES if head.startswith(signature)), "application/octet-stream"
    )


def serve(file: File[bytes] | IO[bytes], media_type: str, filename: str) -> FileResponse:
    """Send a file to staff. Show safe types inline and let the browser save others."""
    response = FileResponse(file, content_type=media_type or "application/octet-stream")
    response["Content-Disposition"] = get_attachment_disposition(filename, is_inline=media_type in SAFE_INLINE)
    response["X-Content-Type-Options"] = "nosniff"
    if media_type == SVG:
        # Pages contain such images. A browser saves an SVG that is opened directly. If it shows the SVG anyway, no script in it runs.
        response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
