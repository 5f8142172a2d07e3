"""Make random documents from all terms of the contexts."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from learning_credentials.badges.contexts import list_contexts, load_context

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping

TEXTS = ("x", "b c", "assertionMethod", "https://a.example/1", "https://a.example/2", "urn:a:1", "urn:n:2")


def _list_terms(context: Mapping[str, Any]) -> Iterator[str]:
    for name, definition in context.items():
        if not name.startswith("@"):
            yield name
            if isinstance(definition, dict):
                yield from _list_terms(definition.get("@context") or {})


TERMS = sorted({term for url in list_contexts() for term in _list_terms(load_context(url)["@context"])})
TYPES = [term for term in TERMS if term[0].isupper()]


def change(document: dict[str, Any], source: random.Random) -> dict[str, Any]:
    """Return a copy of a document with up to three properties changed at random."""
    changed = copy.deepcopy(document)
    for _ in range(source.randrange(1, 4)):
        node = source.choice(list(_list_nodes(changed)))
        node[source.choice(TERMS)] = _make_value(source, 0)
    return changed


def _list_nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from _list_nodes(item)


def _make_value(source: random.Random, depth: int) -> Any:
    kind = source.random()
    if kind < 0.4 or depth > 3:
        return source.choice(TEXTS) if kind < 0.35 else source.choice([True, False])
    if kind < 0.5:
        return [_make_value(source, depth + 1) for _ in range(source.randrange(1, 3))]
    node: dict[str, Any] = {}
    if source.random() < 0.6:
        node["id"] = f"urn:n:{source.randrange(6)}"
    if source.random() < 0.8:
        node["type"] = source.sample(TYPES, source.choice([1, 1, 1, 2]))
    for _ in range(source.randrange(4)):
        node[source.choice(TERMS)] = _make_value(source, depth + 1)
    return node or "x"
