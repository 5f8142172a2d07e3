"""Lay out tables: break the texts of cells into lines, and rows over pages. Coordinates are those of the visible page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from learning_credentials.pdf.content.graphics import TextLine
from learning_credentials.pdf.page.text_layout import find_levels, find_start, wrap_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.pdf.fonts.classes import Font
    from learning_credentials.pdf.page.text_layout import Fitted
    from learning_credentials.pdf.page.text_style import TextStyle

#: Lines have at least so much space above and below the baseline, as a part of the font size, in every font.
_LEAST_ASCENT = 0.75
_LEAST_DESCENT = 0.22
_LEAST_WIDTH = 1.0
#: A page from which a row is taken must have so many.
_COMPANY = 2
_EM = 1000
#: Rounding can add so much to a height.
_ROUNDING = 1e-6


class Column(NamedTuple):
    """A column on the page: the left edge and the width of its cells, with their padding, in points."""

    left: float
    width: float
    align: Literal["left", "center", "right"]


class Text(NamedTuple):
    """The text of a cell and the tag of its language."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class TableStyle:
    """The look of the cells of a row."""

    text: TextStyle
    fonts: tuple[Font, ...]
    padding: float


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose lines are broken.

    ``levels`` are those of the baselines of each cell, from the top of the row. ``height`` is in points.
    """

    style: TableStyle
    cells: tuple[Fitted, ...]
    texts: tuple[Text, ...]
    levels: tuple[tuple[float, ...], ...]
    height: float

    @property
    def missing(self) -> list[str]:
        """Return the clusters that no font has."""
        return [cluster for cell in self.cells for cluster in cell.missing]

    def place(self, top: float, columns: Sequence[Column]) -> list[list[TextLine]]:
        """Return the lines of each cell, for a row with this upper edge."""
        return [
            [
                self._place_line(index, number, level, top, column)
                for number, level in enumerate(levels)
                if self.cells[index].lines[number].runs
            ]
            for index, (levels, column) in enumerate(zip(self.levels, columns, strict=True))
        ]

    def _place_line(self, index: int, number: int, level: float, top: float, column: Column) -> TextLine:
        cell, padding = self.cells[index], self.style.padding
        line = cell.lines[number]
        left, right = column.left + padding, column.left + column.width - padding
        anchor = {"left": left, "center": (left + right) / 2, "right": right}[column.align]
        x = find_start(anchor, line.measure(cell.size, cell.char_space), column.align)
        return TextLine(
            line, x, top + level, cell.size, self.style.text.color, cell.char_space, self.texts[index].language
        )


class Part(NamedTuple):
    """The rows of a table on one page: the upper edge of the heading, and the index and upper edge of each row, from the top.

    A part without rows has no heading either. ``bottom`` is the lower edge of its last row.
    """

    top: float
    rows: tuple[tuple[int, float], ...]
    bottom: float


class FlowingTable(NamedTuple):
    """The rows of the table of one credential, and their places on its pages."""

    heading: Row | None
    rows: Sequence[Row]
    columns: Sequence[Column]
    parts: Sequence[Part]


class RowTooHighError(Exception):
    """A row is higher than the space on a page. ``index`` is that of the row."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class TooManyPagesError(Exception):
    """The rows need more pages than they may have."""


def place_columns(
    left: float, width: float, shares: Sequence[float], aligns: Sequence[str], *, is_rtl: bool
) -> list[Column]:
    """Return the columns of a table in reading order. In a document that runs to the left, the first one is on the right.

    Args:
        left: edge of the table.
        width: of the table.
        shares: of the width, for each column. Their sum can be any number.
        aligns: ``start``, ``center`` or ``end`` for each column.
        is_rtl: whether the document runs to the left.
    """
    sides: dict[str, Literal["left", "center", "right"]] = {"start": "left", "center": "center", "end": "right"}
    if is_rtl:
        sides = {"start": "right", "center": "center", "end": "left"}
    whole = sum(shares)
    columns: list[Column] = []
    used = 0.0
    for share, align in zip(shares, aligns, strict=True):
        wide = width * share / whole
        columns.append(Column(left + width - used - wide if is_rtl else left + used, wide, sides[align]))
        used += wide
    return columns


def make_row(texts: Sequence[Text], style: TableStyle, columns: Sequence[Column]) -> Row:
    """Break the texts of a row into lines. The first lines of all cells have the same level."""
    cells = tuple(
        wrap_text(
            style.text, item.text, style.fonts, max(column.width - 2 * style.padding, _LEAST_WIDTH), item.language
        )
        for item, column in zip(texts, columns, strict=True)
    )
    size = style.text.size
    ascent = max(size * _LEAST_ASCENT, *(cell.lines[0].ink[1] * cell.size / _EM for cell in cells))
    first = -style.padding - ascent
    levels = tuple(tuple(find_levels(cell, first, style.text.line_height)) for cell in cells)
    lowest = min(
        min(
            level + min(line.ink[0] * cell.size / _EM, -size * _LEAST_DESCENT)
            for line, level in zip(cell.lines, at, strict=True)
        )
        for cell, at in zip(cells, levels, strict=True)
    )
    return Row(style, cells, tuple(texts), levels, style.padding - lowest)


def distribute(
    heading: float,
    heights: Sequence[float],
    tops: tuple[float, float],
    bottom: float,
    most: int,
    *,
    has_total: bool = False,
) -> list[Part]:
    """Distribute rows over pages. Every page repeats the heading. The first page is left without rows if none fits there.

    Args:
        heading: height of the heading, in points.
        heights: of the rows, in points.
        tops: the upper edge of the table on the first page, and on further pages.
        bottom: no row goes below it.
        most: pages that the table can have.
        has_total: whether the last row is a total. It takes the row before it to its page, if there is space.

    Raises:
        RowTooHighError: a row is higher than a whole page.
        TooManyPagesError: the rows need more pages.
    """
    parts: list[Part] = []
    at = 0
    while at < len(heights):
        if len(parts) == most:
            raise TooManyPagesError
        top = tops[1] if parts else tops[0]
        level = top - heading
        rows: list[tuple[int, float]] = []
        while at < len(heights) and level - heights[at] >= bottom - _ROUNDING:
            rows.append((at, level))
            level -= heights[at]
            at += 1
        if not rows and parts:
            raise RowTooHighError(at)
        parts.append(Part(top, tuple(rows), level if rows else top))
    if has_total and len(parts) > 1 and len(parts[-1].rows) == 1:
        _add_company(parts, heading, heights, bottom)
    return parts


def _add_company(parts: list[Part], heading: float, heights: Sequence[float], bottom: float) -> None:
    """Move the last row but one to the page of the last row."""
    *_, before, last = parts
    if len(before.rows) < _COMPANY:
        return
    second, level = heights[-2], last.top - heading
    if level - second - heights[-1] < bottom:
        return
    moved, _ = before.rows[-1]
    parts[-2] = Part(before.top, before.rows[:-1], before.bottom + second)
    parts[-1] = Part(last.top, ((moved, level), (moved + 1, level - second)), last.bottom - second)
