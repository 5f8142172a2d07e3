"""Shape lines of text: runs of one font, direction and script become glyphs with positions, cluster by cluster."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import uharfbuzz as hb
from fontTools.unicodedata import script

from learning_credentials.pdf.fonts.caches import remember
from learning_credentials.pdf.fonts.classes import BrokenFontError, Font, OpenTypeFont, StandardFont
from learning_credentials.pdf.text.bidi import DIRECTION_MARKS, find_levels, mirror, order_runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: A glyph as HarfBuzz places it: its number, its offset across and up, and its advance across and up.
Placed = tuple[int, int, int, int, int]

#: Letters of these scripts touch, so no space is put between them.
_JOINED_SCRIPTS = frozenset(
    ("Adlm", "Arab", "Beng", "Deva", "Guru", "Mand", "Mong", "Nkoo", "Phag", "Rohg", "Sogd", "Syrc")
)
_SHARED_SCRIPTS = {"Zyyy", "Zinh", "Zzzz"}
#: Ligatures that are off if space is wanted between letters.
_SPACED = {"liga": False, "clig": False}
_NO_FEATURES: dict[str, bool] = {}
_FLAGS = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
_EM = 1000


class Glyph(NamedTuple):
    """A glyph, and the part of its cluster's text that it draws. Measures are in thousandths of the font size."""

    number: int
    text: str
    advance: float
    x: float = 0
    y: float = 0


class Cluster(NamedTuple):
    """Glyphs that together draw a piece of text. A standard font has no glyphs here: its text is written unchanged."""

    text: str
    glyphs: tuple[Glyph, ...]
    advance: float
    is_spaced: bool
    """Whether character space follows."""
    ink: tuple[float, float]
    """The lowest and highest point, above the baseline."""


@dataclass(frozen=True, slots=True)
class Run:
    """Clusters of one font and script in drawing order, from left to right."""

    font: Font
    clusters: tuple[Cluster, ...]
    is_rtl: bool
    script: str
    """The script's code in ISO 15924."""

    @property
    def advance(self) -> float:
        """Return the width in thousandths of the font size, without character space."""
        return sum([cluster.advance for cluster in self.clusters])

    @property
    def text(self) -> str:
        """Return the text in reading order."""
        return "".join(cluster.text for cluster in (reversed(self.clusters) if self.is_rtl else self.clusters))


@dataclass(frozen=True)
class Line:
    """A shaped line, with its runs from left to right."""

    runs: tuple[Run, ...]
    text: str

    @cached_property
    def advance(self) -> float:
        """Return the width in thousandths of the font size, without character space."""
        return sum([run.advance for run in self.runs])

    @cached_property
    def ink(self) -> tuple[float, float]:
        """Return the lowest and the highest point, in thousandths of the font size above the baseline."""
        inks = [cluster.ink for run in self.runs for cluster in run.clusters]
        return (min([low for low, _ in inks]), max([high for _, high in inks])) if inks else (0.0, 0.0)

    @cached_property
    def spaces(self) -> int:
        """Return how many times character space is added."""
        flags = [cluster.is_spaced for run in self.runs for cluster in run.clusters]
        return sum(flags[:-1])

    def measure(self, size: float, char_space: float = 0) -> float:
        """Return the width in points."""
        width = self.advance * size / _EM
        return width + char_space * self.spaces if char_space else width


