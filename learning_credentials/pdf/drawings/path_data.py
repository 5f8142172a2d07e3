"""Read the data of paths (SVG 1.1, 8.3). Nothing in it is passed over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fontTools.svgLib.path.arc import EllipticalArc

from learning_credentials.pdf.drawings.values import NUMBER, CannotDrawError, bound, quote

if TYPE_CHECKING:
    from learning_credentials.pdf.drawings.paths import Path, Point

_NUMBER = re.compile(NUMBER)
_COMMAND = re.compile(r"\s*+([A-Za-z])")
_SPACE = re.compile(r"\s*+")
_COMMA = re.compile(r"\s*+,?+\s*+")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_FLAGS = (3, 4)


class _Scanner:
    """Reads the data of a path. Nothing in it is passed over."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._place = 0

    @property
    def is_at_end(self) -> bool:
        return self._place >= len(self._text)

    def find_command(self) -> str:
        """Return the next command, or an empty text if a number is next."""
        found = _COMMAND.match(self._text, self._place)
        if not found:
            return ""
        self._place = found.end()
        return found[1]

    def read(self, count: int, *, is_arc: bool, is_first: bool) -> list[float]:
        """Return the arguments of a command. Those of its first use follow without a comma."""
        found = []
        for index in range(count):
            between = _SPACE if is_first and not index else _COMMA
            self._place = between.match(self._text, self._place).end()  # type: ignore[union-attr]
            if is_arc and index in _FLAGS:
                value = self._text[self._place : self._place + 1]
                if value not in {"0", "1"}:
                    self.refuse()
                self._place += 1
                found.append(float(value))
                continue
            number = _NUMBER.match(self._text, self._place)
            if not number:
                self.refuse()
            else:
                self._place = number.end()
                found.append(bound(float(number[0])))
        return found

    def refuse(self) -> None:
        msg = f"the path is broken at {quote(self._text[self._place :] or 'its end')}"
        raise CannotDrawError(msg)


def read_path(text: str, path: Path) -> None:
    """Add the data of a path to it.

    Raises:
        CannotDrawError: it is broken.
    """
    if text.strip() in {"", "none"}:
        return
    scanner = _Scanner(text)
    command = ""
    reader = _PathReader(path)
    while not scanner.is_at_end:
        found = scanner.find_command()
        command = found or reader.repeated
        if command.upper() not in _ARGUMENTS or (not reader.has_start and command.upper() != "M"):
            scanner.refuse()
        kind = command.upper()
        arguments = scanner.read(_ARGUMENTS[kind], is_arc=kind == "A", is_first=bool(found))
        reader.add(kind, arguments, is_relative=command.islower(), command=command)


class _PathReader:
    """Adds the commands of a path to it, one after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start: Point = (0.0, 0.0)
        self._control: Point | None = None
        self._is_open = False
        self._last = ""
        self.has_start = False
        self.repeated = ""
        """The command that further numbers repeat."""

    def add(self, kind: str, arguments: list[float], *, is_relative: bool, command: str) -> None:
        path = self._path
        base = path.at if is_relative else (0.0, 0.0)
        self.repeated = {"M": "L", "m": "l", "Z": "", "z": ""}.get(command, command)
        if kind == "Z":
            if self._is_open:
                path.closePath()
            path.at = self._start
            self._is_open = False
        elif kind == "M":
            self._start = (base[0] + arguments[0], base[1] + arguments[1])
            path.moveTo(self._start)
            self.has_start = self._is_open = True
        else:
            if not self._is_open:
                path.moveTo(self._start)
                self._is_open = True
            self._draw(kind, arguments, base)
        if kind not in {"C", "S", "Q", "T"}:
            self._control = None
        self._last = kind

    def _draw(self, kind: str, arguments: list[float], base: Point) -> None:
        path = self._path
        if kind == "H":
            path.lineTo((base[0] + arguments[0], path.at[1]))
            return
        if kind == "V":
            path.lineTo((path.at[0], base[1] + arguments[0]))
            return
        if kind == "A":
            self._draw_arc(arguments, base)
            return
        points = [(base[0] + arguments[at], base[1] + arguments[at + 1]) for at in range(0, len(arguments), 2)]
        if kind == "L":
            path.lineTo(points[0])
        elif kind in {"C", "S"}:
            if kind == "S":
                points.insert(0, self._reflect("CS"))
            path.curveTo(points[0], points[1], points[2])
            self._control = points[1]
        else:
            if kind == "T":
                points.insert(0, self._reflect("QT"))
            (x0, y0), (x1, y1), (x2, y2) = path.at, points[0], points[1]
            path.curveTo(
                (x0 + (x1 - x0) * 2 / 3, y0 + (y1 - y0) * 2 / 3),
                (x2 + (x1 - x2) * 2 / 3, y2 + (y1 - y2) * 2 / 3),
                (x2, y2),
            )
            self._control = points[0]

    def _reflect(self, kinds: str) -> Point:
        x, y = self._path.at
        if self._control is None or self._last not in kinds:
            return x, y
        return 2 * x - self._control[0], 2 * y - self._control[1]

    def _draw_arc(self, arguments: list[float], base: Point) -> None:
        path = self._path
        rx, ry, angle, large, sweep, x, y = arguments
        end = base[0] + x, base[1] + y
        if not rx or not ry:
            path.lineTo(end)
            return
        if end == path.at:
            return
        arc = EllipticalArc(complex(*path.at), abs(rx), abs(ry), angle, bool(large), bool(sweep), complex(*end))
        arc.draw(path)
        path.at = end
