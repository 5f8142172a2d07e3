"""Where everything goes on the page: options and values in, things to draw out. Coordinates are those of the visible page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from learning_credentials.pdf import text as texts

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
_CASED_DIFFERENTLY = {"tr": {"i": "İ"}, "az": {"i": "İ"}}


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
        text = _capitalise(text, language)
    anchor = page.width / 2 if element.x is None else element.x
    width = _room(element, anchor, page)
    size, char_space = element.size, element.char_space
    chain = tuple(fonts)
    made = [texts.make_line(part, chain, language, is_spaced=bool(element.char_space)) for part in text.split("\n")]
    widest = max(line.measure(size, char_space) for line, _ in made)
    if widest > width:
        if element.fit == "shrink":
            factor = max(width / widest, LEAST_SHRINK)
            size, char_space, widest = size * factor, char_space * factor, widest * factor
        if widest > width * 1.001:
            made = [
                piece for part in text.split("\n") for piece in _wrap(part, chain, size, width, char_space, language)
            ]
    lines = [
        TextLine(
            line,
            _start(anchor, line.measure(size, char_space), element.align),
            element.y - index * size * element.line_height,
            size,
            element.color,
            char_space,
        )
        for index, (line, _) in enumerate(made)
        if line.runs
    ]
    return lines, [cluster for _, missing in made for cluster in missing]


def place_image(element: ImageElement, asset: Asset) -> Picture:
    """Place an image."""
    return Picture(asset, element.x, element.y, element.width or 0, element.height or 0)


def _wrap(
    part: str, fonts: tuple[Font, ...], size: float, width: float, char_space: float, language: str
) -> list[tuple[Line, tuple[str, ...]]]:
    lines, missing = texts.wrap(part, fonts, size, width, char_space, language)
    return [(line, tuple(missing) if index == 0 else ()) for index, line in enumerate(lines)]


def _room(element: TextElement, anchor: float, page: Geometry) -> float:
    right, left = page.width - anchor - MARGIN, anchor - MARGIN
    room = {"left": right, "right": left, "center": 2 * min(left, right)}[element.align]
    return max(min(room, element.max_width or room), _LEAST_WIDTH)


def _start(anchor: float, width: float, align: str) -> float:
    return anchor - {"left": 0.0, "center": width / 2, "right": width}[align]


def _capitalise(text: str, language: str) -> str:
    for letter, capital in _CASED_DIFFERENTLY.get(language, {}).items():
        text = text.replace(letter, capital)
    return text.upper()
