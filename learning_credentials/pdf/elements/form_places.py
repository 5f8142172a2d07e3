"""Fill the form fields of a template: which text or code each shows, and how it is placed in the field."""

from __future__ import annotations

import re
from math import cos, radians, sin
from typing import TYPE_CHECKING, NamedTuple, cast

from learning_credentials.pdf.elements.base import ListedElement
from learning_credentials.pdf.fonts.names import STANDARD_FONTS
from learning_credentials.pdf.page.text_style import Room
from learning_credentials.pdf.placeholders import CUSTOM_PREFIX, is_custom, list_placeholders

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from learning_credentials.pdf.elements.text import TextElement
    from learning_credentials.pdf.template.form_fields import FormField

#: Points between a text and the edges of its field, and letters in a field have at least this size.
_PADDING = 2.0
_LEAST_SIZE = 4.0
#: The size of texts in fields of several lines that name no size.
_USUAL_SIZE = 12.0
_LARGEST = 144.0
#: A line of text is so high, capitals are so high, and the letters of the first line are so high, as parts of the size.
_LINE, _CAPITALS, _FIRST_LINE = 1.2, 0.7, 0.8
_QR_NAMES = frozenset(("qr", "qr_code"))
_LEAST_QR = 30.0
_CUSTOM_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


class Filling(NamedTuple):
    """A form field and its content: the text ``element`` of that name, a ``text`` with a placeholder, or the QR code.

    A field with none of them is removed.
    """

    field: FormField
    element: str = ""
    text: str = ""
    is_qr: bool = False

    @property
    def is_empty(self) -> bool:
        """Return whether nothing fills the field."""
        return not (self.element or self.text or self.is_qr)


def find_fillings(
    fields: Iterable[FormField], elements: Mapping[str, str], custom: Collection[str] | None = None
) -> list[Filling]:
    """Return what fills each field. Names count without regard to capitals, spaces and hyphens.

    Args:
        fields: of the template.
        elements: the names of text elements by the fields that they name.
        custom: names of the type's custom fields. If it is None, any name can be one.
    """
    known = {_simplify(field): name for field, name in elements.items()}
    return [_find_filling(field, elements, known, custom) for field in fields]


def _find_filling(
    field: FormField, elements: Mapping[str, str], known: Mapping[str, str], custom: Collection[str] | None
) -> Filling:
    simple = _simplify(field.name)
    if field.is_text and (element := elements.get(field.name) or known.get(simple)):
        return Filling(field, element=element)
    if simple in _QR_NAMES:
        return Filling(field, is_qr=True)
    if not field.is_text:
        return Filling(field)
    if simple in {placeholder.name for placeholder in list_placeholders()}:
        return Filling(field, text=f"{{{simple}}}")
    name = simple.removeprefix(CUSTOM_PREFIX)
    if _CUSTOM_NAME.fullmatch(name) and (custom is None or name in custom):
        return Filling(field, text=f"{{{CUSTOM_PREFIX}{name}}}")
    return Filling(field)


def describe(filling: Filling) -> str:
    """Return what fills a field, in words, or an empty text if nothing does."""
    if filling.is_qr:
        return "the QR code"
    if filling.element:
        return f"text_elements.{filling.element}"
    if is_custom(filling.text.strip("{}")):
        return f"{filling.text}, if the type has this custom field"
    return filling.text


def fill_fields(
    listed: Iterable[ListedElement],
    fillings: Sequence[Filling],
    said: Mapping[str, Collection[str]],
    defaults: Mapping[str, Mapping[str, Any]],
    make_text: Callable[[str], TextElement],
) -> Iterator[ListedElement]:
    """Yield texts in the places of form fields, and then the texts that have none.

    Args:
        listed: the texts of the options.
        fillings: what fills each field.
        said: the options that the operator entered, by the name of the element. Those in ``defaults`` are under an empty text.
        defaults: the elements that are there by default.
        make_text: returns a text with the options in ``defaults``.
    """
    texts = {item.path.partition(".")[2]: item for item in listed}
    printed = {filling.text for filling in fillings}
    filled: set[str] = set()
    for field, name, text, _ in fillings:
        if text:
            element = place_text(make_text(text), field, (), said[""])
            yield ListedElement(f"template.{field.name}", element, find_room(element, field))
        own = said.get(name, ())
        if name in texts and not {"x", "y"} & set(own):
            element = place_text(cast("TextElement", texts[name].element), field, own, said[""])
            yield ListedElement(texts[name].path, element, find_room(element, field))
            filled.add(name)
    for name, item in texts.items():
        # A default element that the options do not mention would print the same value a second time.
        is_repeated = name not in said and defaults[name]["text"] in printed
        if name not in filled and not is_repeated:
            yield item


def place_text(element: TextElement, field: FormField, said: Collection[str], shared: Collection[str]) -> TextElement:
    """Return a text element in the place of a field.

    Args:
        element: with all options.
        field: whose size, alignment and look the text gets.
        said: the options of the element that the operator entered. They win over the field.
        shared: the options in ``defaults`` that the operator entered. They decide about the font and the colour.
    """
    found: dict[str, Any] = {
        "size": field.size or _find_size(field),
        "align": field.align,
        "fit": "wrap" if field.is_multiline else "shrink",
        "max_width": max(field.width - 2 * _PADDING, 1.0),
    }
    if field.color and "color" not in shared:
        found["color"] = field.color
    if field.font in STANDARD_FONTS and not {"font", "fonts"} & {*said, *shared}:
        found["font"] = field.font
    found = {name: value for name, value in found.items() if name not in said}
    element = element.model_copy(update=found)
    x = {"left": _PADDING, "center": field.width / 2, "right": field.width - _PADDING}[element.align]
    across, up = x - field.width / 2, _find_baseline(field, element.size) - field.height / 2
    angle = radians(field.rotation)
    place = {
        "x": field.x + across * cos(angle) - up * sin(angle),
        "y": field.y + across * sin(angle) + up * cos(angle),
        "rotation": float(field.rotation),
        "page": field.page + 1,
    }
    return element.model_copy(update=place)


def find_room(element: TextElement, field: FormField) -> Room:
    """Return the limits of the lines of an element that is in the place of a field. A turned text is placed before it is turned."""
    bottom = element.y - _find_baseline(field, element.size)
    return Room(
        bottom,
        bottom + field.height,
        least_size=_LEAST_SIZE,
        field=field.name,
        is_centred=not field.is_multiline,
    )


def find_qr_place(field: FormField) -> dict[str, Any] | None:
    """Return the place of the QR code in a field: the largest square. If the field is too small, return None."""
    size = min(field.width, field.height)
    if size < _LEAST_QR:
        return None
    return {"x": field.x - size / 2, "y": field.y - size / 2, "size": size, "page": field.page + 1}


def _simplify(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _find_size(field: FormField) -> float:
    """Return the size of a text in a field that names none."""
    fitting = max((field.height - _PADDING) / _LINE, _LEAST_SIZE)
    return min(fitting, _USUAL_SIZE if field.is_multiline else _LARGEST)


def _find_baseline(field: FormField, size: float) -> float:
    """Return how far the first line is above the lower edge of a field."""
    if field.is_multiline:
        return field.height - _PADDING - size * _FIRST_LINE
    return (field.height - size * _CAPITALS) / 2
