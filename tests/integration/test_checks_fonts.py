"""``manage.py check`` says which scripts this installation cannot draw."""

from __future__ import annotations

import io

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from tests.unit.pdf.font_making import make_font_of_languages

W030 = "learning_credentials.W030"


@pytest.fixture
def check():
    """Run the checks of fonts; return the warnings' texts and hints."""

    def run(*, deploy=False):
        messages = run_checks(tags=["fonts"], include_deployment_checks=deploy)
        assert {message.id for message in messages} <= {W030}
        return [(message.msg, message.hint) for message in messages]

    return run


def test_a_default_install_is_told_of_east_asia(check):
    ((message, hint),) = check()
    assert "these scripts: Han, Hangul, Hiragana, Katakana." in message
    assert "undrawable_text" in message
    assert "django-learning-credentials[cjk]" in hint
    assert "FALLBACK_FONTS" in hint


def test_the_command_prints_it():
    printed = io.StringIO()
    call_command("check", stderr=printed, stdout=printed)
    assert f"({W030})" in printed.getvalue()


@pytest.mark.parametrize("language", ["dz", "chr", "nqo", "dv", "or", "jgo", "cu", "xx", "ja"])
def test_a_language_adds_no_script_that_a_shipped_font_has(check, settings, language):
    settings.LANGUAGES = [("en", "English"), (language, "Another")]
    ((message, _),) = check()
    assert "these scripts: Han, Hangul, Hiragana, Katakana." in message


def test_languages_whose_fonts_ship_are_not_told(check, settings):
    settings.LANGUAGE_CODE = "th"
    settings.LANGUAGES = [
        (code, code)
        for code in (
            "ar",
            "fa",
            "el",
            "ru",
            "hi",
            "bn",
            "ta",
            "he",
            "ka",
            "hy",
            "am",
            "vi",
            "km",
            "my",
            "lo",
            "or",
            "dz",
        )
    ]
    ((message, _),) = check()
    assert "these scripts: Han, Hangul, Hiragana, Katakana." in message


def test_fonts_of_the_server_are_opened_only_for_deployments(check, app_settings, tmp_path):
    (tmp_path / "languages.ttf").write_bytes(make_font_of_languages())
    app_settings(FALLBACK_FONTS=[str(tmp_path / "languages.ttf")])
    assert check() == []
    ((message, _),) = check(deploy=True)
    assert "these scripts: Han, Hangul, Hiragana, Katakana." in message
