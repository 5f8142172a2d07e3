"""What shaping makes of a line, glyph by glyph."""

import pytest

from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.text.lines import make_line


def test_a_joiner_alone_between_two_scripts_shows_nothing():
    fonts = (get_builtin_font("NotoSans"),)
    line, missing = make_line("\u200cสbخ\u200c \u200da", fonts)
    assert missing == ()
    assert [cluster.text for run in line.runs for cluster in run.clusters if cluster.glyphs]
    assert make_line("\u200d", fonts)[0].runs == ()


@pytest.mark.parametrize("unseen", ["\u034f", "\u200b", "\u2060", "\ufe0f", "\U000e0101"])
def test_what_is_not_seen_needs_no_font(unseen):
    for font in ("Helvetica", "NotoSans"):
        line, missing = make_line(f"A{unseen}b", (get_builtin_font(font),))
        assert missing == ()
        assert [run.font.name for run in line.runs] == [get_builtin_font(font).name]


def test_format_characters_that_are_seen_need_one():
    line, missing = make_line("\u06dd", (get_builtin_font("Helvetica"),))
    assert missing == ()
    assert line.runs[0].font is get_builtin_font("NotoNaskhArabic")
    line, missing = make_line("\U000110bd", (get_builtin_font("Helvetica"),))
    assert missing == ()
    assert line.runs[0].font is get_builtin_font("NotoSansKaithi")
    assert make_line("\u0890", (get_builtin_font("Helvetica"),))[1] == ("\u0890",)
