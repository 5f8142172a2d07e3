"""Describe the options of functions as form fields, for the script that shows them.

A description is a JSON object. ``kind`` says which input the script shows:

==============  ========================================================================================
``boolean``     yes or no
``integer``, ``number``, ``percent``  a number, with ``minimum``, ``maximum`` and ``unit``
``text``, ``long_text``  a text, with ``max_length``
``choice``      one of ``choices``, a list of pairs of value and text
``choices``     several of ``choices``
``colour``, ``period``, ``date``, ``datetime``, ``context``, ``category``, ``language``, ``asset``  a text with help
``duration``    a period that is stored in ISO 8601
``group``       the fields of a nested model
``list``        any number of ``item``
``variant``     a nested model that depends on the value of its key ``tag``: ``variants`` are triples of value, text and fields
``map``         any number of ``item`` by key; ``keys`` is the kind of the keys
``layout``      nothing: another tab edits it
``json``        nothing: only JSON can express it
==============  ========================================================================================
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from learning_credentials import discovery
from learning_credentials.custom_fields import MAX_DEFINITIONS, get_definitions_schema
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.option_types import SCHEMA_KEY
from learning_credentials.options import get_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from learning_credentials.options import Options

Field = dict[str, Any]

_ACRONYMS = {
    "pdf": "PDF",
    "qr": "QR",
    "ua": "UA",
    "url": "URL",
    "id": "ID",
    "csv": "CSV",
    "html": "HTML",
    "isbn": "ISBN",
}
_FORMATS = {"date": "date", "date-time": "datetime", "duration": "duration", "color": "colour"}
#: A text that can be longer is edited in several lines.
_LONGEST_LINE = 300
#: Models nested more deeply are left to the JSON tab.
_DEEPEST = 5
#: Kinds that have no fields inside lists and mappings.
_ALONE = {"json", "list", "map", "layout"}
_BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
    "maxLength": "max_length",
    "minItems": "min_items",
    "maxItems": "max_items",
    "maxProperties": "max_items",
}


def describe_functions() -> dict[str, Field]:
    """Return what each discovered function does, and its fields, by dotted path. ``fields`` is None if it documents no options.

    The answer leaves out functions that discovery cannot find. Pages report the error of discovery themselves.
    """
    found: dict[str, Field] = {}
    for list_plugins in (discovery.list_processors, discovery.list_generators):
        try:
            plugins = list_plugins()
        except ConfigurationError:
            continue
        for path, plugin in plugins.items():
            model = plugin.options_model
            found[path] = {"title": plugin.title, "fields": describe_fields(model) if model else None}
    return found


@lru_cache(maxsize=64)
def describe_fields(model: type[Options]) -> Sequence[Field]:
    """Return the fields of a model's options, in the order of the model."""
    schema = get_schema(model)
    return tuple(_Describer(schema.get("$defs", {})).describe_object(schema))


@lru_cache(maxsize=1)
def describe_definitions() -> Field:
    """Return the list of a type's custom fields as one field."""
    schema = get_definitions_schema()
    field = _Describer(schema.get("$defs", {})).describe({**schema, "maxItems": MAX_DEFINITIONS}, ())
    return {**field, "label": _("Custom fields")}


