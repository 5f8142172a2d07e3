"""Tables of results, such as the transcript of a learning path."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StrictInt, StrictStr, ValidationInfo, field_validator

from learning_credentials.exceptions import OptionProblem
from learning_credentials.options import StrictOptions
from learning_credentials.pdf.calendars.notation import Notation
from learning_credentials.pdf.elements.base import Element
from learning_credentials.pdf.elements.option_types import (
    LONGEST_NAME,
    Colour,
    Extent,
    FontName,
    PageNumber,
    Place,
)
from learning_credentials.pdf.elements.text import TextDefaults, list_font_assets
from learning_credentials.pdf.page.text_style import TextStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from learning_credentials.data import AssetKind
    from learning_credentials.pdf.assets.option_checks import OptionChecks
    from learning_credentials.pdf.elements.placed_table import Table
    from learning_credentials.pdf.fonts.classes import GetFonts
    from learning_credentials.pdf.page.text_style import Room

MOST_COLUMNS = 12
#: The font size of tables, if the options name none.
TABLE_SIZE = 10.0
MOST_TABLE_PAGES = 20
_LONGEST_HEADING = 200
_MOST_QUOTED = 50

Amount = Annotated[float, Field(strict=True, ge=0, le=100, allow_inf_nan=False)]


class ColumnOptions(StrictOptions):
    """One column of a table."""

    value: Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_NAME)] = Field(
        description="The value in its cells."
    )
    heading: Annotated[StrictStr, Field(max_length=_LONGEST_HEADING)] = Field(
        "", description="The text of its heading. A table in which no column has one has no row of headings."
    )
    share: Annotated[float, Field(strict=True, ge=0.01, le=1000, allow_inf_nan=False)] = Field(
        1, description="Share of the width. A column with the share 2 is twice as wide as one with the share 1."
    )
    align: Literal["start", "center", "end"] = Field(
        "start",
        description="Where texts are in their cells. start is the left edge, or the right one in a document that runs to the left.",
    )
    format: Literal["percent", "number"] | None = Field(
        None,
        description="How numbers are written. percent prints a fraction such as 0.9 as 90%. It is the default of grades, weights and "
        "completion.",
    )


class TableElement(TextDefaults, Element):
    """A table of results. Its rows come from the credential's evidence."""

    rows: Annotated[StrictStr, Field(max_length=2 * LONGEST_NAME)] = Field(
        description="What the rows are: grades for assignment categories, steps for the course runs of a learning path, or "
        "evidence. and the name of a list that your own processor returns."
    )
    columns: list[ColumnOptions] = Field(
        min_length=1, max_length=MOST_COLUMNS, description=f"The columns, in reading order. At most {MOST_COLUMNS}."
    )
    x: Place = Field(description="Left edge in points.")
    y: Place = Field(description="Upper edge in points from the bottom edge of the page.")
    width: Extent = Field(description="Width in points.")
    bottom: Place = Field(36, description="No row goes below this place, in points from the bottom edge of the page.")
    continues_on: PageNumber | None = Field(
        None,
        description="Page of the template on which the table goes on if it has more rows than there is space for. It is repeated "
        "as often as needed, and left out if no row gets there. Default: empty pages.",
    )
    continued_y: Place | None = Field(None, description="Upper edge on further pages. Default: y.")
    most_pages: Annotated[StrictInt, Field(ge=1, le=MOST_TABLE_PAGES)] = Field(
        10,
        description=f"Pages that the table can have, at most {MOST_TABLE_PAGES}. If it needs more, the credential is refused with "
        "the error text_does_not_fit.",
    )
    total: Annotated[StrictStr, Field(max_length=_LONGEST_HEADING)] = Field(
        "",
        description="Text of a last row with the grade over all, such as Total. Leave it empty for no such row. If the "
        "evidence has no such grade, there is no such row.",
    )
    heading_font: FontName | None = Field(None, description="Font of the headings and of the last row. Default: font.")
    heading_color: Colour | None = Field(
        None, description="Colour of the headings and of the last row. Default: color."
    )
    lines: Literal["rows", "frame", "none"] = Field(
        "rows",
        description="Where horizontal rules are: below each row, below the headings and the last row only (frame), or none.",
    )
    line_width: Amount = Field(0.6, description="Thickness of the rules in points, from 0 to 100.")
    line_color: Colour = Field("#000000", description="Colour of the rules.")
    padding: Amount = Field(3, description="Space around the text of each cell in points, from 0 to 100.")

    @field_validator("continues_on")
    @classmethod
    def _must_be_later(cls, value: int | None, info: ValidationInfo) -> int | None:
        page = info.data.get("page", 1)
        if value is not None and value <= page:
            msg = f"must be a page after that of the table, which is page {page}"
            raise ValueError(msg)
        return value

    def find_problems(self, path: str, checks: OptionChecks) -> Iterator[OptionProblem]:
        """Yield values that the rows do not have, and places that are off the pages."""
        yield from _find_value_problems(path, self)
        yield from _find_place_problems(path, self, checks)

    def list_assets(self) -> Iterator[tuple[str, AssetKind]]:
        """Yield the fonts that are assets."""
        return list_font_assets(self.all_font_names)

    @property
    def all_font_names(self) -> list[str]:
        """Return the names of the fonts of all cells."""
        return [*self.font_names, *([self.heading_font] if self.heading_font else [])]

    def prepare(self, path: str, get_fonts: GetFonts, room: Room | None) -> Table:  # noqa: ARG002
        """Return the table with its fonts."""
        from learning_credentials.pdf.elements.placed_table import Lines, Table, TableBox, TableColumn
        from learning_credentials.pdf.elements.table_rows import FRACTIONS
        from learning_credentials.pdf.page.table_layout import TableStyle

        names = self.font_names
        text = TextStyle(
            size=self.size,
            color=self.color,
            char_space=self.char_space,
            uppercase=self.uppercase,
            line_height=self.line_height,
            fit="wrap",
        )
        heading_names = [self.heading_font, *names] if self.heading_font else names
        heading_text = replace(text, color=self.heading_color or self.color)
        columns = tuple(
            TableColumn(
                item.heading,
                item.value,
                item.share,
                item.align,
                item.format == "percent" or (item.format is None and item.value in FRACTIONS),
            )
            for item in self.columns
        )
        top = self.y
        return Table(
            path,
            self.rows,
            columns,
            TableBox(self.x, self.width, (top, top if self.continued_y is None else self.continued_y), self.bottom),
            TableStyle(text, get_fonts(names), self.padding),
            TableStyle(heading_text, get_fonts(heading_names), self.padding),
            Lines(self.line_width, self.line_color, self.lines == "rows")
            if self.lines != "none" and self.line_width
            else None,
            self.total,
            Notation(self.date_format, self.calendar, self.numerals),
            self.page,
            self.continues_on,
            self.most_pages,
        )


