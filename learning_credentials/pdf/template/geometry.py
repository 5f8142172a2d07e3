"""Define the size of a page and its rotation."""

from __future__ import annotations

from dataclasses import dataclass

#: Points of the sides of a page that can be drawn on.
LEAST_SIDE = 36
GREATEST_SIDE = 14400
#: Points of A4, rounded as most programs do.
A4_LONG = 841.89
A4_SHORT = 595.28


@dataclass(frozen=True, slots=True)
class Geometry:
    """The page as a viewer shows it, in points. ``matrix`` maps its coordinates to those of the page's content."""

    width: float
    height: float
    matrix: tuple[float, float, float, float, float, float]

    def convert(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Return a box of the visible page in the coordinates of the page's content: left, lower, right and upper edge."""
        a, b, c, d, e, f = self.matrix
        left, bottom, right, top = box
        xs = a * left + c * bottom + e, a * right + c * top + e
        ys = b * left + d * bottom + f, b * right + d * top + f
        return min(xs), min(ys), max(xs), max(ys)
