"""Read the QR codes in a picture or a PDF. A child process runs this module. See `learning_credentials.scans`.

It imports nothing of the app, so that the process starts quickly.
"""

from __future__ import annotations

import io
import warnings
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image
    from pypdfium2 import PdfPage

#: A picture with more pixels is not decoded. Phones make up to 200 million, which a JPEG can be read from at an eighth of the size.
MAX_PIXELS = 64_000_000
MAX_JPEG_PIXELS = 256_000_000
#: A code is searched in pictures whose longer side has about so many pixels.
_LONG_SIDE = 4_000
_SHORT_LONG_SIDE = 1_600
_SMALL = 2_200
MAX_PAGES = 5
_MAX_OBJECTS = 1_000
#: Pixels of the longer side of a page that is drawn.
_PAGE_SIDE = 2_600
#: How many forms of a picture are read. A page of a PDF has hardly any noise, but there are several pages.
_ATTEMPTS, _PAGE_ATTEMPTS = 7, 3
_FORMATS = ("JPEG", "PNG", "WEBP")


def answer(content: bytes, medium: str, most: str) -> dict[str, Any]:
    """Return the texts of the codes, or why none could be read."""
    texts: dict[str, None] = {}
    is_typeset = False
    try:
        if medium == "pdf":
            for page in iter_pages(content):
                if found := find_codes(draw(page), _PAGE_ATTEMPTS):
                    texts.update(dict.fromkeys(found))
                    is_typeset = is_typeset or has_visible_text(page)
        else:
            picture = open_picture(content)
            if picture is None:
                return {"obstacle": "too_large"}
            texts.update(dict.fromkeys(find_codes(picture, _ATTEMPTS)))
    except MemoryError:
        raise
    except Exception:
        if not texts:
            return {"obstacle": "unreadable"}
    return {"texts": list(texts)[: int(most)], "is_typeset": is_typeset}


def open_picture(content: bytes) -> Image.Image | None:
    """Return a picture in grey, the right way up and not much larger than needed. Return None if it has too many pixels."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the limits here depend on the format
    warnings.simplefilter("ignore")
    picture: Image.Image = Image.open(io.BytesIO(content), formats=_FORMATS)
    is_jpeg = picture.format in {"JPEG", "MPO"}
    if picture.width * picture.height > (MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS):
        return None
    if is_jpeg:
        # The decoder leaves out what is not needed, so a large photo takes little memory.
        picture.draft("L", (_LONG_SIDE, _LONG_SIDE))
        if picture.width * picture.height > MAX_PIXELS:
            return None
    turned = ImageOps.exif_transpose(picture)
    if turned.has_transparency_data:
        turned = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", turned.size, "white"), turned)
    return shrink(turned.convert("L"), _LONG_SIDE)


def iter_pages(content: bytes) -> Iterator[PdfPage]:
    """Yield the first pages of a PDF that have a size."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    for number in range(min(len(document), MAX_PAGES)):
        page = document[number]
        if max(page.get_size()) > 0:
            yield page


def draw(page: PdfPage) -> Image.Image:
    """Return a page in grey, always about as large."""
    picture: Image.Image = page.render(scale=_PAGE_SIDE / max(page.get_size()), grayscale=True).to_pil()
    return picture.convert("L")


def has_visible_text(page: PdfPage) -> bool:
    """Return whether a page has text that is shown. The text that a scanner recognised is there too, but invisible."""
    from pypdfium2 import raw

    return any(
        raw.FPDFTextObj_GetTextRenderMode(item.raw) != raw.FPDF_TEXTRENDERMODE_INVISIBLE
        for item in islice(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]), _MAX_OBJECTS)
    )


def find_codes(picture: Image.Image, most: int) -> list[str]:
    """Return the texts of the QR codes in a picture. If none is found, try other forms of it."""
    for attempt in islice(iter_attempts(picture), most):
        if texts := read(attempt):
            return texts
    return []


def iter_attempts(picture: Image.Image) -> Iterator[Image.Image]:
    """Yield forms of a picture: as it is, smaller, without noise, larger, and with more contrast.

    A blurred or noisy code can often be read in one form only.
    """
    from PIL import Image, ImageFilter, ImageOps

    small = shrink(picture, _SHORT_LONG_SIDE)
    yield picture
    if small.size != picture.size:
        yield small
    soft = picture.filter(ImageFilter.GaussianBlur(1))
    yield soft
    if max(picture.size) <= _SMALL:
        large = soft.resize((soft.width * 2, soft.height * 2), Image.Resampling.BICUBIC)
        yield large
        yield large.filter(ImageFilter.UnsharpMask(4, 200, 2))
    yield ImageOps.autocontrast(small.filter(ImageFilter.MedianFilter(3)), cutoff=2)
    yield ImageOps.equalize(small)


def read(picture: Image.Image) -> list[str]:
    """Return the texts of the QR codes that are found at once."""
    import zxingcpp

    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return [code.text for code in found if code.valid and code.text]


def shrink(picture: Image.Image, most: int) -> Image.Image:
    """Return a picture whose longer side is about ``most`` pixels, or the picture itself if it is smaller."""
    factor = -(-max(picture.size) // most)
    return picture.reduce(factor) if factor > 1 else picture
