"""Split texts into clusters: what readers see as one letter, that is a base with its marks and everything joined to it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_JOINER = "\N{ZERO WIDTH JOINER}"
_VIRAMA = 9
#: These viramas (Tamil, Thai, Myanmar) only silence a vowel: the next letter is a cluster of its own.
_VISIBLE_VIRAMAS = {"\u0bcd", "\u0e3a", "\u103a"}
#: Thai and Lao vowels that are written before, and after, the consonant that they belong to.
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
_TRAILING_VOWELS = frozenset("ะาำๅະາຳ")
#: Characters that show nothing and are no format characters: the grapheme joiner, Khmer's inherent vowels, variation selectors.
_UNSEEN = (
    ("\u034f", "\u034f"),
    ("\u17b4", "\u17b5"),
    ("\u180b", "\u180f"),
    ("\ufe00", "\ufe0f"),
    ("\U000e0000", "\U000e0fff"),
)
#: Format characters that show something: signs around numbers.
_NUMBER_SIGNS = (
    ("\u0600", "\u0605"),
    ("\u06dd", "\u06dd"),
    ("\u070f", "\u070f"),
    ("\u0890", "\u0891"),
    ("\u08e2", "\u08e2"),
    ("\U000110bd", "\U000110cd"),
)
#: Medial and final parts of Hangul syllables.
_JAMO = (("\u1160", "\u11ff"), ("\ud7b0", "\ud7fb"))


def split_clusters(text: str) -> Iterator[str]:
    """Yield the clusters of a text. One font must draw all of a cluster, and no line break can be in it."""
    cluster = ""
    for character in text:
        if cluster and (_extends(character) or _is_open(cluster, character)):
            cluster += character
            continue
        if cluster:
            yield cluster
        cluster = character
    if cluster:
        yield cluster


@lru_cache(maxsize=4096)
def is_ignorable(character: str) -> bool:
    """Return whether a character is invisible by itself, so that a font does not need it."""
    if unicodedata.category(character) == "Cf":
        return not _stands_in(character, _NUMBER_SIGNS)
    return _stands_in(character, _UNSEEN)


def _stands_in(character: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(first <= character <= last for first, last in ranges)


def _is_open(cluster: str, following: str) -> bool:
    """Return whether the letter that follows belongs to the cluster."""
    last = cluster[-1]
    if last == _JOINER or last in _LEADING_VOWELS:
        return last == _JOINER or _are_akin(last, following)
    if unicodedata.combining(last) == _VIRAMA and last not in _VISIBLE_VIRAMAS:
        return _are_akin(last, following)
    is_flag = _is_regional(last) and _is_regional(following)
    return is_flag and len(cluster) == 1


def _are_akin(last: str, following: str) -> bool:
    """Return whether both are of one script. Each of these scripts has its own 128 code points."""
    return unicodedata.category(following) == "Lo" and ord(last) // 128 == ord(following) // 128


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


@lru_cache(maxsize=4096)
def _extends(character: str) -> bool:
    return (
        unicodedata.category(character).startswith("M")
        or is_ignorable(character)
        or character in _TRAILING_VOWELS
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or _stands_in(character, _JAMO)
    )
