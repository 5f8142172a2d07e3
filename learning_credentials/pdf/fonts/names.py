"""Name the built-in fonts, which options can use without an upload, and the scripts of each."""

from __future__ import annotations

from bisect import bisect_right

from learning_credentials.pdf.fonts.blocks import SCRIPT_BLOCKS

STANDARD_FONTS = (
    "Courier",
    "Courier-Bold",
    "Courier-BoldOblique",
    "Courier-Oblique",
    "Helvetica",
    "Helvetica-Bold",
    "Helvetica-BoldOblique",
    "Helvetica-Oblique",
    "Times-Bold",
    "Times-BoldItalic",
    "Times-Italic",
    "Times-Roman",
)

#: The name of each shipped font, with the name of its file.
SHIPPED_FONTS = {
    "NotoSans": "NotoSans-Regular",
    "NotoSans-Bold": "NotoSans-Bold",
    "NotoSerif": "NotoSerif-Regular",
    "NotoSerif-Bold": "NotoSerif-Bold",
    **{font: f"{font}-Regular" for font in sorted({font for _, _, font in SCRIPT_BLOCKS})},
}

EMOJI = "NotoEmoji"
BUILTIN_NAMES = (*STANDARD_FONTS, *SHIPPED_FONTS)

_BLOCK_STARTS = tuple(block[0] for block in SCRIPT_BLOCKS)


#: First and last code point of the blocks of Chinese, Japanese and Korean.
_EAST_ASIAN_BLOCKS = (
    (0x1100, 0x11FF),
    (0x2E80, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFFEF),
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x3FFFF),
)


def split_font_name(name: str) -> tuple[str, str | None]:
    """Split a font's name in the options at its first ``#``, which no slug contains. Without a ``#`` the fragment is None."""
    slug, mark, fragment = name.partition("#")
    return slug, fragment if mark else None


def is_east_asian(character: str) -> bool:
    """Return whether a character belongs to Chinese, Japanese or Korean, which no shipped font has."""
    return any(first <= ord(character) <= last for first, last in _EAST_ASIAN_BLOCKS)


def find_script_font(character: str) -> str | None:
    """Return the name of the shipped font for a character's script. Return None for Latin, Greek, Cyrillic and unknown scripts."""
    block = bisect_right(_BLOCK_STARTS, ord(character)) - 1
    return SCRIPT_BLOCKS[block][2] if block >= 0 and ord(character) <= SCRIPT_BLOCKS[block][1] else None
