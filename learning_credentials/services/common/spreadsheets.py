"""Writes tables as CSV that is safe to open in a spreadsheet: no cell is run as a formula."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Without it, spreadsheets read UTF-8 in the computer's local encoding.
BYTE_ORDER_MARK = "\ufeff"
# With the full-width forms, which some spreadsheets read as the same characters.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: A separator of columns or rows, with spaces around it, before the start of a formula. Programs can split at any of these separators.
_PARTED_FORMULA = re.compile(r"(?<![;|\s])[;|\s]++(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_PARTS = frozenset(";|\t\r\n")


class TextSink(Protocol):
    """Anything that text can be written to: a file, a response, a command's output."""

    def write(self, text: str, /) -> object:
        """Write some text."""


def make_safe(value: object) -> object:
    """Return a cell for CSV, with an apostrophe before any text that a spreadsheet would run as a formula.

    Spreadsheets of many countries split every file at semicolons. So a formula after a semicolon inside a cell gets an apostrophe too.
    """
    if not isinstance(value, str):
        return value
    text = _PARTED_FORMULA.sub(_guard, value.replace("\0", ""))
    if text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS):
        return f"'{text}"
    return text


def _guard(match: re.Match[str]) -> str:
    return match[0] if _PARTS.isdisjoint(match[0]) else f"{match[0]}'"


def iter_csv(header: Iterable[str], rows: Iterable[Iterable[object]], *, has_bom: bool = True) -> Iterator[str]:
    """Yield a table as lines of CSV. No cell can be run as a formula.

    Args:
        header: the names of the columns.
        rows: the cells of each row.
        has_bom: whether to begin with a byte order mark, which spreadsheets need to read UTF-8.
    """
    writer = csv.writer(_Echo())
    yield (BYTE_ORDER_MARK if has_bom else "") + writer.writerow(header)
    for row in rows:
        yield writer.writerow([make_safe(cell) for cell in row])


class _Echo:
    """A file that returns what is written to it."""

    def write(self, text: str) -> str:
        return text
