"""Draw the annotations on a template's page into the page, or drop them.

Nobody fills in a credential like a form: the app writes into the fields (see `form_fields`). A credential has no scripts, no attached
files, and nothing that starts a program. Links to addresses stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject

from learning_credentials.pdf.objects.syntax import format_numbers
from learning_credentials.pdf.template.form_fields import is_filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypdf import PageObject, PdfWriter
    from pypdf.generic import PdfObject

#: Viewers do not show annotations with the flags Hidden or NoView (ISO 32000-2, 12.5.3).
_UNSEEN = 0b100010
_PRINTED = 0b100
_LINK_ENTRIES = ("/Type", "/Subtype", "/Rect", "/Border", "/BS", "/C", "/F", "/QuadPoints", "/Contents")
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_PAGE_NAME = "/LCredPage"


def flatten_annotations(
    writer: PdfWriter, page: PageObject, form: StreamObject | None, first: int
) -> StreamObject | None:
    """Draw the appearances of a page's annotations over its content, and keep only plain links on the page.

    Args:
        writer: of the new document.
        page: the page in it.
        form: draws the content of the page. Without it, only the annotations are drawn.
        first: the place of the page's first link in the parent tree.

    Returns:
        The form XObject to draw. If the page has no annotations to draw, it is ``form`` itself.
    """
    listed = page.pop(NameObject("/Annots"), None)
    annotations = [_get(entry) for entry in _get(listed) or ()]
    links = [_make_link(entry, place) for place, entry in enumerate(filter(_is_link, annotations), start=first)]
    kept = ArrayObject(map(writer._add_object, links))  # noqa: SLF001
    if kept:
        page[NameObject("/Annots")] = kept
    drawn = [
        found
        for entry in annotations
        if not _is_link(entry) and not is_filled(entry)
        for found in _find_appearance(entry)
    ]
    if not drawn:
        return form
    names = [NameObject(f"/LCredNote{index}") for index in range(len(drawn))]
    lines = [
        *([] if form is None else [f"q {_PAGE_NAME} Do Q"]),
        *(f"q {matrix} cm {name} Do Q" for name, (matrix, _) in zip(names, drawn, strict=True)),
    ]
    forms: dict[PdfObject, PdfObject] = {}
    if form is not None:
        forms[NameObject(_PAGE_NAME)] = writer._add_object(form)  # noqa: SLF001
    forms.update({name: appearance for name, (_, appearance) in zip(names, drawn, strict=True)})
    outer = StreamObject()
    outer.set_data("\n".join(lines).encode("ascii"))
    outer.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(page.mediabox),
            NameObject("/Resources"): DictionaryObject({NameObject("/XObject"): DictionaryObject(forms)}),
        }
    )
    return outer


def _get(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def _is_link(annotation: Any) -> bool:
    return isinstance(annotation, DictionaryObject) and annotation.get("/Subtype") == "/Link"


def _make_link(annotation: DictionaryObject, place: int) -> DictionaryObject:
    """Return a link to an address. ``place`` is its place in the parent tree (ISO 32000-2, 14.7.5.4)."""
    link = DictionaryObject({NameObject(name): annotation[name] for name in _LINK_ENTRIES if name in annotation})
    action = _get(annotation.get("/A"))
    if isinstance(action, DictionaryObject) and action.get("/S") == "/URI" and "/URI" in action:
        link[NameObject("/A")] = DictionaryObject(
            {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): action["/URI"]}
        )
        if "/Contents" not in link:
            link[NameObject("/Contents")] = action["/URI"]
    link.setdefault(NameObject("/F"), NumberObject(_PRINTED))
    link[NameObject("/StructParent")] = NumberObject(place)
    return link


def _find_appearance(annotation: Any) -> Iterator[tuple[str, PdfObject]]:
    """Yield the matrix that places the normal appearance, and the form XObject that draws it (12.5.5), if viewers show one."""
    if not isinstance(annotation, DictionaryObject) or annotation.get("/Subtype") == "/Popup":
        return
    looks = _get(annotation.get("/AP"))
    if int(_get(annotation.get("/F", 0))) & _UNSEEN or not isinstance(looks, DictionaryObject):
        return
    reference = looks.raw_get("/N") if "/N" in looks else None
    if isinstance(_get(reference), DictionaryObject) and not isinstance(_get(reference), StreamObject):
        states, state = _get(reference), annotation.get("/AS")
        reference = states.raw_get(state) if state in states else None
    appearance = _get(reference)
    if reference is None or not isinstance(appearance, StreamObject) or "/BBox" not in appearance:
        return
    appearance[NameObject("/Type")] = NameObject("/XObject")
    appearance[NameObject("/Subtype")] = NameObject("/Form")
    matrix = tuple(float(value) for value in _get(appearance.get("/Matrix", ArrayObject()))) or _IDENTITY
    corners = list(_map_corners(_to_box(appearance["/BBox"]), matrix))
    left, bottom = min(x for x, _ in corners), min(y for _, y in corners)
    width, height = max(x for x, _ in corners) - left, max(y for _, y in corners) - bottom
    target = _to_box(annotation["/Rect"])
    if not width or not height:
        return
    across, up = (target[2] - target[0]) / width, (target[3] - target[1]) / height
    yield format_numbers((across, 0, 0, up, target[0] - left * across, target[1] - bottom * up)), reference


def _to_box(values: Any) -> tuple[float, float, float, float]:
    a, b, c, d = (float(_get(value)) for value in _get(values))
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _map_corners(box: tuple[float, float, float, float], matrix: tuple[float, ...]) -> Iterator[tuple[float, float]]:
    a, b, c, d, e, f = matrix
    for x in (box[0], box[2]):
        for y in (box[1], box[3]):
            yield a * x + c * y + e, b * x + d * y + f
