"""Draws what was placed, as operators, into an overlay of the visible page's size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import zxingcpp

from learning_credentials.pdf.images import read_image
from learning_credentials.pdf.layout import RULE_WIDTH, Drawing, Picture, QRCode, Rule, TextLine
from learning_credentials.pdf.overlay import ImageProgram, Overlay
from learning_credentials.pdf.syntax import format_colour, format_number, format_numbers
from learning_credentials.pdf.writing import Writer, join

if TYPE_CHECKING:
    from collections.abc import Sequence

#: White modules that a QR code needs around it (ISO/IEC 18004).
QUIET_ZONE = 4
#: From a grey image of a code to one byte a module: ``#`` for dark ones.
_DARKNESS = bytes(ord("#") if level < 128 else ord(".") for level in range(256))  # noqa: PLR2004
_RUN = re.compile(b"#+")


def draw_overlay(segments: Sequence[Sequence[Drawing]], prefix: str) -> Overlay:
    """Draw everything, each segment by itself; names of resources begin with a prefix."""
    writer = Writer([item for segment in segments for item in segment if isinstance(item, TextLine)], prefix)
    images: dict[int, ImageProgram] = {}
    contents = tuple(join(_draw_segment(segment, writer, images)) for segment in segments)
    return Overlay(contents, tuple(writer.list_programs()), tuple(images.values()))


def _draw_segment(segment: Sequence[Drawing], writer: Writer, images: dict[int, ImageProgram]) -> list[str]:
    operators: list[str] = []
    for item in segment:
        operators.append("q")
        if isinstance(item, TextLine):
            operators += writer.write(item)
        elif isinstance(item, Picture):
            operators.append(_draw_picture(item, images))
        elif isinstance(item, QRCode):
            operators += _draw_code(item)
        else:
            operators.append(_draw_rule(item))
        operators.append("Q")
    return operators


def _draw_rule(item: Rule) -> str:
    y = format_number(item.y)
    start, end = format_number(item.x), format_number(item.x + item.width)
    return f"{format_colour(item.color)} RG {RULE_WIDTH} w {start} {y} m {end} {y} l S"


def _draw_picture(item: Picture, images: dict[int, ImageProgram]) -> str:
    image = read_image(item.asset, max(item.width, item.height))
    images[id(image)] = image
    width, height = image.width, image.height
    scale = min(side / pixels for side, pixels in ((item.width, width), (item.height, height)) if side)
    drawn_width, drawn_height = width * scale, height * scale
    x = item.x + ((item.width - drawn_width) / 2 if item.width else 0)
    y = item.y + ((item.height - drawn_height) / 2 if item.height else 0)
    return f"{format_numbers((drawn_width, 0, 0, drawn_height, x, y))} cm /{image.resource} Do"


def _draw_code(item: QRCode) -> list[str]:
    """As vectors, in units of modules: one rectangle for each horizontal run of dark ones."""
    code = zxingcpp.create_barcode(item.content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels: Any = code.to_image(scale=1, add_quiet_zones=False)
    height, width = pixels.shape
    module = item.size / (width + 2 * QUIET_ZONE)
    left, bottom = item.x + QUIET_ZONE * module, item.y + QUIET_ZONE * module
    operators = [
        f"1 g {format_numbers((item.x, item.y, item.size, item.size))} re f",
        f"{format_colour(item.color)} rg {module:.5f} 0 0 {module:.5f} {format_numbers((left, bottom))} cm",
    ]
    dark = bytes(memoryview(pixels)).translate(_DARKNESS)
    for row in range(height):
        level = f" {height - 1 - row} "
        for run in _RUN.finditer(dark, row * width, (row + 1) * width):
            start, end = run.span()
            operators.append(f"{start - row * width}{level}{end - start} 1 re")
    operators.append("f")
    return operators
