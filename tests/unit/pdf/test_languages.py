"""A document has one language: the learner's where all of its texts exist in it and can be drawn, else the site's."""

import io
import subprocess

import pikepdf
import pytest
from django.utils import translation

from learning_credentials.catalogues import has_texts
from learning_credentials.pdf.elements.builtin_page import BUILTIN_ELEMENTS

from .font_making import make_font_of_languages, one_line, read_fonts
from .support import make_assets, make_pdf, read_with_pdfium, render

ASSETS = make_assets(template=make_pdf(600, 400, text=""))
TEMPLATE = {"template": "template"}
ENGLISH = ("This is to certify that", "has successfully completed", "November 22, 2026", "Date of issue")
SPANISH = ("Se certifica que", "22 de noviembre de 2026", "Fecha de emisión")


def look(options=(), **values):
    """Render, and return the text, the tag that the document says, and whether it runs to the left."""
    artifact = render(dict(options), ASSETS, **values)
    assert artifact.warnings == ()
    with pikepdf.open(io.BytesIO(artifact.content)) as pdf:
        is_rtl = "/Direction" in pdf.Root.ViewerPreferences
        return read_with_pdfium(artifact.content), str(pdf.Root.Lang), is_rtl


@pytest.mark.parametrize(
    "language",
    [
        "ja",
        "ko",
        "zh-Hans",
        "zh-TW",
        "pt-BR",
        "de",
        "de-XX",
        "fa",
        "he",
        "hi",
        "io",
        "wa",
        "xx-nowhere",
        "",
        "??",
        "a" * 40,
    ],
)
def test_a_language_without_texts_gives_a_document_in_the_sites(language):
    text, tag, is_rtl = look(language=language, user_full_name="Li Wei")
    assert all(part in text for part in ENGLISH)
    assert (tag, is_rtl) == ("en", False)


@pytest.mark.parametrize(
    ("language", "tag"),
    [
        ("es", "es"),
        ("es-MX", "es-MX"),
        ("es_419", "es-419"),
        ("es-XX", "es"),
        ("es_MX.UTF-8", "es-MX"),
        ("es@euro", "es"),
    ],
)
def test_a_language_with_texts_is_the_documents(language, tag):
    text, said, _ = look(language=language)
    assert all(part in text for part in SPANISH)
    assert said == tag
    assert "November" not in text


def test_direction_goes_with_the_texts():
    assert look(language="ar")[1:] == ("ar", True)
    assert look(language="ar", options=TEMPLATE)[1:] == ("en", False)


@pytest.mark.parametrize("language", ["de", "ja", "es", "ar", ""])
def test_a_page_of_the_operators_is_in_the_sites_language(language, settings):
    assert "November 22, 2026" in look(TEMPLATE, language=language)[0]
    own_words = {"text_elements": {"place": {"text": "Done on {issue_date} in Exampletown", "y": 150}}}
    text, tag, _ = look(own_words, language=language)
    assert all(part in text for part in ENGLISH)
    assert tag == "en"
    settings.LANGUAGE_CODE = "fr"
    assert "22 novembre 2026" in look(TEMPLATE, language=language)[0]


def test_the_options_decide_for_a_page_of_the_operators():
    for language in ("de", "ar", ""):
        text, tag, _ = look({**TEMPLATE, "language": "pt-BR"}, language=language)
        assert "22 de novembro de 2026" in text
        assert tag == "pt-BR"


def test_the_options_decide_for_the_builtin_page_where_it_has_texts(settings):
    assert look({"language": "es"}, language="ar")[1] == "es"
    settings.LANGUAGE_CODE = "fr"
    artifact = render({"language": "de"}, language="es")
    (warning,) = artifact.warnings
    assert "no texts in the language 'de', so the document is in 'fr'" in warning
    assert "22 novembre 2026" in read_with_pdfium(artifact.content)
    hidden = {name: False for name, element in BUILTIN_ELEMENTS.items() if "{" not in str(element["text"])}
    assert "22. November 2026" in look({"language": "de", "text_elements": hidden})[0]


@pytest.mark.parametrize("language", ["de", "io", "ja"])
def test_a_site_in_a_language_without_texts_has_documents_in_english(language, settings):
    settings.LANGUAGE_CODE = language
    text, tag, _ = look(language="ko")
    assert all(part in text for part in ENGLISH)
    assert tag == "en"
    assert look(language="es")[1] == "es"


def test_what_django_says_in_another_language_does_not_count(settings):
    """Where a translation is missing, Django answers in the site's language."""
    settings.LANGUAGE_CODE = "fr"
    text, tag, _ = look(language="ja")
    assert tag == "fr"
    assert "22 novembre 2026" in text
    assert "Date d’émission" in text or "Date d'émission" in text or "délivrance" in text


@pytest.fixture
def japanese(settings, tmp_path):
    """A host's own translation of the page into Japanese."""
    folder = tmp_path / "locale" / "ja" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    texts = [str(element["text"]) for element in BUILTIN_ELEMENTS.values() if "{" not in str(element["text"])]
    entries = "".join(f'msgid "{text}"\nmsgstr "骨王"\n\n' for text in texts)
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    (folder / "django.po").write_text(header + entries, encoding="utf-8")
    command = ["msgfmt", "-o", str(folder / "django.mo"), str(folder / "django.po")]
    subprocess.run(command, check=True)  # noqa: S603
    settings.LOCALE_PATHS = [str(tmp_path / "locale")]
    translation.trans_real._translations.clear()
    yield settings
    translation.trans_real._translations.clear()


def test_a_language_that_no_font_can_draw_is_not_taken(japanese):
    assert has_texts("ja", ("Date of issue",))
    text, tag, _ = look(language="ja")
    assert all(part in text for part in ENGLISH)
    assert tag == "en"


def test_capitals_and_forms_of_a_name_follow_its_learner(app_settings, tmp_path):
    options = {**TEMPLATE, "text_elements": {"name": {"uppercase": True}, "context": {"uppercase": True}}}
    text = look(options, language="tr", user_full_name="Deniz ışık", learning_context_name="Fishing")[0]
    assert "DENİZ IŞIK" in text
    assert "FISHING" in text
    (tmp_path / "languages.ttf").write_bytes(make_font_of_languages())
    app_settings(FALLBACK_FONTS=[str(tmp_path / "languages.ttf")])
    artifact = render(one_line("{name}"), user_full_name="骨", language="ja")
    assert read_fonts(artifact.content)["Languages-Regular"] == {600}
