"""Names can be found and copied: what programs read back is the name, with few exceptions, each of which is named."""

from __future__ import annotations

import pytest

from tests.services.pdf_names import NAMES
from tests.services.pdf_pictures import make_pdf_of
from tests.services.pdf_texts import FLAWS, READERS, Flaw, clean, read_all

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    return read_all({key: make_pdf_of(name) for key, name in NAMES.items()}, tmp_path_factory.mktemp("texts"))


@pytest.mark.parametrize("reader", READERS)
def test_names_are_read_back(reader: str, found: dict[str, dict[str, str]]) -> None:
    differing = {}
    for key, name in NAMES.items():
        text, wanted, flaw = clean(found[reader][key]), clean(name.text), FLAWS[reader].get(key)
        # An exception that is none any more is taken off the list.
        is_as_listed = (text != wanted and flaw.forgives(text, wanted)) if flaw else text == wanted
        if not is_as_listed:
            differing[key] = (text, wanted, flaw)
    assert differing == {}


@pytest.mark.parametrize("key", NAMES)
def test_some_program_reads_all_of_a_name_in_its_order(key: str, found: dict[str, dict[str, str]]) -> None:
    assert any(Flaw.BRACKETS.forgives(found[reader][key], NAMES[key].text) for reader in READERS)
