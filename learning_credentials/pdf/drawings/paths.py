"""Read paths and basic shapes as lines and cubic curves (SVG 1.1, 8 and 9)."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from fontTools.misc.bezierTools import calcCubicBounds
from fontTools.svgLib.path.arc import EllipticalArc

from learning_credentials.pdf.drawings.forms import write_numbers
from learning_credentials.pdf.drawings.values import NUMBER, CannotDrawError, bound, quote, read_length, read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fontTools.misc.transform import Transform

Point = tuple[float, float]
#: A corner, and width and height.
Bounds = tuple[float, float, float, float]

_NUMBER = re.compile(NUMBER)
_COMMAND = re.compile(r"\s*+([A-Za-z])")
_SPACE = re.compile(r"\s*+")
_COMMA = re.compile(r"\s*+,?+\s*+")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_FLAGS = (3, 4)
#: Where the control points of a quarter of a circle are.
_KAPPA = 4 / 3 * (math.sqrt(2) - 1)
_OPERATORS = {"M": "m", "L": "l", "C": "c", "Z": "h"}


class Viewport(NamedTuple):
    """What percentages refer to."""

    width: float
    height: float

    @property
    def diagonal(self) -> float:
        """Return what 100 % means for lengths that are neither horizontal nor vertical."""
        return math.hypot(self.width, self.height) / math.sqrt(2)


class Path:
    """Subpaths of lines and cubic curves. The methods have the names that fontTools' arcs call."""

    def __init__(self) -> None:
        self.segments: list[tuple[str, tuple[Point, ...]]] = []
        self.at: Point = (0.0, 0.0)

    def moveTo(self, point: Point) -> None:  # noqa: N802
        """Begin a subpath."""
        self._add("M", point)

    def lineTo(self, point: Point) -> None:  # noqa: N802
        """Add a line."""
        self._add("L", point)

    def curveTo(self, first: Point, second: Point, end: Point) -> None:  # noqa: N802
        """Add a cubic curve."""
        self._add("C", first, second, end)

    def closePath(self) -> None:  # noqa: N802
        """Close the subpath."""
        self.segments.append(("Z", ()))

    def _add(self, kind: str, *points: Point) -> None:
        self.segments.append((kind, points))
        self.at = points[-1]

    def write(self, matrix: Transform | None = None) -> str:
        """Return its operators, transformed."""
        found = []
        for kind, points in self.segments:
            moved = points if matrix is None else [matrix.transformPoint(point) for point in points]
            numbers = write_numbers(value for point in moved for value in point)
            found.append(f"{numbers} {_OPERATORS[kind]}" if points else _OPERATORS[kind])
        return "\n".join(found)

    def measure(self, matrix: Transform | None = None) -> Bounds | None:
        """Return the box around it after a transform, or None if it has no points."""
        xs: list[float] = []
        ys: list[float] = []
        at = (0.0, 0.0)
        for kind, points in self.segments:
            moved = points if matrix is None else tuple(matrix.transformPoint(point) for point in points)
            if kind == "C":
                left, low, right, high = calcCubicBounds(at, *moved)
                xs += (left, right)
                ys += (low, high)
            # A subpath of one point has no place in the box, unless something is drawn from it.
            elif points:
                xs.append(moved[0][0])
                ys.append(moved[0][1])
            if moved:
                at = moved[-1]
        return (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)) if xs else None


def join(bounds: Iterable[Bounds | None]) -> Bounds | None:
    """Return the box around some boxes."""
    known = [box for box in bounds if box is not None]
    if not known:
        return None
    left, low = min(box[0] for box in known), min(box[1] for box in known)
    right, high = max(box[0] + box[2] for box in known), max(box[1] + box[3] for box in known)
    return left, low, right - left, high - low


