"""Draws what was placed, as operators, into an overlay of the visible page's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno

from learning_credentials.pdf.images import read_image
from learning_credentials.pdf.layout import Drawing, Picture, QRCode, Rule, TextLine
from learning_credentials.pdf.overlay import ImageProgram, Overlay
from learning_credentials.pdf.writing import Writer, format_colour, format_number, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: White modules that a QR code needs around it (ISO/IEC 18004).
QUIET_ZONE = 4
_RULE_WIDTH = 0.6


def draw_overlay(drawings: Iterable[Drawing]) -> Overlay:
    """Draw everything."""
    drawings = tuple(drawings)
    writer = Writer([item for item in drawings if isinstance(item, TextLine)])
    images: dict[int, ImageProgram] = {}
    operators: list[str] = []
    for item in drawings:
        operators.append("q")
        if isinstance(item, TextLine):
            operators += writer.write(item)
        elif isinstance(item, Picture):
            operators += _draw_picture(item, images)
        elif isinstance(item, QRCode):
            operators += _draw_code(item)
        else:
            operators += _draw_rule(item)
        operators.append("Q")
    return Overlay(join(operators), tuple(writer.list_programs()), tuple(images.values()))


def _draw_rule(item: Rule) -> Iterator[str]:
    end = format_number(item.x + item.width)
    x, y = format_number(item.x), format_number(item.y)
    yield f"{format_colour(item.color)} RG {_RULE_WIDTH} w {x} {y} m {end} {y} l S"


def _draw_picture(item: Picture, images: dict[int, ImageProgram]) -> Iterator[str]:
    image = read_image(item.asset, max(item.width, item.height))
    images[id(image)] = image
    width, height = image.width, image.height
    scale = min(side / pixels for side, pixels in ((item.width, width), (item.height, height)) if side)
    drawn_width, drawn_height = width * scale, height * scale
    x = item.x + ((item.width - drawn_width) / 2 if item.width else 0)
    y = item.y + ((item.height - drawn_height) / 2 if item.height else 0)
    sides = " ".join(map(format_number, (drawn_width, 0, 0, drawn_height, x, y)))
    yield f"{sides} cm /{image.resource} Do"


def _draw_code(item: QRCode) -> Iterator[str]:
    """As vectors: one rectangle for each horizontal run of dark modules."""
    matrix = segno.make(item.content, error="m", micro=False, boost_error=False).matrix
    module = item.size / (len(matrix) + 2 * QUIET_ZONE)
    size = format_number(item.size)
    yield f"1 g {format_number(item.x)} {format_number(item.y)} {size} {size} re f"
    yield f"{format_colour(item.color)} rg"
    for row, cells in enumerate(matrix, start=1):
        bottom = item.y + item.size - (row + QUIET_ZONE) * module
        column = 0
        while column < len(cells):
            start = column
            while column < len(cells) and cells[column]:
                column += 1
            if column > start:
                left = item.x + (start + QUIET_ZONE) * module
                yield " ".join(f"{value:.4f}" for value in (left, bottom, (column - start) * module, module)) + " re"
            column += 1
    yield "f"
