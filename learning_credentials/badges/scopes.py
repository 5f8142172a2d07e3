"""Find the meaning of a document's terms in the contexts that it names: the parts of JSON-LD 1.1 that the shipped contexts use.

A scope has the terms that are defined at one place of a document. A node's types add terms only for its own properties. A property can
add terms for everything below it (JSON-LD 1.1, 4.1.8). Features that the shipped contexts do not use are not supported. A document that
uses them is refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from learning_credentials.badges.contexts import load_context

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUPPORTED = {"@id", "@type", "@container", "@context"}
#: Sets are what every property is in RDF. Lists and graphs are ordered or named, which no badge of ours needs.
_CONTAINERS = {None, "@set"}


class Term(NamedTuple):
    """The meaning of a term.

    ``datatype``: None, ``@id``, ``@vocab`` or an IRI. ``terms``: the terms that it defines for everything below it.

    ``container`` changes nothing in RDF, but two terms with different containers are different.
    """

    iri: str
    datatype: str | None
    container: str | None
    terms: Mapping[str, Term | None]


class Scope:
    """The terms at one place. Two scopes are equal only if they are the same object."""

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[str, Term | None]) -> None:
        #: None: defined, but in a way that is not supported.
        self.terms = terms

    def enter(self, terms: Mapping[str, Term | None]) -> Scope:
        """Return the scope with more terms, which replace terms of the same name."""
        return Scope({**self.terms, **terms}) if terms else self


@lru_cache(maxsize=8)
def get_root_scope(contexts: tuple[str, ...]) -> Scope:
    """Return the scope of a whole document.

    Raises:
        MalformedBadgeError: a context is not part of the package.
    """
    scope = Scope({})
    for url in contexts:
        scope = scope.enter(_read_terms(load_context(url)["@context"]))
    return scope


@lru_cache(maxsize=256)
def enter_types(scope: Scope, types: tuple[str, ...]) -> Scope | None:
    """Return the scope for the properties of a node with these types.

    Return None if the types contradict each other, because all terms are protected.
    """
    terms = dict(scope.terms)
    for name in types:
        kind = scope.terms.get(name)
        for key, term in kind.terms.items() if kind is not None else ():
            if terms.setdefault(key, term) != term:
                return None
    return Scope(terms)


def _read_terms(context: Mapping[str, Any]) -> dict[str, Term | None]:
    return {
        name: _read_term(definition, context)
        for name, definition in context.items()
        if not name.startswith("@") and not (isinstance(definition, str) and definition.startswith("@"))
    }


def _read_term(definition: Any, context: Mapping[str, Any]) -> Term | None:
    if isinstance(definition, str):
        return Term(_resolve(definition, context), None, None, {})
    nested = definition.get("@context", {})
    is_supported = (
        definition.keys() <= _SUPPORTED
        and definition.get("@container") in _CONTAINERS
        and definition.get("@type") != "@json"
        and nested is not None
    )
    if not is_supported:
        return None
    return Term(
        _resolve(definition["@id"], context), definition.get("@type"), definition.get("@container"), _read_terms(nested)
    )


def _resolve(iri: str, context: Mapping[str, Any]) -> str:
    # One term may be defined by another's name.
    if ":" in iri:
        return iri
    other = context[iri]
    return _resolve(other if isinstance(other, str) else other["@id"], context)
