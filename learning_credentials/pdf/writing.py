"""Writes lines of shaped text as PDF operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bidi.mirror import MIRRORED

from learning_credentials.pdf.fonts import OpenTypeFont
from learning_credentials.pdf.overlay import FontProgram
from learning_credentials.pdf.shaping import Glyph
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
        drawn: dict[Font, list[tuple[int, str]]] = {}
        for item in lines:
            for run in item.line.runs:
                pairs = drawn.setdefault(run.font, [])
                if isinstance(run.font, OpenTypeFont):
                    pairs.extend(
                        (glyph.number, text) for cluster in run.clusters for glyph, text in _pair(run, cluster)
                    )
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

    def write(self, item: TextLine) -> Iterator[str]:
        """The operators of a line."""
        x = item.x
        space = item.char_space * _EM / item.size
        yield f"BT {format_colour(item.color)} rg"
        for run in item.line.runs:
            yield f"/{self._resources[run.font]} {format_number(item.size)} Tf"
            yield from self._write_run(run, space, _Pen(item.size, x, item.y))
            spaces = sum(cluster.is_spaced for cluster in run.clusters)
            x += sum(cluster.advance for cluster in run.clusters) * item.size / _EM + item.char_space * spaces
        yield "ET"

    def _write_run(self, run: Run, space: float, pen: _Pen) -> Iterator[str]:
        # Readers take large moves for blanks, and know that character space is none.
        is_even = bool(space) and all(cluster.is_spaced and len(cluster.glyphs) < 2 for cluster in run.clusters)  # noqa: PLR2004
        yield from pen.start(space if is_even else 0)
        for word in _split_words(run):
            is_marked = any(self._needs_words(run, cluster) for cluster in word)
            if is_marked:
                text = "".join(cluster.text for cluster in (reversed(word) if run.is_rtl else word))
                yield from pen.flush()
                yield f"/Span <</ActualText <FEFF{text.encode('utf-16-be').hex().upper()}>>> BDC"
            for cluster in word:
                yield from self._write_cluster(run, cluster, pen)
                pen.x += space if cluster.is_spaced else 0
            if is_marked:
                yield from pen.flush()
                yield "EMC"
        yield from pen.end()

    def _write_cluster(self, run: Run, cluster: Cluster, pen: _Pen) -> Iterator[str]:
        if not isinstance(run.font, OpenTypeFont):
            drawn = MIRRORED.get(cluster.text, cluster.text) if run.is_rtl else cluster.text
            yield from pen.show(drawn.encode("cp1252").hex(), cluster.advance)
            return
        use = self._uses[run.font]
        start = at = pen.x
        for glyph, text in _pair(run, cluster):
            code = use.encode(glyph.number, text)
            pen.x = at
            yield from pen.show(f"{code:04x}", use.get_width(code), glyph.x, glyph.y)
            at += glyph.advance
        pen.x = start + cluster.advance

    def _needs_words(self, run: Run, cluster: Cluster) -> bool:
        """Whether readers must be told what a cluster says, because its codes do not."""
        if not isinstance(run.font, OpenTypeFont):
            return False
        use = self._uses[run.font]
        pairs = [(glyph.number, text) for glyph, text in _pair(run, cluster)]
        return any(not text or not use.says(use.encode(number, text), text) for number, text in pairs)


def _split_words(run: Run) -> Iterator[Sequence[Cluster]]:
    """Clusters up to a blank, which goes with them."""
    word: list[Cluster] = []
    for cluster in run.clusters:
        word.append(cluster)
        if cluster.text.isspace():
            yield word
            word = []
    if word:
        yield word


class _Pen:
    """Shows codes at places, with as few operators as there can be."""

    def __init__(self, size: float, left: float, bottom: float) -> None:
        self.x = 0.0
        self._size = size
        self._left = left
        self._bottom = format_number(bottom)
        self._space = 0.0
        self._rise = 0.0
        self._at = 0.0
        self._shown: list[str] = []
        self._codes = ""

    def start(self, space: float) -> Iterator[str]:
        """Go to the place; ``space`` follows each code."""
        self._space = space
        yield self._place()
        if space:
            yield f"{format_number(space * self._size / _EM)} Tc"

    def end(self) -> Iterator[str]:
        """Leave everything as it was found."""
        yield from self.flush()
        if self._rise:
            yield "0 Ts"
        if self._space:
            yield "0 Tc"

    def show(self, code: str, width: float, dx: float = 0, dy: float = 0) -> Iterator[str]:
        """Show a code of a known width; the pen is moved on by it."""
        if dy != self._rise:
            yield from self.flush()
            self._rise = dy
            yield f"{format_number(dy * self._size / _EM)} Ts"
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

    def flush(self) -> Iterator[str]:
        """The operator for what was shown until now."""
        self._close()
        if self._shown:
            yield f"[{' '.join(self._shown)}] TJ"
            self._shown = []

    def _place(self) -> str:
        return f"1 0 0 1 {format_number(self._left + self._at * self._size / _EM)} {self._bottom} Tm"

    def _close(self) -> None:
        if self._codes:
            self._shown.append(f"<{self._codes}>")
            self._codes = ""


def _pair(run: Run, cluster: Cluster) -> Iterator[tuple[Glyph, str]]:
    """Each glyph with the text that it stands for.

    To the right, one glyph stands for all of the cluster's text. To the left each has one character, because readers turn such text
    around character by character, brackets too; where there are more of these than glyphs, glyphs that show nothing bear the rest.
    """
    glyphs, text = cluster.glyphs, cluster.text
    font = run.font
    if run.is_rtl and len(text) >= len(glyphs) and isinstance(font, OpenTypeFont):
        bearers = (Glyph(font.nothing, 0),) * (len(text) - len(glyphs))
        drawn = (MIRRORED.get(character, character) for character in reversed(text))
        yield from zip((*bearers, *glyphs), drawn, strict=True)
        return
    bearer = max(range(len(glyphs)), key=lambda index: (glyphs[index].advance > 0, -index), default=0)
    for index, glyph in enumerate(glyphs):
        yield glyph, text if index == bearer else ""


def join(operators: Iterable[str]) -> bytes:
    """Operators as content."""
    return "\n".join(operators).encode("ascii")
