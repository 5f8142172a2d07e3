"""Find where the elements of a design are on the pages of a document, for pages on which operators move them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from pydantic import BaseModel

from learning_credentials.pdf.content.graphics import PlacedImage, TextLine
from learning_credentials.pdf.content.images import measure_image
from learning_credentials.pdf.content.sections import join_boxes
from learning_credentials.pdf.elements.background import BackgroundElement
from learning_credentials.pdf.elements.builtin_page import BUILTIN_QR
from learning_credentials.pdf.elements.image import ImageElement
from learning_credentials.pdf.elements.qr_code import QRElement
from learning_credentials.pdf.elements.signatories import SignatoriesBox, SignatoriesElement
from learning_credentials.pdf.elements.table import TableElement
from learning_credentials.pdf.elements.text import TextElement
from learning_credentials.pdf.layout_data import DesignElement, Layout
from learning_credentials.pdf.options import PDFOptions
from learning_credentials.pdf.rendering import get_renderer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from learning_credentials.data import AssetReader, CredentialData
    from learning_credentials.pdf.content.graphics import Box, Graphic
    from learning_credentials.pdf.elements.base import Element, ListedElement
    from learning_credentials.pdf.rendering import PlacedElement
    from learning_credentials.pdf.template.geometry import Geometry

#: The option that shows and hides the signatories of the built-in page, which have no other options.
SIGNATURES = "signatures"
_KINDS: tuple[tuple[type[Element], str], ...] = (
    (TextElement, "text"),
    (ImageElement, "image"),
    (QRElement, "qr"),
    (TableElement, "table"),
    (BackgroundElement, "background"),
    (SignatoriesBox, "signatories"),
    (SignatoriesElement, "signatures"),
)
#: What a text that prints nothing seems to cover, in points to each side of its place.
_EMPTY_REACH = 24.0
_CAPITALS = 0.7


def lay_out(options: Mapping[str, Any], assets: AssetReader, credential: CredentialData) -> Layout:
    """Return where the elements are. Raises the errors of the renderer."""
    pages, placed = get_renderer(options, assets).lay_out(credential)
    parsed = PDFOptions.model_validate(dict(options))
    return Layout(
        [(page.width, page.height) for page in pages],
        list(_describe_all(parsed, placed, pages)),
        list(_list_hidden(parsed)),
    )


def _describe_all(
    options: PDFOptions, placed: Iterable[PlacedElement], pages: list[Geometry]
) -> Iterator[DesignElement]:
    """Yield the elements that options can change, in drawing order."""
    found: dict[int, tuple[ListedElement, list[tuple[int, list[Graphic]]]]] = {}
    for listed, page, graphics in placed:
        found.setdefault(id(listed), (listed, []))[1].append((page, graphics))
    for listed, drawn in found.values():
        kind = next((name for model, name in _KINDS if isinstance(listed.element, model)), "")
        path = SIGNATURES if kind == "signatures" else listed.path
        if kind and path:
            yield _describe(options, path, kind, listed, drawn, pages)


def _describe(
    options: PDFOptions,
    path: str,
    kind: str,
    listed: ListedElement,
    drawn: list[tuple[int, list[Graphic]]],
    pages: list[Geometry],
) -> DesignElement:
    element = listed.element
    boxes = [(page, join_boxes([_find_box(graphic) for graphic in graphics])) for page, graphics in drawn if graphics]
    first = next((graphics for _, graphics in drawn if graphics), [])
    page = pages[drawn[0][0]]
    anchor = _find_anchor(element, first, page)
    is_empty = not boxes
    if is_empty and anchor:
        boxes = [(drawn[0][0], _guess_box(element, anchor))]
    return DesignElement(
        path=path,
        kind=kind,
        values=_read_values(element),
        base=_find_base(options, path),
        page=element.page,
        boxes=boxes,
        anchor=anchor,
        field=listed.room.field if listed.room else "",
        is_empty=is_empty,
    )


def _find_box(graphic: Graphic) -> Box:
    """Return the box of a graphics object. The height or width of an image that has only the other one comes from its proportion."""
    if not isinstance(graphic, PlacedImage) or (graphic.width and graphic.height):
        return graphic.box
    pixels = measure_image(graphic.asset)
    width = graphic.width or graphic.height * pixels[0] / pixels[1]
    height = graphic.height or graphic.width * pixels[1] / pixels[0]
    return graphic.x, graphic.y, graphic.x + width, graphic.y + height


def _find_anchor(element: Element, graphics: list[Graphic], page: Geometry) -> tuple[float, float] | None:
    if isinstance(element, TextElement):
        x = page.width / 2 if element.x is None else element.x
        line = next((graphic for graphic in graphics if isinstance(graphic, TextLine)), None)
        if line is None or line.turn:
            return x, element.y
        return x, line.y
    if isinstance(element, ImageElement | QRElement | TableElement | SignatoriesBox):
        return element.x, element.y
    return None


def _guess_box(element: Element, anchor: tuple[float, float]) -> Box:
    x, y = anchor
    if isinstance(element, TextElement):
        return x - _EMPTY_REACH, y, x + _EMPTY_REACH, y + element.size * _CAPITALS
    if isinstance(element, TableElement):
        return x, element.bottom, x + element.width, y
    if isinstance(element, ImageElement | SignatoriesBox):
        width, height = element.width or element.height or 0, element.height or element.width or 0
        return x, y, x + width, y + height
    return x, y, x + _EMPTY_REACH, y + _EMPTY_REACH


def _read_values(element: Element) -> dict[str, Any]:
    return {name: _as_json(getattr(element, name)) for name in type(element).model_fields}


def _find_base(options: PDFOptions, path: str) -> dict[str, Any]:
    section, _, name = path.partition(".")
    if section == "text_elements":
        return {key: _as_json(value) for key, value in options.element_defaults.get(name, {}).items()}
    return dict(BUILTIN_QR) if section == "qr" and options.uses_builtin_template else {}


def _as_json(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, BaseModel):
        return {name: _as_json(getattr(value, name)) for name in type(value).model_fields}
    return [_as_json(item) for item in value] if isinstance(value, list | tuple) else value


def _list_hidden(options: PDFOptions) -> Iterator[str]:
    """Yield the paths of elements that ``false`` hides."""
    for section in ("text_elements", "tables", "images"):
        yield from (f"{section}.{name}" for name, said in getattr(options, section).items() if said is None)
    yield from (
        name
        for name in ("image", "qr", "signatories")
        if name in options.model_fields_set and not getattr(options, name)
    )
    if options.uses_builtin_template and not options.signatures:
        yield SIGNATURES