def shape_line(pieces: Sequence[tuple[Font, str]], base: int, language: str, *, is_spaced: bool) -> Line:
    """Shape a line.

    Args:
        pieces: its text in reading order, with the font of each part.
        base: its embedding level: 1 for a right-to-left line.
        language: of the text. Fonts have different forms for some languages.
        is_spaced: whether there is extra space between characters.
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
                letters = [letter for letter in text[start:end] if letter not in DIRECTION_MARKS]
                clusters = tuple([_make_letter(font.name, letter) for letter in letters])
                clusters = clusters[::-1] if is_rtl else clusters
            if clusters:
                runs.append(Run(font, clusters, is_rtl, scripts[start]))
                run_levels.append(levels[start])
            start = end
    return Line(tuple(order_runs(runs, run_levels)), text)


def _join_pieces(pieces: Sequence[tuple[Font, str]]) -> list[tuple[Font, int]]:
    """Return each stretch of one font and its end."""
    joined: list[tuple[Font, int]] = []
    end = 0
    for font, part in pieces:
        end += len(part)
        if joined and joined[-1][0] is font:
            joined.pop()
        joined.append((font, end))
    return joined


def _find_seams(levels: Sequence[int], scripts: Sequence[str], start: int, end: int) -> Iterator[int]:
    """Yield the places between ``start`` and ``end`` where the level or the script changes, and ``end`` itself."""
    for index in range(start + 1, end):
        if levels[index] != levels[index - 1] or scripts[index] != scripts[index - 1]:
            yield index
    if start < end:
        yield end


@lru_cache(maxsize=4096)
def _make_letter(font: str, letter: str) -> Cluster:
    found = StandardFont(font)
    return Cluster(letter, (), found.measure(letter), is_spaced=True, ink=(0.0, 0.0) if letter.isspace() else found.ink)


@lru_cache(maxsize=4096)
def _get_script(character: str) -> str:
    return str(script(character))


def _find_scripts(text: str) -> list[str]:
    """Return the script of each character. Characters of several scripts get the script before them, at the start that after them."""
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
    try:
        return _shape_run(font, text, start, end, tag, language, is_rtl=is_rtl, is_spaced=is_spaced)
    except Exception as error:
        raise BrokenFontError(font, error) from error


def _shape_run(
    font: OpenTypeFont, text: str, start: int, end: int, tag: str, language: str, *, is_rtl: bool, is_spaced: bool
) -> tuple[Cluster, ...]:
    buffer = hb.Buffer()
    # HarfBuzz gets the whole line, so that letters at the ends of a run know their neighbours.
    buffer.add_str(text, item_offset=start, item_length=end - start)
    buffer.direction = "rtl" if is_rtl else "ltr"
    buffer.script = tag
    if language:
        buffer.language = language
    buffer.flags = _FLAGS
    hb.shape(font.shaper, buffer, _SPACED if is_spaced else _NO_FEATURES)
    groups = _group(buffer)
    is_joined = tag in _JOINED_SCRIPTS
    # The text of a group ends where that of the next begins. Characters at the start that gave no glyph belong to the first group.
    clusters: list[Cluster] = []
    for place, placed in groups if is_rtl else reversed(groups):
        begin = start if len(clusters) == len(groups) - 1 else place
        clusters.append(_make_cluster(font, text[begin:end], tuple(placed), is_rtl, is_joined))
        end = place
    return tuple(clusters if is_rtl else reversed(clusters))


def _group(buffer: hb.Buffer) -> list[tuple[int, list[Placed]]]:
    """Group the glyphs for the same place in the text, in drawing order."""
    groups: list[tuple[int, list[Placed]]] = []
    last = -1
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        place = info.cluster
        if place != last:
            groups.append((place, []))
            last = place
        groups[-1][1].append((info.codepoint, *position.position))
    return groups


@remember(16384)
def _make_cluster(font: OpenTypeFont, text: str, placed: tuple[Placed, ...], is_rtl: bool, is_joined: bool) -> Cluster:
    """Make a cluster. Results are cached: most clusters occur in many lines."""
    scale = _EM / font.units
    parts = _divide(text, placed, is_rtl=is_rtl)
    # If there are more parts than glyphs, glyphs that show nothing stand for the first parts.
    unseen = len(parts) - len(placed)
    glyphs = [
        *(Glyph(font.nothing, part, 0) for part in parts[:unseen]),
        *(
            Glyph(number, part, advance * scale, x * scale, y * scale)
            for (number, x, y, advance, _), part in zip(placed, parts[unseen:], strict=True)
        ),
    ]
    advance = sum([glyph.advance for glyph in glyphs])
    return Cluster(text, tuple(glyphs), advance, not is_joined or text.isspace(), _measure_ink(font, glyphs))


def _measure_ink(font: OpenTypeFont, glyphs: Sequence[Glyph]) -> tuple[float, float]:
    inks = [(*font.measure_ink(glyph.number), glyph.y) for glyph in glyphs]
    return min([low + y for low, _, y in inks], default=0.0), max([high + y for _, high, y in inks], default=0.0)


def _divide(text: str, placed: Sequence[Placed], *, is_rtl: bool) -> Sequence[str]:
    """Return the parts of a cluster's text that its glyphs draw, in drawing order.

    In left-to-right runs, glyphs share the text in order. In right-to-left runs each part is one character, because readers reverse
    such text character by character, and mirror it. There can be more parts than glyphs. If there are fewer characters than glyphs, one
    glyph has the whole text.
    """
    if is_rtl and len(text) >= len(placed):
        return [mirror(character) for character in reversed(text)]
    if len(placed) == 1:
        return (text,)
    if len(text) >= len(placed):
        # One character each: readers that ignore ActualText would show the codes of glyphs without a text.
        rest = len(text) - len(placed) + 1
        return (text[:rest], *text[rest:])
    bearer = next((index for index, (_, _, _, advance, _) in enumerate(placed) if advance > 0), 0)
    return [text if index == bearer else "" for index in range(len(placed))]
