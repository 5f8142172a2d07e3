"""Writes lines of shaped text as PDF operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.bidi import mirror
from learning_credentials.pdf.fonts import OpenTypeFont
from learning_credentials.pdf.overlay import FontProgram
from learning_credentials.pdf.subsets import FontUse
from learning_credentials.pdf.syntax import format_colour, format_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from learning_credentials.pdf.fonts import Font
    from learning_credentials.pdf.layout import TextLine
    from learning_credentials.pdf.shaping import Cluster, Run

_EM = 1000
#: Moves of less than this, in thousandths of the size, show nowhere.
_LEAST_MOVE = 0.05
_FAR = 90


class Writer:
    """Writes the text of one overlay; it sees all lines first, because codes depend on what is drawn in a font."""

    def __init__(self, lines: Sequence[TextLine], prefix: str) -> None:
        runs = [run for item in lines for run in item.line.runs]
        drawn: dict[Font, dict[tuple[int, str], None]] = {run.font: {} for run in runs}
        for run in runs:
            pairs = drawn[run.font]
            for cluster in run.clusters:
                for number, text, *_ in cluster.glyphs:
                    pairs[number, text] = None
        self._resources = {font: f"{prefix}{index}" for index, font in enumerate(drawn)}
        self._uses = {
            font: FontUse(self._resources[font], font, pairs)
            for font, pairs in drawn.items()
            if isinstance(font, OpenTypeFont)
        }

    def list_programs(self) -> Iterator[FontProgram]:
        """The fonts."""
        for font, resource in self._resources.items():
            if isinstance(font, OpenTypeFont):
                yield self._uses[font].make_program()
            else:
                yield FontProgram(resource, font.name, "standard")

    def write(self, item: TextLine) -> list[str]:
        """The operators of a line."""
        x = item.x
        space = item.char_space * _EM / item.size
        operators = [f"BT {format_colour(item.color)} rg"]
        size = format_number(item.size)
        for run in item.line.runs:
            operators.append(f"/{self._resources[run.font]} {size} Tf")
            self._write_run(run, space, _Pen(operators, item.size, x, item.y))
            x += run.advance * item.size / _EM
            if space:
                x += item.char_space * sum([cluster.is_spaced for cluster in run.clusters])
        operators.append("ET")
        return operators

    def _write_run(self, run: Run, space: float, pen: _Pen) -> None:
        # Readers take large moves for blanks, and know that character space is none.
        is_even = bool(space) and all(cluster.is_spaced and len(cluster.glyphs) < 2 for cluster in run.clusters)  # noqa: PLR2004
        pen.start(space if is_even else 0)
        if not isinstance(run.font, OpenTypeFont):
            for cluster in run.clusters:
                drawn = "".join(map(mirror, cluster.text)) if run.is_rtl else cluster.text
                pen.show(drawn.encode("cp1252").hex(), cluster.advance)
                pen.x += space if cluster.is_spaced else 0
            pen.end()
            return
        use = self._uses[run.font]
        # Where glyphs share a cluster's text the single ones say only parts of it.
        has_parts = not run.is_rtl and any(len(cluster.glyphs) > 1 for cluster in run.clusters)
        if not has_parts and not use.unsaid:
            _write_clusters(use, run.clusters, space, pen)
            pen.end()
            return
        for word in _split_words(run.clusters):
            is_marked = (has_parts and any(len(cluster.glyphs) > 1 for cluster in word)) or any(
                (glyph.number, glyph.text) in use.unsaid for cluster in word for glyph in cluster.glyphs
            )
            if is_marked:
                said = "".join(cluster.text for cluster in (reversed(word) if run.is_rtl else word))
                pen.mark(f"/Span <</ActualText <FEFF{said.encode('utf-16-be').hex().upper()}>>> BDC")
            _write_clusters(use, word, space, pen)
            if is_marked:
                pen.mark("EMC")
        pen.end()


def _write_clusters(use: FontUse, clusters: Iterable[Cluster], space: float, pen: _Pen) -> None:
    codes = use.codes
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
    """Clusters up to a blank, which goes with them."""
    word: list[Cluster] = []
    for cluster in clusters:
        word.append(cluster)
        if cluster.text.isspace():
            yield word
            word = []
    if word:
        yield word


class _Pen:
    """Shows codes at places, with as few operators as there can be."""

    def __init__(self, operators: list[str], size: float, left: float, bottom: float) -> None:
        self.x = 0.0
        self._operators = operators
        self._size = size
        self._left = left
        self._bottom = bottom
        self._space = 0.0
        self._rise = 0.0
        self._at = 0.0
        self._shown: list[str] = []
        self._codes = ""

    def start(self, space: float) -> None:
        """Go to the place; ``space`` follows each code."""
        self._space = space
        self._operators.append(f"1 0 0 1 {format_number(self._left)} {format_number(self._bottom)} Tm")
        if space:
            self._operators.append(f"{format_number(space * self._size / _EM)} Tc")

    def end(self) -> None:
        """Leave everything as it was found."""
        self._flush()
        if self._rise:
            self._operators.append("0 Ts")
        if self._space:
            self._operators.append("0 Tc")

    def mark(self, operator: str) -> None:
        """Put an operator between what was shown and what will be."""
        self._flush()
        self._operators.append(operator)

    def show(self, code: str, width: float, dx: float = 0, dy: float = 0) -> None:
        """Show a code of a known width; the pen is moved on by it."""
        if dy != self._rise:
            self._rise = dy
            self.mark(f"{format_number(dy * self._size / _EM)} Ts")
        move = self.x + dx - self._at
        if abs(move) > _LEAST_MOVE:
            self._close()
            # A large number between codes is a blank to readers, so it is said in steps.
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


def join(operators: Iterable[str]) -> bytes:
    """Operators as content."""
    return "\n".join(operators).encode("ascii")
