"""Faces of font collections, and fonts that are many or large."""

import gc
import weakref

import pytest

from learning_credentials.data import AssetKind
from learning_credentials.exceptions import AssetError
from learning_credentials.pdf import check_asset
from learning_credentials.pdf.fonts.loading import get_font

from .font_making import (
    THIN_WIDTH,
    list_problems,
    make_collection,
    make_variable_font,
    one_line,
    only,
    read_fonts,
    read_shipped,
)
from .support import assert_sound, list_font_names, make_assets, read_with_pdfium, render
from .test_assets import make_postscript_font, with_usage

SANS, THAI = read_shipped("NotoSans-Regular"), read_shipped("NotoSansThai-Regular")
BOLD, HEBREW = read_shipped("NotoSans-Bold"), read_shipped("NotoSansHebrew-Regular")
COLLECTION = make_collection(THAI, BOLD, make_variable_font(), make_postscript_font(), with_usage(0x0002))
ASSETS = make_assets(font_c=COLLECTION, font_bold=BOLD, font_static=THAI)


@pytest.mark.parametrize(
    ("name", "text", "ps_name"),
    [
        ("font_c", "กขค", "NotoSansThai-Regular"),
        ("font_c#1", "กขค", "NotoSansThai-Regular"),
        ("font_c#2", "Ada", "NotoSans-Bold"),
        ("font_c#NotoSans-Bold", "Ada", "NotoSans-Bold"),
        ("font_c#notosans-bold", "Ada", "NotoSans-Bold"),
        ("font_c#3", "ABab", "Elastic-Regular"),
        ("font_c#3,Bold", "ABab", "Elastic-FullyBold"),
        ("font_c#wght=700,3", "ABab", "Elastic-FullyBold"),
        ("font_c#Elastic-Thin,wght=650", "ABab", "Elastic_650wght"),
        ("font_c#4", "กขค", "NotoSansThai-Regular"),
    ],
)
def test_the_face_that_is_named_is_drawn(name, text, ps_name):
    options = one_line(text, font=name)
    assert list_problems(options, ASSETS) == []
    artifact = render(options, ASSETS)
    assert set(read_fonts(artifact.content)) == {ps_name}
    assert read_with_pdfium(artifact.content).strip() == text
    assert artifact.warnings == ()
    assert_sound(artifact.content)


def test_a_face_is_drawn_as_if_it_stood_alone():
    of_collection = render(one_line("Ada Lovelace", font="font_c#2"), ASSETS).content
    alone = render(one_line("Ada Lovelace", font="font_bold"), ASSETS).content
    assert read_fonts(of_collection) == read_fonts(alone)


def test_faces_of_one_file_are_fonts_of_their_own_even_with_one_name():
    lines = {"a": {"text": "กขค", "y": 100, "font": "font_c#1"}, "b": {"text": "กขค", "y": 200, "font": "font_c#4"}}
    assert len(list_font_names(render(only(**lines), ASSETS).content)) == 2


def test_the_name_of_a_variable_face_is_that_of_its_default():
    assert read_fonts(render(one_line("AB", font="font_c#Elastic-Thin"), ASSETS).content) == {
        "Elastic-Thin": {THIN_WIDTH}
    }


FACES = "1 NotoSansThai-Regular, 2 NotoSans-Bold, 3 Elastic-Thin, 4 NotoSansThai-Regular, 5 NotoSansThai-Regular"
WRONG = {
    "font_c#6": f"'#6': there is no face 6. Its faces are {FACES}",
    "font_c#0": f"'#0': there is no face 0. Its faces are {FACES}",
    "font_c#99999999999999999999": f"'#99999999999999999999': there is no face 99999999999999999999. Its faces are {FACES}",
    "font_c#NotoSans": "'#NotoSans': 'NotoSans' is neither a face nor an instance of the font. "
    f"Its faces are {FACES}. The font is not variable",
    "font_c#2,3": "'#2,3': there is more than one face",
    "font_c#5": "the font's licence bits (OS/2 fsType) forbid embedding",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_face_is_found_with_its_path(name):
    assert list_problems({"text_elements": {"name": {"font": name}}}, ASSETS) == [
        f"text_elements.name.font: {WRONG[name]}"
    ]


def test_a_font_may_be_larger_than_other_assets():
    large = make_variable_font(padding=25 * 2**20)
    check_asset(AssetKind.FONT, large)
    with pytest.raises(AssetError, match=r"the file has 33\.0 MiB. At most 32 are accepted"):
        check_asset(AssetKind.FONT, large + bytes(8 * 2**20))
    with pytest.raises(AssetError, match=r"the file has 25\.0 MiB. At most 20 are accepted"):
        check_asset(AssetKind.PDF_TEMPLATE, large)


@pytest.mark.slow
def test_a_process_does_not_keep_every_font_that_it_ever_opened():
    first = weakref.ref(get_font(THAI, "first"))
    assert get_font(THAI, "first") is first()
    for number in range(100):
        get_font(HEBREW, f"hash {number}")
    gc.collect()
    assert first() is None
    last = weakref.ref(get_font(HEBREW, "hash 99"))
    large = make_variable_font(padding=30 * 2**20)
    for number in range(5):
        get_font(large, f"large {number}")
    gc.collect()
    assert last() is None
    assert get_font(large, "large 4").name == "Elastic-Regular", (
        "one that is larger than what is kept can still be used"
    )
