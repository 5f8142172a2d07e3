"""Reads tables that people upload as CSV or as spreadsheets (XLSX), within limits of size, time and memory."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from learning_credentials import children
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ImportFileError, TransientError
from learning_credentials.services.common import workbook_child
from learning_credentials.services.common.csv_tables import iter_csv_table, make_storable, read_limited, trim

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIMITS = children.Limits(cpu_seconds=30, memory=1024 * 1024 * 1024, seconds=60)
_WAITING_TIME = 8
_turns = children.Turns(2)
_QUESTION = Path(workbook_child.__file__)
_ZIP = b"PK\x03\x04"
#: The head of older spreadsheets and of spreadsheets with a password.
_OLE = b"\xd0\xcf\x11\xe0"


def iter_table(file: IO[bytes] | IO[str], max_rows: int) -> Iterator[tuple[int, list[str], str]]:
    """Yield the rows of a table that are not blank: the line from 1, the trimmed cells, and a problem of this row, or an empty text.

    Args:
        file: CSV as in `iter_csv_table`, or XLSX, of which the sheet is read that opens first.
        max_rows: how many rows a spreadsheet can have.

    Raises:
        ImportFileError: the file is too large, has too many rows, or is neither CSV nor XLSX.
        TransientError: the server is too busy to read a spreadsheet.
    """
    content = read_limited(file)
    if isinstance(content, str):
        yield from iter_csv_table(io.StringIO(content, newline=""))
    elif content.startswith(_ZIP):
        yield from _iter_workbook(content, max_rows)
    elif content.startswith(_OLE):
        raise ImportFileError(
            "the spreadsheet is in an old format, or protected with a password. Save it as XLSX or CSV"
        )
    else:
        yield from iter_csv_table(io.BytesIO(content))


def _iter_workbook(content: bytes, max_rows: int) -> Iterator[tuple[int, list[str], str]]:
    found = _ask(content, max_rows)
    if problem := found.get("problem"):
        raise ImportFileError(str(problem))
    rows = found["rows"]
    if len(rows) > max_rows:
        msg = f"the spreadsheet has more than {max_rows:,} rows. Divide it"
        raise ImportFileError(msg)
    for line, cells in rows:
        yield int(line), [trim(make_storable(str(cell).replace("\0", ""))) for cell in cells], ""


def _ask(content: bytes, max_rows: int) -> dict[str, Any]:
    if not get_settings().CHECK_FILES_IN_CHILD:
        return workbook_child.answer(content, str(max_rows))
    _turns.acquire(_WAITING_TIME)
    try:
        answer = children.ask(_QUESTION, content, limits=_LIMITS, arguments=(str(max_rows),))
    except children.NoAnswerError as error:
        if error.reason is children.Reason.NO_CHILD:
            return workbook_child.answer(content, str(max_rows))
        if error.reason is children.Reason.OVERDUE:
            raise TransientError("the server is too busy to read the spreadsheet. Try again later") from None
        raise ImportFileError("the spreadsheet takes too much time or memory to read. Save it as CSV") from None
    finally:
        _turns.release()
    if not isinstance(answer, dict):
        raise ImportFileError("the spreadsheet cannot be read. Save it as CSV")
    return answer
