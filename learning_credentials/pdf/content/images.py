"""Check images when they are uploaded. Scale them down for print, and draw SVG."""

from __future__ import annotations

import hashlib
import io
import warnings
import zlib
from threading import RLock
from typing import TYPE_CHECKING, Literal

from cachetools import LRUCache, cached
from PIL import Image, ImageOps

from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.content.page_content import DrawingResource, ImageResource
from learning_credentials.pdf.drawings.converting import convert
from learning_credentials.svg_files.text import looks_like_svg

if TYPE_CHECKING:
    from learning_credentials.data import Asset

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
_ORIENTATION = 0x0112
#: The orientations of photos that were taken with the camera on its side.
_ON_ITS_SIDE = (5, 6, 7, 8)
#: The quality of photos that are scaled down, and are stored as JPEG again.
_JPEG_QUALITY = 92
#: Bytes of scaled images that a process keeps.
_CACHE_SIZE = 32 * 1024 * 1024
_DOTS_PER_POINT = 300 / 72
_COLOUR_SPACES: dict[str, Literal["DeviceGray", "DeviceRGB", "DeviceCMYK"]] = {
    "L": "DeviceGray",
    "RGB": "DeviceRGB",
    "CMYK": "DeviceCMYK",
}


def check_image(content: bytes) -> None:
    """Check that an image can be drawn.

    Raises:
        AssetError: neither PNG nor JPEG nor WebP nor SVG, too large, broken, or an SVG that would be drawn wrong.
    """
    if looks_like_svg(content):
        convert(content)
        return
    if len(content) > MAX_BYTES:
        msg = f"the image has {len(content) / 2**20:.1f} MiB. At most {MAX_BYTES // 2**20} are accepted"
        raise AssetError(msg)
    is_webp = content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    if not is_webp and not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise AssetError("the file is not a PNG, JPEG, WebP or SVG image")
    try:
        with _open(content) as image:
            width, height = image.size
            if width * height <= MAX_PIXELS:
                image.load()
                return
    except Exception as error:
        msg = f"the image is broken: {error or type(error).__name__}"
        raise AssetError(msg) from error
    msg = f"the image has {width} x {height} pixels. At most {MAX_PIXELS // 1000000} megapixels are accepted"
    raise AssetError(msg)


def check_image_asset(asset: Asset) -> None:
    """Check an asset's image once for each content. Raises the errors of `check_image`."""
    _check_once(asset.sha256, asset.content)


@cached(LRUCache(1024), key=lambda sha256, content: sha256, lock=RLock())  # noqa: ARG005
def _check_once(sha256: str, content: bytes) -> None:  # noqa: ARG001
    check_image(content)


@cached(
    LRUCache(_CACHE_SIZE, getsizeof=lambda image: len(image.content)),
    key=lambda sha256, content, most: (sha256, most),  # noqa: ARG005
    lock=RLock(),
)
def _read(sha256: str, content: bytes, most: int) -> ImageResource:
    _check_once(sha256, content)
    resource = f"LCI{hashlib.sha256(f'{sha256} {most}'.encode()).hexdigest()[:12]}"
    with _open(content) as image:
        is_upright = image.getexif().get(_ORIENTATION, 1) == 1
        if is_upright and max(image.size) <= most and image.format == "JPEG" and image.mode in _COLOUR_SPACES:
            return ImageResource(
                resource,
                *image.size,
                _COLOUR_SPACES[image.mode],
                "DCTDecode",
                content,
                # Adobe's software writes inverted CMYK, and marks its files.
                is_inverted=image.mode == "CMYK" and "adobe" in image.info,
            )
        is_photo = image.format == "JPEG"
        plain = _simplify(ImageOps.exif_transpose(image))
        plain.thumbnail((most, most))
        if is_photo:
            return _compress_photo(plain.convert("RGB"), resource)
        mask = _compress(plain.getchannel("A"), f"{resource}M") if plain.mode == "RGBA" else None
        return _compress(plain.convert("RGB"), resource, mask)


def _compress(image: Image.Image, resource: str, mask: ImageResource | None = None) -> ImageResource:
    content = zlib.compress(image.tobytes(), 9)
    return ImageResource(resource, *image.size, _COLOUR_SPACES[image.mode], "FlateDecode", content, mask=mask)


def _compress_photo(image: Image.Image, resource: str) -> ImageResource:
    """Return a photo as JPEG. Without losses it would be ten times as large."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0, optimize=True)
    return ImageResource(resource, *image.size, _COLOUR_SPACES[image.mode], "DCTDecode", buffer.getvalue())


def _simplify(image: Image.Image) -> Image.Image:
    """Return the image as RGB or RGBA. These can show all palettes, 16-bit greys and transparencies of PNG."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


@cached(
    LRUCache(_CACHE_SIZE, getsizeof=lambda drawing: drawing.form.size),
    key=lambda sha256, content: sha256,  # noqa: ARG005
    lock=RLock(),
)
def _read_drawing(sha256: str, content: bytes) -> DrawingResource:
    return DrawingResource(f"LCD{sha256[:12]}", convert(content))


def read_image(asset: Asset, points: float) -> ImageResource | DrawingResource:
    """Return an image with at most 300 dpi if its longer side is drawn with ``points``, or an SVG as a drawing.

    Raises:
        AssetError: it cannot be used.
    """
    if looks_like_svg(asset.content):
        return _read_drawing(asset.sha256, asset.content)
    return _read(asset.sha256, asset.content, max(int(points * _DOTS_PER_POINT), 64))


def measure_image(asset: Asset) -> tuple[float, float]:
    """Return the width and height of an image as it is shown: in pixels, or in any unit for an SVG.

    Raises:
        AssetError: it cannot be used.
    """
    if looks_like_svg(asset.content):
        drawing = _read_drawing(asset.sha256, asset.content)
        return drawing.width, drawing.height
    _check_once(asset.sha256, asset.content)
    return _measure(asset.content)


def measure_pixels(asset: Asset) -> tuple[int, int] | None:
    """Return the width and height of an image in pixels, or None if it has none. Raises the errors of `measure_image`."""
    if looks_like_svg(asset.content):
        return None
    _check_once(asset.sha256, asset.content)
    return _measure(asset.content)


def _measure(content: bytes) -> tuple[int, int]:
    with _open(content) as image:
        width, height = image.size
        return (height, width) if image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE else (width, height)


def _open(content: bytes) -> Image.Image:
    # Pillow only warns about too many pixels, and hosts may treat warnings in any way. Our own limit is lower and raises an error.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP"))
