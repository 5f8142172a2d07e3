"""Draws with a font before it is accepted, so that every table that drawing reads has been read once.

A font can pass all checks of its tables and still fail when a glyph is shaped or put into a subset. Then each certificate would fail.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.font_caches import remember
from learning_credentials.pdf.shaping import shape_line
from learning_credentials.pdf.subsets import FontUse

if TYPE_CHECKING:
    from learning_credentials.pdf.fonts import OpenTypeFont

#: How many characters are drawn: all of a font for one script, a sample of a font for East Asia, so that the time is bounded.
_MOST_CHARACTERS = 2048
_LINE_LENGTH = 64


@remember(64)
def try_font(font: OpenTypeFont) -> None:
    """Shape characters of a font and make a subset of their glyphs, as a certificate does.

    Raises:
        AssetError: that fails, or nothing would be seen.
    """
    characters = _choose_characters(font)
    pairs = {
        (glyph.number, glyph.text)
        for start in range(0, len(characters), _LINE_LENGTH)
        for run in shape_line([(font, characters[start : start + _LINE_LENGTH])], 0, "", is_spaced=False).runs
        for cluster in run.clusters
        for glyph in cluster.glyphs
    }
    program = FontUse("Trial", font, pairs).make_program()
    if not program.content or not any(font.has_ink(glyph) for glyph, _ in pairs):
        raise AssetError("the font is broken: its letters show nothing")
    program.make_glyph_map()
    program.make_character_map()


def _choose_characters(font: OpenTypeFont) -> str:
    """Spread over all blocks that the font covers, in order."""
    drawable = [point for point in sorted(font.characters) if unicodedata.category(chr(point)) not in {"Cc", "Cs"}]
    step = -(-len(drawable) // _MOST_CHARACTERS) or 1
    return "".join(map(chr, drawable[::step]))
