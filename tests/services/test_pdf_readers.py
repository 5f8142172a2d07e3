"""Other programs open our certificates without a complaint and find in them what we put there."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from learning_credentials.pdf.fonts.names import STANDARD_FONTS
from tests.services.pdf_documents import CASES, make_document
from tests.services.pdf_tools import ask, ask_pdfjs, list_fonts, read_info

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.pdf_documents import Document

pytestmark = pytest.mark.services

TITLE, AUTHOR = "Certificate of Achievement: Marine Biology", "Example University"
#: What a word of eight bits says of a raster that has something on it.
_DARK = 128
#: For pdf.js, which takes its time to make the key: every name, and every kind.
PDFJS_CASES = [case for case in CASES if case[0] == "everything" or case[1] in ("Latin", "Arabic and Latin")]
#: They are tried in parts, so that processes can share the work and pdf.js is not started for each.
_PARTS = 8


@pytest.fixture(params=CASES, ids=": ".join)
def document(request: pytest.FixtureRequest) -> Document:
    return make_document(*request.param)


@pytest.fixture
def path(document: Document, tmp_path: Path) -> Path:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(document.content)
    return file


def test_a_certificate_is_sound_and_says_what_it_is(document: Document, path: Path, tmp_path: Path) -> None:
    assert document.warnings == ()
    _check_syntax(path)
    _check_description(path, document)
    _check_fonts(path)
    _check_drawing(path, tmp_path, document)
    _check_pdfium(document)


def _check_syntax(path: Path) -> None:
    answer = ask("qpdf", "--check", path)
    # A status of 3 is a warning.
    assert answer.status == 0, answer.output + answer.complaints
    assert answer.complaints == ""
    assert "No syntax or stream encoding errors found" in answer.output


def _check_description(path: Path, document: Document) -> None:
    info = read_info(path)
    assert info["Title"] == TITLE
    assert info["Author"] == AUTHOR
    assert info["Subject"] == f"{unicodedata.normalize('NFC', document.name)}, Marine Biology"
    assert info["Encrypted"] == "yes (print:yes copy:yes change:no addNotes:no algorithm:AES-256)"
    assert info["Tagged"] == "yes"
    assert info["PDF version"] == "2.0"
    assert info["Pages"] == str(document.kind.pages)
    assert info["Metadata Stream"] == "yes"
    width, _, height, *_ = info["Page size"].split()
    assert (float(width), float(height)) == pytest.approx((document.kind.width, document.kind.height), abs=0.01)
    assert int(info["Page rot"]) == document.kind.rotation


def _check_fonts(path: Path) -> None:
    fonts = list_fonts(path)
    assert fonts
    for font in fonts:
        if font.name in STANDARD_FONTS:
            assert (font.kind, font.encoding, font.is_embedded) == ("Type 1", "WinAnsi", False)
        else:
            assert font[1:] in (
                ("CID TrueType", "Identity-H", True, True, True),
                ("CID Type 0C", "Identity-H", True, True, True),
            ), font


def _check_drawing(path: Path, directory: Path, document: Document) -> None:
    drawing = directory / "page.png"
    for command in (
        ("draw", "-N", "-q", "-r", "36", "-o", drawing),
        ("draw", "-N", "-q", "-F", "stext", "-o", directory / "text.xml"),
    ):
        answer = ask("mutool", *command, path)
        assert (answer.status, answer.complaints) == (0, "")
    assert drawing.stat().st_size
    answer = ask("mutool", "info", path)
    assert (answer.status, answer.complaints) == (0, "")
    assert f"Pages: {document.kind.pages}" in answer.output


def _check_pdfium(document: Document) -> None:
    sides = (document.kind.width, document.kind.height)
    with pypdfium2.PdfDocument(document.content) as opened:
        assert len(opened) == document.kind.pages
        image = opened[0].render(scale=0.5).to_pil().convert("L")
    shown = sides[::-1] if document.kind.rotation % 180 else sides
    assert image.size == pytest.approx(tuple(side / 2 for side in shown), abs=1)
    darkest, lightest = image.getextrema()
    assert darkest < _DARK < lightest


@pytest.mark.parametrize("part", range(_PARTS))
def test_pdfjs_opens_it_and_translates_its_fonts_without_a_warning(part: int, tmp_path: Path) -> None:
    documents = {}
    for index, case in enumerate(PDFJS_CASES[part::_PARTS]):
        path = tmp_path / f"{index}.pdf"
        documents[str(path)] = document = make_document(*case)
        path.write_bytes(document.content)
    answers = ask_pdfjs(documents)
    assert set(answers) == set(documents)
    for path, document in documents.items():
        answer = answers[path]
        assert answer["complaints"] == [], document.name
        wanted = (document.kind.pages, "2.0", document.kind.rotation)
        assert (answer["pages"], answer["version"], answer["rotation"]) == wanted
        assert (answer["title"], answer["xmp"], answer["author"]) == (TITLE, TITLE, AUTHOR)
        assert answer["subject"] == f"{unicodedata.normalize('NFC', document.name)}, Marine Biology"
        assert answer["size"] == pytest.approx([document.kind.width, document.kind.height], abs=0.01)
        assert all(answer["fonts"].values()), answer["fonts"]
        assert "Marine Biology" in " ".join(answer["text"].split())
