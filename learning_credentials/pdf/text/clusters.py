"""Clusters: what readers take for one letter, a base with its marks and what is tied to it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_JOINER = "\N{ZERO WIDTH JOINER}"
_VIRAMA = 9
#: Viramas that only silence a vowel (Tamil, Thai, Myanmar): the next letter is a cluster of its own.
_VISIBLE_VIRAMAS = {"\u0bcd", "\u0e3a", "\u103a"}
#: Thai and Lao vowels that are written before, and after, the consonant they are spoken with.
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
_TRAILING_VOWELS = frozenset("ะาำๅະາຳ")
#: Unseen without being format characters: the grapheme joiner, Khmer's inherent vowels, selectors of variants.
_UNSEEN = (
    ("\u034f", "\u034f"),
    ("\u17b4", "\u17b5"),
    ("\u180b", "\u180f"),
    ("\ufe00", "\ufe0f"),
    ("\U000e0000", "\U000e0fff"),
)
#: Format characters that are seen, as a sign around numbers.
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
    """Cut a text into pieces that one font must draw and no line may break."""
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
    """Whether a character shows nothing by itself, so that a font without it is no loss."""
    if unicodedata.category(character) == "Cf":
        return not _stands_in(character, _NUMBER_SIGNS)
    return _stands_in(character, _UNSEEN)


def _stands_in(character: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(first <= character <= last for first, last in ranges)


def _is_open(cluster: str, following: str) -> bool:
    """Whether a cluster takes in the letter that follows."""
    last = cluster[-1]
    if last == _JOINER or last in _LEADING_VOWELS:
        return last == _JOINER or _are_akin(last, following)
    if unicodedata.combining(last) == _VIRAMA and last not in _VISIBLE_VIRAMAS:
        return _are_akin(last, following)
    is_flag = _is_regional(last) and _is_regional(following)
    return is_flag and len(cluster) == 1


def _are_akin(last: str, following: str) -> bool:
    """Whether the second is a letter of the first one's script; Unicode gives each of these scripts its own 128 places."""
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
