"""Draw with a font before it is accepted. This reads every table that drawing needs.

A font can pass all checks of its tables and still fail when a glyph is shaped or put into a subset. Then each certificate would fail.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.content.font_subsets import FontSubset
from learning_credentials.pdf.fonts import caches
from learning_credentials.pdf.fonts.caches import remember
from learning_credentials.pdf.fonts.loading import FontFile
from learning_credentials.pdf.text.shaping import shape_line

if TYPE_CHECKING:
    from learning_credentials.pdf.fonts.classes import OpenTypeFont

#: At most this many characters are drawn, to bound the time: all of a font for one script, a sample of a font for East Asia.
_MOST_CHARACTERS = 2048
_LINE_LENGTH = 64


def check_font(content: bytes) -> None:
    """Check that a font can be embedded and drawn with. If the file is a collection, check its first face.

    Raises:
        AssetError: not TrueType or OpenType, embedding not allowed by its OS/2 ``fsType``, broken.
    """
    try:
        try_font(FontFile(content, "").get_font(None))
    finally:
        caches.forget()  # the file may never be used


@remember(64)
def try_font(font: OpenTypeFont) -> None:
    """Shape characters of a font and make a subset of their glyphs, as rendering does.

    Raises:
        AssetError: shaping or the subset fails, or the glyphs are empty.
    """
    characters = _choose_characters(font)
    pairs = {
        (glyph.number, glyph.text)
        for start in range(0, len(characters), _LINE_LENGTH)
        for run in shape_line([(font, characters[start : start + _LINE_LENGTH])], 0, "", is_spaced=False).runs
        for cluster in run.clusters
        for glyph in cluster.glyphs
    }
    resource = FontSubset("Trial", font, pairs).make_resource()
    if not resource.content or not any(font.has_ink(glyph) for glyph, _ in pairs):
        raise AssetError("the font is broken: its letters are empty")
    resource.make_glyph_map()
    resource.make_character_map()


def _choose_characters(font: OpenTypeFont) -> str:
    """Return characters from all blocks that the font covers, in order."""
    drawable = [point for point in sorted(font.characters) if unicodedata.category(chr(point)) not in {"Cc", "Cs"}]
    step = -(-len(drawable) // _MOST_CHARACTERS) or 1
    return "".join(map(chr, drawable[::step]))
