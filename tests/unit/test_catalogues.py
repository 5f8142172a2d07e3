"""The translations of what learners and readers see are whole, and compiled."""

from __future__ import annotations

import re

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo
from django.utils.translation import override

from scripts import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}")


@pytest.fixture(scope="module")
def texts():
    return {(text.message, text.context) for text in messages.collect()}


@pytest.fixture(params=messages.LANGUAGES)
def language(request):
    return request.param


def read_texts(catalog):
    return {(list_forms(message.id)[0], _decode(message.context)): message for message in catalog if message.id}


def list_forms(text):
    """The plural forms of a text, or the text itself."""
    return [text] if isinstance(text, str) else list(text)


def _decode(context):
    return (
        context.decode() if isinstance(context, bytes) else context
    )  # Babel reads it as bytes from compiled catalogues


def test_the_texts_of_templates_and_code_are_collected(texts):
    assert ("Verified: this credential is valid", None) in texts  # a template
    assert ("Valid", "credential") in texts
    assert ("It was revoked on %(date)s.", None) in texts
    assert ("Share on LinkedIn", None) in texts  # code
    assert ("This is to certify that", None) in texts  # a certificate
    assert any(message.startswith("Hello %(name)s") for message, _context in texts)  # a mail


def test_no_module_with_texts_is_left_out():
    """What stays English is named, with a reason, and has texts."""
    with_texts = {
        path
        for path in messages.APP.rglob("*.py")
        if any(True for _ in extract_from_file("python", path, keywords=messages.KEYWORDS))
    }
    collected = set(messages.list_modules())
    for name, reason in messages.EXCEPTIONS.items():
        skipped = {path for path in with_texts if path.is_relative_to(messages.APP / name)}
        assert reason.endswith(".")
        assert skipped or name == "migrations"
        assert not skipped & collected
        with_texts -= skipped
    assert with_texts <= collected
    for package in ("web", "rest_api", "generators", "services", "pdf", "processors"):
        assert package not in messages.EXCEPTIONS


@pytest.mark.parametrize(
    "text",
    ["The holder met the criteria of %(context)s.", "There is no such credential.", "You may ask only about yourself."],
)
def test_texts_of_badges_and_rest_are_collected(texts, text):
    assert (text, None) in texts


def test_every_text_is_translated(language, texts):
    """After a change of texts: `make messages`, then translate what it names."""
    translated = read_texts(messages.read(language))
    assert set(translated) == texts
    for message in translated.values():
        assert messages.is_translated(message), message.id
        assert not message.fuzzy, message.id


def test_placeholders_stay_as_they_are(language):
    for message in read_texts(messages.read(language)).values():
        original = list_forms(message.id)[-1]
        wanted = set(PLACEHOLDER.findall(original))
        if isinstance(message.id, str):
            assert sorted(PLACEHOLDER.findall(message.string)) == sorted(PLACEHOLDER.findall(original)), message.id
        for form in list_forms(message.string):
            found = set(PLACEHOLDER.findall(form))
            # A form for one or two can name the number in words.
            assert found == wanted or (not isinstance(message.id, str) and found == wanted - {"%(count)s"}), message.id
            for edge in ("\n", " "):  # gettext's own rule for the ends of texts
                assert form.startswith(edge) == original.startswith(edge)
                assert form.endswith(edge) == original.endswith(edge)


def test_there_is_a_form_for_every_number(language):
    for message in read_texts(messages.read(language)).values():
        if not isinstance(message.id, str):
            assert len(message.string) == messages.read(language).num_plurals


def test_what_is_compiled_is_what_was_translated(language):
    with messages.get_path(language, "mo").open("rb") as file:
        compiled = read_texts(read_mo(file))
    written = read_texts(messages.read(language))
    assert {key: list_forms(message.string) for key, message in compiled.items()} == {
        key: list_forms(message.string) for key, message in written.items()
    }


@pytest.mark.parametrize(("code", "text"), [("es", "Compartir"), ("fr", "Partager"), ("ar", "مشاركة"), ("de", "Share")])
def test_django_finds_them(code, text):
    from django.utils.translation import gettext

    with override(code):
        assert gettext("Share") == text
