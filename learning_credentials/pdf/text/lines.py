"""Make lines of text: choose fonts, shape the text, and break it into lines that fit."""

from __future__ import annotations

import unicodedata
from itertools import groupby
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.fonts.caches import remember
from learning_credentials.pdf.fonts.classes import Font, OpenTypeFont
from learning_credentials.pdf.fonts.fallbacks import list_fallbacks
from learning_credentials.pdf.text.bidi import DIRECTION_MARKS, find_base_level
from learning_credentials.pdf.text.clusters import is_ignorable, split_clusters
from learning_credentials.pdf.text.line_breaks import SOFT_HYPHEN, Break, split_at_breaks
from learning_credentials.pdf.text.shaping import Line, shape_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_HYPHEN = "-"
#: Spaces that are not drawn at the ends of a line. No-break spaces are drawn.
_BLANKS = "".join({chr(point) for point in range(0x3001) if chr(point).isspace()} - {"\u00a0", "\u2007", "\u202f"})
#: The sum of widths of parts differs from the width of their line by kerning only. If it is so near to the limit, the line is measured.
_UNSURE = 0.1
_JOINERS = {"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}


@remember(512)
def make_line(
    text: str, fonts: tuple[Font, ...], language: str = "", base: int | None = None, *, is_spaced: bool = False
) -> tuple[Line, tuple[str, ...]]:
    """Choose fonts for a line of text and shape it.

    One font for the whole line is best, then one for each word, then one for each cluster: a word in two fonts looks like a mistake.

    Args:
        text: the line in reading order.
        fonts: its own fonts, the preferred first.
        language: of the text.
        base: 1 for a right-to-left line, 0 for a left-to-right line. Default: the direction of its first letter.
        is_spaced: whether there is extra space between characters.

    Returns:
        The line, and the clusters that no font has. The line has a replacement character for each of them.
    """
    missing: list[str] = []
    # Some fonts draw it.
    text = text.replace(SOFT_HYPHEN, "")
    pieces = list(_choose_fonts(text, fonts, missing))
    level = find_base_level(text) if base is None else base
    return shape_line(pieces, level, language, is_spaced=is_spaced), tuple(missing)


def wrap(
    text: str, fonts: tuple[Font, ...], size: float, width: float, char_space: float, language: str = ""
) -> tuple[list[Line], list[str]]:
    """Break a line where its script allows it, so that each part is at most ``width`` points wide.

    Breaks at a space or a hyphen are preferred, then those at the end of a phrase or syllable, then all others that UAX 14 allows. If the
    text between two breaks is still too wide, lines end between clusters. A single cluster can be wider than ``width``.
    """
    base = find_base_level(text)

    def make(part: str) -> tuple[Line, tuple[str, ...]]:
        return make_line(_end_line(part), fonts, language, base, is_spaced=bool(char_space))

    def measure(part: str) -> float:
        return make(part)[0].measure(size, char_space)

    # Character space is added between parts too, which the estimate leaves out.
    box = _Box(width, measure, language, unsure=inf if char_space else _UNSURE)
    parts = _fill_lines(text.rstrip(SOFT_HYPHEN), Break.WORD, box)
    made = [found for found in map(make, parts) if found[0].runs] or [make("")]
    return [line for line, _ in made], [cluster for _, missing in made for cluster in missing]


class _Box(NamedTuple):
    """The space that lines must fit into."""

    width: float
    measure: Callable[[str], float]
    language: str
    unsure: float

    def fits(self, line: str, estimate: float, least: Break) -> bool:
        """Return whether a line fits. It is measured only if the estimate is not clear."""
        is_sure = least and abs(estimate / self.width - 1) > self.unsure
        return (estimate if is_sure else self.measure(line)) <= self.width


def _fill_lines(text: str, least: Break, box: _Box) -> list[str]:
    """Put as much on each line as fits. A part that is too wide for a line is broken at worse places."""
    lines: list[str] = []
    current, used = "", 0.0
    for part in split_at_breaks(text, box.language, least):
        width = box.measure(part)
        if box.fits(current + part, used + width, least):
            current, used = current + part, used + width + _measure_blanks(part, box)
            continue
        if current.strip(_BLANKS):
            lines.append(current)
        current = part
        if least and not box.fits(part, width, Break.CLUSTER):
            *full, current = _fill_lines(part, Break(least - 1), box)
            lines += full
        used = box.measure(current) + _measure_blanks(current, box)
    return [*lines, current]


def _measure_blanks(part: str, box: _Box) -> float:
    """Return the width of the spaces between a part and the next."""
    blanks = part[len(part.rstrip(_BLANKS)) :]
    return box.measure(f"x{blanks}x") - box.measure("xx") if blanks else 0


def _end_line(part: str) -> str:
    """Return a part as the end of a line. A soft hyphen is visible only there."""
    line = part.strip(_BLANKS)
    said = line.rstrip(SOFT_HYPHEN)
    is_cut = said != line and said and not said[-1].isspace()
    return said + _HYPHEN if is_cut else said.rstrip(_BLANKS)


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
    """Return the first font that has all visible characters of a text: one of ``fonts``, else a fallback."""
    seen = text
    if any(map(is_ignorable, text)):
        seen = "".join([character for character in text if not is_ignorable(character)])
    for font in fonts:
        if font.covers(seen):
            return font
    letters = (character for character in seen if unicodedata.category(character)[0] not in "PZ")
    base = next(letters, seen[:1])
    return next((font for font in list_fallbacks(base, fonts[0]) if font.covers(seen)), None)


def _drop_unseen(text: str, font: Font) -> str:
    """Remove invisible characters that the font does not have. Those that shaping needs stay: joiners, and marks of direction."""
    if not any(map(is_ignorable, text)):
        return text
    is_shaped = isinstance(font, OpenTypeFont)
    return "".join(
        character
        for character in text
        if not is_ignorable(character)
        or font.covers(character)
        or character in DIRECTION_MARKS
        or (is_shaped and character in _JOINERS)
    )
