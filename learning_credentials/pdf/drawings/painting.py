"""Draw the elements of a drawing, each with its style, on canvases."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fontTools.misc.transform import Identity, Transform

from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.drawings.clips import SHAPES, UNSEEN, list_clips
from learning_credentials.pdf.drawings.colouring import add_opacity, set_paint
from learning_credentials.pdf.drawings.forms import SIDE, write_numbers
from learning_credentials.pdf.drawings.measuring import DEEPEST, Measurer, read_mask_region
from learning_credentials.pdf.drawings.paints import Paints, find_reference, get_href
from learning_credentials.pdf.drawings.paths import Viewport
from learning_credentials.pdf.drawings.shapes import make_rectangle, read_shape
from learning_credentials.pdf.drawings.strokes import write_line
from learning_credentials.pdf.drawings.styles import Styles
from learning_credentials.pdf.drawings.values import CannotDrawError, quote, read_length, read_share, read_transform
from learning_credentials.pdf.drawings.viewports import find_viewport
from learning_credentials.svg_files.reading import SVG, split_tag

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from learning_credentials.pdf.drawings.clips import Outline
    from learning_credentials.pdf.drawings.forms import Canvas, Form
    from learning_credentials.pdf.drawings.paths import Path
    from learning_credentials.pdf.drawings.styles import Style
    from learning_credentials.svg_files.reading import Drawing

_GROUPS = frozenset(("g", "svg", "use"))
#: How far from the drawing something can be, in its sides. Programs draw with numbers of limited size.
_FARTHEST = 100 * SIDE
_ADVICE = {
    "text": "Convert texts to paths (outlines)",
    "tspan": "Convert texts to paths (outlines)",
    "image": "Remove the picture in it, or upload the whole image as PNG",
    "switch": "Export the image as plain SVG",
}
_MARKED = frozenset(("path", "line", "polyline", "polygon"))


class Place(NamedTuple):
    """Where an element is drawn: its coordinates, what percentages refer to, and whether it is in a mask."""

    matrix: Transform
    viewport: Viewport
    is_mask: bool = False
    depth: int = 0


class Painter:
    """Draws elements.

    Args:
        drawing: the elements of the file.
    """

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._by_id: dict[str, Element] = {}
        for element in drawing.root.iter():
            self._by_id.setdefault(element.get("id", ""), element)
        self.styles = Styles(drawing.root)
        self._paints = Paints(self._by_id, self.styles)
        self._measurer = Measurer(self._by_id, self.styles)

    def draw(self, element: Element, parent: Style, canvas: Canvas, place: Place) -> None:
        """Draw an element and everything in it.

        Raises:
            AssetError: it would be drawn wrong. The message names the line and the element.
        """
        try:
            self._draw(element, parent, canvas, place)
        except CannotDrawError as error:
            msg = f"{self._drawing.locate(element)}: {error}"
            raise AssetError(msg) from None

    def draw_children(self, element: Element, style: Style, canvas: Canvas, place: Place) -> None:
        """Draw what is in an element with a style."""
        for child in element:
            self.draw(child, style, canvas, place)

    def _draw(self, element: Element, parent: Style, canvas: Canvas, place: Place) -> None:
        namespace, name = split_tag(element.tag)
        if namespace != SVG or name in UNSEEN:
            return
        style = self.styles.find(element, parent)
        if style["display"] == "none":
            return
        if name not in SHAPES and name not in _GROUPS:
            advice = _ADVICE.get(name, "Remove it, or convert it to paths")
            msg = f"this element is not drawn on certificates. {advice}"
            raise CannotDrawError(msg)
        if place.depth > DEEPEST:
            raise CannotDrawError("the elements are nested too deeply. Ungroup some of them")
        for key in ("systemLanguage", "requiredFeatures", "requiredExtensions"):
            if key in element.attrib:
                msg = f"is drawn in some programs only ({key}). Remove the condition"
                raise CannotDrawError(msg)
        for key, usual in (("filter", "none"), ("mix-blend-mode", "normal")):
            if style[key] != usual:
                msg = f"the style {quote(f'{key}: {style[key]}')} is not drawn. Remove the effect, or upload the image as PNG"
                raise CannotDrawError(msg)
        matrix = place.matrix.transform(read_transform(element.get("transform", "")))
        a, b, c, d, _, _ = matrix
        if not a * d - b * c:
            return
        place = place._replace(matrix=matrix, depth=place.depth + 1)
        self._draw_with_effects(element, name, style, canvas, place)

    def _draw_with_effects(self, element: Element, name: str, style: Style, canvas: Canvas, place: Place) -> None:
        """Draw an element with its opacity, clip paths and mask."""
        clips = list_clips(
            self._by_id,
            self.styles,
            style["clip-path"],
            place.matrix,
            place.viewport,
            lambda: self._measurer.measure(element, style, place.viewport),
        )
        if any(not clip for clip in clips):
            return
        opacity = read_share(style["opacity"])
        masks = [self._make_clip_mask(clip, canvas) for clip in clips if len(clip) > 1]
        if style["mask"] != "none":
            masks.append(self._make_mask(element, style, canvas, place))
        is_group = bool(masks) or (opacity < 1 and (name in _GROUPS or _paints_twice(style)))
        inner = canvas.open() if is_group else canvas
        outer = [clip[0] for clip in clips if len(clip) == 1]
        if not opacity:
            return
        start = [part for clip in outer for part in (clip.write(), "W* n" if clip.is_even_odd else "W n")]
        if not is_group:
            canvas.write(*(["q", *start] if start else ()))
            self._draw_content(element, name, style, canvas, place, opacity)
            canvas.write(*(["Q"] if start else ()))
            return
        self._draw_content(element, name, style, inner, place, 1.0)
        if inner.is_empty:
            return
        form = inner.finish(group="DeviceRGB")
        for mask in masks[:-1]:
            wrapped = canvas.open()
            _paint_form(wrapped, form, 1.0, mask)
            form = wrapped.finish(group="DeviceRGB")
        canvas.write("q", *start)
        _paint_form(canvas, form, opacity, masks[-1] if masks else None)
        canvas.write("Q")

    def _draw_content(
        self, element: Element, name: str, style: Style, canvas: Canvas, place: Place, opacity: float
    ) -> None:
        if name == "g":
            self.draw_children(element, style, canvas, place)
        elif name == "svg":
            self._draw_viewport(element, element, style, canvas, place)
        elif name == "use":
            self._draw_copy(element, style, canvas, place)
        elif style["visibility"] == "visible":
            self._draw_shape(element, name, style, canvas, place, opacity)

    def _draw_copy(self, element: Element, style: Style, canvas: Canvas, place: Place) -> None:
        target = self._by_id.get(get_href(element))
        if target is None:
            return
        name = split_tag(target.tag)[1]
        viewport = place.viewport
        x, y = read_length(element.get("x", "0"), viewport.width), read_length(element.get("y", "0"), viewport.height)
        moved = place._replace(matrix=place.matrix.translate(x, y))
        if name in {"symbol", "svg"}:
            inner = self.styles.find(target, style)
            if inner["display"] == "none" and name == "svg":
                return
            effects = (inner[key] != "none" for key in ("clip-path", "mask", "filter"))
            if any(effects) or read_share(inner["opacity"]) < 1:
                raise CannotDrawError("copies a symbol with effects. Put them on a group in the symbol")
            if "transform" in target.attrib:
                raise CannotDrawError("copies a symbol with a transform. Put it on a group in the symbol")
            self._draw_viewport(target, element, inner, canvas, moved)
        else:
            self.draw(target, style, canvas, moved)

    def _draw_viewport(self, element: Element, sized: Element, style: Style, canvas: Canvas, place: Place) -> None:
        """Draw what is in a nested ``svg`` or in a symbol. ``sized`` has the size: the element itself, or its copy."""
        found = find_viewport(element, sized, place.viewport)
        if found is None:
            return
        is_cut = style["overflow"] not in {"visible", "auto"}
        if is_cut:
            box = make_rectangle(*found.box).write(place.matrix)
            canvas.write("q", box, "W n")
        inner = place._replace(matrix=place.matrix.transform(found.matrix), viewport=found.viewport)
        self.draw_children(element, style, canvas, inner)
        if is_cut:
            canvas.write("Q")

    def _draw_shape(
        self, element: Element, name: str, style: Style, canvas: Canvas, place: Place, opacity: float
    ) -> None:
        if name in _MARKED and any(style[f"marker-{at}"] != "none" for at in ("start", "mid", "end")):
            raise CannotDrawError("has a marker, such as an arrow head, which is not drawn. Convert it to a path")
        path = read_shape(name, element.attrib, place.viewport)
        width = read_length(style["stroke-width"], place.viewport.diagonal)
        if not path.segments:
            return
        operators = path.write()
        for key in _list_painted(name, style, width):
            is_stroke = key == "stroke"
            paint = self._paints.read(style[key], style, path.measure(), place.viewport)
            alpha = opacity * read_share(style[f"{key}-opacity"])
            setting = set_paint(canvas, paint, alpha, place.matrix, is_mask=place.is_mask, is_stroke=is_stroke)
            if setting is None:
                continue
            _check_place(path, place.matrix, width if is_stroke else 0)
            state = (
                write_line(element, style, width, place.viewport, max(map(abs, place.matrix[:4]))) if is_stroke else ""
            )
            matrix = "" if place.matrix == Identity else f"{write_numbers(place.matrix)} cm"
            drawn = "S" if is_stroke else "f*" if style["fill-rule"] == "evenodd" else "f"
            canvas.write("q", *filter(None, (*setting, matrix, state)), operators, drawn, "Q")

    def _make_clip_mask(self, clip: list[Outline], canvas: Canvas) -> tuple[str, Form]:
        """Return a mask of shapes, which together cut an element."""
        mask = canvas.open()
        for outline in clip:
            mask.write("1 g", outline.write(), "f*" if outline.is_even_odd else "f")
        return "Luminosity", mask.finish(group="DeviceGray")

    def _make_mask(self, element: Element, style: Style, canvas: Canvas, place: Place) -> tuple[str, Form]:
        target, rest = find_reference(style["mask"])
        mask = self._by_id.get(target)
        if not target or rest or mask is None or mask.tag != f"{{{SVG}}}mask":
            msg = f"the mask {quote(style['mask'])} cannot be drawn. Refer to a mask of the drawing"
            raise CannotDrawError(msg)
        own = self.styles.find_in_document(mask)
        if own["mask"] != "none" or own["clip-path"] != "none" or own["filter"] != "none":
            raise CannotDrawError("has a mask with effects of its own, which is not drawn")
        is_alpha = own["mask-type"] == "alpha"
        canvas = canvas.open()
        box = self._measurer.measure(element, style, place.viewport)
        region = read_mask_region(mask, box, place.viewport)
        if region is None or ("objectBoundingBox" in mask.get("maskContentUnits", "") and not box):
            return "Luminosity", canvas.finish(group="DeviceRGB")
        canvas.write("q", make_rectangle(*region).write(place.matrix), "W n")
        inner = place._replace(is_mask=not is_alpha)
        if mask.get("maskContentUnits", "").strip() == "objectBoundingBox" and box:
            scale = Transform(box[2], 0, 0, box[3], box[0], box[1])
            inner = inner._replace(matrix=place.matrix.transform(scale), viewport=Viewport(1.0, 1.0))
        self.draw_children(mask, own, canvas, inner)
        canvas.write("Q")
        return "Alpha" if is_alpha else "Luminosity", canvas.finish(group="DeviceRGB")


def _list_painted(name: str, style: Style, width: float) -> list[str]:
    """Return what is painted of a shape, in drawing order."""
    order = style["paint-order"].split()
    if "markers" in order and order != ["fill", "stroke", "markers"]:
        raise CannotDrawError("has an unusual paint-order. Remove it")
    found = [] if name == "line" or style["fill"] == "none" else ["fill"]
    if style["stroke"] != "none" and width > 0:
        found.insert(0 if order[0] == "stroke" else len(found), "stroke")
    return found


def _paints_twice(style: Style) -> bool:
    return style["fill"] != "none" and style["stroke"] != "none"


def _paint_form(canvas: Canvas, form: Form, opacity: float, mask: tuple[str, Form] | None) -> None:
    operators = []
    if mask is not None:
        kind, content = mask
        operators.append(f"{canvas.add('ExtGState', f'<< /SMask << /S /{kind} /G ', content, ' >> >>')} gs")
    if opacity < 1:
        operators.append(f"{add_opacity(canvas, opacity)} gs")
    canvas.write("q", *operators, f"{canvas.add('XObject', form)} Do", "Q")


def _check_place(path: Path, matrix: Transform, width: float) -> None:
    box = path.measure(matrix)
    reach = width * max(map(abs, matrix[:4]))
    if box is not None and not (
        -_FARTHEST <= box[0] <= box[0] + box[2] <= _FARTHEST
        and -_FARTHEST <= box[1] <= box[1] + box[3] <= _FARTHEST
        and reach <= _FARTHEST
    ):
        raise CannotDrawError("is far outside of the drawing. Remove it, or make it smaller")
