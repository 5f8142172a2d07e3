"""Shaping: runs of one font, direction and script become glyphs with places, cluster by cluster."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

import uharfbuzz as hb
from fontTools.unicodedata import ot_tags_from_script, script

from learning_credentials.pdf.bidi import find_levels, order_runs
from learning_credentials.pdf.fonts import Font, OpenTypeFont

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Scripts whose letters touch: space between them would tear words apart.
_JOINED_SCRIPTS = frozenset(
    ("Adlm", "Arab", "Beng", "Deva", "Guru", "Mand", "Mong", "Nkoo", "Phag", "Rohg", "Sogd", "Syrc")
)
_SHARED_SCRIPTS = {"Zyyy", "Zinh", "Zzzz"}
#: Ligatures that a wanted distance between letters forbids.
_SPACED = {"liga": False, "clig": False}
_EM = 1000


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph; measures are in thousandths of the font size."""

    number: int
    advance: float
    x: float = 0
    y: float = 0


@dataclass(frozen=True, slots=True)
class Cluster:
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
    text = "".join(part for _, part in pieces)
    fonts = [font for font, part in pieces for _ in part]
    levels = find_levels(text, base)
    scripts = _find_scripts(text)
    points = [ord(character) for character in text]
    runs: list[Run] = []
    run_levels: list[int] = []
    keys = zip(map(id, fonts), levels, scripts, range(len(text)), strict=True)
    for (_, level, tag), group in groupby(keys, key=lambda item: item[:3]):
        places = [item[3] for item in group]
        start, end = places[0], places[-1] + 1
        font = fonts[start]
        is_rtl = bool(level % 2)
        if isinstance(font, OpenTypeFont):
            clusters = _shape(font, points, start, end, tag, language, is_rtl=is_rtl, is_spaced=is_spaced)
        else:
            found = (Cluster(letter, (), font.measure(letter), is_spaced=True) for letter in text[start:end])
            clusters = tuple(reversed(tuple(found))) if is_rtl else tuple(found)
        runs.append(Run(font, clusters, is_rtl))
        run_levels.append(level)
    return Line(tuple(order_runs(runs, run_levels)), text)


@lru_cache(maxsize=4096)
def _get_script(character: str) -> str:
    return str(script(character))


def _find_scripts(text: str) -> list[str]:
    """The script of each character; what scripts share goes with what stands before it, or else after it."""
    found: list[str] = []
    for character in text:
        own = _get_script(character)
        found.append((found[-1] if found else "") if own in _SHARED_SCRIPTS else own)
    first = next((tag for tag in found if tag), "Latn")
    return [tag or first for tag in found]


@lru_cache(maxsize=256)
def _get_script_tag(tag: str) -> str:
    return str(ot_tags_from_script(tag)[0])


def _shape(
    font: OpenTypeFont,
    points: list[int],
    start: int,
    end: int,
    tag: str,
    language: str,
    *,
    is_rtl: bool,
    is_spaced: bool,
) -> tuple[Cluster, ...]:
    buffer = hb.Buffer()
    # The whole line goes in, so that letters at the seams of runs know their neighbours.
    buffer.add_codepoints(points, item_offset=start, item_length=end - start)
    buffer.direction = "rtl" if is_rtl else "ltr"
    buffer.script = tag
    if language:
        buffer.language = language
    buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
    hb.shape(font.shaper, buffer, dict(_SPACED) if is_spaced else None)
    scale = _EM / font.units
    glyphs = [
        (
            info.cluster,
            Glyph(info.codepoint, place.x_advance * scale, place.x_offset * scale, place.y_offset * scale),
        )
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    ]
    return tuple(_group(glyphs, points, start, end, is_joined=tag in _JOINED_SCRIPTS))


def _group(
    glyphs: list[tuple[int, Glyph]], points: list[int], start: int, end: int, *, is_joined: bool
) -> Iterator[Cluster]:
    starts = sorted({cluster for cluster, _ in glyphs})
    ends = dict(zip(starts, [*starts[1:], end], strict=True))
    for cluster, group in groupby(glyphs, key=lambda item: item[0]):
        members = tuple(glyph for _, glyph in group)
        # What the font left out before the first glyph goes with it.
        first = start if cluster == starts[0] else cluster
        text = "".join(map(chr, points[first : ends[cluster]]))
        advance = sum(glyph.advance for glyph in members)
        yield Cluster(text, members, advance, is_spaced=not is_joined or text.isspace())
