"""Read basic shapes as paths (SVG 1.1, 9)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from learning_credentials.pdf.drawings.path_data import read_path
from learning_credentials.pdf.drawings.paths import Path
from learning_credentials.pdf.drawings.values import CannotDrawError, read_length, read_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning_credentials.pdf.drawings.paths import Point, Viewport

#: Where the control points of a quarter of a circle are.
_KAPPA = 4 / 3 * (math.sqrt(2) - 1)


def read_shape(name: str, attributes: Mapping[str, str], viewport: Viewport) -> Path:
    """Return a path, or a basic shape as one. It is empty if nothing is drawn."""

    def get(key: str, whole: float) -> float:
        return read_length(attributes.get(key) or "0", whole)

    path = Path()
    if name == "path":
        read_path(attributes.get("d", ""), path)
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
