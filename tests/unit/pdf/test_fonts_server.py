"""Fonts of the server: the setting ``FALLBACK_FONTS``, and the font that the extra ``cjk`` installs."""

import sys

import pytest
from django.conf import settings as django_settings

from learning_credentials.exceptions import GenerationError

from .font_making import (
    list_problems,
    make_collection,
    make_font_of_languages,
    make_variable_font,
    one_line,
    read_fonts,
    read_shipped,
)
from .support import make_assets, read_with_pdfium, render

LANGUAGES = make_font_of_languages()
LANGUAGES_AS_SC = make_font_of_languages("NotoSansCJKsc-Regular")
NAME = "王骨"


@pytest.fixture
def use_fonts(app_settings, tmp_path):
    """Put files on the server, and name them in the setting with what follows after ``#``."""

    def use(*entries, **files):
        for name, content in files.items():
            (tmp_path / f"{name}.ttc").write_bytes(content)
        names = [str(tmp_path / entry) for entry in entries]
        app_settings(FALLBACK_FONTS=names)
        return tmp_path

    return use


@pytest.fixture
def installed_extra(settings, tmp_path, monkeypatch):
    """A package that looks like what the extra installs, with a smaller font."""

    def install(content):
        package = tmp_path / "noto_cjk_sans_otc"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "NotoSansCJK-Regular.ttc").write_bytes(content)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "noto_cjk_sans_otc", raising=False)
        # What was found before, and what is found here, is forgotten when settings change.
        settings.LEARNING_CREDENTIALS = dict(django_settings.LEARNING_CREDENTIALS)

    return install


def read_line(text, **options):
    artifact = render({**one_line(text), "undrawable_text": "print", **options})
    return artifact, read_fonts(artifact.content)


def test_a_font_of_the_server_draws_what_no_other_has(use_fonts):
    use_fonts("languages.ttc", languages=LANGUAGES)
    artifact, fonts = read_line(f"Łukasz {NAME}")
    assert artifact.warnings == ()
    assert set(fonts) == {"NotoSans-Regular", "Languages-Regular"}, "what others have is left to them"
    assert read_with_pdfium(artifact.content).strip() == f"Łukasz {NAME}"


def test_the_first_that_has_a_character_is_taken_with_the_face_that_is_named(use_fonts):
    collection = make_collection(read_shipped("NotoSansThai-Regular"), LANGUAGES)
    use_fonts("thai.ttc", "both.ttc#Languages-Regular", thai=read_shipped("NotoSansThai-Regular"), both=collection)
    artifact, fonts = read_line(NAME)
    assert artifact.warnings == ()
    assert set(fonts) == {"Languages-Regular"}


def test_an_elements_own_fonts_come_first(use_fonts):
    use_fonts("languages.ttc", languages=LANGUAGES)
    assets = make_assets(font_own=make_variable_font(NAME))
    options = one_line(NAME, fonts=["font_own"])
    assert list_problems(options, assets) == []
    assert set(read_fonts(render(options, assets).content)) == {"Elastic-Regular"}


@pytest.mark.parametrize(
    ("language", "width"),
    [("en", 1000), ("ja", 600), ("ko", 700), ("zh-hans", 1000), ("zh-hant", 800), ("zh-tw", 800), ("zh", 1000)],
)
def test_the_language_decides_between_forms_of_a_character(use_fonts, language, width):
    use_fonts("languages.ttc", languages=LANGUAGES)
    _, fonts = read_line("骨", language=language)
    assert fonts["Languages-Regular"] == {width}


def test_a_variant_that_a_name_asks_for_is_drawn_and_stays_in_the_text(use_fonts):
    use_fonts("languages.ttc", languages=LANGUAGES)
    artifact, fonts = read_line("王\U000e0100")
    assert fonts == {"Languages-Regular": {900}}
    assert read_with_pdfium(artifact.content).strip() == "王\U000e0100"
    artifact, fonts = read_line("王\U000e0101")
    assert fonts == {"Languages-Regular": {1000}}, "an unknown variant is the plain form"
    assert artifact.warnings == ()


def test_the_extra_is_found_where_it_is_installed(installed_extra):
    installed_extra(make_collection(read_shipped("NotoSansThai-Regular"), LANGUAGES_AS_SC))
    artifact, fonts = read_line(NAME)
    assert artifact.warnings == ()
    assert set(fonts) == {"NotoSansCJKsc-Regular"}


def test_the_setting_comes_before_the_extra(installed_extra, use_fonts):
    installed_extra(LANGUAGES_AS_SC)
    use_fonts("languages.ttc", languages=LANGUAGES)
    assert set(read_line(NAME)[1]) == {"Languages-Regular"}


