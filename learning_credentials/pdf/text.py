"""Text: cleaned, cut into runs of one font, measured, broken into lines that fit."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from learning_credentials.pdf.bidi import find_base_level
from learning_credentials.pdf.fonts import Font, OpenTypeFont, list_fallbacks
from learning_credentials.pdf.shaping import Line, shape_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_BIDI_CONTROLS = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
_JOINER = "\N{ZERO WIDTH JOINER}"
_JOINERS = {_JOINER, "\N{ZERO WIDTH NON-JOINER}"}
_SPACE_OF_NO_WIDTH = "\N{ZERO WIDTH SPACE}"
_TYING_SPACES = {"\u00a0", "\u202f", "\u2007"}
_HYPHENS = {"-", "\u2010", "\u2013"}
_VIRAMA = 9
#: Viramas that only silence a vowel (Tamil, Thai, Myanmar): the next letter is a cluster of its own.
_VISIBLE_VIRAMAS = {"\u0bcd", "\u0e3a", "\u103a"}
#: Thai and Lao vowels that are written before, and after, the consonant they are spoken with.
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
_TRAILING_VOWELS = frozenset("ะาำๅະາຳ")
_IDEOGRAPHS = ((0x2E80, 0x30FF), (0x31C0, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x3FFFF))
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


def split_clusters(text: str) -> Iterator[str]:
    """Cut a text into pieces that one font must draw and no line may break: a base with its marks and what is tied to it."""
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


@lru_cache(maxsize=2048)
def make_line(
    text: str, fonts: tuple[Font, ...], language: str = "", base: int | None = None, *, is_spaced: bool = False
) -> tuple[Line, tuple[str, ...]]:
    """Choose fonts for a line of text and shape it.

    One font for all of it is best, one a word is next, one a cluster is last: a word in two fonts looks like a mistake.

    Args:
        text: the line in the order of reading.
        fonts: its own fonts, the preferred first.
        language: of the text.
        base: 1 for a line that runs to the left, 0 for one to the right. Default: what its first letter says.
        is_spaced: whether space is wanted between characters.

    Returns:
        The line, and the clusters that no font has; each stands as a replacement character in it.
    """
    missing: list[str] = []
    pieces = list(_choose_fonts(text, fonts, missing))
    level = find_base_level(text) if base is None else base
    return shape_line(pieces, level, language, is_spaced=is_spaced), tuple(missing)


def wrap(
    text: str, fonts: tuple[Font, ...], size: float, width: float, char_space: float, language: str = ""
) -> tuple[list[Line], list[str]]:
    """Break a line where the script allows it, so that each part is at most ``width`` points wide.

    That is at spaces, after hyphens, and between ideographs. A word that is wider is broken between clusters.
    """
    base = find_base_level(text)

    def make(part: str) -> tuple[Line, tuple[str, ...]]:
        return make_line(part, fonts, language, base, is_spaced=bool(char_space))

    def fits(part: str) -> bool:
        return make(part.strip())[0].measure(size, char_space) <= width

    parts: list[str] = []
    current = ""
    for unit in _split_units(text):
        if fits(current + unit):
            current += unit
            continue
        if current.strip():
            parts.append(current)
        current = ""
        for cluster in split_clusters(unit):
            if current.strip() and not fits(current + cluster):
                parts.append(current)
                current = ""
            current += cluster
    parts.append(current)
    made = [make(part.strip()) for part in parts if part.strip()] or [make("")]
    return [line for line, _ in made], [cluster for _, missing in made for cluster in missing]


def _split_units(text: str) -> Iterator[str]:
    """Parts between which a line may be broken; spaces end the part before them."""
    unit = ""
    for cluster in split_clusters(text):
        if unit and not cluster.isspace() and _may_break(unit, cluster):
            yield unit
            unit = ""
        unit += cluster
    if unit:
        yield unit


def _may_break(before: str, cluster: str) -> bool:
    last = before[-1]
    if last.isspace() or last == _SPACE_OF_NO_WIDTH:
        return last not in _TYING_SPACES
    if last in _HYPHENS:
        return len(before) > 1 and cluster[0].isalpha()
    is_ideographic = _is_ideograph(cluster[0]) or _is_ideograph(last)
    return is_ideographic and cluster[0].isalnum() and unicodedata.category(last) not in {"Ps", "Pi"}


def _is_ideograph(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _IDEOGRAPHS)


def _choose_fonts(text: str, fonts: Sequence[Font], missing: list[str]) -> Iterator[tuple[Font, str]]:
    if fonts[0].covers(text):
        yield fonts[0], text
        return
    if font := _find_font(text, fonts):
        yield font, _drop_unseen(text, font)
        return
    previous: Font | None = None
    for is_space, characters in groupby(text, key=str.isspace):
        word = "".join(characters)
        if is_space and previous is not None and previous.covers(word):
            yield previous, word
        elif font := _find_font(word, fonts):
            previous = font
            yield font, _drop_unseen(word, font)
        else:
            for chosen, part in _draw_clusters(word, fonts, missing):
                previous = chosen
                yield chosen, _drop_unseen(part, chosen)


def _draw_clusters(word: str, fonts: Sequence[Font], missing: list[str]) -> Iterator[tuple[Font, str]]:
    for cluster in split_clusters(word):
        simpler = unicodedata.normalize("NFKC", cluster)
        if font := _find_font(cluster, fonts):
            yield font, cluster
        elif font := _find_font(simpler, fonts):
            yield font, simpler
        else:
            missing.append(cluster)
            yield _find_font(REPLACEMENT, fonts) or fonts[0], REPLACEMENT


def _find_font(text: str, fonts: Sequence[Font]) -> Font | None:
    """The first font that has all that is seen of a text: the element's own, then the shipped ones."""
    seen = text
    if any(map(_is_ignorable, text)):
        seen = "".join([character for character in text if not _is_ignorable(character)])
    for font in fonts:
        if font.covers(seen):
            return font
    letters = (character for character in seen if unicodedata.category(character)[0] not in "PZ")
    base = next(letters, seen[:1])
    return next((font for font in list_fallbacks(base, fonts[0]) if font.covers(seen)), None)


def _drop_unseen(text: str, font: Font) -> str:
    """Without what the font cannot show and nobody sees. Shaping needs joiners, whether the font has glyphs for them or not."""
    if not any(map(_is_ignorable, text)):
        return text
    is_shaped = isinstance(font, OpenTypeFont)
    return "".join(
        character
        for character in text
        if not _is_ignorable(character) or font.covers(character) or (is_shaped and character in _JOINERS)
    )


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


def _extends(character: str) -> bool:
    return (
        unicodedata.category(character).startswith("M")
        or _is_ignorable(character)
        or character in _TRAILING_VOWELS
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


@lru_cache(maxsize=4096)
def _is_ignorable(character: str) -> bool:
    """Characters that show nothing by themselves, so that a font without them is no loss."""
    return (
        unicodedata.category(character) == "Cf"
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )
