"""Where everything goes on the page: options and values in, things to draw out. Coordinates are those of the visible page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from learning_credentials.pdf.casing import capitalise
from learning_credentials.pdf.text import make_line, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.data import Asset
    from learning_credentials.pdf.fonts import Font
    from learning_credentials.pdf.options import ImageElement, TextElement
    from learning_credentials.pdf.shaping import Line
    from learning_credentials.pdf.template import Geometry

#: Text keeps this distance, in points, from the edges of the page unless it is told to pass them by.
MARGIN = 18
#: A text that does not fit is shrunk to no less than this part of its size; then it is wrapped.
LEAST_SHRINK = 0.4
_LEAST_WIDTH = 36
#: What rounding may add to a width.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text that starts at ``x``, ``y``."""

    line: Line
    x: float
    y: float
    size: float
    color: str
    char_space: float


@dataclass(frozen=True, slots=True)
class Picture:
    """An image scaled into a box without distortion, in its middle; ``width`` or ``height`` 0 leaves that side free."""

    asset: Asset
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class QRCode:
    """A QR code whose box starts at ``x``, ``y``."""

    content: str
    x: float
    y: float
    size: float
    color: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin horizontal line."""

    x: float
    y: float
    width: float
    color: str


Drawing = TextLine | Picture | QRCode | Rule


def place_text(
    element: TextElement, text: str, fonts: Sequence[Font], page: Geometry, language: str
) -> tuple[list[TextLine], list[str]]:
    """Place a text.

    Args:
        element: its options, all settled.
        text: what it says, with the placeholders filled.
        fonts: its own fonts, the preferred first.
        page: the page.
        language: decides how capitals are made, and between forms that languages write differently.

    Returns:
        The lines to draw, and the clusters that no font has.
    """
    if element.uppercase:
        text = capitalise(text, language)
    anchor = page.width / 2 if element.x is None else element.x
    lines, missing, size, char_space = _fit(
        text.split("\n"), element, tuple(fonts), _room(element, anchor, page), language
    )
    placed = [
        TextLine(
            line,
            _start(anchor, line.measure(size, char_space), element.align),
            element.y - index * size * element.line_height,
            size,
            element.color,
            char_space,
        )
        for index, line in enumerate(lines)
        if line.runs
    ]
    return placed, missing


def place_image(element: ImageElement, asset: Asset) -> Picture:
    """Place an image."""
    return Picture(asset, element.x, element.y, element.width or 0, element.height or 0)


def _fit(
    parts: Sequence[str], element: TextElement, fonts: tuple[Font, ...], width: float, language: str
) -> tuple[list[Line], list[str], float, float]:
    """Lines that are no wider than they may be, what no font has, and the size and character space that this takes."""
    size, char_space = element.size, element.char_space
    made = [make_line(part, fonts, language, is_spaced=bool(char_space)) for part in parts]
    lines = [line for line, _ in made]
    missing = [cluster for _, clusters in made for cluster in clusters]
    factor = _find_factor(lines, size, char_space, width)
    if factor < 1 and element.fit == "shrink":
        allowed = max(factor, LEAST_SHRINK)
        size, char_space, factor = size * allowed, char_space * allowed, factor / allowed
    if factor < 1:
        wrapped = [wrap(part, fonts, size, width, char_space, language) for part in parts]
        lines = [line for found, _ in wrapped for line in found]
        missing = [cluster for _, clusters in wrapped for cluster in clusters]
        # A cluster can be too wide all alone.
        factor = _find_factor(lines, size, char_space, width)
        size, char_space = size * factor, char_space * factor
    return lines, missing, size, char_space


def _find_factor(lines: Sequence[Line], size: float, char_space: float, width: float) -> float:
    """What a text is to be shrunk by to fit, at most 1."""
    widest = max(line.measure(size, char_space) for line in lines)
    return width / widest if widest > width * (1 + _ROUNDING) else 1.0


def _room(element: TextElement, anchor: float, page: Geometry) -> float:
    right, left = page.width - anchor - MARGIN, anchor - MARGIN
    room = {"left": right, "right": left, "center": 2 * min(left, right)}[element.align]
    room = max(room, _LEAST_WIDTH)
    return min(room, element.max_width or room)


def _start(anchor: float, width: float, align: str) -> float:
    return anchor - {"left": 0.0, "center": width / 2, "right": width}[align]