def read_shape(name: str, attributes: Mapping[str, str], viewport: Viewport) -> Path:
    """Return a path, or a basic shape as one. It is empty if nothing is drawn."""

    def get(key: str, whole: float) -> float:
        return read_length(attributes.get(key) or "0", whole)

    path = Path()
    if name == "path":
        _read_path(attributes.get("d", ""), path)
    elif name in {"polyline", "polygon"}:
        _read_points(attributes.get("points", ""), path, is_closed=name == "polygon")
    elif name == "line":
        path.moveTo((get("x1", viewport.width), get("y1", viewport.height)))
        path.lineTo((get("x2", viewport.width), get("y2", viewport.height)))
    elif name == "rect":
        corner = get("x", viewport.width), get("y", viewport.height)
        size = get("width", viewport.width), get("height", viewport.height)
        _check_size(*size)
        if all(size):
            _draw_rectangle(path, corner, size, _read_radii(attributes, viewport, size))
    else:
        centre = get("cx", viewport.width), get("cy", viewport.height)
        if name == "circle":
            across = up = get("r", viewport.diagonal)
        else:
            across, up = get("rx", viewport.width), get("ry", viewport.height)
            if "auto" in {attributes.get("rx", "auto"), attributes.get("ry", "auto")}:
                raise CannotDrawError("the ellipse has only one radius. Give it both rx and ry")
        _check_size(across, up)
        if across and up:
            _draw_ellipse(path, centre, across, up)
    return path


def make_rectangle(x: float, y: float, width: float, height: float) -> Path:
    """Return a rectangle as a path."""
    path = Path()
    _draw_rectangle(path, (x, y), (width, height), (0, 0))
    return path


def _check_size(width: float, height: float) -> None:
    if width < 0 or height < 0:
        raise CannotDrawError("a size is negative")


def _read_radii(attributes: Mapping[str, str], viewport: Viewport, size: Point) -> Point:
    read = [
        None if attributes.get(key, "auto").strip() == "auto" else read_length(attributes[key], whole)
        for key, whole in (("rx", viewport.width), ("ry", viewport.height))
    ]
    across, up = read
    across = across if across is not None else up or 0.0
    up = up if up is not None else across
    _check_size(across, up)
    return min(across, size[0] / 2), min(up, size[1] / 2)


def _draw_rectangle(path: Path, corner: Point, size: Point, radii: Point) -> None:
    (left, top), (width, height), (rx, ry) = corner, size, radii
    right, bottom = left + width, top + height
    if not (rx and ry):
        rx = ry = 0.0
    dx, dy = rx * (1 - _KAPPA), ry * (1 - _KAPPA)
    path.moveTo((left + rx, top))
    path.lineTo((right - rx, top))
    if rx:
        path.curveTo((right - dx, top), (right, top + dy), (right, top + ry))
    path.lineTo((right, bottom - ry))
    if rx:
        path.curveTo((right, bottom - dy), (right - dx, bottom), (right - rx, bottom))
    path.lineTo((left + rx, bottom))
    if rx:
        path.curveTo((left + dx, bottom), (left, bottom - dy), (left, bottom - ry))
    path.lineTo((left, top + ry))
    if rx:
        path.curveTo((left, top + dy), (left + dx, top), (left + rx, top))
    path.closePath()


def _draw_ellipse(path: Path, centre: Point, rx: float, ry: float) -> None:
    x, y = centre
    dx, dy = rx * _KAPPA, ry * _KAPPA
    path.moveTo((x + rx, y))
    path.curveTo((x + rx, y + dy), (x + dx, y + ry), (x, y + ry))
    path.curveTo((x - dx, y + ry), (x - rx, y + dy), (x - rx, y))
    path.curveTo((x - rx, y - dy), (x - dx, y - ry), (x, y - ry))
    path.curveTo((x + dx, y - ry), (x + rx, y - dy), (x + rx, y))
    path.closePath()


def _read_points(text: str, path: Path, *, is_closed: bool) -> None:
    numbers = read_numbers(text)
    if len(numbers) % 2:
        raise CannotDrawError("the last point has only one coordinate")
    for index in range(0, len(numbers), 2):
        (path.lineTo if index else path.moveTo)((numbers[index], numbers[index + 1]))
    if numbers and is_closed:
        path.closePath()


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


def _read_path(text: str, path: Path) -> None:
    """Add the data of a path."""
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
