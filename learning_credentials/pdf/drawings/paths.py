"""Paths: subpaths of lines and cubic curves, and the boxes around them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from fontTools.misc.bezierTools import calcCubicBounds

from learning_credentials.pdf.drawings.forms import write_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fontTools.misc.transform import Transform

Point = tuple[float, float]
#: A corner, and width and height.
Bounds = tuple[float, float, float, float]

_OPERATORS = {"M": "m", "L": "l", "C": "c", "Z": "h"}


class Viewport(NamedTuple):
    """The size of which percentages are parts."""

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