class _Describer:
    """Describes the parts of one JSON schema."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions

    def describe_object(self, schema: Mapping[str, Any], inside: tuple[str, ...] = ()) -> Iterator[Field]:
        """Yield the fields of an object with known keys."""
        required = set(schema.get("required", ()))
        for name, spec in schema.get("properties", {}).items():
            field = self.describe(spec, inside)
            if field["kind"] == "group" and "help" not in field:
                summary = str(self._resolve(spec)[0].get("description", "")).partition("\n")[0]
                field = {**field, "help": summary.replace("`", "")} if summary else field
            title = str(spec.get("title", ""))
            yield {
                **field,
                "name": name,
                "label": title if title and not _is_automatic(title, name) else _as_words(name),
                **({"is_required": True} if name in required else {}),
                **({"default": spec["default"]} if "default" in spec else {}),
            }

    def describe(self, spec: Mapping[str, Any], inside: tuple[str, ...]) -> Field:
        """Return the description of a value without its name."""
        schema, names, is_nullable = self._resolve(spec)
        shown: Mapping[str, Any] = schema.get(SCHEMA_KEY, {})
        text = shown.get("help") or (schema.get("description", "") if not names else spec.get("description", ""))
        text = " ".join(str(text).replace("`", "").split())
        field: Field = {"help": text} if text else {}
        if is_nullable:
            field["is_nullable"] = True
        if any(name in inside for name in names) or len(inside) >= _DEEPEST:
            return {**field, "kind": "json"}
        return {**field, **self._describe_kind(schema, shown, (*inside, *names))}

    def _describe_kind(self, schema: Mapping[str, Any], shown: Mapping[str, Any], inside: tuple[str, ...]) -> Field:
        kind = schema.get("type")
        look = shown.get("look", "")
        said: Field = {"kind": look} if look else {}
        if look == "layout":
            return said
        said |= {name: schema[word] for word, name in _BOUNDS.items() if word in schema}
        said |= {name: shown[name] for name in ("unit", "asset_kind") if name in shown}
        values = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if "discriminator" in schema:
            said = self._describe_variants(schema, inside)
        elif values is not None:
            said = {"kind": "choice", "choices": _list_choices(values, shown)}
        elif kind == "object":
            said = self._describe_mapping(schema, shown, said, inside)
        elif kind == "array":
            said = self._describe_list(schema, shown, said, inside)
        elif kind == "string":
            is_long = schema.get("maxLength", 0) > _LONGEST_LINE
            said = {"kind": _FORMATS.get(schema.get("format", ""), "long_text" if is_long else "text"), **said}
        else:
            said = {"kind": kind if kind in {"boolean", "integer", "number"} else "json", **said}
        return said

    def _describe_variants(self, schema: Mapping[str, Any], inside: tuple[str, ...]) -> Field:
        tag = schema["discriminator"]["propertyName"]
        variants = []
        for value, reference in schema["discriminator"].get("mapping", {}).items():
            variant, names, _is_nullable = self._resolve({"$ref": reference})
            if any(name in inside for name in names):
                return {"kind": "json"}
            fields = [each for each in self.describe_object(variant, (*inside, *names)) if each["name"] != tag]
            variants.append([value, _as_words(value), fields])
        return {"kind": "variant", "tag": tag, "tag_label": _as_words(tag), "variants": variants}

    def _describe_mapping(
        self, schema: Mapping[str, Any], shown: Mapping[str, Any], said: Field, inside: tuple[str, ...]
    ) -> Field:
        if schema.get("properties"):
            return {"kind": "group", "fields": list(self.describe_object(schema, inside))}
        values = schema.get("additionalProperties")
        if not isinstance(values, dict) or not values:
            return {"kind": "json"}
        item = self.describe(values, inside)
        if item["kind"] in _ALONE:
            return {"kind": "json"}
        labels = {"key_choices": [list(pair) for pair in shown["labels"].items()]} if "labels" in shown else {}
        return {"kind": "map", "item": item, "keys": shown.get("keys", "text"), **labels, **said}

    def _describe_list(
        self, schema: Mapping[str, Any], shown: Mapping[str, Any], said: Field, inside: tuple[str, ...]
    ) -> Field:
        # What is said about the list, such as the texts of choices, is said about its items.
        inner = {name: value for name, value in shown.items() if name != "help"}
        item = self.describe({**({SCHEMA_KEY: inner} if inner else {}), **schema.get("items", {})}, inside)
        if "prefixItems" in schema or item["kind"] in _ALONE:
            return {"kind": "json"}
        if item["kind"] == "choice" and schema.get("uniqueItems"):
            return {"kind": "choices", "choices": item["choices"]}
        return {"kind": "list", "item": item, **said}

    def _resolve(self, spec: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...], bool]:
        """Return a schema without references and without null, the names of the definitions that it used, and whether it had null.

        What stands beside a reference wins over the definition.
        """
        schema, is_nullable = dict(spec), False
        names: tuple[str, ...] = ()
        for _step in range(2 * _DEEPEST):
            target: Mapping[str, Any] | None = None
            if "$ref" in schema:
                name = schema.pop("$ref").rpartition("/")[2]
                names = (*names, name)
                target = {word: each for word, each in self._definitions.get(name, {}).items() if word != "title"}
            elif "allOf" in schema and len(schema["allOf"]) == 1:
                target = schema.pop("allOf")[0]
            elif "anyOf" in schema:
                options = schema.pop("anyOf")
                others = [each for each in options if each.get("type") != "null"]
                is_nullable = is_nullable or len(others) < len(options)
                if len(others) == 1:
                    target = others[0]
            if target is None:
                break
            shown = {**target.get(SCHEMA_KEY, {}), **schema.get(SCHEMA_KEY, {})}
            schema = {**target, **schema, **({SCHEMA_KEY: shown} if shown else {})}
        return schema, names, is_nullable


def _list_choices(values: Sequence[Any], shown: Mapping[str, Any]) -> list[list[Any]]:
    labels = shown.get("labels", {})
    return [[value, labels.get(str(value)) or _as_words(str(value))] for value in values if value is not None]


def _is_automatic(title: str, name: str) -> bool:
    """Return whether pydantic made the title from the name."""
    return re.sub(r"[\W_]", "", title).casefold() == re.sub(r"[\W_]", "", name).casefold()


def _as_words(name: str) -> str:
    """Return a name for people: ``claims_pdf_ua`` becomes "Claims PDF UA"."""
    words = [_ACRONYMS.get(word, word) for word in re.split(r"[_\s]+", name.strip("_"))]
    text = " ".join(words) or name
    return text[:1].upper() + text[1:]
