"""Reads the CSV file of an allowlist import: two columns, learner and notes. It does not use the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from learning_credentials.exceptions import ImportFileError
from learning_credentials.services.common import is_storable, iter_csv_table, make_storable

MAX_ROWS = 10_000
MAX_IDENTIFIER_LENGTH = 254

_IDENTIFIER_TITLES = frozenset(
    {
        "username",
        "user name",
        "user_name",
        "email",
        "e-mail",
        "email address",
        "username or email",
        "username_or_email",
        "user name or e-mail",
        "identifier",
        "learner",
        "student",
        "user",
    }
)
_NOTES_TITLES = frozenset({"notes", "note", "comment", "comments", "reason", ""})


@dataclass(frozen=True, slots=True)
class CSVRow:
    """One row that is not blank. ``line`` is its first line, from 1. ``problem`` says why it cannot be used, or is empty."""

    line: int
    identifier: str
    notes: str = ""
    problem: str = ""


def parse(file: IO[bytes] | IO[str]) -> list[CSVRow]:
    """Read all rows, without the header and blank rows.

    Columns are separated by commas, semicolons or tabs. Bytes are UTF-8, unless a byte order mark says otherwise.

    Raises:
        ImportFileError: the file is too large, has too many rows or is not text.
    """
    rows: list[CSVRow] = []
    for index, (line, cells, problem) in enumerate(iter_csv_table(file)):
        if index == 0 and not problem and _is_header(cells):
            continue
        if len(rows) == MAX_ROWS:
            msg = f"the file has more than {MAX_ROWS:,} rows. Split it"
            raise ImportFileError(msg)
        rows.append(_read_row(line, cells, problem))
    return rows


def _is_header(cells: list[str]) -> bool:
    titles = [cell.casefold() for cell in cells]
    return titles[0] in _IDENTIFIER_TITLES and all(title in _NOTES_TITLES for title in titles[1:])


def _read_row(line: int, cells: list[str], problem: str) -> CSVRow:
    identifier = cells[0] if cells else ""
    notes = cells[1] if len(cells) > 1 else ""
    return CSVRow(line, make_storable(identifier), notes, problem or _find_problem(identifier, notes, cells[2:]))


def _find_problem(identifier: str, notes: str, rest: list[str]) -> str:
    if not identifier:
        return "the first column has no user name or e-mail address"
    if any(rest):
        return "there are more than two columns. Put notes that contain the separator into quotation marks"
    if len(identifier) > MAX_IDENTIFIER_LENGTH:
        return (
            f"the first column has more than {MAX_IDENTIFIER_LENGTH} characters, so it is not a user name "
            "or e-mail address"
        )
    if len(identifier.splitlines()) > 1:
        return "the first column has several lines. Look for an extra quotation mark"
    if not (is_storable(identifier) and is_storable(notes)):
        return "the row contains characters that are not text"
    return ""
