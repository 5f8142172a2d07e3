"""The shipped fonts of scripts: each script is drawn, shaped as its font says, and can be read from the file."""

import unicodedata
import zlib
from importlib.resources import files
from itertools import pairwise

import pytest
import uharfbuzz as hb
from fontTools.unicodedata import script

from learning_credentials.pdf.fonts.blocks import SCRIPT_BLOCKS
from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.fonts.names import SHIPPED_FONTS, find_script_font, is_east_asian
from learning_credentials.pdf.text.lines import make_line

from .font_making import one_line, read_fonts, read_shipped
from .script_samples import FONTS, SAMPLES, list_letters
from .support import read_with_pdfium, read_with_pypdf, render

RIGHT_TO_LEFT = {"R", "AL"}
#: The PDF holds glyphs from left to right. These readers know right-to-left scripts up to U+FFFF only, and do not turn the others around.
LAST_TURNED = 0xFFFF
#: PDFium loses words with marks beyond U+FFFF, and orders some marks by their position.
MISREAD_BY_PDFIUM = {
    "NotoSansChakma",
    "NotoSansNKo",
    "NotoSansNewa",
    "NotoSansSoyombo",
    "NotoSansThaana",
    "NotoSansTirhuta",
}


def compact(text):
    return "".join(unicodedata.normalize("NFC", text).split())


def is_turned(text):
    return unicodedata.bidirectional(text[0]) in RIGHT_TO_LEFT and ord(text[0]) > LAST_TURNED


def list_glyphs(text):
    """Return the glyphs of a text from left to right, without those that only stand for text."""
    line, missing = make_line(text, (get_builtin_font("NotoSans"),))
    assert missing == ()
    assert {run.font.name for run in line.runs} == {get_builtin_font(find_script_font(text[0])).name}
    glyphs = [glyph for run in line.runs for cluster in run.clusters for glyph in cluster.glyphs]
    return [(glyph.number, round(glyph.advance), round(glyph.x), round(glyph.y)) for glyph in glyphs]


def shape_alone(font, text):
    """Return what HarfBuzz itself makes of a text, with the file and nothing else."""
    face = hb.Face(hb.Blob(read_shipped(SHIPPED_FONTS[font])))
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if unicodedata.bidirectional(text[0]) in RIGHT_TO_LEFT else "ltr"
    hb.shape(hb.Font(face), buffer)
    scale = 1000 / face.upem
    return [
        (info.codepoint, round(at.x_advance * scale), round(at.x_offset * scale), round(at.y_offset * scale))
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    ]


@pytest.mark.parametrize("font", FONTS)
def test_words_are_shaped_as_the_font_says(font):
    for word in SAMPLES[font].split():
        shaped = shape_alone(font, word)
        assert list_glyphs(word) == shaped
        assert 0 not in {glyph[0] for glyph in shaped}


@pytest.mark.slow
@pytest.mark.parametrize("font", FONTS)
def test_two_readers_find_the_words(font):
    name = SAMPLES[font]
    artifact = render(one_line(name))
    assert artifact.warnings == ()
    assert get_builtin_font(font).name in read_fonts(artifact.content)
    expected = compact(name)[::-1] if is_turned(name) else compact(name)
    if not is_turned(name):
        assert compact(read_with_pypdf(artifact.content)) == expected
    else:
        assert sorted(compact(read_with_pypdf(artifact.content))) == sorted(expected)
    if font not in MISREAD_BY_PDFIUM:
        assert sorted(compact(read_with_pdfium(artifact.content))) == sorted(expected)


@pytest.mark.parametrize("font", FONTS)
def test_all_letters_of_a_script_are_drawn_with_its_font(font):
    letters = list_letters(font)
    assert all(find_script_font(letter) == font for letter in letters)
    for start in range(0, len(letters), 50):
        line, missing = make_line("".join(letters[start : start + 50]), (get_builtin_font("NotoSans"),))
        assert missing == ()
        assert 0 not in {glyph.number for run in line.runs for cluster in run.clusters for glyph in cluster.glyphs}


def test_blocks_are_sorted_and_do_not_overlap():
    assert all(first <= last for first, last, _ in SCRIPT_BLOCKS)
    assert all(one[1] < other[0] for one, other in pairwise(SCRIPT_BLOCKS))


def test_each_file_has_a_name_and_each_name_a_file():
    found = {file.name for file in (files("learning_credentials.pdf") / "fonts").iterdir() if file.suffix == ".ttf"}
    assert found == {f"{name}.ttf" for name in SHIPPED_FONTS.values()}


def test_the_fonts_leave_room_in_a_wheel_of_12_mb():
    contents = [read_shipped(name) for name in SHIPPED_FONTS.values()]
    assert max(map(len, contents)) < 2**20
    assert sum(len(zlib.compress(content)) for content in contents) < 8_000_000


def test_each_font_is_credited_beside_its_licence():
    directory = files("learning_credentials.pdf") / "fonts"
    readme = (directory / "README.rst").read_text()
    assert [name for name in SHIPPED_FONTS.values() if f"{name}.ttf" not in readme] == []


def test_a_font_is_opened_only_for_a_text_that_needs_it():
    get_builtin_font.cache_clear()
    make_line("Ada Łukasz", (get_builtin_font("NotoSans"),))
    assert get_builtin_font.cache_info().currsize == 1
    make_line("ᏣᎳᎩ", (get_builtin_font("NotoSans"),))
    assert get_builtin_font.cache_info().currsize == 2


def test_letters_of_east_asia_are_in_no_block():
    assert not any(is_east_asian(letter) for font in FONTS for letter in list_letters(font))
    assert {script(letter) for letter in "漢かカ한ㄅ"} == {"Hani", "Hira", "Kana", "Hang", "Bopo"}
    assert all(find_script_font(letter) is None for letter in "漢かカ한ㄅ")