ADVICE = (
    "For any script: name a font file of the server that has the characters in LEARNING_CREDENTIALS['FALLBACK_FONTS'], or upload a "
    "font asset that has them and name it in the option `fonts`"
)


def advise(scripts):
    return f"For {scripts}: install the extra django-learning-credentials[cjk]. {ADVICE}"


def advise_debian(script, *names):
    paths = ", ".join(f"/usr/share/fonts/truetype/noto/{name}-Regular.ttf" for name in names)
    setting = "LEARNING_CREDENTIALS['FALLBACK_FONTS']"
    return f"For {script}: install fonts-noto-core (Debian, Ubuntu), and name {paths} in {setting}"


TOTO = "For Toto: download Noto Serif Toto from https://notofonts.github.io, and name the file in LEARNING_CREDENTIALS['FALLBACK_FONTS']"
START = "no font can draw these characters of the text of the element 'line': "


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("王小王", f"{START}王 (U+738B, Han), 小 (U+5C0F, Han). {advise('Han')}"),
        ("김 Ada", f"{START}김 (U+AE40, Hangul). {advise('Hangul')}"),
        ("さ゚", f"{START}さ゚ (U+3055 U+309A, Hiragana). {advise('Hiragana')}"),
        ("さ王", f"{START}さ (U+3055, Hiragana), 王 (U+738B, Han). {advise('Hiragana, Han')}"),
        ("𠮷", f"{START}𠮷 (U+20BB7, Han). {advise('Han')}"),
        ("〒", f"{START}〒 (U+3012, symbol). {advise('symbol')}"),
        ("𗀀", f"{START}𗀀 (U+17000, Tangut). {advise_debian('Tangut', 'NotoSerifTangut')}. {ADVICE}"),
        ("𞊐 Ada", f"{START}𞊐 (U+1E290, Toto). {TOTO}. {ADVICE}"),
        (
            "🜁",
            f"{START}🜁 (U+1F701, symbol). {advise_debian('symbol', 'NotoSansSymbols', 'NotoSansSymbols2', 'NotoSansMath')}. {ADVICE}",
        ),
        ("𞊐王", f"{START}𞊐 (U+1E290, Toto), 王 (U+738B, Han). {TOTO}. {advise('Han')}"),
        ("\ue0aa", f"{START}\ue0aa (U+E0AA, private use). {ADVICE}"),
        ("\u0378", f"{START}\u0378 (U+0378, unassigned). {ADVICE}"),
    ],
)
def test_the_warning_says_what_to_do(use_fonts, text, warning):
    use_fonts()
    assert read_line(text)[0].warnings == (warning,)


def test_the_extra_is_not_advised_where_it_is_installed(installed_extra):
    installed_extra(LANGUAGES_AS_SC)
    (warning,) = read_line("王龍")[0].warnings
    assert warning == f"{START}龍 (U+9F8D, Han). {ADVICE}"


def test_a_font_that_is_installed_later_is_noticed_without_a_restart(use_fonts):
    directory = use_fonts("later.ttc")
    options = one_line(NAME)
    with pytest.raises(GenerationError, match="U\\+738B"):
        render(options)
    (directory / "later.ttc").write_bytes(LANGUAGES)
    assert set(read_fonts(render(options).content)) == {"Languages-Regular"}


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("nowhere.ttc", "No such file or directory"),
        ("text.ttc", "the file is not a TrueType or OpenType font"),
        (
            "languages.ttc#Bold",
            "'#Bold': 'Bold' is neither a face nor an instance of the font. The font is not variable",
        ),
    ],
)
def test_a_font_of_the_server_that_cannot_be_used_is_said_where_it_is_missed(use_fonts, entry, reason):
    directory = use_fonts(entry, text=b"hello", languages=LANGUAGES)
    assert read_line("Łukasz")[0].warnings == (), "who does not need it is not bothered"
    (warning,) = read_line(NAME)[0].warnings
    assert warning.startswith(f"{START}王 (U+738B, Han), 骨 (U+9AA8, Han). ")
    assert warning.endswith(f". the font '{directory / entry}' of the setting FALLBACK_FONTS cannot be used: {reason}")


def test_a_path_without_a_root_begins_at_the_project(use_fonts, settings, app_settings):
    settings.BASE_DIR = use_fonts(languages=LANGUAGES)
    app_settings(FALLBACK_FONTS=["languages.ttc"])
    assert set(read_line(NAME)[1]) == {"Languages-Regular"}
