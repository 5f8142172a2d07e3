"""Sections of a page: what a screen reader reads as one, such as a paragraph or a picture, and what it leaves out.

ISO 32000-2, 14.7 and 14.8: the content of a section is marked with a number, and the document has a structure element for it. Decoration
is marked as an artifact.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.objects.syntax import format_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from learning_credentials.pdf.content.graphics import Box, Graphic, TextLine
    from learning_credentials.pdf.template.geometry import Geometry


_SOFT_HYPHEN = "\N{SOFT HYPHEN}"

#: The places in the reading order before and after all others.
FIRST = (-inf, 0.0)
LAST = (inf, 0.0)


class Role(StrEnum):
    """What a section is for its readers. The values are structure types of PDF."""

    TITLE = "H1"
    HEADING = "H2"
    PARAGRAPH = "P"
    FIGURE = "Figure"
    HEADING_CELL = "TH"
    CELL = "TD"
    DECORATION = "Artifact"


class Cell(NamedTuple):
    """The place of a section in a table. Sections with the same ``table`` are in one table.

    ``row`` and ``column`` count from 0. ``columns`` is the number of columns. ``scope`` says what the cell is the heading of: ``Column``,
    ``Row``, or nothing.
    """

    table: str
    row: int
    column: int
    columns: int
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Graphics objects that are read as one."""

    role: Role
    graphics: Sequence[Graphic]
    alternative: str = ""
    """What a figure shows, in words."""
    language: str = ""
    """The tag of its language, if that is not the document's."""
    spoken: str = ""
    """The text for screen readers, if the content cannot be read in its order."""
    address: str = ""
    """The address that it links to."""
    order: tuple[float, float] = (0.0, 0.0)
    """Its place in the reading order: the distance below the bottom of the page, then the distance from its left edge, in points."""
    cell: Cell | None = None
    """Its place in a table. The sections of a table have the same place in the reading order, and are drawn row by row."""

    @property
    def is_read(self) -> bool:
        """Return whether screen readers read it."""
        return self.role is not Role.DECORATION and bool(self.graphics)

    @property
    def box(self) -> Box:
        """Return the box around its graphics objects."""
        return join_boxes([graphic.box for graphic in self.graphics])


class Group(NamedTuple):
    """Sections that one content stream draws. ``page`` is the index of their page in the document."""

    sections: Sequence[Section]
    page: int = 0


class Slot(NamedTuple):
    """The place of a learner's own content stream: the index of the shared stream that it comes ``before``, and of its ``page``.

    The number of shared streams means the end.
    """

    before: int
    page: int = 0


class Outline(NamedTuple):
    """What a structure element says of its section. All learners whose sections have equal outlines share the elements.

    ``box`` is set for figures only. It is in the page's own coordinates. ``page`` is the index of the page.
    """

    role: Role
    order: tuple[float, float]
    alternative: str
    language: str
    is_link: bool
    box: str = ""
    page: int = 0
    cell: Cell | None = None


class Link(NamedTuple):
    """A link. ``box`` is in the own coordinates of its page, and ``page`` is the index of the page."""

    address: str
    description: str
    box: str
    page: int = 0


def find_spoken(lines: Sequence[TextLine], text: str, *, is_rtl: bool) -> str:
    """Return a text for screen readers if its lines cannot be read in their order. Else return an empty text.

    A line that runs to the left is drawn from its left end on, and some programs read all lines of such a document backwards. Between two
    lines, programs cannot know whether there is a space: a line can end within a word, and Thai or Chinese has no spaces.

    Args:
        lines: the lines of the text.
        text: the whole text in reading order. A line break in it is said as a space.
        is_rtl: whether the document's language runs to the left.
    """
    if not lines or (len(lines) == 1 and not is_rtl and not any([run.is_rtl for run in lines[0].line.runs])):  # noqa: C419  faster for few runs
        return ""
    return " ".join(text.replace(_SOFT_HYPHEN, "").split("\n"))


def outline(groups: Iterable[Group], geometries: Sequence[Geometry]) -> tuple[Outline, ...]:
    """Return the outlines of the sections that are read, in drawing order. ``geometries`` are those of the document's pages."""
    return tuple(
        Outline(
            section.role,
            section.order,
            section.alternative,
            section.language,
            bool(section.address),
            format_numbers(geometries[page].convert(section.box)) if section.role is Role.FIGURE else "",
            page,
            section.cell,
        )
        for sections, page in groups
        for section in sections
        if section.is_read
    )


def list_links(groups: Iterable[Group], geometries: Sequence[Geometry]) -> tuple[Link, ...]:
    """Return the links of the sections that are read, in drawing order. ``geometries`` are those of the document's pages."""
    return tuple(
        Link(
            section.address,
            section.alternative or section.address,
            format_numbers(geometries[page].convert(section.box)),
            page,
        )
        for sections, page in groups
        for section in sections
        if section.address and section.is_read
    )


def list_spoken(groups: Iterable[Group]) -> tuple[str, ...]:
    """Return the texts that are read instead of the content of sections, in drawing order. Most are empty."""
    return tuple(section.spoken for sections, _ in groups for section in sections if section.is_read)


def join_boxes(boxes: Sequence[Box]) -> Box:
    """Return the box around boxes."""
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)
