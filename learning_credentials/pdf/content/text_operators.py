"""Write lines of shaped text as text objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.content.font_subsets import FontSubset
from learning_credentials.pdf.content.page_content import FontResource
from learning_credentials.pdf.fonts.classes import OpenTypeFont
from learning_credentials.pdf.locales import find_other_language
from learning_credentials.pdf.objects.syntax import format_colour, format_number
from learning_credentials.pdf.text.bidi import mirror

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from learning_credentials.pdf.content.graphics import TextLine, Turn
    from learning_credentials.pdf.content.marks import Marks
    from learning_credentials.pdf.fonts.classes import Font
    from learning_credentials.pdf.text.shaping import Cluster, Run

_EM = 1000
#: Nobody sees moves of less than this, in thousandths of the size.
_LEAST_MOVE = 0.05
_FAR = 90


class TextWriter:
    """Write the text of one page content. The writer needs all lines first, because a font's codes depend on the glyphs that are used."""

    def __init__(self, lines: Sequence[TextLine], prefix: str) -> None:
        runs = [run for item in lines for run in item.line.runs]
        drawn: dict[Font, dict[tuple[int, str], None]] = {run.font: {} for run in runs}
        for run in runs:
            pairs = drawn[run.font]
            for cluster in run.clusters:
                for number, text, *_ in cluster.glyphs:
                    pairs[number, text] = None
        self._resources = {font: f"{prefix}{index}" for index, font in enumerate(drawn)}
        self._subsets = {
            font: FontSubset(self._resources[font], font, pairs)
            for font, pairs in drawn.items()
            if isinstance(font, OpenTypeFont)
        }

    def list_fonts(self) -> Iterator[FontResource]:
        """Return the fonts that the text uses."""
        for font, resource in self._resources.items():
            if isinstance(font, OpenTypeFont):
                yield self._subsets[font].make_resource()
            else:
                yield FontResource(resource, font.name, "standard")

    def write(self, item: TextLine, marks: Marks) -> list[str]:
        """Return the operators of a line, whose content is marked by ``marks``."""
        x = item.x
        space = item.char_space * _EM / item.size
        operators = [f"{_format_matrix(item.turn)} cm"] if item.turn else []
        operators.append(f"BT {format_colour(item.color)} rg")
        size = format_number(item.size)
        for run in item.line.runs:
            operators.append(f"/{self._resources[run.font]} {size} Tf")
            language = find_other_language(run.script, item.language)
            if language and not any(map(str.isalpha, run.text)):
                language = ""
            self._write_run(run, space, _Pen(operators, item.size, x, item.y, marks), language)
            x += run.advance * item.size / _EM
            if space:
                x += item.char_space * sum([cluster.is_spaced for cluster in run.clusters])
        operators += marks.close()
        operators.append("ET")
        return operators

    def _write_run(self, run: Run, space: float, pen: _Pen, language: str) -> None:
        properties = f" /Lang ({language})" if language else ""
        # Readers read large moves as spaces, but not character space.
        is_even = bool(space) and all(cluster.is_spaced and len(cluster.glyphs) < 2 for cluster in run.clusters)  # noqa: PLR2004
        pen.start(space if is_even else 0)
        if not isinstance(run.font, OpenTypeFont):
            drawn = "".join([cluster.text for cluster in run.clusters])
            drawn = "".join(map(mirror, drawn)) if run.is_rtl else drawn
            pen.mark(properties)
            # Every cluster of a standard font is one letter with space after it.
            pen.show(drawn.encode("cp1252").hex(), run.advance + space * (len(drawn) - 1))
            pen.end()
            return
        subset = self._subsets[run.font]
        # If glyphs share the text of a cluster, each of them says only a part of it.
        has_parts = not run.is_rtl and any(len(cluster.glyphs) > 1 for cluster in run.clusters)
        if not has_parts and not subset.unsaid:
            pen.mark(properties)
            _write_clusters(subset, run.clusters, space, pen)
            pen.end()
            return
        for word in _split_words(run.clusters):
            is_marked = (has_parts and any(len(cluster.glyphs) > 1 for cluster in word)) or any(
                (glyph.number, glyph.text) in subset.unsaid for cluster in word for glyph in cluster.glyphs
            )
            replaced = ""
            if is_marked:
                said = "".join(cluster.text for cluster in (reversed(word) if run.is_rtl else word))
                replaced = f" /ActualText <FEFF{said.encode('utf-16-be').hex().upper()}>"
            pen.mark(properties + replaced)
            _write_clusters(subset, word, space, pen)
        pen.end()


def _format_matrix(turn: Turn) -> str:
    # Thousandths are too coarse for the sines of small angles.
    return " ".join(f"{value:.6f}" for value in turn.matrix)


def _write_clusters(subset: FontSubset, clusters: Iterable[Cluster], space: float, pen: _Pen) -> None:
    codes = subset.codes
    start = pen.x
    for _, glyphs, advance, is_spaced, _ in clusters:
        at = start
        for number, text, across, x, y in glyphs:
            code, width = codes[number, text]
            pen.x = at
            pen.show(code, width, x, y)
            at += across
        start += advance
        if is_spaced:
            start += space
    pen.x = start


def _split_words(clusters: Iterable[Cluster]) -> Iterator[Sequence[Cluster]]:
    """Yield the clusters of each word with the space after it."""
    word: list[Cluster] = []
    for cluster in clusters:
        word.append(cluster)
        if cluster.text.isspace():
            yield word
            word = []
    if word:
        yield word


class _Pen:
    """Shows codes at places with as few operators as possible."""

    def __init__(self, operators: list[str], size: float, left: float, bottom: float, marks: Marks) -> None:
        self.x = 0.0
        self._operators = operators
        self._size = size
        self._left = left
        self._bottom = bottom
        self._marks = marks
        self._space = 0.0
        self._rise = 0.0
        self._at = 0.0
        self._shown: list[str] = []
        self._codes = ""

    def start(self, space: float) -> None:
        """Go to the place. ``space`` is the character space after each code."""
        self._space = space
        self._operators.append(f"1 0 0 1 {format_number(self._left)} {format_number(self._bottom)} Tm")
        if space:
            self._operators.append(f"{format_number(space * self._size / _EM)} Tc")

    def end(self) -> None:
        """Reset the text state."""
        self._flush()
        if self._rise:
            self._operators.append("0 Ts")
        if self._space:
            self._operators.append("0 Tc")

    def mark(self, properties: str) -> None:
        """Mark what is shown from now on."""
        self._flush()
        self._operators += self._marks.switch(properties)

    def show(self, code: str, width: float, dx: float = 0, dy: float = 0) -> None:
        """Show a code and move the pen by its width."""
        if dy != self._rise:
            self._rise = dy
            self._flush()
            self._operators.append(f"{format_number(dy * self._size / _EM)} Ts")
        move = self.x + dx - self._at
        if abs(move) > _LEAST_MOVE:
            self._close()
            # Readers read a large number between codes as a space, so the move is made in steps.
            steps = int(abs(move) // _FAR) + 1
            self._shown += [format_number(-move / steps)] * steps
            self._at += move
        self._codes += code
        self._at += width + self._space
        self.x += width

    def _flush(self) -> None:
        self._close()
        if self._shown:
            self._operators.append(f"[{' '.join(self._shown)}] TJ")
            self._shown = []

    def _close(self) -> None:
        if self._codes:
            self._shown.append(f"<{self._codes}>")
            self._codes = ""
