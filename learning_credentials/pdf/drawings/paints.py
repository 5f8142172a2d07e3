"""Read what fills and strokes are painted with: nothing, a colour, or a gradient (SVG 1.1, 11.2 and 13)."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from fontTools.misc.transform import Identity, Transform

from learning_credentials.pdf.drawings.forms import write_number, write_numbers
from learning_credentials.pdf.drawings.values import (
    CannotDrawError,
    Colour,
    quote,
    read_colour,
    read_length,
    read_share,
    read_transform,
)
from learning_credentials.svg_files.reading import SVG, XLINK, split_tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree.ElementTree import Element

    from learning_credentials.pdf.drawings.paths import Bounds, Viewport
    from learning_credentials.pdf.drawings.styles import Style, Styles

_URL = re.compile(r"url\(\s*['\"]?#([^'\")]+?)['\"]?\s*\)\s*(.*)", re.DOTALL)
_GRADIENTS = {"linearGradient", "radialGradient"}
#: Gradients that refer to each other. Cycles are refused before.
_MOST_REFERENCES = 50
#: The attributes that a gradient takes from the gradient that it refers to, whatever the kinds of both.
_COMMON = {"gradientUnits", "spreadMethod", "gradientTransform"}
#: Stops closer than this are one step.
_NEAR = 1e-6


class Gradient(NamedTuple):
    """A gradient: its matrix to user space, a shading dictionary of its colours, and one of its opacities if they differ."""

    matrix: Transform
    colours: str
    opacities: str
    alpha: float
    """The opacity, if it is the same everywhere."""


Paint = Colour | Gradient | None


def find_reference(value: str) -> tuple[str, str]:
    """Return the id that ``url(#id)`` refers to, and what follows it. The id is empty if the value is no reference."""
    found = _URL.fullmatch(value.strip())
    return (found[1].strip(), found[2].strip()) if found else ("", "")


def get_href(element: Element) -> str:
    """Return the id that an element refers to, or an empty text."""
    value = element.get("href", element.get(f"{{{XLINK}}}href", "")).strip()
    if value and not value.startswith("#"):
        raise CannotDrawError("refers to something that is not drawn")
    return value[1:]


class Paints:
    """Reads the paints of a drawing."""

    def __init__(self, by_id: Mapping[str, Element], styles: Styles) -> None:
        self._by_id = by_id
        self._styles = styles
        self._stops: dict[Element, list[tuple[float, Colour]]] = {}

    def read(self, value: str, style: Style, box: Bounds | None, viewport: Viewport) -> Paint:
        """Return the paint that a property names.

        Args:
            value: of the property.
            style: of the element.
            box: around the shape, which gradients can refer to.
            viewport: what percentages refer to.
        """
        if value == "none":
            return None
        if value.lower() == "currentcolor":
            return read_colour(style["color"])
        target, fallback = find_reference(value)
        if not target:
            return read_colour(value)
        element = self._by_id.get(target)
        if element is None:
            if fallback:
                return self.read(fallback, style, box, viewport)
            msg = f"{quote(value)} refers to nothing. Remove it"
            raise CannotDrawError(msg)
        name = split_tag(element.tag)[1]
        if name not in _GRADIENTS:
            msg = f"is painted with the element '{name}', which is not drawn. Use a colour or a gradient"
            raise CannotDrawError(msg)
        return self._read_gradient(element, box, viewport)

    def _read_gradient(self, element: Element, box: Bounds | None, viewport: Viewport) -> Paint:
        chain = self._list_chain(element)
        stops = next((found for item in chain if (found := self._read_stops(item))), [])
        if not stops:
            return None
        attributes = _collect_attributes(chain)
        self._check(element, attributes, stops)
        is_relative = attributes.get("gradientUnits", "").strip() != "userSpaceOnUse"
        matrix = Identity
        if is_relative:
            if box is None or not box[2] or not box[3]:
                return None
            matrix = Transform(box[2], 0, 0, box[3], box[0], box[1])
        matrix = matrix.transform(read_transform(attributes.get("gradientTransform", "")))
        a, b, c, d, _, _ = matrix
        sides = (1.0, 1.0, 1.0) if is_relative else (viewport.width, viewport.height, viewport.diagonal)
        kind = 2 if split_tag(element.tag)[1] == "linearGradient" else 3
        coordinates = (_read_line if kind == 2 else _read_circles)(attributes, sides)  # noqa: PLR2004
        if len(stops) == 1 or not a * d - b * c or not coordinates:
            return stops[-1][1]
        return _make_gradient(kind, coordinates, stops, matrix)

    def _check(self, element: Element, attributes: Mapping[str, str], stops: Sequence[object]) -> None:
        if self._styles.find_in_document(element)["color-interpolation"].lower() == "linearrgb":
            raise CannotDrawError("a gradient has the color-interpolation linearRGB, which is not drawn. Use sRGB")
        if attributes.get("spreadMethod", "pad").strip() != "pad" and len(stops) > 1:
            raise CannotDrawError("a gradient is repeated (spreadMethod), which is not drawn. Use pad")

    def _list_chain(self, element: Element) -> list[Element]:
        chain = [element]
        while target := get_href(chain[-1]):
            found = self._by_id.get(target)
            if found is None or split_tag(found.tag)[1] not in _GRADIENTS or len(chain) > _MOST_REFERENCES:
                raise CannotDrawError("a gradient refers to something that is no gradient")
            chain.append(found)
        return chain

    def _read_stops(self, element: Element) -> list[tuple[float, Colour]]:
        if element in self._stops:
            return self._stops[element]
        found: list[tuple[float, Colour]] = []
        least = 0.0
        for child in element:
            if child.tag != f"{{{SVG}}}stop":
                continue
            style = self._styles.find_in_document(child)
            value = style["stop-color"]
            colour = read_colour(style["color"] if value.lower() == "currentcolor" else value)
            least = max(least, read_share(child.get("offset", "0")))
            found.append((least, colour._replace(alpha=colour.alpha * read_share(style["stop-opacity"]))))
        self._stops[element] = found
        return found


def _collect_attributes(chain: Sequence[Element]) -> dict[str, str]:
    """Return the attributes of a gradient with those that it takes from others. Another kind lends everything but its own geometry."""
    name = split_tag(chain[0].tag)[1]
    found: dict[str, str] = {}
    for item in reversed(chain):
        lent = (
            item.attrib
            if split_tag(item.tag)[1] == name
            else {key: item.attrib[key] for key in _COMMON & item.attrib.keys()}
        )
        found |= lent
    return found


def _read_line(attributes: Mapping[str, str], sides: Sequence[float]) -> list[float]:
    """Return the ends of a linear gradient. The list is empty if they are in one place."""
    named = (("x1", "0%", 0), ("y1", "0%", 1), ("x2", "100%", 0), ("y2", "0%", 1))
    found = [read_length(attributes.get(key, default), sides[side]) for key, default, side in named]
    return [] if found[:2] == found[2:] else found


def _read_circles(attributes: Mapping[str, str], sides: Sequence[float]) -> list[float]:
    """Return the inner and the outer circle of a radial gradient. The list is empty if the outer one has no area."""
    values = {"cx": "50%", "cy": "50%", "r": "50%", "fr": "0%", **attributes}
    values = {"fx": values["cx"], "fy": values["cy"], **values}
    named = (("fx", 0), ("fy", 1), ("fr", 2), ("cx", 0), ("cy", 1), ("r", 2))
    found = [read_length(values[key], sides[side]) for key, side in named]
    fx, fy, start, x, y, radius = found
    if radius < 0 or start < 0:
        raise CannotDrawError("a gradient has a negative radius")
    if radius and math.hypot(fx - x, fy - y) + start >= radius * (1 - _NEAR):
        raise CannotDrawError(
            "a radial gradient has its focus outside of its circle, which is not drawn. Move it inside"
        )
    return found if radius else []


def _make_gradient(
    kind: int, places: Sequence[float], stops: list[tuple[float, Colour]], matrix: Transform
) -> Gradient:
    alphas = {colour.alpha for _, colour in stops}
    head = f"<< /ShadingType {kind} /Coords [{write_numbers(places)}] /Extend [true true] "
    colours = f"{head}/ColorSpace /DeviceRGB /Function {_make_function([(at, colour[:3]) for at, colour in stops])} >>"
    if len(alphas) == 1:
        return Gradient(matrix, colours, "", alphas.pop())
    opacities = _make_function([(at, (colour.alpha,)) for at, colour in stops])
    return Gradient(matrix, colours, f"{head}/ColorSpace /DeviceGray /Function {opacities} >>", 1.0)


def _make_function(stops: list[tuple[float, tuple[float, ...]]]) -> str:
    """Return a function of the place between 0 and 1 (ISO 32000-2, 7.10)."""
    around = [(0.0, stops[0][1]), *stops, (1.0, stops[-1][1])]
    parts = [(end, first, second) for (start, first), (end, second) in pairwise(around) if end - start > _NEAR]
    functions = [
        f"<< /FunctionType 2 /Domain [0 1] /C0 [{write_numbers(first)}] /C1 [{write_numbers(second)}] /N 1 >>"
        for _, first, second in parts
    ]
    if len(functions) == 1:
        return functions[0]
    bounds = " ".join(write_number(end) for end, _, _ in parts[:-1])
    return (
        f"<< /FunctionType 3 /Domain [0 1] /Functions [{' '.join(functions)}] /Bounds [{bounds}] "
        f"/Encode [{' '.join(['0 1'] * len(functions))}] >>"
    )
