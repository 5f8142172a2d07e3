import io
import struct
import zlib
from importlib.resources import files

import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from learning_credentials.data import AssetKind
from learning_credentials.exceptions import AssetError
from learning_credentials.pdf import check_asset

from .support import edit_pdf, make_pdf, make_png

THAI = (files("learning_credentials.pdf") / "fonts" / "NotoSansThai-Regular.ttf").read_bytes()


def make_font(change):
    font = TTFont(io.BytesIO(THAI))
    change(font)
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def with_usage(usage):
    def change(font):
        font["OS/2"].fsType = usage

    return make_font(change)


def set_box(name, *corners):
    def edit(_pdf, page):
        page.obj[name] = list(corners)

    return edit


def set_key(name, value):
    def edit(_pdf, page):
        page.obj[name] = value

    return edit


def make_bomb():
    """A tiny PNG that says it has ten thousand times ten thousand pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


def make_gif():
    buffer = io.BytesIO()
    Image.new("P", (4, 4)).save(buffer, "GIF")
    return buffer.getvalue()


def lock(content, **passwords):
    import pikepdf

    return edit_pdf(content, lambda *_: None, encryption=pikepdf.Encryption(R=6, **passwords))


def make_postscript_font():
    """The Thai font with its outlines as PostScript's."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.t2CharStringPen import T2CharStringPen

    font = TTFont(io.BytesIO(THAI))
    glyphs = font.getGlyphSet()
    shapes = {}
    for name in font.getGlyphOrder():
        pen = T2CharStringPen(font["hmtx"][name][0], glyphs)
        glyphs[name].draw(pen)
        shapes[name] = pen.getCharString()
    for tag in ("glyf", "loca", "cvt ", "fpgm", "prep", "gasp"):
        if tag in font:
            del font[tag]
    font.sfntVersion = "OTTO"
    builder = FontBuilder(font=font)
    builder.isTTF = False
    builder.setupCFF("ThaiPostScript", {}, shapes, {})
    font["maxp"].tableVersion = 0x00005000
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def make_collection():
    from fontTools.ttLib import TTCollection

    collection = TTCollection()
    collection.fonts = [TTFont(io.BytesIO(THAI))]
    buffer = io.BytesIO()
    collection.save(buffer)
    return buffer.getvalue()


