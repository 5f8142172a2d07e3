"""Cleans texts before anything is done with them."""

from __future__ import annotations

import unicodedata

_BIDI_CONTROLS = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
_LINE_BREAKS = "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"


def clean(text: str) -> str:
    """Normalise (NFC), with the newline as the only line break and no control characters.

    Overrides of the writing direction are dropped too: they can make a text read as something other than what it says.
    """
    if text.isprintable():
        return unicodedata.normalize("NFC", text)
    for line_break in _LINE_BREAKS:
        text = text.replace(line_break, "\n")
    kept = (
        character if character == "\n" or unicodedata.category(character) not in {"Cc", "Cs"} else " "
        for character in unicodedata.normalize("NFC", text)
        if character not in _BIDI_CONTROLS
    )
    return "".join(kept)


def clean_line(text: str) -> str:
    """Clean a value that belongs on one line."""
    return " ".join(clean(text).split())
