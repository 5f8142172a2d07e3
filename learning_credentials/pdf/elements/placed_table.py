"""A table that is ready to be placed. It can go on over further pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.exceptions import GenerationError
from learning_credentials.pdf.calendars.notation import PLAIN, Notation
from learning_credentials.pdf.content.graphics import Rule
from learning_credentials.pdf.content.sections import Cell, Role, Section, find_spoken
from learning_credentials.pdf.elements.base import Item
from learning_credentials.pdf.elements.table_rows import find_total, list_rows, make_samples, write_cell
from learning_credentials.pdf.page.notes import Missing
from learning_credentials.pdf.page.table_layout import (
    FlowingTable,
    RowTooHighError,
    Text,
    TooManyPagesError,
    distribute,
    make_row,
    place_columns,
)
from learning_credentials.pdf.template.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from learning_credentials.pdf.page.page import Page
    from learning_credentials.pdf.page.table_layout import Column, Part, Row, TableStyle

#: Rows of one table, and characters of one cell.
MOST_ROWS = 1000
LONGEST_CELL = 2000
#: The value whose cells are the headings of their rows.
NAME = "name"


class TableColumn(NamedTuple):
    """A column: the text of its heading, and the value in its cells."""

    heading: str
    value: str
    share: float
    align: str
    is_fraction: bool


@dataclass(frozen=True, slots=True)
class TableBox:
    """The space of a table, in points: the left edge, the width, the upper edge on the first page and on further pages, the lower limit."""

    x: float
    width: float
    tops: tuple[float, float]
    bottom: float


@dataclass(frozen=True, slots=True)
class Lines:
    """The rules of a table. ``after_rows`` says whether there is one below each row, and not only below the heading and the last row."""

    width: float
    color: str
    after_rows: bool


@dataclass(frozen=True)
class Table(Item):
    """A table that is ready to be placed."""

    path: str
    source: str
    columns: tuple[TableColumn, ...]
    box: TableBox
    style: TableStyle
    heading_style: TableStyle
    lines: Lines | None = None
    total: str = ""
    """The text of the last row, which has the grade over all, or an empty text for no such row."""
    notation: Notation = PLAIN
    page: int = 1
    continues_on: int | None = None
    """The number of the page of the template on which it goes on, or None for empty pages."""
    most_pages: int = 1

    @property
    def is_own(self) -> bool:
        """Return True, because each learner has other results."""
        return True

    def is_on(self, sheet: Sheet) -> bool:
        """Return whether a part of the table is on a page."""
        return sheet.table == self.path if sheet.table else super().is_on(sheet)

    def flow(self, page: Page) -> FlowingTable | None:
        """Distribute the rows of a credential over pages. Return None if there are no rows.

        Raises:
            GenerationError: ``text_does_not_fit``: there is not enough space for the rows.
        """
        texts = list(self._list_texts(page))
        if not texts:
            page.notes.problems.append(f"{self.path}: the credential has no rows for this table, so it is left out")
            return None
        box, is_rtl = self.box, page.languages.is_rtl
        shares, aligns = [item.share for item in self.columns], [item.align for item in self.columns]
        columns = place_columns(box.x, box.width, shares, aligns, is_rtl=is_rtl)
        document = page.languages.document_tag
        headings = [Text(item.heading, document) for item in self.columns]
        heading = (
            make_row(headings, self.heading_style, columns) if any(item.heading for item in self.columns) else None
        )
        rows = [make_row(row, self.style, columns) for row in texts]
        total = self._find_total(page) if self.total else None
        if total:
            rows.append(make_row(total, self.heading_style, columns))
        height = heading.height if heading else 0
        try:
            parts = distribute(
                height,
                [row.height for row in rows],
                box.tops,
                box.bottom,
                self.most_pages,
                has_total=total is not None,
            )
        except RowTooHighError as error:
            self._refuse(f"row {error.index + 1} is higher than the page has space for")
        except TooManyPagesError:
            self._refuse(f"its {len(rows)} rows need more than {_count(self.most_pages)}")
        missing = [cluster for row in (heading, *rows) if row for cluster in row.missing]
        page.notes.missing += [Missing(f"the table '{self.path.partition('.')[2]}'", cluster) for cluster in missing]
        return FlowingTable(heading, rows, columns, parts)

    def place(self, page: Page) -> Iterable[Section]:
        """Return the cells of the rows on this page, and rules as decoration."""
        flowing = page.tables.get(self.path)
        if flowing is None:
            return ()
        part = page.sheet.part
        return [*self._place_rules(flowing.parts[part]), *self._place_cells(flowing, part, page)]

    def _place_rules(self, part: Part) -> Iterator[Section]:
        lines = self.lines
        if lines is None or not part.rows:
            return
        levels = [top for _, top in part.rows] if lines.after_rows else [part.rows[0][1]]
        rules = [Rule(self.box.x, level, self.box.width, lines.color, lines.width) for level in (*levels, part.bottom)]
        yield Section(Role.DECORATION, rules)

    def _place_cells(self, flowing: FlowingTable, number: int, page: Page) -> Iterator[Section]:
        part = flowing.parts[number]
        if flowing.heading and part.rows:
            # Screen readers know the headings of every row. They read those on the first page.
            is_first = not any(earlier.rows for earlier in flowing.parts[:number])
            yield from self._place_row(
                flowing.heading, 0, part.top, flowing.columns, page, is_heading=True, is_read=is_first
            )
        for index, top in part.rows:
            yield from self._place_row(flowing.rows[index], index + 1, top, flowing.columns, page)

    def _place_row(
        self,
        row: Row,
        number: int,
        top: float,
        columns: Sequence[Column],
        page: Page,
        *,
        is_heading: bool = False,
        is_read: bool = True,
    ) -> Iterator[Section]:
        document = page.languages.document_tag
        for index, lines in enumerate(row.place(top, columns)):
            scope = "Column" if is_heading else "Row" if self.columns[index].value == NAME else ""
            role = Role.HEADING_CELL if scope else Role.CELL
            text, language = row.texts[index]
            spoken = find_spoken(lines, text, is_rtl=page.languages.is_rtl) if lines else ""
            yield Section(
                role if is_read else Role.DECORATION,
                lines,
                language="" if language == document else language,
                spoken=spoken,
                order=(-self.box.tops[0], self.box.x),
                cell=Cell(self.path, number, index, len(self.columns), scope),
            )

    def _list_texts(self, page: Page) -> Iterator[list[Text]]:
        """Yield the texts of each row."""
        rows = list_rows(self.source, page.credential)
        if not rows and page.credential.is_sample:
            rows = make_samples({item.value: item.heading for item in self.columns})
        if len(rows) > MOST_ROWS:
            self._refuse(f"it has {len(rows):,} rows. At most {MOST_ROWS:,} can be printed")
        for row in rows:
            yield [self._write(row, item, page) for item in self.columns]

    def _find_total(self, page: Page) -> list[Text] | None:
        """Return the texts of the last row, if the credential has a grade over all and the table a column for it."""
        grade = find_total(page.credential)
        values = {NAME: self.total, "grade": grade}
        if grade is None or not any(item.value == "grade" for item in self.columns):
            return None
        return [self._write(values, item, page, language=page.languages.document_tag) for item in self.columns]

    def _write(self, row: Mapping[str, Any], column: TableColumn, page: Page, language: str = "") -> Text:
        value, languages = row.get(column.value), page.languages
        decimals = page.credential.grade_decimals
        text = write_cell(value, languages.document, self.notation, decimals, is_fraction=column.is_fraction)
        if len(text) > LONGEST_CELL:
            self._refuse(f"a cell has {len(text):,} characters. At most {LONGEST_CELL:,} can be printed")
        # Names of courses and categories are in the language of the site.
        return Text(text, language or (languages.site if isinstance(value, str) else languages.document_tag))

    def _refuse(self, problem: str) -> None:
        msg = f"{self.path}: {problem}"
        raise GenerationError(msg, code="text_does_not_fit")


def _count(pages: int) -> str:
    return "one page" if pages == 1 else f"{pages} pages"


def flow(tables: Iterable[Table], page: Page, count: int) -> tuple[Sheet, ...]:
    """Distribute the rows of the tables of a document over pages. Return the pages of the document.

    Args:
        tables: in drawing order.
        page: the page to which the rows are added.
        count: pages of the template.

    Raises:
        GenerationError: see `Table.flow`.
    """
    flowing = {table.path: table for table in tables if table.page <= count}
    for path, table in flowing.items():
        if found := table.flow(page):
            page.tables[path] = found
    further = {path: len(found.parts) - 1 for path, found in page.tables.items()}
    owners = {table.continues_on: path for path, table in flowing.items() if table.continues_on}
    sheets: list[Sheet] = []
    for number in range(1, count + 1):
        if owner := owners.get(number):
            sheets += [Sheet(number - 1, table=owner, part=part) for part in range(1, further.get(owner, 0) + 1)]
        else:
            sheets.append(Sheet(number - 1))
        for path, table in flowing.items():
            if table.page == number and (table.continues_on is None or table.continues_on > count):
                parts = range(1, further.get(path, 0) + 1)
                sheets += [Sheet(number - 1, is_blank=True, table=path, part=part) for part in parts]
    page.spread(sheets)
    return tuple(sheets)
