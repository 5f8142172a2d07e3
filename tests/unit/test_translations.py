"""Texts in other languages: the best one for a reader is found, and a form returns what it was filled with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.admin.translations import TranslationsField
from learning_credentials.data import Translations, choose, list_tags, normalise_tag
from learning_credentials.translations import find_translation_problems, read_names

TAGS = st.sampled_from(["fr", "pt", "pt-br", "zh-hans", "es-419", "ar", "en", "de"])
NAMES = ("name", "description", "criteria")
#: Browsers send texts trimmed by us, with CRLF for each line break, which the form reads as LF.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1, max_size=30).map(
    str.strip
)
STORED = st.dictionaries(
    TAGS, st.dictionaries(st.sampled_from(NAMES), TEXTS.filter(bool), min_size=1, max_size=3), max_size=5
)


@given(STORED)
def test_a_form_that_is_not_changed_changes_nothing(stored):
    field = TranslationsField(NAMES, required=False)
    rows = field.prepare_value(stored)
    data = {
        f"translations.{number}.{key}": text.replace("\n", "\r\n")
        for number, row in enumerate([*rows, dict.fromkeys(["language", *NAMES], "")])
        for key, text in row.items()
    }
    typed = field.widget.value_from_datadict(data, {}, "translations")
    assert field.clean(typed) == stored
    assert not field.has_changed(stored, typed)
    originals = dict.fromkeys(NAMES, "x")
    assert find_translation_problems(stored, originals, has_name=True) == []


@given(st.dictionaries(TAGS, st.fixed_dictionaries({"name": st.text(min_size=1)})), TAGS)
def test_a_reader_gets_the_nearest_language(by_language, language):
    wanted = next((tag for tag in list_tags(language) if tag in by_language), None)
    found = Translations(by_language).find("name", language)
    assert found == (by_language[wanted]["name"] if wanted else "")
    assert choose(by_language, language.upper().replace("-", "_")) == (by_language[wanted] if wanted else None)


@given(st.text() | st.none() | st.integers())
def test_any_tag_is_read_or_refused(tag):
    found = normalise_tag(tag)
    assert normalise_tag(found) == found
    assert all(tag in list_tags(found) for tag in [found] if tag)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_whatever_a_backend_says_is_read(names):
    read = read_names(names)
    assert all(tag == normalise_tag(tag) and name.strip() for tag, name in read.items())


@given(st.recursive(st.none() | st.text() | st.floats() | st.lists(st.text()), lambda x: st.dictionaries(st.text(), x)))
def test_whatever_is_entered_is_accepted_or_refused_with_a_path(value):
    for problem in find_translation_problems(value, {}, has_name=True):
        assert str(problem)