GOOD = {
    "a font with PostScript outlines": (AssetKind.FONT, make_postscript_font),
    "a font collection": (AssetKind.FONT, make_collection),
    "a plain PDF": (AssetKind.PDF_TEMPLATE, make_pdf),
    "a PDF encrypted with an empty user password": (
        AssetKind.PDF_TEMPLATE,
        lambda: lock(make_pdf(), user="", owner="secret"),
    ),
    "a PNG": (AssetKind.IMAGE, make_png),
    "a font": (AssetKind.FONT, lambda: THAI),
    "a font with editable embedding": (AssetKind.FONT, lambda: with_usage(0x0008)),
}
BAD = {
    "empty": (AssetKind.PDF_TEMPLATE, lambda: b"", "the file is empty"),
    "text": (AssetKind.PDF_TEMPLATE, lambda: b"hello", "the file is not a PDF"),
    "an image as a template": (AssetKind.PDF_TEMPLATE, make_png, "the file is not a PDF"),
    "a locked PDF": (
        AssetKind.PDF_TEMPLATE,
        lambda: lock(make_pdf(), user="u", owner="o"),
        "the PDF needs a password. Remove the password",
    ),
    "nine pages": (
        AssetKind.PDF_TEMPLATE,
        lambda: make_pdf(pages=9),
        "the PDF has 9 pages. A template can have at most 8",
    ),
    "a second page without an area": (
        AssetKind.PDF_TEMPLATE,
        lambda: edit_pdf(make_pdf(pages=2), lambda pdf, _page: pdf.pages[1].obj.update({"/MediaBox": [0, 0, 0, 0]})),
        "page 2: the page of the PDF has no area",
    ),
    "no page": (
        AssetKind.PDF_TEMPLATE,
        lambda: edit_pdf(make_pdf(), lambda pdf, _page: pdf.pages.__delitem__(0)),
        "the PDF has no pages",
    ),
    "a cut PDF": (AssetKind.PDF_TEMPLATE, lambda: make_pdf()[:200], "the PDF is broken"),
    "an empty box": (
        AssetKind.PDF_TEMPLATE,
        lambda: edit_pdf(make_pdf(), set_box("/MediaBox", 0, 0, 0, 0)),
        "the page of the PDF has no area",
    ),
    "a crop box beside the page": (
        AssetKind.PDF_TEMPLATE,
        lambda: edit_pdf(make_pdf(), set_box("/CropBox", 700, 500, 900, 800)),
        "the crop box of the PDF is outside the page",
    ),
    "an odd rotation": (
        AssetKind.PDF_TEMPLATE,
        lambda: edit_pdf(make_pdf(), set_key("/Rotate", 45)),
        "rotated by 45 degrees",
    ),
    "a GIF": (AssetKind.IMAGE, make_gif, "not a PNG, JPEG, WebP or SVG"),
    "half an image": (AssetKind.IMAGE, lambda: make_png(300, 300)[:120], "the image is broken"),
    "a decompression bomb": (AssetKind.IMAGE, make_bomb, "10000 x 10000 pixels"),
    "a heavy image": (AssetKind.IMAGE, lambda: make_png() + bytes(11 * 2**20), "At most 10 are accepted"),
    "a broken font collection": (AssetKind.FONT, lambda: b"ttcf" + THAI[4:], "the font is broken"),
    "a web font": (AssetKind.FONT, lambda: b"wOF2" + THAI[4:], "WOFF2"),
    "no font": (AssetKind.FONT, make_png, "the file is not a TrueType or OpenType font"),
    "a cut font": (AssetKind.FONT, lambda: THAI[:5000], "the font is broken"),
    "a font without outlines": (
        AssetKind.FONT,
        lambda: make_font(lambda font: font.__delitem__("glyf")),
        "the font lacks the tables glyf",
    ),
    "broken PostScript outlines": (
        AssetKind.FONT,
        lambda: THAI.replace(b"gasp", b"CFF2", 1),  # the name in the table directory
        "the font is broken",
    ),
    "restricted embedding": (AssetKind.FONT, lambda: with_usage(0x0002), "forbid embedding"),
    "no subsetting": (AssetKind.FONT, lambda: with_usage(0x0100), "forbid subsetting"),
    "bitmap embedding": (AssetKind.FONT, lambda: with_usage(0x0200), "bitmaps only"),
}


@pytest.mark.parametrize("name", GOOD)
def test_usable_assets_pass(name):
    kind, make = GOOD[name]
    check_asset(kind, make())


@pytest.mark.parametrize("name", BAD)
def test_unusable_assets_are_refused_with_the_reason(name):
    kind, make, reason = BAD[name]
    with pytest.raises(AssetError) as caught:
        check_asset(kind, make())
    assert reason in str(caught.value)


def test_importing_the_surface_does_not_load_the_engine():
    import subprocess
    import sys

    code = (
        "import django; from django.conf import settings; settings.configure(USE_I18N=False); django.setup();"
        "import sys, learning_credentials.generators;"
        "print([name for name in ('reportlab', 'pypdf', 'PIL', 'fontTools', 'uharfbuzz') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


def test_a_process_that_only_serves_pages_does_not_load_the_engine():
    import os
    import subprocess
    import sys

    code = (
        "import django; django.setup(); import sys, learning_credentials.api, learning_credentials.urls;"
        "print([name for name in ('reportlab', 'pypdf', 'fontTools', 'uharfbuzz') if name in sys.modules])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    )
    assert done.stdout.strip() == "[]"
