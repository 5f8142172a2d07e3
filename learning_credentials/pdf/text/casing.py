"""Write texts in capitals by the rules of their languages, which Unicode's SpecialCasing and CLDR define."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_ACUTE_OR_GRAVE = "\u0300\u0301\u0342\u0311\u0302\u0303"
_DIALYTIKA = "\u0308"
_GREEK_MARKS = f"{_ACUTE_OR_GRAVE}\u0304\u0306\u0313\u0314\u0345{_DIALYTIKA}"
_GREEK_WORD = re.compile("[\u0370-\u03ff\u1f00-\u1fff][\u0370-\u03ff\u1f00-\u1fff\u0300-\u036f]*")
_GREEK_LETTER = re.compile(f"(.)([{_GREEK_MARKS}]*)", re.DOTALL)
_GREEK_VOWELS = frozenset("ΑΕΗΙΟΥΩ")
#: Georgian letters stay as they are: few fonts have the capitals (Mtavruli), and the language does not need them.
_NOT_GEORGIAN = re.compile("[^\u10d0-\u10ff]+")
#: Letters that lose their dot under an accent, with marks below them, and the dot that Lithuanian writes in small letters.
_LITHUANIAN_DOT = re.compile(
    "([ij\u012f\u0249\u0268\u029d\u03f3\u0456\u0458\u1e2d\u1ecb][\u0316-\u0333]*)\u0307", re.IGNORECASE
)
#: The prefix before the initial of an Irish name. It stays small, and loses its hyphen before a capital.
_IRISH_PREFIX = re.compile(
    r"(?<![^\W\d_])(?:(bh(?=F)|b(?=P)|d(?=T)|g(?=C)|m(?=B)|n(?=[DG])|ts?(?=S)|[hnt](?=[AEIOUÁÉÍÓÚ]))|([nt])-(?=[aeiouáéíóú]))"
)


def capitalise(text: str, language: str) -> str:
    """Return a text in capitals.

    Args:
        text: normalised (NFC).
        language: its tag. Turkish, Azeri, Lithuanian, Armenian and Irish have their own rules. Greek is recognised by its letters.
    """
    special = _LANGUAGES.get(language.replace("_", "-").partition("-")[0].lower(), _capitalise_plainly)
    return unicodedata.normalize("NFC", special(_GREEK_WORD.sub(_capitalise_greek, text)))


def _capitalise_plainly(text: str) -> str:
    return _NOT_GEORGIAN.sub(lambda match: match[0].upper(), text)


def _capitalise_turkic(text: str) -> str:
    return _capitalise_plainly(text.replace("i\u0307", "İ").replace("i", "İ"))


def _capitalise_lithuanian(text: str) -> str:
    return _capitalise_plainly(_LITHUANIAN_DOT.sub(r"\1", text))


def _capitalise_armenian(text: str) -> str:
    # Reformed spelling writes the two letters of the ligature like this.
    return _capitalise_plainly(text.replace("և", "ԵՎ"))


def _capitalise_irish(text: str) -> str:
    # The pattern has two groups for the prefix, which stays small. So every word is followed by two parts, of which one is the prefix.
    parts = _IRISH_PREFIX.split(text)
    kept = [first or second or "" for first, second in zip(parts[1::3], parts[2::3], strict=True)]
    return "".join(prefix + _capitalise_plainly(part) for prefix, part in zip(["", *kept], parts[::3], strict=True))


def _capitalise_greek(match: re.Match[str]) -> str:
    """Write a Greek word in capitals, without accents and breathings.

    The dialytika, which separates two vowels, stays, and it replaces an accent that separated them. The word for "or" keeps its accent,
    because nothing else distinguishes it from the article.
    """
    word = unicodedata.normalize("NFD", match[0])
    if word in {"η\u0301", "η\u0300"} and not _touches_letter(match):
        return "Ή"
    capitals = ""
    was_accented = False
    for letter, marks in _GREEK_LETTER.findall(word):
        capital = letter.upper()
        is_accented = not set(_ACUTE_OR_GRAVE).isdisjoint(marks)
        is_parted = _DIALYTIKA in marks or (was_accented and capital in "ΙΥ" and not is_accented)
        capitals += capital + (_DIALYTIKA if is_parted else "") + ("Ι" if "\u0345" in marks else "")
        was_accented = is_accented and capital in _GREEK_VOWELS
    return capitals


def _touches_letter(match: re.Match[str]) -> bool:
    around = match.string[max(match.start() - 1, 0) : match.start()] + match.string[match.end() : match.end() + 1]
    return any(map(str.isalpha, around))


_LANGUAGES: dict[str, Callable[[str], str]] = {
    "tr": _capitalise_turkic,
    "az": _capitalise_turkic,
    "lt": _capitalise_lithuanian,
    "hy": _capitalise_armenian,
    "ga": _capitalise_irish,
}
