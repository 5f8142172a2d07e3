"""Find the places where a line of text can be broken, and rate them.

Unicode says where breaks are legal (UAX 14, which uniseg implements). Some legal breaks are better than others: a space is better than
the middle of a Japanese sentence, and there the end of a phrase is better than the middle of a word. BudouX knows phrases of Japanese
and Chinese, and words of Thai. It has no models for Lao, Khmer and Burmese, so their lines end between syllables.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from learning_credentials.pdf.text.clusters import split_clusters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOFT_HYPHEN = "\N{SOFT HYPHEN}"


class Break(IntEnum):
    """How good a place is for a line break. The worst one, between clusters, is only used if there is no other."""

    CLUSTER = 0
    LEGAL = 1
    PHRASE = 2
    WORD = 3


#: One letter for each class of UAX 14 that most words consist of: letters and marks, with hyphens, apostrophes or dashes between them and
#: punctuation around them. Such a word can be broken only after a character with the code ``-``.
_CODES = {
    "AL": "a",
    "CM": "m",
    "NU": "n",
    "HY": "-",
    "BA": "-",
    "QU": "q",
    "OP": "(",
    "CL": ")",
    "CP": ")",
    "EX": ")",
    "IS": ")",
}
_COMMON_WORD = re.compile(r"[(]?q?[an][amn]*(?:[q-]a[amn]*)*q?[)]*")
#: After a space before one of ``_STARTS``, and before a space after one of ``_ENDS``, the character on the other side does not matter.
_STARTS = frozenset(("AL", "HL", "NU", "ID", "H2", "H3", "SA", "OP", "PR", "QU"))
_ENDS = (_STARTS - {"OP"}) | {"CL", "CP", "EX", "IS", "SY", "PO", "NS", "CJ", "BA", "HY"}
_MARKS = {"CM", "ZWJ"}
_WIDE = {"W", "F"}
_HAN_OR_KANA = re.compile("[\u2e80-\u30ff\u31c0-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3041-\u30ff\uff66-\uff9f]")
#: Signs of repetition and abbreviation stay with the word before them.
_REPEATERS = frozenset("ๆฯໆຯៗ")

_SYLLABLES = {
    # A consonant starts a syllable unless it is stacked on another or silenced.
    "Mymr": (
        re.compile("[\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f]+"),
        re.compile("(?<!\u1039)[\u1000-\u102a\u103f\u104e\uaa60-\uaa6f](?![\u1037\u103b-\u103e]*[\u1039\u103a])"),
    ),
    # A consonant without a vowel can be the end of the syllable before it.
    "Khmr": (
        re.compile("[\u1780-\u17dd]+"),
        re.compile("(?<!\u17d2)[\u1780-\u17b3](?=\u17d2[\u1780-\u17a2]|[\u17b6-\u17c8])"),
    ),
    "Laoo": (
        re.compile("[\u0e81-\u0ecf\u0edc-\u0edf]+"),
        re.compile("[ເແໂໃໄ]|(?<![ເແໂໃໄຫກຂຄຈສຊຕຖທ])[\u0e81-\u0eae\u0edc-\u0edf](?=[\u0eb0-\u0ebc\u0ec8-\u0ecd])"),
    ),
}
_THAI = re.compile("[\u0e01-\u0e2e\u0e30-\u0e45\u0e47-\u0e4e]+")


@lru_cache(maxsize=2048)
def split_at_breaks(text: str, language: str, least: Break) -> tuple[str, ...]:
    """Cut a text at all breaks that are rated ``least`` or better. Spaces belong to the part before them."""
    parts: list[str] = []
    start = end = 0
    rate = _rate_breaks(text, language) if least else {}
    for cluster in split_clusters(text):
        if end > start and rate.get(end, Break.CLUSTER) >= least:
            parts.append(text[start:end])
            start = end
        end += len(cluster)
    return (*parts, text[start:]) if text[start:] else tuple(parts)


@lru_cache(maxsize=2048)
def _rate_breaks(text: str, language: str) -> dict[int, Break]:
    rates: dict[int, Break] = {}
    phrases = _find_phrases(text, language)
    for place in _find_legal_breaks(text):
        before, after = text[place - 1], text[place]
        is_dense = not before.isspace() and not _WIDE.isdisjoint(map(unicodedata.east_asian_width, (before, after)))
        rates[place] = (Break.PHRASE if place in phrases else Break.LEGAL) if is_dense else Break.WORD
    for place in (*_find_thai_words(text), *_find_syllables(text)):
        rates.setdefault(place, Break.PHRASE)
    return {place: rate for place, rate in rates.items() if text[place] not in _REPEATERS}


def _find_legal_breaks(text: str) -> Iterator[int]:
    """Yield the places where UAX 14 allows a break, in order."""
    words = text.split(" ")
    if not all(map(_is_independent, filter(None, words))):
        yield from _ask_uniseg(text)
        return
    place = 0
    for word in words:
        if word and place:
            yield place
        for inner in _find_breaks_in_word(word):
            yield place + inner
        place += len(word) + 1


@lru_cache(maxsize=4096)
def _is_independent(word: str) -> bool:
    """Return whether a word can be separated from any neighbours. That is not so for some quotes and brackets."""
    first = word[0]
    last = next((character for character in reversed(word) if _get_class(character) not in _MARKS), first)
    return (
        _get_class(first) in _STARTS
        and unicodedata.category(first) != "Pf"
        and _get_class(last) in _ENDS
        and unicodedata.category(last) != "Pi"
    )


@lru_cache(maxsize=4096)
def _find_breaks_in_word(word: str) -> tuple[int, ...]:
    codes = "".join([_CODES.get(_get_class(character), "?") for character in word])
    if _COMMON_WORD.fullmatch(codes):
        return tuple([place for place in range(1, len(codes)) if codes[place - 1] == "-"])
    return _ask_uniseg(word)


@lru_cache(maxsize=1024)
def _ask_uniseg(text: str) -> tuple[int, ...]:
    from uniseg.linebreak import line_break_breakables

    return tuple(place for place, may_break in enumerate(line_break_breakables(text)) if may_break and place)


@lru_cache(maxsize=4096)
def _get_class(character: str) -> str:
    from uniseg.linebreak import line_break

    return str(line_break(character).value)


def _find_phrases(text: str, language: str) -> set[int]:
    """Return where phrases of Japanese and Chinese start."""
    if not _HAN_OR_KANA.search(text):
        return set()
    if language.partition("-")[0] == "ja" or _KANA.search(text):
        name = "japanese"
    else:
        name = "traditional_chinese" if _is_traditional(text) else "simplified_chinese"
    return set(_measure_out(_load_model(name)(text)))


def _is_traditional(text: str) -> bool:
    """Return whether Chinese text has characters of the traditional form only, judged by the character sets of both forms."""
    return any(_can_encode(character, "big5") and not _can_encode(character, "gb2312") for character in text)


def _can_encode(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _find_thai_words(text: str) -> Iterator[int]:
    for match in _THAI.finditer(text):
        if text[match.start() - 1 : match.start()] in _REPEATERS:
            yield match.start()
        words = _load_model("thai")(match[0])
        for word, place in zip(words, _measure_out(words), strict=False):
            # No word is a single consonant, so that is a mistake of the model.
            if len(word) > 1:
                yield match.start() + place


def _find_syllables(text: str) -> Iterator[int]:
    for stretch, beginning in _SYLLABLES.values():
        for match in stretch.finditer(text):
            starts = (match.start() + found.start() for found in beginning.finditer(match[0]))
            yield from (start for start in starts if start > match.start())


def _measure_out(parts: list[str]) -> list[int]:
    """Return where each part but the first starts."""
    places: list[int] = []
    for part in parts[:-1]:
        places.append((places[-1] if places else 0) + len(part))
    return places


@cache
def _load_model(name: str) -> Callable[[str], list[str]]:
    import budoux

    parser: Any = getattr(budoux, f"load_default_{name}_parser")()
    parse: Callable[[str], list[str]] = parser.parse
    return parse
