"""Reads tables that people upload as CSV. It does not use the database."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from learning_credentials.exceptions import ImportFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 5 * 1024 * 1024

#: How many lines, and how many characters of each, are read to find the separator of columns.
SNIFFED_LINES = 100
SNIFFED_LENGTH = 1000

_DELIMITERS = ",;\t"
_FIRST_DELIMITER = re.compile(r'(?:"(?:[^"]|"")*" *|[^,;\t"]*)([,;\t])')
#: Invisible characters that joining and copying files leaves. No user name begins or ends with one.
_INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060"
# The longer marks first, because the mark of UTF-32 begins with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def iter_csv_table(file: IO[bytes] | IO[str]) -> Iterator[tuple[int, list[str], str]]:
    """Yield the rows that are not blank: the first line of each, from 1, its trimmed cells, and what is wrong with its quotation marks.

    Columns are separated by commas, semicolons or tabs. Bytes are UTF-8, unless a byte order mark says otherwise.

    Raises:
        ImportFileError: the file is too large or is not text.
    """
    for line, cells, problem in _iter_cells(read_text(file).removeprefix("\ufeff")):
        yield line, [trim(cell) for cell in cells], problem


def read_text(file: IO[bytes] | IO[str]) -> str:
    """Return the text of a file.

    Raises:
        ImportFileError: the file is too large or is not text.
    """
    content = read_limited(file)
    if isinstance(content, str):
        return content
    if content.startswith(b"PK\x03\x04"):
        raise ImportFileError("the file is a spreadsheet or an archive, not CSV. Export it as CSV UTF-8")
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        name = encoding.upper().removesuffix("-SIG")
        msg = (
            f"the file is not in {name}: byte {error.start + 1}, in line {line}, cannot be read. Save the "
            "file as CSV UTF-8"
        )
        raise ImportFileError(msg) from None
    if "\0" in text:
        raise ImportFileError("the file contains NUL characters, so it is not text in UTF-8. Save it as CSV UTF-8")
    return text


def read_limited(file: IO[bytes] | IO[str]) -> bytes | str:
    """Return the content of a file.

    Raises:
        ImportFileError: the file is larger than `MAX_BYTES`.
    """
    content: Any = file.read(MAX_BYTES + 1)
    while content and len(content) <= MAX_BYTES and (piece := file.read(MAX_BYTES + 1 - len(content))):
        content += piece  # a pipe can return less than requested
    if len(content) > MAX_BYTES:
        msg = f"the file is larger than {MAX_BYTES // 1024 // 1024} MB. Split it"
        raise ImportFileError(msg)
    result: bytes | str = content
    return result


def _iter_cells(text: str) -> Iterator[tuple[int, list[str], str]]:
    """Yield the rows that are not blank: the first line of each, its cells, and what is wrong with its quotation marks."""
    lines = io.StringIO(text, newline="")
    # Strict. Otherwise a quotation mark that is never closed would make the rest of the file one learner's notes.
    reader = csv.reader(lines, delimiter=_find_delimiter(text), strict=True, skipinitialspace=True)
    while True:
        begin = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield begin, [], _describe(error, begin, reader.line_num)
            continue
        if any(trim(cell) for cell in cells):
            yield begin, cells, ""


def _describe(error: csv.Error, begin: int, end: int) -> str:
    where = f"in lines {begin} to {end}, none of which was read" if end > begin else f"in line {begin}"
    if "unexpected end" in str(error):
        return f"a quotation mark is opened and never closed, {where}"
    if "field limit" in str(error):
        return f"a cell is longer than {csv.field_size_limit():,} characters, {where}"
    return f"a text follows a closing quotation mark, {where}. Double the marks that belong to the text"


def _find_delimiter(text: str) -> str:
    """Return the separator of columns: the one that most often follows the first column. Notes can contain the others."""
    found: Counter[str] = Counter()
    for line in islice(io.StringIO(text), SNIFFED_LINES):
        if match := _FIRST_DELIMITER.match(line.lstrip(" ")[:SNIFFED_LENGTH]):
            found[match[1]] += 1
    return max(_DELIMITERS, key=lambda sign: found[sign])


def is_storable(text: str) -> bool:
    """Return whether every database can store the text."""
    return "\0" not in text and text == make_storable(text)


def make_storable(text: str) -> str:
    """Return the text without lone surrogates, which cannot be stored."""
    return text.encode("utf-8", "replace").decode()


def trim(text: str) -> str:
    """Return the text without white space and invisible characters around it."""
    return text.strip().strip(_INVISIBLE).strip()
