"""Normalise texts that people type: compose keys and user names, and fold names for searching."""

from __future__ import annotations

import unicodedata

MAX_FOLDED = 255
#: Letters that Unicode cannot decompose. People type them without their strokes.
_PLAIN = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ı": "i",
        "ŧ": "t",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ŋ": "n",
        "ĸ": "k",
        "ʼ": "'",
        "’": "'",
        "ـ": "",  # stretches Arabic words
    }
)


def compose(text: str) -> str:
    """Return a text in NFC. Keys and names are stored in this form."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return a name in the form for searching: without case, accents and other marks, and with single spaces."""
    # Decompose twice: folding the case can compose letters, and decomposing can produce capital letters.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(char for char in apart if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")
    return " ".join(unicodedata.normalize("NFC", plain.translate(_PLAIN)).split())[:MAX_FOLDED]
