"""Write how strokes look: their width, ends, corners and dashes (SVG 1.1, 11.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.drawings.forms import SIDE, write_number, write_numbers
from learning_credentials.pdf.drawings.values import CannotDrawError, read_length, read_number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from learning_credentials.pdf.drawings.paths import Viewport
    from learning_credentials.pdf.drawings.styles import Style

_MOST_DASHES = 100
#: The dashes of a stroke are at least so long together, in the units of a drawing. Programs draw each of them.
_SHORTEST = SIDE / 10_000
_CAPS = {"butt": 0, "round": 1, "square": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}


def write_line(element: Element, style: Style, width: float, viewport: Viewport, scale: float) -> str:
    """Return the operators for the look of a stroke.

    Args:
        element: with the stroke.
        style: of the element.
        width: of the stroke.
        viewport: what percentages refer to.
        scale: how large a unit of the element is in the drawing.
    """
    if style["vector-effect"] != "none":
        raise CannotDrawError("has a stroke that keeps its width (vector-effect), which is not drawn. Remove it")
    cap, joint = _CAPS.get(style["stroke-linecap"]), _JOINS.get(style["stroke-linejoin"])
    if cap is None or joint is None:
        msg = "the stroke has unusual ends (stroke-linecap) or corners (stroke-linejoin), which are not drawn"
        raise CannotDrawError(msg)
    limit = read_number(style["stroke-miterlimit"])
    if limit < 1:
        raise CannotDrawError("the stroke-miterlimit is less than 1")
    found = [f"{write_number(width)} w {cap} J {joint} j {write_number(limit)} M"]
    if style["stroke-dasharray"] != "none":
        if "pathLength" in element.attrib:
            raise CannotDrawError("has dashes by pathLength, which are not drawn. Remove the attribute")
        parts = style["stroke-dasharray"].replace(",", " ").split()
        if len(parts) > _MOST_DASHES:
            raise CannotDrawError("the stroke has too many dashes")
        dashes = [read_length(part, viewport.diagonal) for part in parts]
        if any(dash < 0 for dash in dashes):
            raise CannotDrawError("the stroke has dashes of negative lengths")
        if 0 < sum(dashes) * scale < _SHORTEST:
            raise CannotDrawError("the stroke has dashes that are too short to be seen. Remove them")
        if sum(dashes):
            offset = read_length(style["stroke-dashoffset"], viewport.diagonal)
            # A negative phase means the same as one that is longer by whole patterns.
            total = sum(dashes) * (2 if len(dashes) % 2 else 1)
            found.append(f"[{write_numbers(dashes)}] {write_number(offset % total)} d")
    return " ".join(found)
