"""Lists that operators paste or upload: CSV and spreadsheets mean the same, and no file harms the server."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from learning_credentials.exceptions import ImportFileError
from learning_credentials.services.common import MAX_ROWS, trim, workbooks
from learning_credentials.services.desk import NEVER, read_expiry, read_table

HEADER = ["User name", "New name", "Expiry_date", "Faculty", "Reason"]
#: Texts of one line that a spreadsheet can hold.
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn", "Co"), exclude_characters="\ufeff\ufffe\uffff"),
    max_size=20,
).map(trim)
NAMES = TEXTS.filter(bool)


def make_workbook(rows, title="Sheet"):
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def make_csv(rows, delimiter=","):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    return stream.getvalue().encode()


def read(content):
    return read_table(io.BytesIO(content))


class TestTables:
    @given(
        rows=st.lists(st.tuples(NAMES, TEXTS, TEXTS, TEXTS, TEXTS), min_size=1, max_size=8),
        delimiter=st.sampled_from(",;\t"),
    )
    @example(rows=[("=1+1", "", "", "", "=2")], delimiter=",")
    @example(rows=[("001", "1e5", "", "", "")], delimiter=",")
    def test_a_spreadsheet_and_csv_mean_the_same(self, rows, delimiter):
        table = [HEADER, *rows]
        book = Workbook()
        for row in table:
            book.active.append([None] * 5)
            for cell, text in zip(book.active[book.active.max_row], row, strict=True):
                cell.value = text
                cell.data_type = "s"  # what a person typed as text, also if it looks like a formula
        stream = io.BytesIO()
        book.save(stream)
        found, as_csv = read(stream.getvalue()), read(make_csv(table, delimiter))
        assert (found.read, found.ignored) == (as_csv.read, as_csv.ignored)
        assert found.ignored == ["Faculty"]
        assert [(row.identifier, row.values, row.problem) for row in found.rows] == [
            (row.identifier, row.values, row.problem) for row in as_csv.rows
        ]
        for row, (name, new_name, expiry, _faculty, reason) in zip(as_csv.rows, rows, strict=True):
            assert row.identifier == name
            expected = {"name": new_name, "expires_at": expiry, "reason": reason}
            assert row.values == {key: text for key, text in expected.items() if text}

    @given(content=st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail))
    def test_any_file_is_read_or_refused(self, content):
        try:
            table = read(content)
        except ImportFileError as error:
            assert str(error)  # noqa: PT017
        else:
            assert all(row.problem or row.identifier for row in table.rows)

    def test_cells_of_all_kinds(self):
        rows = [
            ["user name", "expires", "note"],
            [1234.0, date(2027, 12, 31), True],
            ["ada", datetime(2027, 12, 31, 18, 30), 1.5],  # noqa: DTZ001  a spreadsheet has no time zones
            [None, None, None],
            ["grace", "never", None],
        ]
        found = read(make_workbook(rows)).rows
        assert [(row.line, row.identifier, row.values) for row in found] == [
            (2, "1234", {"expires_at": "2027-12-31", "note": "True"}),
            (3, "ada", {"expires_at": "2027-12-31T18:30", "note": "1.5"}),
            (5, "grace", {"expires_at": "never"}),
        ]

    def test_the_sheet_that_opens_first_is_read(self):
        book = Workbook()
        book.active.append(["nobody"])
        second = book.create_sheet("Second")
        second.append(["ada"])
        book.active = second
        stream = io.BytesIO()
        book.save(stream)
        assert [row.identifier for row in read(stream.getvalue()).rows] == ["ada"]

    def test_one_column_needs_no_header(self):
        assert [row.identifier for row in read(b"ada\ngrace\n").rows] == ["ada", "grace"]
        assert [row.identifier for row in read(make_workbook([["ada"], ["grace"]])).rows] == ["ada", "grace"]

    def test_the_most_exact_column_says_who_is_meant(self):
        (row,) = read(b"email,username,verification id\na@example.org,ada,\n").rows
        assert row.identifier == "ada"


class TestLimits:
    def test_too_many_rows(self):
        text = "\n".join(str(number) for number in range(MAX_ROWS + 1)).encode()
        with pytest.raises(ImportFileError, match="20,000 rows"):
            read(text)

    def test_too_many_rows_of_a_spreadsheet(self, monkeypatch):
        monkeypatch.setattr("learning_credentials.services.desk.bulk.given.MAX_ROWS", 3)
        with pytest.raises(ImportFileError, match="more than"):
            read(make_workbook([[str(number)] for number in range(6)]))

    def test_a_file_that_is_too_large(self):
        with pytest.raises(ImportFileError, match="5 MB"):
            read(b"x" * (5 * 1024 * 1024 + 1))

    def test_a_zip_bomb(self):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "x")
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * (65 * 1024 * 1024))
        assert len(stream.getvalue()) < 1024 * 1024
        with pytest.raises(ImportFileError, match="64 MB"):
            read(stream.getvalue())

    def test_other_archives_and_old_spreadsheets(self):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("a.txt", "x")
        with pytest.raises(ImportFileError, match="not a spreadsheet in the format XLSX"):
            read(stream.getvalue())
        with pytest.raises(ImportFileError, match="old format"):
            read(b"\xd0\xcf\x11\xe0" + b"x" * 100)

    def test_a_child_process_reads_it_within_limits(self, app_settings, monkeypatch):
        app_settings(CHECK_FILES_IN_CHILD=True)
        content = make_workbook([["user name", "reason"], ["ada", "x"]])
        assert [row.identifier for row in read(content).rows] == ["ada"]
        monkeypatch.setattr(workbooks, "_LIMITS", workbooks._LIMITS._replace(memory=1024 * 1024))
        with pytest.raises(ImportFileError, match="too much time or memory"):
            read(content)


@pytest.mark.parametrize(
    ("text", "expiry"),
    [
        ("2027-12-31", datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2027-12-31 18:00", datetime(2027, 12, 31, 18, 0, tzinfo=UTC)),
        ("2027-12-31T18:00+02:00", datetime(2027, 12, 31, 16, 0, tzinfo=UTC)),
        ("Never", NEVER),
        ("31.12.2027", None),
        ("2027-02-30", None),
        ("2027-13-01 10:00", None),
        ("soon", None),
    ],
)
def test_expiries(text, expiry):
    assert read_expiry(text) == expiry
