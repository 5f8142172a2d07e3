"""Forms in which texts that people type are compared: composed for keys and user names, folded for searching names."""

from __future__ import annotations

import unicodedata

MAX_FOLDED = 255
#: Letters that Unicode does not take apart, though people type them without their strokes.
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
    """Return a text in NFC, the form in which systems keep keys and names, whatever form it was typed in."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return a name as it is searched: without regard to case, accents and other marks, and to white space."""
    # Twice: to fold the case may compose, and to take apart may bring capitals.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(char for char in apart if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")
    return " ".join(unicodedata.normalize("NFC", plain.translate(_PLAIN)).split())[:MAX_FOLDED]
