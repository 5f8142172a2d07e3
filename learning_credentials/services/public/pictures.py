"""Makes the images for the public page: of the certificate if the file is for anyone, else of the achievement; and the issuer's logo.

pypdfium2 draws PDFs. Drawn images are stored in the project's cache under the hash of the file.
"""

from __future__ import annotations

import hashlib
import io
from functools import cache
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING

from django.core.cache import cache as django_cache

from learning_credentials.data import ImageFile, PagePicture
from learning_credentials.exceptions import AssetNotFoundError, CredentialNotFoundError, StorageUnavailableError
from learning_credentials.models.asset_reader import DatabaseAssets
from learning_credentials.services.common import open_file
from learning_credentials.svg_files.text import looks_like_svg

if TYPE_CHECKING:
    from learning_credentials.models import Credential

PDF = "application/pdf"
#: The types that every browser shows in an image element, in which scripts do not run.
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/svg+xml"})
#: Pixels of the longer side of a drawn page.
LONG_SIDE = 1400
#: The largest file that is shown, in bytes. A larger one can only be downloaded.
MAX_BYTES = 8_000_000
_JPEG_QUALITY = 88
_KEPT_SECONDS = 24 * 60 * 60
#: Pixels of a page that is drawn for the designer.
_MOST_PIXELS = 6_000_000
#: Increase it when pages are drawn in another way.
_VERSION = 1
#: Two threads must not use PDFium at once.
_PDFIUM_LOCK = Lock()
_SIGNATURES = (
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
)


@cache
def can_draw_pdf() -> bool:
    """Return whether pages of PDFs can be drawn here."""
    return find_spec("pypdfium2") is not None


def choose(media_type: str, *, is_public: bool, has_image: bool) -> PagePicture | None:
    """Return which image to show: by the file's type, whether the file is for anyone, and whether the achievement has an image."""
    if is_public and (media_type in IMAGE_TYPES or (media_type == PDF and can_draw_pdf())):
        return PagePicture.CERTIFICATE
    return PagePicture.ACHIEVEMENT if has_image else None


def get_of_certificate(credential: Credential) -> ImageFile | None:
    """Return the image of a credential's file, or None if it cannot be shown.

    Raises:
        StorageUnavailableError: the file could not be read.
    """
    if credential.artifact_media_type == PDF:
        return _get_drawn(credential)
    return _make(_read(credential.artifact_name), credential.artifact_media_type)


def get_of_asset(slug: str) -> ImageFile:
    """Return an image among the assets.

    Raises:
        CredentialNotFoundError: there is none, or it has a type that is not shown.
        StorageUnavailableError: the file could not be read.
    """
    try:
        asset = DatabaseAssets().get(slug)
    except AssetNotFoundError as error:
        raise CredentialNotFoundError(str(error)) from error
    usual = "image/svg+xml" if looks_like_svg(asset.content) else ""
    media_type = next((found for start, found in _SIGNATURES if asset.content.startswith(start)), usual)
    if not media_type:
        msg = f"the asset '{slug}' is not an image that a page can show"
        raise CredentialNotFoundError(msg)
    return ImageFile(asset.content, media_type, asset.sha256)


def _get_drawn(credential: Credential) -> ImageFile | None:
    key = f"learning_credentials:picture:{_VERSION}:{credential.artifact_sha256}"
    content: bytes | None = django_cache.get(key) if credential.artifact_sha256 else None
    if content is None:
        content = draw_first_page(_read(credential.artifact_name))
        if content and credential.artifact_sha256:
            django_cache.set(key, content, _KEPT_SECONDS)
    return _make(content, "image/jpeg")


def _make(content: bytes, media_type: str) -> ImageFile | None:
    return ImageFile(content, media_type, hashlib.sha256(content).hexdigest()) if content else None


def _read(name: str) -> bytes:
    """Return the content of the file, or nothing if it is too large to be shown."""
    try:
        with open_file(name) as file:
            content = file.read(MAX_BYTES + 1)
    except StorageUnavailableError:
        raise
    except Exception as error:  # remote storages open the file only here, and each has its own errors
        msg = f"the file could not be read: {type(error).__name__}: {error}"
        raise StorageUnavailableError(msg) from error
    return content if len(content) <= MAX_BYTES else b""


def draw_page(
    content: bytes, index: int, scale: float, *, crop: tuple[float, float, float, float] | None = None
) -> bytes:
    """Return a page of a PDF that the app made as a PNG.

    Args:
        content: the PDF.
        index: of the page. Beyond the end it is that of the last page.
        scale: pixels per point. Pages of more than `_MOST_PIXELS` pixels are drawn smaller.
        crop: points to leave out at the left, bottom, right and top.
    """
    import pypdfium2

    with _PDFIUM_LOCK:
        document = pypdfium2.PdfDocument(content)
        try:
            page = document[min(index, len(document) - 1)]
            width, height = page.get_size()
            scale = min(scale, (_MOST_PIXELS / (width * height)) ** 0.5)
            image = page.render(scale=scale, crop=crop or (0, 0, 0, 0)).to_pil().convert("RGB")
        finally:
            document.close()
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)  # for one reader, at once
    return buffer.getvalue()


def draw_first_page(content: bytes, long_side: int = LONG_SIDE) -> bytes:
    """Return the first page of a PDF as a JPEG, or nothing if it cannot be drawn.

    Args:
        content: the PDF.
        long_side: pixels of the longer side of the image.
    """
    import pypdfium2

    if not content:
        return b""
    with _PDFIUM_LOCK:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError:
            return b""
        try:
            page = document[0]
            image = page.render(scale=long_side / max(page.get_size())).to_pil().convert("RGB")
        except (pypdfium2.PdfiumError, IndexError, ZeroDivisionError):
            return b""
        finally:
            document.close()
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY, optimize=True, progressive=True)
    return buffer.getvalue()
