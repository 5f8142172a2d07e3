"""Read the form fields of a template: where each is, and how its text looks (ISO 32000-2, 12.7).

A field that people fill in is a place for a text of the certificate. A field that is read-only says what the designer wrote, and keeps
its look.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pypdf.generic import DictionaryObject, NameObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from learning_credentials.pdf.template.geometry import Geometry

#: Fields that are read in a template, and the characters of a name.
MOST_FIELDS = 200
_LONGEST_NAME = 100
_MOST_PARENTS = 20
_READ_ONLY, _PASSWORD, _PUSH_BUTTON, _MULTILINE = 1, 1 << 13, 1 << 16, 1 << 12
_UNSEEN = 0b100010
_ALIGNMENTS: tuple[Literal["left", "center", "right"], ...] = ("left", "center", "right")
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_FONT = re.compile(rf"/(\S+)\s+({_NUMBER})\s+Tf")
_COLOUR = re.compile(rf"((?:{_NUMBER}\s+){{1,4}})(g|rg|k)(?!\S)")
_SUBSET = re.compile(r"[A-Z]{6}\+")


@dataclass(frozen=True, slots=True)
class FormField:
    """One place of a field that people fill in.

    ``page`` is the index of its page. ``x`` and ``y`` are its middle, in points of the visible page. ``width`` and ``height`` are along and
    across its text, which is turned by ``rotation`` degrees to the left. ``size`` is the font size, or 0 if it follows from the height.
    ``font`` is the name of the font in the PDF.
    """

    name: str
    page: int
    x: float
    y: float
    width: float
    height: float
    rotation: int = 0
    is_text: bool = True
    is_multiline: bool = False
    size: float = 0
    font: str = ""
    color: str = ""
    align: Literal["left", "center", "right"] = "left"


def list_fields(page: DictionaryObject, form: Any, geometry: Geometry, index: int) -> Iterator[FormField]:
    """Yield the fields on a page, in the order of its annotations. What is broken is left out.

    Args:
        page: of the template.
        form: the form of the document, or None.
        geometry: of the page.
        index: of the page.
    """
    for entry in _get(page.get("/Annots")) or ():
        widget = _get(entry)
        with suppress(Exception):
            if is_filled(widget) and (
                found := _read(widget, _get(form), geometry, index, _get(page.get("/Rotate", 0)))
            ):
                yield found


def is_filled(annotation: Any) -> bool:
    """Return whether an annotation is a field that people fill in."""
    return is_widget(annotation) and (
        not _read_flags(annotation) & _READ_ONLY
        or _inherit(annotation, "/FT") == "/Sig"
        or bool(_inherit(annotation, "/FT") == "/Btn" and _read_flags(annotation) & _PUSH_BUTTON)
    )


def is_widget(annotation: Any) -> bool:
    """Return whether an annotation is a part of a form."""
    return isinstance(annotation, DictionaryObject) and annotation.get("/Subtype") == "/Widget"


def _read(widget: DictionaryObject, form: Any, geometry: Geometry, index: int, turned: Any) -> FormField | None:
    name = _read_name(widget)
    flags = _read_flags(widget)
    if not name or len(name) > _LONGEST_NAME or int(_get(widget.get("/F", 0))) & _UNSEEN:
        return None
    left, bottom, right, top = _show(geometry, [float(_get(value)) for value in _get(widget["/Rect"])])
    look = _get(widget.get("/MK"))
    # The text is turned to the left on the page, which is turned to the right as a whole.
    own = int(_get(look.get("/R", 0))) if isinstance(look, DictionaryObject) else 0
    rotation = (own - int(turned)) % 360
    width, height = right - left, top - bottom
    if rotation % 180:
        width, height = height, width
    if width <= 0 or height <= 0:
        return None
    kind = _inherit(widget, "/FT")
    appearance = _inherit(widget, "/DA")
    if appearance is None and isinstance(form, DictionaryObject):
        appearance = _get(form.get("/DA"))
    alignment = _inherit(widget, "/Q")
    if alignment is None and isinstance(form, DictionaryObject):
        alignment = _get(form.get("/Q"))
    written = str(appearance or "")
    font = _FONT.search(written)
    return FormField(
        name,
        index,
        (left + right) / 2,
        (bottom + top) / 2,
        width,
        height,
        rotation - rotation % 90,
        kind == "/Tx" and not flags & _PASSWORD,
        bool(flags & _MULTILINE),
        min(abs(float(font[2])), 2000.0) if font else 0,
        _find_font(font[1], form) if font else "",
        _read_colour(written),
        _ALIGNMENTS[int(alignment or 0)] if int(alignment or 0) in {0, 1, 2} else "left",
    )


def _read_name(widget: DictionaryObject) -> str:
    """Return the full name of a field: its own and those of its parents, separated by periods."""
    parts: list[str] = []
    for item in _list_chain(widget):
        if "/T" in item:
            parts.insert(0, str(_get(item["/T"])).strip())
    return ".".join(filter(None, parts))


def _read_flags(widget: DictionaryObject) -> int:
    value = _inherit(widget, "/Ff")
    return int(value) if isinstance(value, (int, float)) else 0


def _inherit(widget: DictionaryObject, key: str) -> Any:
    return next((_get(item[key]) for item in _list_chain(widget) if key in item), None)


def _list_chain(widget: DictionaryObject) -> list[DictionaryObject]:
    """Return a field and its parents. There can be circles in broken files."""
    chain = [widget]
    while len(chain) < _MOST_PARENTS and isinstance(parent := _get(chain[-1].get("/Parent")), DictionaryObject):
        chain.append(parent)
    return chain


def _show(geometry: Geometry, rect: list[float]) -> tuple[float, float, float, float]:
    """Return a box of the page's content in the coordinates of the visible page."""
    a, b, c, d, e, f = geometry.matrix
    # The matrix only turns and moves, so its inverse is its transpose.
    corners = [(a * (x - e) + b * (y - f), c * (x - e) + d * (y - f)) for x in rect[::2] for y in rect[1::2]]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _find_font(name: str, form: Any) -> str:
    """Return the name of a font that the form's resources have, without the mark of a subset."""
    found = form
    for key in ("/DR", "/Font", f"/{name}"):
        found = _get(found.get(key)) if isinstance(found, DictionaryObject) else None
    base = found.get("/BaseFont") if isinstance(found, DictionaryObject) else None
    return _SUBSET.sub("", str(base).removeprefix("/")) if isinstance(base, NameObject) else ""


def _read_colour(appearance: str) -> str:
    """Return the colour of a text as ``#rrggbb``, or an empty text if there is none."""
    found = list(_COLOUR.finditer(appearance))
    if not found:
        return ""
    values = [min(max(float(value), 0.0), 1.0) for value in found[-1][1].split()]
    match found[-1][2], values:
        case "g", [grey]:
            values = [grey] * 3
        case "k", [*inks, black] if len(inks) == 3:  # noqa: PLR2004
            values = [(1 - ink) * (1 - black) for ink in inks]
        case "rg", [_, _, _]:
            pass
        case _:
            return ""
    return "#" + "".join(f"{round(value * 255):02x}" for value in values)


def _get(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value
