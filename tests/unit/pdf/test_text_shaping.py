"""What shaping makes of a line, glyph by glyph."""

from learning_credentials.pdf.fonts import get_builtin_font
from learning_credentials.pdf.text import make_line


def test_a_joiner_alone_between_two_scripts_shows_nothing():
    fonts = (get_builtin_font("NotoSans"),)
    line, missing = make_line("\u200cสbخ\u200c \u200da", fonts)
    assert missing == ()
    assert [cluster.text for run in line.runs for cluster in run.clusters if cluster.glyphs]
    assert make_line("\u200d", fonts)[0].runs == ()
