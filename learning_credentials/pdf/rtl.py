"""Right-to-left text: Arabic letters joined, and the line put into the order in which it is drawn, left to right.

Joined letters are drawn as Unicode's presentation forms. The fonts say which letters these stand for, so what readers search and copy is
the text as it was written: readers take right-to-left text in the order drawn and turn it around.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from bidi import get_display as get_display_of_any
from bidi.algorithm import get_display

_RTL_CLASSES = {"R", "AL"}
_FORM_BLOCKS = (range(0xFB50, 0xFDD0), range(0xFE80, 0xFEFD))
_LAM = "\N{ARABIC LETTER LAM}"
_NON_JOINER = "\N{ZERO WIDTH NON-JOINER}"
_LAM_ALEFS = range(0xFEF5, 0xFEFD)

#: Private characters, drawn as nothing, that stand for the alef of a lam-alef ligature. Readers turn right-to-left text around
#: character by character, so a ligature that stood for two letters would come out with these two swapped.
ALEF_CARRIERS = {"\u0622": "\uf8f0", "\u0623": "\uf8f1", "\u0625": "\uf8f2", "\u0627": "\uf8f3"}
_CARRIED = {carrier: alef for alef, carrier in ALEF_CARRIERS.items()}
_JOINERS = {"\N{ZERO WIDTH JOINER}", "\N{ARABIC TATWEEL}"}


def is_rtl(text: str) -> bool:
    """Whether a text has any letter of a right-to-left script."""
    return any(unicodedata.bidirectional(character) in _RTL_CLASSES for character in text)


def to_visual(text: str) -> str:
    """Return a line as it is drawn, from left to right; its direction is that of its first letter."""
    if not is_rtl(text):
        return text
    # The one that also mirrors brackets knows only the characters that Python's Unicode database has.
    is_known = all(unicodedata.bidirectional(character) for character in text)
    order = get_display if is_known else get_display_of_any
    return "".join(_carrier(character) + character for character in str(order(_join(text))))


def to_source(character: str) -> str:
    """The text that a drawn character stands for."""
    if ord(character) in _LAM_ALEFS:
        return _LAM
    if ord(character) in _form_points():
        return unicodedata.normalize("NFKC", character)
    return _CARRIED.get(character, character)


def _carrier(character: str) -> str:
    return ALEF_CARRIERS[unicodedata.normalize("NFKC", character)[1]] if ord(character) in _LAM_ALEFS else ""


@cache
def _form_points() -> frozenset[int]:
    return frozenset(ord(form) for forms in _forms().values() for form in forms.values())


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Presentation forms by letter (or lam with alef) and position, as the Unicode database has them."""
    found: dict[str, dict[str, str]] = {}
    for block in _FORM_BLOCKS:
        for point in block:
            tag, *letters = unicodedata.decomposition(chr(point)).split() or ("",)
            source = "".join(chr(int(letter, 16)) for letter in letters)
            is_wanted = len(source) == 1 or (len(source) == 2 and source[0] == _LAM and point in _LAM_ALEFS)  # noqa: PLR2004
            if is_wanted and tag in {"<isolated>", "<initial>", "<medial>", "<final>"}:
                found.setdefault(source, {})[tag[1:-1]] = chr(point)
    return found


def _join(text: str) -> str:
    forms = _forms()
    # Marks ride on their letters and do not part them.
    bases = [index for index, character in enumerate(text) if not unicodedata.category(character).startswith("M")]
    joined = list(text)
    skipped: set[int] = set()
    for place, index in enumerate(bases):
        if index in skipped:
            continue
        letter = text[index]
        before = text[bases[place - 1]] if place else ""
        after = place + 1
        if after < len(bases) and letter + text[bases[after]] in forms:
            skipped.add(bases[after])
            joined[bases[after]] = ""
            letter += text[bases[after]]
            after += 1
        following = text[bases[after]] if after < len(bases) else ""
        is_tied_before = _ties_on(before) and "final" in forms.get(letter, {})
        is_tied_after = "initial" in forms.get(letter, {}) and _ties_back(following)
        position = {
            (False, False): "isolated",
            (False, True): "initial",
            (True, True): "medial",
            (True, False): "final",
        }
        joined[index] = forms.get(letter, {}).get(position[is_tied_before, is_tied_after], text[index])
    return "".join(joined).replace(_NON_JOINER, "")


def _ties_on(letter: str) -> bool:
    """Whether a letter joins the one after it."""
    return letter in _JOINERS or "initial" in _forms().get(letter, {})


def _ties_back(letter: str) -> bool:
    """Whether a letter joins the one before it."""
    return letter in _JOINERS or "final" in _forms().get(letter, {})
