"""Place texts on the page. Texts that are too wide shrink or are broken into lines. Coordinates are those of the visible page."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.content.graphics import TextLine, Turn
from learning_credentials.pdf.page.text_style import DoesNotFitError
from learning_credentials.pdf.text.casing import capitalise
from learning_credentials.pdf.text.lines import make_line, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from learning_credentials.pdf.fonts.classes import Font
    from learning_credentials.pdf.page.text_style import Room, TextStyle
    from learning_credentials.pdf.template.geometry import Geometry
    from learning_credentials.pdf.text.shaping import Line

#: Text keeps this distance in points from the edges of the page, unless its options put it there.
MARGIN = 18
#: A text that does not fit is shrunk to this part of its size at most. If it is still too wide, it is wrapped.
LEAST_SHRINK = 0.4
#: If one line must shrink to less than this part, and its place prefers several lines, the text is wrapped in larger letters.
_SMALL = 0.6
#: A text is shrunk by this factor in each step, until its lines fit between those of its neighbours.
_STEP = 0.93
_LINE_GAP = 0.5
_LEAST_WIDTH = 36
#: Rounding can add so much to a width.
_ROUNDING = 1e-6
_EM = 1000
#: Capitals are about so high, as a part of the size.
_CAPITALS = 0.7


def place_text(
    style: TextStyle, text: str, fonts: Sequence[Font], page: Geometry, language: str, room: Room | None = None
) -> tuple[list[TextLine], list[str]]:
    """Place a text.

    Args:
        style: the options that decide its place and look.
        text: the text, with values for placeholders.
        fonts: its fonts, the preferred first.
        page: the page.
        language: of the text. Capitals, and the forms of some letters, depend on it.
        room: the limits of its lines. To keep to them, lines are moved, and shrunk to its smallest size at most.

    Returns:
        The lines to draw, and the clusters that no font has.

    Raises:
        DoesNotFitError: there is more text than space.
    """
    if style.uppercase:
        text = capitalise(text, language)
    anchor = page.width / 2 if style.x is None else style.x
    width = _find_width(style, anchor, page)
    if room is None:
        fitted = _fit(text.split("\n"), style, tuple(fonts), width, language, LEAST_SHRINK)
        step = fitted.size * style.line_height
        levels = [style.y - index * step for index in range(len(fitted.lines))]
    else:
        fitted, levels = _fit_into_room(text, style, tuple(fonts), width, language, room)
    turn = Turn(style.rotation, anchor, style.y) if style.rotation else None
    placed = [
        TextLine(
            line,
            find_start(anchor, line.measure(fitted.size, fitted.char_space), style.align),
            level,
            fitted.size,
            style.color,
            fitted.char_space,
            language,
            turn,
        )
        for line, level in zip(fitted.lines, levels, strict=True)
        if line.runs
    ]
    return placed, fitted.missing


def wrap_text(style: TextStyle, text: str, fonts: tuple[Font, ...], width: float, language: str) -> Fitted:
    """Break a text into lines. It is made smaller only if a single letter is too wide.

    Args:
        style: its size and its look. Its place does not matter.
        text: the text.
        fonts: its fonts, the preferred first.
        width: of the lines, in points.
        language: of the text.
    """
    if style.uppercase:
        text = capitalise(text, language)
    return _fit(text.split("\n"), style, fonts, width, language, 1.0)


class Fitted(NamedTuple):
    """Lines that are narrow enough, the clusters that no font has, and the size and character space of the lines."""

    lines: list[Line]
    missing: list[str]
    size: float
    char_space: float


def _fit_into_room(
    text: str, style: TextStyle, fonts: tuple[Font, ...], width: float, language: str, room: Room
) -> tuple[Fitted, list[float]]:
    """Return lines that fit in width and height, and the levels of their baselines."""
    smallest = min(room.least_size / style.size, 1.0)
    whole = text.split("\n")
    fitted = _fit(whole, style, fonts, width, language, max(LEAST_SHRINK, smallest))
    levels = _stack(fitted, style, room)
    if levels and not (room.prefers_lines and fitted.size < style.size * _SMALL):
        return fitted, levels
    largest = 1.0 if room.prefers_lines else min(fitted.size / style.size, 1.0) * _STEP
    # The operator's line breaks are given up last.
    for parts in dict.fromkeys((tuple(whole), (" ".join(whole),)) if not levels else (tuple(whole),)):
        for share in _list_shares(largest, smallest):
            smaller = replace(style, size=style.size * share, char_space=style.char_space * share)
            found = _fit(parts, smaller, fonts, width, language, 1.0)
            if levels and found.size <= fitted.size:
                return fitted, levels
            if found_levels := _stack(found, style, room):
                return found, found_levels
    raise DoesNotFitError


def _list_shares(largest: float, smallest: float) -> Iterator[float]:
    """Yield parts of a size to try, from the largest to the smallest."""
    share = largest
    while share > smallest:
        yield share
        share *= _STEP
    yield smallest


def _stack(fitted: Fitted, style: TextStyle, room: Room) -> list[float]:
    """Return the levels of lines, moved into a room. The list is empty if they do not fit, or if the letters are too small."""
    if fitted.size < min(room.least_size, style.size) - _ROUNDING:
        return []
    inks = _list_inks(fitted)
    levels = find_levels(fitted, style.y, style.line_height)
    if room.is_centred:
        middle = (levels[0] + _CAPITALS * fitted.size + levels[-1]) / 2
        levels = [level + (room.top + room.bottom) / 2 - middle for level in levels]
    top = max(level + high for level, (_, high) in zip(levels, inks, strict=True))
    bottom = min(level + low for level, (low, _) in zip(levels, inks, strict=True))
    if top - bottom > room.top - room.bottom:
        return []
    shift = max(room.bottom - bottom, 0.0) or min(room.top - top, 0.0)
    return [level + shift for level in levels]


def find_levels(fitted: Fitted, first: float, line_height: float) -> list[float]:
    """Return the levels of the baselines of lines. Letters of one line do not touch those of the next.

    Args:
        fitted: the lines.
        first: level of the first baseline, in points.
        line_height: the least distance, as a multiple of the size.
    """
    levels = [first]
    for (low, _), (_, high) in pairwise(_list_inks(fitted)):
        # Scripts with stacked letters need more than the usual distance.
        levels.append(levels[-1] - max(fitted.size * line_height, high - low + _LINE_GAP))
    return levels


def _list_inks(fitted: Fitted) -> list[tuple[float, float]]:
    """Return what the letters of each line cover below and above its baseline, in points."""
    return [(low * fitted.size / _EM, high * fitted.size / _EM) for low, high in (line.ink for line in fitted.lines)]


def _fit(
    parts: Sequence[str],
    style: TextStyle,
    fonts: tuple[Font, ...],
    width: float,
    language: str,
    least_shrink: float,
) -> Fitted:
    size, char_space = style.size, style.char_space
    made = [make_line(part, fonts, language, is_spaced=bool(char_space)) for part in parts]
    lines = [line for line, _ in made]
    missing = [cluster for _, clusters in made for cluster in clusters]
    factor = _find_factor(lines, size, char_space, width)
    if factor < 1 and style.fit == "shrink":
        allowed = max(factor, least_shrink)
        size, char_space, factor = size * allowed, char_space * allowed, factor / allowed
    if factor < 1:
        wrapped = [wrap(part, fonts, size, width, char_space, language) for part in parts]
        lines = [line for found, _ in wrapped for line in found]
        missing = [cluster for _, clusters in wrapped for cluster in clusters]
        # A single cluster can be too wide.
        factor = _find_factor(lines, size, char_space, width)
        size, char_space = size * factor, char_space * factor
    return Fitted(lines, missing, size, char_space)


def _find_factor(lines: Sequence[Line], size: float, char_space: float, width: float) -> float:
    """Return the factor by which lines must shrink to fit, at most 1."""
    widest = max(line.measure(size, char_space) for line in lines)
    return width / widest if widest > width * (1 + _ROUNDING) else 1.0


def _find_width(style: TextStyle, anchor: float, page: Geometry) -> float:
    if style.rotation:
        return style.max_width or max(page.width, page.height) - 2 * MARGIN
    right, left = page.width - anchor - MARGIN, anchor - MARGIN
    room = {"left": right, "right": left, "center": 2 * min(left, right)}[style.align]
    room = max(room, _LEAST_WIDTH)
    return min(room, style.max_width or room)


def find_start(anchor: float, width: float, align: str) -> float:
    """Return where a line of a width begins whose left or right end, or centre, is at the anchor."""
    return anchor - {"left": 0.0, "center": width / 2, "right": width}[align]
