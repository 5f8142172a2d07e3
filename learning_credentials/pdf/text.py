"""Text: cleaned, cut into runs of one font, measured, broken into lines that fit."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from learning_credentials.pdf.fonts import Font, list_fallbacks
from learning_credentials.pdf.rtl import to_visual

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_BIDI_CONTROLS = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
_JOINER = "\N{ZERO WIDTH JOINER}"
_LINE_BREAKS = "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"


@dataclass(frozen=True, slots=True)
class Run:
    """Characters drawn with one font."""

    font: Font
    text: str


@dataclass(frozen=True)
class Line:
    """One line, ready to measure and draw."""

    runs: tuple[Run, ...]

    @cached_property
    def text(self) -> str:
        """What it says."""
        return "".join(run.text for run in self.runs)

    def measure(self, size: float, char_space: float = 0) -> float:
        """Width in points."""
        return sum(run.font.measure(run.text, size) for run in self.runs) + char_space * max(len(self.text) - 1, 0)


def clean(text: str) -> str:
    """Normalise (NFC), with the newline as the only line break and no control characters.

    Overrides of the writing direction are dropped too: they can make a text read as something other than what it says.
    """
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
    """Cut a text into pieces that one font must draw: a base with its marks and what joiners tie to it."""
    cluster = ""
    for character in text:
        if cluster and (_extends(character) or cluster.endswith(_JOINER)):
            cluster += character
            continue
        if cluster:
            yield cluster
        cluster = character
    if cluster:
        yield cluster


def make_line(text: str, fonts: Sequence[Font]) -> tuple[Line, list[str]]:
    """Choose fonts for a line of text.

    One font for all of it is best, one a word is next, one a cluster is last: a word in two fonts looks like a mistake.

    Returns:
        The line, and the clusters that no font has; each stands as a replacement character in it.
    """
    text = to_visual(text)
    missing: list[str] = []
    if font := _find_font(text, fonts):
        return Line((Run(font, _drop_unseen(text, font)),) if text else ()), missing
    pieces: list[tuple[Font, str]] = []
    for is_space, characters in groupby(text, key=str.isspace):
        word = "".join(characters)
        if is_space and pieces and pieces[-1][0].covers(word):
            pieces.append((pieces[-1][0], word))
        elif font := _find_font(word, fonts):
            pieces.append((font, word))
        else:
            pieces += _draw_clusters(word, fonts, missing)
    runs = [
        Run(font, _drop_unseen("".join(text for _, text in group), font))
        for font, group in groupby(pieces, key=lambda piece: piece[0])
    ]
    return Line(tuple(runs)), missing


def wrap(
    text: str, fonts: Sequence[Font], size: float, width: float, char_space: float
) -> tuple[list[Line], list[str]]:
    """Break a line at its spaces so that each part is at most ``width`` points wide; a word that is wider is broken inside."""
    lines: list[Line] = []
    missing: list[str] = []
    current = ""
    for word in text.split():
        attempt = f"{current} {word}" if current else word
        if make_line(attempt, fonts)[0].measure(size, char_space) <= width:
            current = attempt
            continue
        *full, current = [*([current] if current else []), *_break_word(word, fonts, size, width, char_space)]
        for part in full:
            _append(part, fonts, lines, missing)
    _append(current, fonts, lines, missing)
    return lines, missing


def _append(text: str, fonts: Sequence[Font], lines: list[Line], missing: list[str]) -> None:
    line, absent = make_line(text, fonts)
    lines.append(line)
    missing += absent


def _break_word(word: str, fonts: Sequence[Font], size: float, width: float, char_space: float) -> list[str]:
    parts = [""]
    for cluster in split_clusters(word):
        attempt = parts[-1] + cluster
        if parts[-1] and make_line(attempt, fonts)[0].measure(size, char_space) > width:
            parts.append(cluster)
        else:
            parts[-1] = attempt
    return parts


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
    seen = "".join(character for character in text if not _is_ignorable(character))
    for font in fonts:
        if font.covers(seen):
            return font
    letters = (character for character in seen if unicodedata.category(character)[0] not in "PZ")
    base = next(letters, seen[:1])
    return next((font for font in list_fallbacks(base, fonts[0]) if font.covers(seen)), None)


def _drop_unseen(text: str, font: Font) -> str:
    return "".join(character for character in text if not _is_ignorable(character) or font.covers(character))


def _extends(character: str) -> bool:
    return (
        unicodedata.category(character).startswith("M")
        or _is_ignorable(character)
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _is_ignorable(character: str) -> bool:
    """Characters that show nothing by themselves, so that a font without them is no loss."""
    return (
        unicodedata.category(character) == "Cf"
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )
