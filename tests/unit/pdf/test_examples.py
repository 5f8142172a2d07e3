"""The examples in the documentation are certificates that the app issues, and each has its picture."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from pypdf import PdfReader

from learning_credentials.options import OptionsContext, parse
from learning_credentials.pdf.options import PDFOptions
from tests.unit.pdf.examples import ASSETS, DIRECTORY, EXAMPLES, draw, read_options

DOCS = DIRECTORY.parent
PAGE = (DOCS / "howtos" / "examples.rst").read_text(encoding="utf-8")


def test_each_file_is_an_example():
    assert {path.stem for path in DIRECTORY.glob("*.json")} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_issued_without_a_problem_and_shown_on_the_page(name):
    fields = [field.name for field in EXAMPLES[name].get("custom_fields", ())]
    options = parse(PDFOptions, read_options(name))
    assert list(options.find_problems(OptionsContext(ASSETS, frozenset(fields)))) == []
    certificate = draw(name)
    with pypdfium2.PdfDocument(certificate) as document:
        pictures = [
            f"example_{name}{f'_{page}' if len(document) > 1 else ''}.png" for page in range(1, len(document) + 1)
        ]
    assert all((DOCS / "images" / picture).exists() and f"../images/{picture}" in PAGE for picture in pictures)
    assert f"../examples/{name}.json" in PAGE or not read_options(name)


def test_no_picture_is_left_of_an_example_that_is_gone():
    assert all(f"../images/{path.name}" in PAGE for path in (DOCS / "images").glob("example_*.png"))


def test_the_form_is_filled_and_what_nothing_fills_is_removed():
    page = PdfReader(io.BytesIO(draw("filled_form"))).pages[0]
    assert "120 hours" in page.extract_text()
    assert "/Widget" not in str(page.get("/Annots", ""))
