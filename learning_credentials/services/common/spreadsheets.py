"""Writes tables as CSV that a spreadsheet may open: a cell is never taken for a formula."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Without it, spreadsheets take UTF-8 for the encoding of the place they run in.
BYTE_ORDER_MARK = "\ufeff"
# With the full-width forms, which some spreadsheets take for the same.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: What programs may part columns or rows with, whatever they were meant to, and spaces around it, before such a start.
_PARTED_FORMULA = re.compile(r"(?<![;|\s])[;|\s]++(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_PARTS = frozenset(";|\t\r\n")


class TextSink(Protocol):
    """Whatever takes text: a file, a response, a command's output."""

    def write(self, text: str, /) -> object:
        """Take some text."""


def make_safe(value: object) -> object:
    """Return a cell; text that a spreadsheet would run as a formula gets an apostrophe before it.

    So does what would begin a cell where columns are parted by semicolons, as spreadsheets of many countries do with any file.
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
    """Stream a table as lines of CSV, ready for a streamed response or a file opened with ``newline=""``."""
    writer = csv.writer(_Echo())
    yield (BYTE_ORDER_MARK if has_bom else "") + writer.writerow(header)
    for row in rows:
        yield writer.writerow([make_safe(cell) for cell in row])


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text
