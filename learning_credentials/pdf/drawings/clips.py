"""Read clip paths: the outlines that elements are cut to (SVG 1.1, 14.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fontTools.misc.transform import Transform

from learning_credentials.pdf.drawings.paints import find_reference, get_href
from learning_credentials.pdf.drawings.paths import Path, Viewport
from learning_credentials.pdf.drawings.shapes import read_shape
from learning_credentials.pdf.drawings.values import CannotDrawError, quote, read_length, read_transform
from learning_credentials.svg_files.reading import SVG, split_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from learning_credentials.pdf.drawings.paths import Bounds
    from learning_credentials.pdf.drawings.styles import Style, Styles

SHAPES = frozenset(("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"))
#: Elements that draw nothing where they are.
UNSEEN = frozenset(
    (
        "defs",
        "title",
        "desc",
        "metadata",
        "style",
        "symbol",
        "view",
        "linearGradient",
        "radialGradient",
        "stop",
        "clipPath",
        "mask",
        "pattern",
        "marker",
        "filter",
        "font",
    )
)
#: Clip paths with clip paths of their own.
_MOST_NESTED = 8


class Outline(NamedTuple):
    """A shape of a clip path, in the coordinates of the drawing."""

    path: Path
    matrix: Transform
    is_even_odd: bool

    def write(self) -> str:
        """Return the operators of its path."""
        return self.path.write(self.matrix)


def list_clips(
    by_id: Mapping[str, Element],
    styles: Styles,
    value: str,
    matrix: Transform,
    viewport: Viewport,
    measure: Callable[[], Bounds | None],
) -> list[list[Outline]]:
    """Return the clip paths of an element, all of which cut it. Each has the shapes that it is made of.

    Args:
        by_id: the elements of the drawing.
        styles: their styles.
        value: of the property ``clip-path``.
        matrix: from the element's coordinates to those of the drawing.
        viewport: what percentages refer to.
        measure: returns the box around the element.
    """
    found: list[list[Outline]] = []
    while value != "none":
        target, rest = find_reference(value)
        element = by_id.get(target)
        if not target or rest or element is None or element.tag != f"{{{SVG}}}clipPath" or len(found) > _MOST_NESTED:
            msg = f"the clip path {quote(value)} cannot be drawn. Refer to a clipPath of the drawing"
            raise CannotDrawError(msg)
        inner = matrix.transform(read_transform(element.get("transform", "")))
        if element.get("clipPathUnits", "").strip() == "objectBoundingBox":
            box = measure()
            if box is None or not box[2] or not box[3]:
                return [[]]
            inner = inner.transform(Transform(box[2], 0, 0, box[3], box[0], box[1]))
            viewport = Viewport(1.0, 1.0)
        style = styles.find_in_document(element)
        found.append(
            [item for child in element for item in _list_outlines(by_id, styles, child, style, inner, viewport)]
        )
        value = style["clip-path"]
    return found


def _list_outlines(
    by_id: Mapping[str, Element],
    styles: Styles,
    element: Element,
    parent: Style,
    matrix: Transform,
    viewport: Viewport,
    *,
    is_copy: bool = False,
) -> Iterator[Outline]:
    namespace, name = split_tag(element.tag)
    if namespace != SVG or name in UNSEEN:
        return
    style = styles.find(element, parent)
    if style["display"] == "none":
        return
    if style["clip-path"] != "none" or (name not in SHAPES and (name != "use" or is_copy)):
        msg = f"a clip path has the element '{name}', which is not drawn in it. Convert it to a path"
        raise CannotDrawError(msg)
    matrix = matrix.transform(read_transform(element.get("transform", "")))
    if name == "use":
        target = by_id.get(get_href(element))
        if target is not None:
            x, y = (
                read_length(element.get("x", "0"), viewport.width),
                read_length(element.get("y", "0"), viewport.height),
            )
            yield from _list_outlines(by_id, styles, target, style, matrix.translate(x, y), viewport, is_copy=True)
    elif style["visibility"] == "visible":
        path = read_shape(name, element.attrib, viewport)
        if path.segments:
            yield Outline(path, matrix, style["clip-rule"] == "evenodd")
