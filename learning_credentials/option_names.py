"""Find the option that somebody meant: the closest names to a misspelt one."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

#: How alike two names must be, from 0 to 1.
_LIKENESS = 0.6
#: Longer names are no typing errors, and comparing them takes long.
_LONGEST_NAME = 100


def suggest(name: str, known: Collection[str], parents: Sequence[object] = ()) -> str:
    """Return the question whether a known option was meant, such as "Did you mean qr.color?", or an empty text.

    Args:
        name: the unknown name.
        known: the names that are possible there.
        parents: the path of the object that contains the name.
    """
    if len(name) > _LONGEST_NAME:
        return ""
    by_folded = {_fold(each): each for each in sorted(known)}
    folded = _fold(name)
    swapped = [each for each in by_folded if sorted(each) == sorted(folded)]
    matches = swapped or get_close_matches(folded, by_folded, n=1, cutoff=_LIKENESS)
    if not matches:
        return ""
    return f"Did you mean {'.'.join(map(str, (*parents, by_folded[matches[0]])))}?"


def list_names(schema: Mapping[str, Any], path: Sequence[object]) -> set[str]:
    """Return the names of the options of the object at a path, according to a model's JSON schema.

    Args:
        schema: of the whole model.
        path: keys and indexes.
    """
    definitions = schema.get("$defs", {})
    found = [schema]
    for part in path:
        found = [inner for each in found for inner in _enter(each, part, definitions)]
    return {name for each in found for one in _alternatives(each, definitions) for name in one.get("properties", ())}


def _enter(schema: Mapping[str, Any], part: object, definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for each in _alternatives(schema, definitions):
        properties = each.get("properties", {})
        inner = each.get("items") if isinstance(part, int) else properties.get(part, each.get("additionalProperties"))
        if isinstance(inner, dict):
            yield inner


def _alternatives(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what a schema stands for: the definition that it names, and each of several possible values."""
    if "$ref" in schema:
        yield from _alternatives(definitions.get(schema["$ref"].rpartition("/")[2], {}), definitions)
    for word in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(word, ()):
            yield from _alternatives(each, definitions)
    yield schema


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
