"""Compare the texts that programs read from a certificate with the name."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import TYPE_CHECKING

from tests.services.pdf_tools import ask, ask_pdfjs
from tests.unit.pdf.support import read_with_pdfium, read_with_pypdf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

READERS = ("pdftotext", "pypdf", "pdfium", "pdf.js")

_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BRACKETS = str.maketrans(")", "(")


class Flaw(Enum):
    """A difference between a text and the name that is acceptable. The value gives the reason."""

    BLANKS = "it guesses blanks from distances, and so finds some too many or too few"
    ORDER = "it sorts what is written to the left by place, and marks, ligatures or words get another order"
    BRACKETS = "it turns brackets around on its own account"
    CODES = "it shows the codes of glyphs that stand for no text of their own, where others take the text that is given for the word"

    def forgives(self, found: str, wanted: str) -> bool:
        """Return whether two texts differ only in this way."""
        found, wanted = _join(found), _join(wanted)
        if self is Flaw.ORDER:
            return sorted(found) == sorted(wanted)
        if self is Flaw.BRACKETS:
            return found.translate(_BRACKETS) == wanted.translate(_BRACKETS)
        if self is Flaw.CODES:
            found = "".join(character for character in found if unicodedata.category(character) != "Cc")
            # Some letters are drawn as two letters and read as two.
            return unicodedata.normalize("NFKC", found) == unicodedata.normalize("NFKC", wanted)
        return found == wanted


def _join(text: str) -> str:
    return "".join(clean(text).split())


#: The names that a reader reads differently, by reader.
FLAWS: Mapping[str, Mapping[str, Flaw]] = {
    "pdftotext": {
        "Hebrew with a number": Flaw.BLANKS,
        **dict.fromkeys(
            (
                "Hebrew with points",
                "Arabic",
                "Arabic with vowels",
                "Arabic and Latin",
                "Latin and Arabic",
                "Thaana",
                "N’Ko",
            ),
            Flaw.ORDER,
        ),
    },
    "pypdf": {
        "Latin and Arabic": Flaw.BLANKS,
        **dict.fromkeys(("Arabic and Latin", "Hebrew with a number"), Flaw.ORDER),
    },
    "pdfium": {
        "Hebrew with points": Flaw.BLANKS,
        **dict.fromkeys(("Arabic with vowels", "Thaana", "N’Ko"), Flaw.ORDER),
        **dict.fromkeys(("Arabic and Latin", "Latin and Arabic"), Flaw.BRACKETS),
    },
    "pdf.js": {
        **dict.fromkeys(("Arabic", "Arabic with vowels", "Arabic and Latin", "Hebrew with a number"), Flaw.ORDER),
        **dict.fromkeys(("Devanagari", "Gujarati", "Thaana", "N’Ko"), Flaw.BLANKS),
        **dict.fromkeys(("Thai with stacked marks", "Lao"), Flaw.CODES),
    },
}


def clean(text: str) -> str:
    """Return a text without direction marks of readers, with single spaces and composed letters."""
    return " ".join(unicodedata.normalize("NFC", _DIRECTIONS.sub("", text)).split())


def read_all(contents: Mapping[str, bytes], directory: Path) -> dict[str, dict[str, str]]:
    """Return the text that each reader finds in each file: by reader, then by name."""
    paths = {}
    for index, (key, content) in enumerate(contents.items()):
        path = directory / f"{index}.pdf"
        path.write_bytes(content)
        paths[key] = path
    answers = ask_pdfjs(map(str, paths.values()))
    return {
        "pdftotext": {key: ask("pdftotext", "-enc", "UTF-8", path, "-").output for key, path in paths.items()},
        "pypdf": {key: read_with_pypdf(content) for key, content in contents.items()},
        "pdfium": {key: read_with_pdfium(content) for key, content in contents.items()},
        "pdf.js": {key: answers[str(path)]["text"] for key, path in paths.items()},
    }
