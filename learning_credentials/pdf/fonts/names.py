"""Name the built-in fonts, which options can use without an upload, and the scripts of each."""

from __future__ import annotations

from bisect import bisect_right

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

SHIPPED_FONTS = {
    "NotoSans": "NotoSans-Regular",
    "NotoSans-Bold": "NotoSans-Bold",
    "NotoSerif": "NotoSerif-Regular",
    "NotoSerif-Bold": "NotoSerif-Bold",
    "NotoNaskhArabic": "NotoNaskhArabic-Regular",
    "NotoEmoji": "NotoEmoji-Regular",
    **{
        f"NotoSans{script}": f"NotoSans{script}-Regular"
        for script in (
            "Armenian",
            "Bengali",
            "Devanagari",
            "Ethiopic",
            "Georgian",
            "Gujarati",
            "Gurmukhi",
            "Hebrew",
            "Kannada",
            "Khmer",
            "Lao",
            "Malayalam",
            "Myanmar",
            "Sinhala",
            "Tamil",
            "Telugu",
            "Thai",
        )
    },
}

EMOJI = "NotoEmoji"
BUILTIN_NAMES = (*STANDARD_FONTS, *SHIPPED_FONTS)

#: First and last code point of each script's blocks, and the shipped font that has the script; sorted.
_SCRIPT_BLOCKS = (
    (0x0530, 0x058F, "NotoSansArmenian"),
    (0x0590, 0x05FF, "NotoSansHebrew"),
    (0x0600, 0x077F, "NotoNaskhArabic"),
    (0x08A0, 0x08FF, "NotoNaskhArabic"),
    (0x0900, 0x097F, "NotoSansDevanagari"),
    (0x0980, 0x09FF, "NotoSansBengali"),
    (0x0A00, 0x0A7F, "NotoSansGurmukhi"),
    (0x0A80, 0x0AFF, "NotoSansGujarati"),
    (0x0B80, 0x0BFF, "NotoSansTamil"),
    (0x0C00, 0x0C7F, "NotoSansTelugu"),
    (0x0C80, 0x0CFF, "NotoSansKannada"),
    (0x0D00, 0x0D7F, "NotoSansMalayalam"),
    (0x0D80, 0x0DFF, "NotoSansSinhala"),
    (0x0E00, 0x0E7F, "NotoSansThai"),
    (0x0E80, 0x0EFF, "NotoSansLao"),
    (0x1000, 0x109F, "NotoSansMyanmar"),
    (0x10A0, 0x10FF, "NotoSansGeorgian"),
    (0x1200, 0x139F, "NotoSansEthiopic"),
    (0x1780, 0x17FF, "NotoSansKhmer"),
    (0x19E0, 0x19FF, "NotoSansKhmer"),
    (0x1C90, 0x1CBF, "NotoSansGeorgian"),
    (0x2600, 0x27BF, "NotoEmoji"),
    (0x2D00, 0x2D2F, "NotoSansGeorgian"),
    (0x2D80, 0x2DDF, "NotoSansEthiopic"),
    (0xAA60, 0xAA7F, "NotoSansMyanmar"),
    (0xAB00, 0xAB2F, "NotoSansEthiopic"),
    (0xFB13, 0xFB17, "NotoSansArmenian"),
    (0xFB1D, 0xFB4F, "NotoSansHebrew"),
    (0xFB50, 0xFDFF, "NotoNaskhArabic"),
    (0xFE70, 0xFEFE, "NotoNaskhArabic"),
    (0x1F000, 0x1FAFF, "NotoEmoji"),
)
_BLOCK_STARTS = tuple(block[0] for block in _SCRIPT_BLOCKS)


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
    return _SCRIPT_BLOCKS[block][2] if block >= 0 and ord(character) <= _SCRIPT_BLOCKS[block][1] else None
