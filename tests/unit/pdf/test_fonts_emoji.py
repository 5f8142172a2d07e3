"""Emoji, in one colour, by the font that ships."""

import pytest

from .font_making import list_problems, one_line, read_fonts
from .support import assert_sound, find_ink, read_with_pdfium, render

WIDTH = 1270.0
FLAG_OF_ENGLAND = "🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng\x7f")
EMOJI = ["🎓", "👩🏽‍🎓", "👨‍👩‍👧‍👦", "👍🏿", "🇩🇪", "1️⃣", "❤️", "🏳️‍🌈", "⭐", "☎", FLAG_OF_ENGLAND]


@pytest.mark.parametrize(
    "emoji",
    [
        "🎓",
        "👩🏽‍🎓",
        "👨‍👩‍👧‍👦",
        "👍🏿",
        "🇩🇪",
        "1️⃣",
        "❤️",
        "🏳️‍🌈",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "⭐",
        "☎",
    ],
)
def test_an_emoji_is_one_glyph_that_stands_for_all_of_its_characters(emoji):
    artifact = render(one_line(f"Ada {emoji} Ada"))
    assert artifact.warnings == ()
    (width,) = read_fonts(artifact.content)["NotoEmoji-Regular"]
    assert width == pytest.approx(WIDTH, abs=1)
    words = read_with_pdfium(artifact.content).split()
    assert words[0] == words[-1] == "Ada"
    # pdfium leaves the variation selector out.
    assert "".join(words[1:-1]).replace("\ufe0f", "") == emoji.replace("\ufe0f", "")
    assert_sound(artifact.content)


def test_a_sequence_is_drawn_as_one_picture():
    def measure(text):
        content = render(one_line(text, font="NotoEmoji", size=100, color="#ff0000")).content
        left, _, right, _ = find_ink(content, "#ff0000")
        return right - left

    assert measure("👩🏽‍🎓") < 127
    assert measure("👩🎓") > 127


def test_spaces_between_words_and_emoji_are_those_of_the_text():
    content = render(one_line("🎉 🎉 Ada", size=40, color="#ff0000")).content
    left, _, right, _ = find_ink(content, "#ff0000")
    # Two pictures, the word, and two spaces of Helvetica; the font's own are as wide as its pictures.
    assert right - left == pytest.approx((2 * 1270 + 1779 + 2 * 278) * 40 / 1000, abs=8)


def test_what_text_fonts_have_is_left_to_them():
    content = render(one_line("Ada © 1 # ® €", font="NotoSerif")).content
    assert set(read_fonts(content)) == {"NotoSerif-Regular"}


def test_the_font_can_be_named():
    options = one_line("🎓", font="NotoEmoji")
    assert list_problems(options, None) == []
    assert set(read_fonts(render(options).content)) == {"NotoEmoji-Regular"}
