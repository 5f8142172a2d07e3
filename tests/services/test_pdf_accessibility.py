"""Programs for accessibility read our certificates in order, and find nothing wrong in them that we say is right."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from learning_credentials.data import SignatoryData
from tests.services.pdf_documents import KINDS, SEVERAL_PAGES, TABLE_ROWS, make_document
from tests.services.pdf_tools import ask, ask_pdfjs
from tests.unit.pdf.structures import read_structure
from tests.unit.pdf.support import render

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.services

#: Names in 20 scripts.
NAMES = (
    "Latin",
    "Vietnamese",
    "Greek",
    "Cyrillic",
    "Armenian",
    "Georgian",
    "Hebrew with points",
    "Arabic",
    "Arabic and Latin",
    "Urdu",
    "Devanagari",
    "Bengali",
    "Tamil",
    "Malayalam",
    "Sinhala",
    "Thai with stacked marks",
    "Khmer",
    "Myanmar",
    "Ethiopic",
    "Chinese",
    "Korean",
    "70 letters",
)
CASES = [
    *(("built-in template", name) for name in NAMES),
    *(("everything", name) for name in NAMES),
    *((kind, "Latin") for kind in KINDS if kind not in ("built-in template", "everything")),
]
#: The documents do not claim to be PDF/UA: people have to check that.
NO_CLAIM, NO_CLAIM_FOR_OUTLOUD = "UA-28-004", "DOC-012"
#: Fonts that every reader has are not embedded. The templates have one, and so have certificates in such a font.
NOT_EMBEDDED = {"TXT-001"}
#: A letter with several marks is one text, which one of its glyphs says. The others say nothing.
SILENT_GLYPHS = {"TXT-003"}


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, tuple[str, str]]:
    directory = tmp_path_factory.mktemp("certificates")
    found = {}
    for index, case in enumerate(CASES):
        path = directory / f"{index}.pdf"
        path.write_bytes(make_document(*case).content)
        found[path] = case
    return found


def test_poppler_reads_the_parts_in_order(paths: dict[Path, tuple[str, str]]) -> None:
    assert len(paths) > 40
    for path, (kind, name) in paths.items():
        answer = ask("pdfinfo", "-struct-text", path)
        assert (answer.status, answer.complaints) == (0, "")
        # Poppler writes lines that run to the left backwards, and no alternative texts of figures.
        if kind == SEVERAL_PAGES:
            _check_table(answer.output, name)
            continue
        said = [_pack(part) for part in _list_texts(answer.output)]
        wanted = [_flatten(child.text, child) for child in read_structure(path.read_bytes()).children]
        assert [sorted(part) for part in said] == [sorted(part) for part in wanted if part], (kind, name)
        assert sorted(_pack(make_document(kind, name).name)) in [sorted(part) for part in said], (kind, name)


def _check_table(output: str, name: str) -> None:
    """Check that a table on several pages is one table: a row of headings, the rows in their order, and a total."""
    assert output.count("\n  Table") == 1
    table = output.partition("\n  Table")[2]
    assert table.count("\n    TR") == TABLE_ROWS + 2
    assert (table.count("/Scope /Column"), table.count("/Scope /Row")) == (4, TABLE_ROWS + 1)
    numbers = [int(number) for number in re.findall(r'^      TD\n +"(\d+)"$', table, flags=re.MULTILINE)]
    assert numbers == list(range(1, TABLE_ROWS + 1))
    # The page for further rows is printed several times, with its heading.
    assert table.count("\n  H2") == KINDS[SEVERAL_PAGES].pages - 1
    assert _pack(make_document(SEVERAL_PAGES, name).name) in _pack(re.sub(r'[^"]*"([^"]*)"[^"]*', r"\1", output))


def _list_texts(output: str) -> Iterator[str]:
    """Yield the text of each element of the page, from the lines that poppler indents below it."""
    for part in re.split(r"^  (?=\S)", output, flags=re.MULTILINE)[1:]:
        text = "".join(re.findall(r'^ +"(.*)"$', part, flags=re.MULTILINE))
        if text:
            yield text


def _flatten(text: str, element: Any) -> str:
    return _pack(text + "".join(_flatten(child.text, child) for child in element.children))


def _pack(text: str) -> str:
    # Brackets in lines that run to the left are mirrored.
    return re.sub(r"\s", "", unicodedata.normalize("NFC", text)).replace(")", "(")


def test_pdfua_finds_only_that_nothing_is_claimed(paths: dict[Path, tuple[str, str]]) -> None:
    answer = ask("pdfua", "check", "--format", "json", *paths)
    reports = list(_read_documents(answer.output))
    assert len(reports) == len(paths)
    assert {finding["rule_id"] for report in reports for finding in report["findings"]} == {NO_CLAIM}


def _read_documents(text: str) -> Iterator[Any]:
    """Yield JSON documents that follow each other."""
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        found, end = decoder.raw_decode(text)
        text = text[end:]
        yield found


def test_nothing_is_found_in_a_document_that_claims(tmp_path: Path) -> None:
    path = tmp_path / "claims.pdf"
    signatories = (SignatoryData("Prof. Max Muster", "Dean"),)
    path.write_bytes(render({"claims_pdf_ua": True}, signatories=signatories).content)
    answer = ask("pdfua", "check", path)
    assert answer.status == 0, answer.output
    answer = ask("outloud", path)
    assert answer.status == 0, answer.output
    assert "0 error(s), 0 warning(s)" in answer.output


def test_outloud_finds_only_what_we_say(paths: dict[Path, tuple[str, str]], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    answer = ask("outloud", "--json", report, *paths)
    assert answer.complaints == ""
    results = json.loads(report.read_text())["results"]
    assert len(results) == len(paths)
    for result, (path, (kind, name)) in zip(results, paths.items(), strict=True):
        assert result["error"] is None, path
        has_silent = name.startswith("Thai") or kind == SEVERAL_PAGES
        allowed = {NO_CLAIM_FOR_OUTLOUD} | NOT_EMBEDDED | (SILENT_GLYPHS if has_silent else set())
        if kind in ("built-in template", "signed, in Arabic"):
            allowed -= NOT_EMBEDDED
        unexpected = [finding for finding in result["findings"] if finding["rule"] not in allowed]
        assert unexpected == [], (kind, name)


def test_pdfjs_finds_the_structure(paths: dict[Path, tuple[str, str]]) -> None:
    answers = ask_pdfjs(map(str, paths))
    for path, (kind, name) in paths.items():
        tree = answers[str(path)]["structure"]
        (document,) = tree["children"]
        assert document["role"] == "Document"
        roles = [child["role"] for child in document["children"]]
        assert roles == [child.role for child in read_structure(path.read_bytes()).children], (kind, name)
        assert list(_list_roles(document)).count("H1") == 1


def _list_roles(element: Any) -> Iterator[str]:
    """Yield the roles of all elements in an element of pdf.js."""
    for child in element.get("children", ()):
        if "role" in child:
            yield child["role"]
            yield from _list_roles(child)
