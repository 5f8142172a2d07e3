"""Measure elements, for clip paths and masks whose size depends on what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fontTools.misc.transform import Identity

from learning_credentials.pdf.drawings.clips import SHAPES, UNSEEN
from learning_credentials.pdf.drawings.paints import get_href
from learning_credentials.pdf.drawings.paths import join
from learning_credentials.pdf.drawings.shapes import read_shape
from learning_credentials.pdf.drawings.values import CannotDrawError, read_length, read_transform
from learning_credentials.svg_files.reading import SVG, split_tag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

    from fontTools.misc.transform import Transform

    from learning_credentials.pdf.drawings.paths import Bounds, Viewport
    from learning_credentials.pdf.drawings.styles import Style, Styles

#: Elements within elements, with all copies.
DEEPEST = 60
#: Lines and curves that are measured for clip paths and masks.
_MOST_MEASURED = 50_000


class Measurer:
    """Measures elements of a drawing."""

    def __init__(self, by_id: Mapping[str, Element], styles: Styles) -> None:
        self._by_id = by_id
        self.styles = styles
        self._measured = 0

    def measure(
        self, element: Element, style: Style, viewport: Viewport, matrix: Transform = Identity, depth: int = 0
    ) -> Bounds | None:
        """Return the box around an element without its strokes, in coordinates that ``matrix`` leads to."""
        namespace, name = split_tag(element.tag)
        if namespace != SVG or name in UNSEEN or style["display"] == "none" or depth > DEEPEST:
            return None
        if name in SHAPES:
            path = read_shape(name, element.attrib, viewport)
            self._measured += len(path.segments) + 1
            if self._measured > _MOST_MEASURED:
                raise CannotDrawError(
                    "has clip paths or masks that depend on the size of too many shapes. Use userSpaceOnUse in them"
                )
            return path.measure(matrix)
        listed = list(element)
        if name == "use":
            target = self._by_id.get(get_href(element))
            listed = [] if target is None else [target]
            x, y = (read_length(element.get(key, "0"), side) for key, side in zip("xy", viewport, strict=True))
            matrix = matrix.translate(x, y)
        elif name != "g":
            raise CannotDrawError("has a clip path or mask that depends on the size of a symbol, which is not drawn")
        return join(
            self.measure(
                child,
                self.styles.find(child, style),
                viewport,
                matrix.transform(read_transform(child.get("transform", ""))),
                depth + 1,
            )
            for child in listed
        )


def read_mask_region(mask: Element, box: Bounds | None, viewport: Viewport) -> Bounds | None:
    """Return the part of an element that a mask can show, or None if it shows nothing.

    Args:
        mask: the mask.
        box: around the element.
        viewport: what percentages refer to.
    """
    is_relative = mask.get("maskUnits", "").strip() != "userSpaceOnUse"
    if is_relative and (box is None or not box[2] or not box[3]):
        return None
    wholes = (1.0, 1.0) if is_relative else viewport
    x, y, width, height = (
        read_length(mask.get(key, default), wholes[index % 2])
        for index, (key, default) in enumerate((("x", "-10%"), ("y", "-10%"), ("width", "120%"), ("height", "120%")))
    )
    if is_relative and box:
        x, y, width, height = box[0] + x * box[2], box[1] + y * box[3], width * box[2], height * box[3]
    return (x, y, width, height) if width > 0 and height > 0 else None
