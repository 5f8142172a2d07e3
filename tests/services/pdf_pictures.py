"""Make pictures of names: from our PDFs, from a browser, and from programs without text shaping."""

from __future__ import annotations

import html
import io
import itertools
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pypdfium2
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageOps
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas

from learning_credentials.generators import generate_pdf_credential
from learning_credentials.pdf.fonts.names import SHIPPED_FONTS
from tests.services.pdf_documents import CJK_FILE
from tests.services.pdf_names import CJK
from tests.services.pdf_tools import ask
from tests.unit.pdf.support import make_assets, make_credential, make_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.services.pdf_names import Name

#: The text's size in points (the browser's pixels), and the number of a picture's pixels per point.
SIZE, SCALE = 40, 2
WIDTH, ROW = 1600, 120
#: How many pixels a picture may be moved to match another.
_REACH = 2
_INK = 128
_POINTS = 72
#: Some programs place each glyph on whole pixels. Their pictures are made this many times larger.
_FINE = 4
#: Some scripts reach far below it.
_BASELINE = 45
#: The smallest height of a browser's window.
_LEAST_HEIGHT = 600
#: The width of the compared windows, and the share of the usual ink that a window needs to be compared.
_WINDOW = SIZE * SCALE
_LEAST_INK = 0.25


@cache
def _read_font(name: str) -> bytes:
    if name == CJK:
        return CJK_FILE.read_bytes()
    return (files("learning_credentials.pdf") / "fonts" / f"{SHIPPED_FONTS[name]}.ttf").read_bytes()


def _crop(image: Image.Image) -> Image.Image:
    """Return the ink of a picture, white on black."""
    ink = ImageOps.invert(image.convert("L"))
    box = ink.point(lambda value: 255 if value >= _INK else 0).getbbox()
    assert box is not None, "nothing was drawn"
    return ink.crop(box)


@cache
def _prepare(fonts: tuple[str, ...]) -> Any:
    slugs = {CJK: _read_font(CJK)} if CJK in fonts else {}
    assets = make_assets(template=make_pdf(WIDTH, ROW, text="", color="#ffffff"), **slugs)
    options = {
        "template": "template",
        "text_elements": {
            "name": {"x": 10, "y": _BASELINE, "align": "left", "size": SIZE, "fonts": list(fonts)},
            "context": False,
            "date": False,
        },
    }
    return generate_pdf_credential.prepare(options, assets)


def make_pdf_of(name: Name) -> bytes:
    """Return a certificate that shows only a name."""
    artifact = _prepare(name.fonts)(make_credential(user_full_name=name.text))
    assert artifact.warnings == ()
    content: bytes = artifact.content
    return content


def draw_ours(name: Name) -> Image.Image:
    """Return a picture of the name from our PDF."""
    with pypdfium2.PdfDocument(make_pdf_of(name)) as document:
        return _crop(document[0].render(scale=SCALE).to_pil())


def draw_with_poppler(name: Name, directory: Path) -> Image.Image:
    """Return Poppler's picture of our PDF."""
    file = directory / "name.pdf"
    file.write_bytes(make_pdf_of(name))
    answer = ask("pdftoppm", "-r", str(_POINTS * SCALE * _FINE), "-gray", "-singlefile", file, directory / "poppler")
    assert (answer.status, answer.complaints) == (0, "")
    return _read_fine(directory / "poppler.pgm")


def draw_with_mupdf(name: Name, directory: Path) -> Image.Image:
    """Return MuPDF's picture of our PDF."""
    file, picture = directory / "name.pdf", directory / "mupdf.pgm"
    file.write_bytes(make_pdf_of(name))
    answer = ask("mutool", "draw", "-N", "-q", "-r", str(_POINTS * SCALE * _FINE), "-c", "gray", "-o", picture, file)
    assert (answer.status, answer.complaints) == (0, "")
    return _read_fine(picture)


def _read_fine(picture: Path) -> Image.Image:
    with Image.open(picture) as image:
        return _crop(image.reduce(_FINE))


