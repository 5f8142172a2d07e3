"""Clean texts before any other step."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_BIDI_CONTROLS = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
_LINE_BREAKS = "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"


def clean(text: str) -> str:
    """Return a text normalised (NFC), with the newline as its only line break and without control characters.

    Controls of the writing direction are removed too: they can make a text look like another one.
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


@lru_cache(maxsize=1024)
def clean_line(text: str) -> str:
    """Return a cleaned text on one line."""
    return " ".join(clean(text).split())
