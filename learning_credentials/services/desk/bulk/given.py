"""Reads the lists that operators paste or upload: who is meant, and the values of each row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import IO, TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from learning_credentials.exceptions import ImportFileError
from learning_credentials.services.common import MAX_ROWS, is_storable, iter_table, make_storable

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The longest text that can say who is meant: an address of a public page.
MAX_IDENTIFIER = 255
MAX_TEXT = 2000
#: The value of ``expires_at`` for a credential that never expires.
NEVER = "never"

#: The columns, by what they mean, with the titles that are read. Titles are compared in lower case, with spaces for underscores.
TITLES: dict[str, frozenset[str]] = {
    "credential": frozenset(
        {
            "credential", "credential id", "id", "verification id", "verify id", "verify uuid", "uuid", "code", "verification code",
            "short code", "url", "link", "address of the credential",
        }
    ),
    "learner": frozenset(
        {
            "user name", "username", "user", "learner", "student", "identifier", "login", "username or email",
            "user name or e-mail",
        }
    ),
    "email": frozenset({"e-mail", "email", "mail", "e-mail address", "email address"}),
    "name": frozenset({"name", "full name", "new name", "learner name", "display name"}),
    "expires_at": frozenset({"expiry", "expires", "expires at", "expiry date", "expiration", "expiration date", "valid until"}),
    "reason": frozenset({"reason", "why"}),
    "note": frozenset({"note", "notes", "comment", "comments", "remark", "remarks"}),
}  # fmt: skip
#: The columns that say who is meant, the most exact first.
IDENTIFYING = ("credential", "learner", "email")
_SPACES = re.compile(r"[\s_]+")


@dataclass(frozen=True, slots=True)
class GivenRow:
    """One row of a list. ``values`` has the texts of the columns that were read. ``problem`` says why it cannot be used, or is empty."""

    line: int
    identifier: str
    values: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class GivenTable:
    """A list: its rows, the titles of the columns that were read, and of those that were ignored."""

    rows: list[GivenRow]
    read: list[str]
    ignored: list[str]


def read_table(file: IO[bytes] | IO[str]) -> GivenTable:
    """Read a list from CSV, a spreadsheet or pasted text. A list of one column needs no header.

    Raises:
        ImportFileError: the file cannot be read, has too many rows, several columns without a header, or a header that names nobody.
        TransientError: the server is too busy to read a spreadsheet.
    """
    columns: dict[int, str] | None = None
    read: list[str] = []
    ignored: list[str] = []
    rows: list[GivenRow] = []
    for line, cells, problem in iter_table(file, MAX_ROWS + 1):
        if columns is None:
            found = {} if problem else _find_columns(cells)
            if found:
                columns = found
                read = [cells[index] for index in sorted(found)]
                ignored = [title for index, title in enumerate(cells) if title and index not in found]
                continue
            columns = {0: "learner"}
        if len(rows) == MAX_ROWS:
            msg = f"the list has more than {MAX_ROWS:,} rows. Divide it"
            raise ImportFileError(msg)
        if not read and not problem and any(cells[1:]):
            msg = (
                f"line {line} has several columns, and the list has no header. Name the columns in the first line, "
                "for example: user name, reason"
            )
            raise ImportFileError(msg)
        rows.append(_read_row(line, cells, columns, problem))
    return GivenTable(rows, read, ignored)


def _find_columns(cells: Sequence[str]) -> dict[int, str]:
    """Return what the columns of a header mean, by their place. Return none if the first line is no header."""
    found: dict[int, str] = {}
    for index, cell in enumerate(cells):
        title = _SPACES.sub(" ", cell).strip().casefold()
        meaning = next((name for name, titles in TITLES.items() if title in titles), "")
        if meaning and meaning not in found.values():
            found[index] = meaning
    if not found:
        return {}
    if not set(IDENTIFYING).intersection(found.values()):
        msg = (
            f"the header “{', '.join(cells)[:200]}” has no column that says who is meant: user name, e-mail, "
            "credential, verification id or code"
        )
        raise ImportFileError(msg)
    return found


def _read_row(line: int, cells: Sequence[str], columns: dict[int, str], problem: str) -> GivenRow:
    values = {
        name: make_storable(cells[index]) for index, name in columns.items() if index < len(cells) and cells[index]
    }
    identifier = next((values[name] for name in IDENTIFYING if name in values), "")
    own = {name: text for name, text in values.items() if name not in IDENTIFYING}
    return GivenRow(line, identifier[:MAX_IDENTIFIER], own, problem or _find_problem(identifier, own))


def _find_problem(identifier: str, values: dict[str, str]) -> str:
    if not identifier:
        return "the row does not say who is meant"
    if len(identifier) > MAX_IDENTIFIER or len(identifier.splitlines()) > 1:
        return "the text that says who is meant is too long, or has several lines. Look for an extra quotation mark"
    if any(len(text) > MAX_TEXT for text in values.values()):
        return f"a cell has more than {MAX_TEXT:,} characters"
    if not all(is_storable(text) for text in (identifier, *values.values())):
        return "the row contains characters that are not text"
    return ""


def read_expiry(text: str) -> datetime | str | None:
    """Return the time of a text: ``2027-12-31``, ``2027-12-31 18:00``, or `NEVER`. Return None if it is something else.

    A date without a time is the end of that day, in the time zone of the site.
    """
    typed = text.strip()
    if typed.casefold() == NEVER:
        return NEVER
    try:
        if (day := parse_date(typed)) is not None:
            return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))
        moment = parse_datetime(typed)
    except ValueError:  # such as the 30th of February
        return None
    if moment is None:
        return None
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def write_expiry(expiry: datetime | str | None) -> Any:
    """Return an expiry as a row stores it: a text, or None if none was given."""
    return expiry.isoformat() if isinstance(expiry, datetime) else expiry