def draw_with_browser(names: Sequence[Name], directory: Path, direction: str = "auto") -> list[Image.Image]:
    """Return Chromium's pictures of the names with the same fonts, in an HTML ``direction``."""
    wanted = sorted({font for name in names for font in name.fonts})
    faces = "\n".join(f"@font-face {{ font-family: {font}; src: url({_link(font, directory)}) }}" for font in wanted)
    rows = "\n".join(f'<p><bdi dir="{direction}">{_mark_fonts(name)}</bdi></p>' for name in names)
    page = directory / "names.html"
    page.write_text(
        f"""<!doctype html><meta charset="utf-8"><style>
{faces}
body {{ margin: 0 }}
p {{ margin: 0; padding: 0 20px; height: {ROW}px; line-height: {ROW}px; font-size: {SIZE}px; white-space: nowrap; overflow: hidden;
     text-rendering: geometricPrecision; font-synthesis: none }}
</style>
{rows}"""
    )
    picture = directory / "names.png"
    answer = ask(
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--font-render-hinting=none",
        "--disable-lcd-text",
        f"--user-data-dir={directory / 'profile'}",
        "--virtual-time-budget=20000",
        f"--force-device-scale-factor={SCALE}",
        f"--window-size={WIDTH},{max(ROW * len(names), _LEAST_HEIGHT)}",
        f"--screenshot={picture}",
        page.as_uri(),
    )
    assert picture.exists(), answer.complaints
    with Image.open(picture) as image:
        height = ROW * SCALE
        return [_crop(image.crop((0, row * height, image.width, (row + 1) * height))) for row in range(len(names))]


def _mark_fonts(name: Name) -> str:
    """Return a name as HTML.

    Each word has the first font with all its letters. If there is none, each letter has its own font. A space has the font of the letter
    before it.
    """
    return "".join(
        f'<span style="font-family: {_list_fonts(part.strip() or before[-1], name.fonts)}">{html.escape(part)}</span>'
        for before, part in itertools.pairwise(["", *re.findall(r"\S+|\s+", name.text)])
    )


def _list_fonts(text: str, fonts: Sequence[str]) -> str:
    points = set(map(ord, unicodedata.normalize("NFC", text)))
    return ", ".join(sorted(fonts, key=lambda font: not points <= _list_points(font)))


@cache
def _list_points(font: str) -> frozenset[int]:
    with TTFont(io.BytesIO(_read_font(font)), fontNumber=0, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def _link(font: str, directory: Path) -> str:
    file = directory / f"{font}.ttf"
    file.write_bytes(_read_font(font))
    return file.as_uri()


def draw_unshaped(text: str, font: str) -> Image.Image:
    """Return a picture of a text without shaping: character by character, from left to right."""
    pdfmetrics.registerFont(ttfonts.TTFont(f"Unshaped{font}", io.BytesIO(_read_font(font))))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, ROW))
    canvas.setFont(f"Unshaped{font}", SIZE)
    canvas.drawString(10, _BASELINE, text)
    canvas.save()
    with pypdfium2.PdfDocument(buffer.getvalue()) as document:
        return _crop(document[0].render(scale=SCALE).to_pil())


def compare(one: Image.Image, other: Image.Image) -> float:
    """Return how similar two pictures are where they differ most, from 0 to 1.

    The pictures are moved to match as well as possible. The result is the common ink divided by all ink, in the worst window. A window is
    about as wide as a letter: one wrong mark is little in a whole name, but much in its window.
    """
    width = max(one.width, other.width) + 2 * _REACH
    height = max(one.height, other.height) + 2 * _REACH
    first = _place(one, width, height, _REACH, _REACH)
    places = itertools.product(range(2 * _REACH + 1), repeat=2)
    second = max(
        (_place(other, width, height, x, y) for x, y in places),
        key=lambda placed: _weigh(ImageChops.darker(first, placed)),
    )
    common, either = ImageChops.darker(first, second), ImageChops.lighter(first, second)
    least = _LEAST_INK * _WINDOW * _weigh(either) / width
    scores = []
    for left in range(0, max(width - _WINDOW, 0) + 1, _WINDOW // 4):
        window = (left, 0, left + _WINDOW, height)
        ink = _weigh(either.crop(window))
        if ink >= least:
            scores.append(_weigh(common.crop(window)) / ink)
    return min(scores)


def _place(image: Image.Image, width: int, height: int, x: int, y: int) -> Image.Image:
    placed = Image.new("L", (width, height))
    placed.paste(image, (x, y))
    return placed


def _weigh(image: Image.Image) -> int:
    return sum(value * count for value, count in enumerate(image.histogram()))
