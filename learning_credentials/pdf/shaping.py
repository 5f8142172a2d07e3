"""Shaping: runs of one font, direction and script become glyphs with places, cluster by cluster."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import uharfbuzz as hb
from fontTools.unicodedata import script

from learning_credentials.pdf.bidi import find_levels, order_runs
from learning_credentials.pdf.fonts import Font, OpenTypeFont, StandardFont

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Scripts whose letters touch: space between them would tear words apart.
_JOINED_SCRIPTS = frozenset(
    ("Adlm", "Arab", "Beng", "Deva", "Guru", "Mand", "Mong", "Nkoo", "Phag", "Rohg", "Sogd", "Syrc")
)
_SHARED_SCRIPTS = {"Zyyy", "Zinh", "Zzzz"}
#: Ligatures that a wanted distance between letters forbids.
_SPACED = {"liga": False, "clig": False}
_NO_FEATURES: dict[str, bool] = {}
_FLAGS = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
_EM = 1000


class Glyph(NamedTuple):
    """A glyph; measures are in thousandths of the font size."""

    number: int
    advance: float
    x: float = 0
    y: float = 0


class Cluster(NamedTuple):
    """Glyphs that stand together for a piece of the text. For a standard font there are none: the text is drawn as it is."""

    text: str
    glyphs: tuple[Glyph, ...]
    advance: float
    is_spaced: bool
    """Whether character space follows."""


@dataclass(frozen=True, slots=True)
class Run:
    """Clusters of one font in the order in which they are drawn, left to right."""

    font: Font
    clusters: tuple[Cluster, ...]
    is_rtl: bool

    @property
    def text(self) -> str:
        """What it says, in the order of reading."""
        return "".join(cluster.text for cluster in (reversed(self.clusters) if self.is_rtl else self.clusters))


@dataclass(frozen=True)
class Line:
    """One line, ready to measure and draw, its runs from left to right."""

    runs: tuple[Run, ...]
    text: str

    @cached_property
    def advance(self) -> float:
        """Width in thousandths of the font size, without character space."""
        return sum(cluster.advance for run in self.runs for cluster in run.clusters)

    @cached_property
    def spaces(self) -> int:
        """How many times character space is added."""
        flags = [cluster.is_spaced for run in self.runs for cluster in run.clusters]
        return sum(flags[:-1])

    def measure(self, size: float, char_space: float = 0) -> float:
        """Width in points."""
        return self.advance * size / _EM + char_space * self.spaces


def shape_line(pieces: Sequence[tuple[Font, str]], base: int, language: str, *, is_spaced: bool) -> Line:
    """Shape a line.

    Args:
        pieces: its text with the font of each part, in the order of reading.
        base: its embedding level: 1 for a line that runs to the left.
        language: decides between forms that languages write differently.
        is_spaced: whether space is wanted between characters.
    """
    text = "".join([part for _, part in pieces])
    levels = find_levels(text, base)
    scripts = _find_scripts(text)
    runs: list[Run] = []
    run_levels: list[int] = []
    start = 0
    for font, stop in _join_pieces(pieces):
        for end in _find_seams(levels, scripts, start, stop):
            is_rtl = bool(levels[start] % 2)
            if isinstance(font, OpenTypeFont):
                clusters = _shape(font, text, start, end, scripts[start], language, is_rtl=is_rtl, is_spaced=is_spaced)
            else:
                clusters = tuple([_make_letter(font.name, letter) for letter in text[start:end]])
                clusters = clusters[::-1] if is_rtl else clusters
            if clusters:
                runs.append(Run(font, clusters, is_rtl))
                run_levels.append(levels[start])
            start = end
    return Line(tuple(order_runs(runs, run_levels)), text)


def _join_pieces(pieces: Sequence[tuple[Font, str]]) -> list[tuple[Font, int]]:
    """Each stretch of one font, and where it ends."""
    joined: list[tuple[Font, int]] = []
    end = 0
    for font, part in pieces:
        end += len(part)
        if joined and joined[-1][0] is font:
            joined.pop()
        joined.append((font, end))
    return joined


def _find_seams(levels: Sequence[int], scripts: Sequence[str], start: int, end: int) -> Iterator[int]:
    """Where the level or the script changes on the way from ``start`` to ``end``, which is the last seam."""
    for index in range(start + 1, end):
        if levels[index] != levels[index - 1] or scripts[index] != scripts[index - 1]:
            yield index
    if start < end:
        yield end


@lru_cache(maxsize=4096)
def _make_letter(font: str, letter: str) -> Cluster:
    return Cluster(letter, (), StandardFont(font).measure(letter), is_spaced=True)


@lru_cache(maxsize=4096)
def _get_script(character: str) -> str:
    return str(script(character))


def _find_scripts(text: str) -> list[str]:
    """The script of each character; what scripts share goes with what stands before it, or else after it."""
    if text.isascii():
        return ["Latn"] * len(text)
    found: list[str] = []
    current = ""
    for own in map(_get_script, text):
        if own not in _SHARED_SCRIPTS:
            current = own
        found.append(current)
    first = next(filter(None, found), "Latn")
    return [tag or first for tag in found]


def _shape(
    font: OpenTypeFont, text: str, start: int, end: int, tag: str, language: str, *, is_rtl: bool, is_spaced: bool
) -> tuple[Cluster, ...]:
    buffer = hb.Buffer()
    # The whole line goes in, so that letters at the seams of runs know their neighbours.
    buffer.add_str(text, item_offset=start, item_length=end - start)
    buffer.direction = "rtl" if is_rtl else "ltr"
    buffer.script = tag
    if language:
        buffer.language = language
    buffer.flags = _FLAGS
    hb.shape(font.shaper, buffer, _SPACED if is_spaced else _NO_FEATURES)
    scale = _EM / font.units
    places: list[int] = []
    glyphs: list[Glyph] = []
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        x, y, advance, _ = position.position
        places.append(info.cluster)
        glyphs.append(Glyph(info.codepoint, advance * scale, x * scale, y * scale))
    return tuple(_group(glyphs, places, text, start, end, is_joined=tag in _JOINED_SCRIPTS))


def _group(
    glyphs: list[Glyph], places: list[int], text: str, start: int, end: int, *, is_joined: bool
) -> Iterator[Cluster]:
    """Put the glyphs of each place in the text together, with the text up to the next place."""
    starts = sorted(set(places))
    ends = dict(zip(starts, (*starts[1:], end), strict=False))
    count, at = len(places), 0
    while at < count:
        place, first = places[at], at
        advance = glyphs[at].advance
        at += 1
        while at < count and places[at] == place:
            advance += glyphs[at].advance
            at += 1
        # What the font left out before the first glyph goes with it.
        part = text[start if place == starts[0] else place : ends[place]]
        yield Cluster(part, tuple(glyphs[first:at]), advance, not is_joined or part.isspace())