def _find_value_problems(path: str, table: TableElement) -> Iterator[OptionProblem]:
    """Yield rows that no credential has, and values that the rows do not have. Those of a processor of the host are not known here."""
    # Imported here to keep the engine out of Django's start-up.
    from learning_credentials.pdf.elements.table_rows import EVIDENCE_PREFIX, VALUES

    known = VALUES.get(table.rows)
    if known is not None:
        for index, column in enumerate(table.columns):
            if column.value not in known:
                yield OptionProblem(
                    f"{path}.columns.{index}.value",
                    f"'{column.value[:_MOST_QUOTED]}' is not a value of {table.rows}. Use one of {', '.join(known)}",
                )
    elif not table.rows.startswith(EVIDENCE_PREFIX) or table.rows == EVIDENCE_PREFIX:
        yield OptionProblem(
            f"{path}.rows",
            f"'{table.rows[:_MOST_QUOTED]}' is unknown. Use {', '.join(VALUES)}, or {EVIDENCE_PREFIX} and a name",
        )


def _find_place_problems(path: str, table: TableElement, checks: OptionChecks) -> Iterator[OptionProblem]:
    """Yield places that are off the pages."""
    further = table.continues_on or table.page
    if table.continues_on is not None:
        yield from checks.find_page_problems(f"{path}.continues_on", table.continues_on)
    for number in dict.fromkeys((table.page, further)):
        yield from _find_box_problems(path, table, number, checks)
    top, option = (table.y, "y") if table.continued_y is None else (table.continued_y, "continued_y")
    tops = {("y", table.y, table.page): None, (option, top, further): None}
    for name, level, number in tops:
        if table.bottom >= level:
            yield OptionProblem(
                f"{path}.{name}", f"{level:g} is not above the lower limit, bottom, which is {table.bottom:g}"
            )
        for page in checks.list_pages(number):
            if not 0 <= level <= page.height:
                yield OptionProblem(
                    f"{path}.{name}", f"{level:g} is off page {number}, which is {page.height:g} points high"
                )


def _find_box_problems(path: str, table: TableElement, number: int, checks: OptionChecks) -> Iterator[OptionProblem]:
    for page in checks.list_pages(number):
        if not 0 <= table.x <= page.width:
            yield OptionProblem(f"{path}.x", f"{table.x:g} is off page {number}, which is {page.width:g} points wide")
        elif table.x + table.width > page.width:
            yield OptionProblem(
                f"{path}.width",
                f"{table.width:g} goes beyond the right edge of page {number}, which is {page.width:g} points wide",
            )
        if not 0 <= table.bottom <= page.height:
            yield OptionProblem(
                f"{path}.bottom", f"{table.bottom:g} is off page {number}, which is {page.height:g} points high"
            )


def find_continuation_problems(
    tables: Mapping[str, TableElement | None],
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the path and the problem of each table that would be drawn over another one.

    The pages on which a table goes on are for that table alone.
    """
    found = {name: table for name, table in tables.items() if table is not None}
    owners: dict[int, str] = {}
    for name, table in found.items():
        number = table.continues_on
        if number is not None and number in owners:
            yield (name, "continues_on"), f"the table '{owners[number]}' goes on on page {number} already"
        elif number is not None:
            owners[number] = name
    for name, table in found.items():
        if table.page in owners:
            owner = owners[table.page]
            yield (name, "page"), f"page {table.page} is for the table '{owner}' alone, which goes on there"
