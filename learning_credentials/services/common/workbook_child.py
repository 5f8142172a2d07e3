"""Read the first sheet of a spreadsheet in the format XLSX. A child process runs this module. See `workbooks`.

It imports nothing of the app, so that the process starts quickly.
"""

from __future__ import annotations

import datetime
import io
import warnings
import zipfile
from typing import Any

#: Bytes of all parts of the file after they are unpacked. A sheet with 20,000 rows of ten columns has about 10 MB.
MAX_UNPACKED = 64 * 1024 * 1024
MAX_COLUMNS = 50
MAX_CELL = 4000


def answer(content: bytes, most_rows: str) -> dict[str, Any]:
    """Return the rows of the sheet that opens first, as texts, or why they cannot be read.

    Args:
        content: the file.
        most_rows: how many rows with a text are read.
    """
    try:
        if (problem := _find_problem(content)) is not None:
            return {"problem": problem}
        return _read(content, int(most_rows))
    except MemoryError:
        raise
    except Exception as error:  # any broken file
        return {"problem": f"the spreadsheet cannot be read: {type(error).__name__}"}


def _find_problem(content: bytes) -> str | None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        return f"the spreadsheet has more than {MAX_UNPACKED // 2**20} MB of content"
    if any(part.flag_bits & 1 for part in parts):
        return "the spreadsheet is protected with a password"
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        return "the file is not a spreadsheet in the format XLSX"
    return None


def _read(content: bytes, most_rows: int) -> dict[str, Any]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about features that are not read
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    sheet = book.worksheets[0]
    if book.active in book.worksheets:
        sheet = book.active
    sheet.reset_dimensions()  # a wrong size in the file would hide rows
    rows: list[tuple[int, list[str]]] = []
    for line, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1):
        texts = [_write(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            if len(rows) > most_rows:
                break
            rows.append((line, texts))
    return {"rows": rows}


def _write(value: object) -> str:
    """Return a cell as a text. Dates are in ISO 8601, whole numbers have no fraction."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        is_date = value.time() == datetime.time()
        return value.date().isoformat() if is_date else value.isoformat(timespec="minutes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)[:MAX_CELL]
