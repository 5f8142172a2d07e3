"""Draw SVG images. Like `sheet`, it takes places on A4, in points from the bottom left corner."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from learning_credentials.pdf.designs.sheet import Point, Sheet


class Pen:
    """Draws on a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._parts: list[str] = []

    def make(self) -> bytes:
        """Return the image."""
        width, height = self._sheet.width, self._sheet.height
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
            f'viewBox="0 0 {width:g} {height:g}">\n<g transform="matrix(1 0 0 -1 0 {height:g})">\n'
            + "\n".join(self._parts)
            + "\n</g>\n</svg>\n"
        ).encode()

    def rect(self, x: float, y: float, width: float, height: float, **look: object) -> None:
        """Draw a rectangle. Its edges move with the paper."""
        left, bottom, across, up = self._sheet.move_box(x, y, width, height)
        self._add("rect", x=left, y=bottom, width=across, height=up, **look)

    def fill_page(self, colour: str) -> None:
        """Fill the whole page."""
        self._add("rect", x=0, y=0, width=self._sheet.width, height=self._sheet.height, fill=colour)

    def line(self, start: Point, end: Point, colour: str, width: float) -> None:
        """Draw a straight line."""
        (x1, y1), (x2, y2) = self._sheet.move(*start), self._sheet.move(*end)
        self._add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width)

    def polygon(self, points: Iterable[Point], **look: object) -> None:
        """Draw a polygon. Its corners move with the paper."""
        moved = " ".join(f"{x:g},{y:g}" for x, y in (self._sheet.move(*point) for point in points))
        self._add("polygon", points=moved, **look)

    def curve(self, pieces: Sequence[str | Point], **look: object) -> None:
        """Draw a path: letters of its commands, and points, which move with the paper."""
        moved = (piece if isinstance(piece, str) else "{:g} {:g}".format(*self._sheet.move(*piece)) for piece in pieces)
        self._add("path", d=" ".join(moved), **look)

    def circle(self, centre: Point, radius: float, **look: object) -> None:
        """Draw a circle."""
        x, y = self._sheet.move(*centre)
        self._add("circle", cx=x, cy=y, r=round(radius * self._sheet.scale, 2), **look)

    def shape(self, centre: Point, points: Iterable[Point], **look: object) -> None:
        """Draw a polygon around a point. It keeps its proportion."""
        self._add("path", d=self._trace(centre, points), **look)

    def strand(self, centre: Point, points: Iterable[Point], **look: object) -> None:
        """Draw an open line around a point. It keeps its proportion."""
        self._add("path", d=self._trace(centre, points).removesuffix("Z"), **look)

    def _trace(self, centre: Point, points: Iterable[Point]) -> str:
        x, y = self._sheet.move(*centre)
        scale = self._sheet.scale
        side = -1 if self._sheet.is_rtl else 1
        return "M" + "L".join(f"{x + side * dx * scale:.2f} {y + dy * scale:.2f}" for dx, dy in points) + "Z"

    def _add(self, name: str, **attributes: object) -> None:
        if "stroke" in attributes and "fill" not in attributes and name != "line":
            attributes["fill"] = "none"
        written = " ".join(
            f'{key.replace("_", "-")}="{value:g}"' if isinstance(value, float) else f'{key.replace("_", "-")}="{value}"'
            for key, value in attributes.items()
        )
        self._parts.append(f"<{name} {written}/>")


def make_star(points: int, radius: float, inner: float, start: float = pi / 2) -> list[Point]:
    """Return the corners of a star around the origin. ``inner`` is the part of the radius at which its inner corners are."""
    return [
        (
            cos(start + pi * corner / points) * radius * (inner if corner % 2 else 1),
            sin(start + pi * corner / points) * radius * (inner if corner % 2 else 1),
        )
        for corner in range(2 * points)
    ]


def make_wave(radius: float, depth: float, petals: int, phase: float = 0) -> list[Point]:
    """Return a closed curve that swings about a circle around the origin, ``petals`` times."""
    steps = petals * 10
    found = []
    for step in range(steps):
        angle = 2 * pi * step / steps
        reach = radius + depth * sin(petals * angle + phase)
        found.append((reach * cos(angle), reach * sin(angle)))
    return found


def make_leaf(length: float, width: float, lean: float, root: Point) -> list[Point]:
    """Return a leaf that grows from a root in a direction, given in radians."""
    steps = 12
    side = [(length * step / steps, width * sin(pi * step / steps) ** 0.9) for step in range(steps + 1)]
    outline = [*side, *((along, -across) for along, across in reversed(side[1:-1]))]
    return [
        (root[0] + along * cos(lean) - across * sin(lean), root[1] + along * sin(lean) + across * cos(lean))
        for along, across in outline
    ]
