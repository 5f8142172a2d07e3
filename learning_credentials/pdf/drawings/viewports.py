"""Read viewports: the size of a drawing, of a drawing inside it, and of a symbol (SVG 1.1, 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fontTools.misc.transform import Identity, Transform

from learning_credentials.pdf.drawings.paths import Viewport
from learning_credentials.pdf.drawings.values import CannotDrawError, quote, read_length, read_numbers

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from learning_credentials.pdf.drawings.paths import Bounds

_SHARES = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
#: How much longer one side of a drawing can be than the other.
_MOST_RATIO = 1000


class Inside(NamedTuple):
    """The inside of a viewport: its box, and the coordinates in it."""

    box: Bounds
    matrix: Transform
    viewport: Viewport


def find_size(root: Element) -> Viewport:
    """Return the size of a drawing.

    Raises:
        CannotDrawError: it has none.
    """
    view = read_view_box(root)
    width, height = (_read_side(root.get(key)) for key in ("width", "height"))
    ratio = view[2] / view[3] if view else None
    if width is None and height is None and view:
        width, height = view[2:]
    elif width is None and height is not None and ratio:
        width = height * ratio
    elif height is None and width is not None and ratio:
        height = width / ratio
    if not width or not height or width < 0 or height < 0:
        raise CannotDrawError("must have a width and height, or a viewBox, that are greater than 0")
    if not 1 / _MOST_RATIO <= width / height <= _MOST_RATIO:
        raise CannotDrawError("is too long and thin")
    return Viewport(width, height)


def find_viewport(element: Element, sized: Element, around: Viewport) -> Inside | None:
    """Return the inside of a nested ``svg`` or a symbol, or None if it has no area.

    Args:
        element: with the ``viewBox``.
        sized: with the place and size: the same element, or a ``use`` that copies it.
        around: the viewport around it.
    """

    def get(key: str, whole: float, default: str) -> float:
        value = sized.get(key) or (element.get(key) if sized is not element and key in {"width", "height"} else None)
        return read_length(default if value is None or value.strip() == "auto" else value, whole)

    x, y = (get("x", around.width, "0"), get("y", around.height, "0")) if element is sized else (0.0, 0.0)
    width, height = get("width", around.width, "100%"), get("height", around.height, "100%")
    if width <= 0 or height <= 0:
        return None
    inside = fit(element, Viewport(width, height))
    return inside and inside._replace(
        box=(x, y, width, height), matrix=Identity.translate(x, y).transform(inside.matrix)
    )


def fit(element: Element, size: Viewport) -> Inside | None:
    """Return the inside of a viewport of a size at the origin, or None if its ``viewBox`` has no area."""
    view = read_view_box(element)
    box = (0.0, 0.0, *size)
    if view is None:
        return Inside(box, Identity, size)
    left, top, width, height = view
    if not width or not height:
        return None
    written = element.get("preserveAspectRatio", "xMidYMid").strip() or "xMidYMid"
    align, *rest = written.split()
    if align == "none":
        across, up = size.width / width, size.height / height
        return Inside(box, Transform(across, 0, 0, up, -left * across, -top * up), Viewport(width, height))
    shares = _SHARES.get(align[1:4]), _SHARES.get(align[5:8])
    if len(align) != 8 or None in shares or rest not in ([], ["meet"], ["slice"]):  # noqa: PLR2004
        msg = f"the preserveAspectRatio {quote(written)} is not understood"
        raise CannotDrawError(msg)
    scale = (max if rest == ["slice"] else min)(size.width / width, size.height / height)
    x = (size.width - width * scale) * (shares[0] or 0) - left * scale
    y = (size.height - height * scale) * (shares[1] or 0) - top * scale
    return Inside(box, Transform(scale, 0, 0, scale, x, y), Viewport(width, height))


def read_view_box(element: Element) -> Bounds | None:
    """Return the ``viewBox`` of an element, or None if it has none."""
    written = element.get("viewBox")
    if written is None:
        return None
    numbers = read_numbers(written)
    if len(numbers) != 4 or numbers[2] < 0 or numbers[3] < 0:  # noqa: PLR2004
        msg = f"the viewBox {quote(written)} is not understood"
        raise CannotDrawError(msg)
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _read_side(text: str | None) -> float | None:
    """Return a side of the drawing. A percentage of the page around it is none."""
    if text is None or text.strip() in {"", "auto"} or text.strip().endswith("%"):
        return None
    return read_length(text, 0)
