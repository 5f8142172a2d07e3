"""Describe the options of each type of element as typed fields for the designer's panel, from the options model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from learning_credentials.options import get_schema
from learning_credentials.pdf import BUILTIN_NAMES, PDFOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The objects of the options, by the name that the panel uses.
_MODELS = {
    "text": "TextElement",
    "image": "ImageElement",
    "qr": "QRElement",
    "table": "TableElement",
    "signatories": "SignatoriesBox",
    "column": "ColumnOptions",
    "background": "Background",
    "defaults": "TextDefaults",
}
#: Options of the whole document. Elements have panels of their own.
_ELEMENTS = frozenset(("defaults", "text_elements", "tables", "qr", "image", "images", "background", "signatories"))

#: Kinds of fields that the type of a value does not show.
_KINDS = {
    "font": "font",
    "heading_font": "font",
    "fonts": "fonts",
    "color": "colour",
    "heading_color": "colour",
    "line_color": "colour",
    "text": "placeholders",
    "link": "link",
    "asset": "image",
    "template": "template",
    "template_multiline": "template",
    "columns": "columns",
    "alternative_text": "area",
    "template_alternative_text": "area",
    "page_alternative_texts": "lines",
}
#: Values to choose from where others can be entered too.
_SUGGESTIONS = {
    "language": ("ar", "de", "en", "es", "fr", "he", "hi", "it", "ja", "ko", "pt-BR", "ru", "tr", "uk", "zh-Hans"),
    "date_format": ("short", "medium", "long", "full", "numeric", "iso", "d MMMM y", "MMMM y"),
    "numerals": ("latn", "language", "native", "arab", "arabext", "beng", "deva", "thai"),
    "rows": ("grades", "steps"),
    "value": ("number", "name", "course", "grade", "letter_grade", "required_grade", "weight", "completion", "key"),
}
#: The fields of each group, in the order of the panel. Other options are content, after these.
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "content": (
        "text",
        "asset",
        "signatory",
        "issuer_logo",
        "rows",
        "columns",
        "total",
        "link",
        "template",
        "template_multiline",
        "language",
        "role",
        "alternative_text",
    ),
    "look": (
        "font",
        "heading_font",
        "size",
        "color",
        "heading_color",
        "fonts",
        "char_space",
        "line_height",
        "uppercase",
        "lines",
        "line_width",
        "line_color",
        "padding",
    ),
    "place": (
        "x",
        "y",
        "align",
        "width",
        "height",
        "max_width",
        "fit",
        "rotation",
        "page",
        "field",
        "bottom",
        "top",
        "continues_on",
        "continued_y",
        "most_pages",
    ),
    "dates": ("date_format", "calendar", "numerals"),
}


def describe_fields() -> dict[str, list[dict[str, Any]]]:
    """Return the fields of each type of element, and those of the page, in the order of the panel."""
    schema = get_schema(PDFOptions)
    definitions = schema["$defs"]
    found = {kind: _describe_all(definitions[name], kind) for kind, name in _MODELS.items()}
    properties = {name: spec for name, spec in schema["properties"].items() if name not in _ELEMENTS}
    return {**found, "page": _describe_all({"properties": properties}, "page")}


def list_fonts(assets: list[str]) -> list[dict[str, str]]:
    """Return the fonts to choose from, each with its group.

    Args:
        assets: slugs of the font assets.
    """
    own, usual, scripts = _("Your fonts"), _("Built-in fonts"), _("Built-in fonts for one script")
    listed = [(name, own) for name in assets]
    # The first ones have Latin, Greek and Cyrillic letters.
    first = BUILTIN_NAMES.index("NotoSerif-Bold") + 1
    listed += [(name, usual if index < first else scripts) for index, name in enumerate(BUILTIN_NAMES)]
    return [{"name": name, "group": str(group)} for name, group in listed]


def _describe_all(spec: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    required = spec.get("required", ())
    fields = [_describe(name, item, kind, is_required=name in required) for name, item in spec["properties"].items()]
    places = [(group, name) for group, names in _GROUPS.items() for name in names]
    order = {place: number for number, place in enumerate(places)}
    return sorted(fields, key=lambda field: order.get((field["group"], field["name"]), len(order)))


def _describe(name: str, spec: Mapping[str, Any], kind: str, *, is_required: bool) -> dict[str, Any]:
    options = spec.get("anyOf", [spec])
    main = next(item for item in options if item.get("type") != "null")
    described: dict[str, Any] = {
        "name": name,
        "label": _get_labels(kind).get(name) or name.replace("_", " ").capitalize(),
        "help": spec.get("description", ""),
        "kind": _find_kind(name, kind, main),
        "group": _find_group(name),
        "required": is_required,
    }
    for key, source in (("min", "minimum"), ("max", "maximum"), ("length", "maxLength"), ("choices", "enum")):
        if source in main:
            described[key] = main[source]
    if "default" in spec:
        described["default"] = spec["default"]
    if name in _SUGGESTIONS:
        described["suggestions"] = list(_SUGGESTIONS[name])
    return described


def _find_kind(name: str, kind: str, spec: Mapping[str, Any]) -> str:
    if kind == "column" and name == "value":
        return "text"
    if name in _KINDS:
        return _KINDS[name]
    if "enum" in spec:
        return "choice"
    return {"number": "number", "integer": "integer", "boolean": "switch"}.get(spec.get("type", ""), "text")


def _find_group(name: str) -> str:
    return next((group for group, names in _GROUPS.items() if name in names), "content")


def _get_labels(kind: str) -> dict[str, str]:
    """Return labels that the names of options do not give."""
    upper = {"text": _("Baseline (y)"), "table": _("Upper edge (y)")}.get(kind, _("Bottom edge (y)"))
    across = _("Reference point (x)") if kind == "text" else _("Left edge (x)")
    return {
        "x": across,
        "y": upper,
        "align": _("Part of the text at x") if kind == "text" else _("Alignment"),
        "color": _("Colour"),
        "heading_color": _("Colour of headings"),
        "line_color": _("Colour of rules"),
        "heading_font": _("Font of headings"),
        "fonts": _("Further fonts"),
        "char_space": _("Space between characters"),
        "uppercase": _("Capitals"),
        "max_width": _("Maximum width"),
        "fit": _("If it is too wide") if kind == "text" else _("Fit"),
        "field": _("Form field of the template"),
        "asset": _("Image"),
        "signatory": _("Signature of signatory number"),
        "issuer_logo": _("Logo of the issuer"),
        "claims_pdf_ua": _("Claims PDF/UA"),
        "template": _("Template"),
        "template_multiline": _("Template for names of two lines"),
    }
