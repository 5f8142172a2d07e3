"""Convert a document to RDF statements. Refuse everything that a JSON-LD processor would silently leave out.

A processor leaves out keys that no context defines, values that are null and names that are not absolute. Such parts are not signed, so
anybody could change them. Here either the whole document is signed or nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from learning_credentials.badges.scopes import Scope, Term, enter_types, get_root_scope
from learning_credentials.exceptions import MalformedBadgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DEPTH = 32
#: A badge has about 60; a larger document is not one of ours.
MAX_STATEMENTS = 2_000
MAX_CHARACTERS = 1024 * 1024
MAX_CONTEXTS = 4
MAX_TYPES = 4
#: As the contexts of badges spell it. The text "false" would say the same in RDF, and the opposite to people who read the JSON.
_BOOLEAN = "https://www.w3.org/2001/XMLSchema#boolean"
_FLOAT = "https://www.w3.org/2001/XMLSchema#float"
#: Smaller numbers are exact and have the same form everywhere.
_GREATEST_NUMBER = 2**53
_RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
#: RFC 3987 without what has to be percent-encoded; dots as whole segments are left out, since programs differ in resolving them.
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?![^?#]*/\.\.?(?:[/?#]|$))[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`]+")
_ESCAPES = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    **{
        ord(plain): escape
        for plain, escape in {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}.items()
    },
    ord('"'): r"\"",
    ord("\\"): r"\\",
}


class Statement(NamedTuple):
    """A triple. Each part is written as in N-Quads. A blank node is written as ``_:`` and a number."""

    subject: str
    predicate: str
    object: str


def expand(document: Mapping[str, Any]) -> set[Statement]:
    """Return the statements of a document.

    Raises:
        MalformedBadgeError: a part has no meaning under the contexts or is not used in badges, or the document is too large. The message
            begins with the path of the part.
    """
    contexts = document.get("@context")
    contexts = [contexts] if isinstance(contexts, str) else contexts
    if not isinstance(contexts, list) or not all(isinstance(url, str) for url in contexts):
        raise MalformedBadgeError("@context: must be a list of addresses")
    if not 0 < len(contexts) <= MAX_CONTEXTS:
        msg = f"@context: must name 1 to {MAX_CONTEXTS} contexts"
        raise MalformedBadgeError(msg)
    expansion = _Expansion()
    node = {key: value for key, value in document.items() if key != "@context"}
    expansion.add_node(node, get_root_scope(tuple(contexts)), "", 0)
    return expansion.statements


class _Expansion:
    def __init__(self) -> None:
        self.statements: set[Statement] = set()
        self.blank_nodes = 0
        self.added = 0
        self.characters = 0

    def add_node(self, node: Mapping[str, Any], scope: Scope, path: str, depth: int) -> str:
        """Add the statements of a node and return its name."""
        if depth > MAX_DEPTH:
            raise _refuse(path, f"is nested deeper than {MAX_DEPTH} levels")
        name = self._name(node, scope, path)
        inner = self._add_types(name, node["type"], scope, f"{path}.type") if "type" in node else scope
        for key, value in node.items():
            if key in {"id", "type"}:
                continue
            place = f"{path}.{key[:100]}"
            if key not in inner.terms:
                raise _refuse(place, "is not defined by the contexts in @context")
            if (term := inner.terms[key]) is None:
                raise _refuse(place, "cannot be used in badges")
            self._add_property(name, term, value, _Place(scope, inner, place, depth))
        return name

    def _add_types(self, name: str, value: Any, scope: Scope, path: str) -> Scope:
        types = value if isinstance(value, list) else [value]
        if not all(isinstance(kind, str) for kind in types) or not 0 < len(types) <= MAX_TYPES:
            raise _refuse(path, f"must be 1 to {MAX_TYPES} names")
        for kind in types:
            self._add(name, _RDF_TYPE, self._resolve_type(kind, scope, path), path)
        inner = enter_types(scope, tuple(types))
        if inner is None:
            raise _refuse(path, "has types that define the same term differently")
        return inner

    def _add_property(self, name: str, term: Term, value: Any, place: _Place) -> None:
        values = value if isinstance(value, list) else [value]
        if not values:
            raise _refuse(place.path, "is empty")
        for index, item in enumerate(values):
            path = f"{place.path}[{index}]" if isinstance(value, list) else place.path
            if isinstance(item, dict):
                if term.datatype not in {None, "@id"}:
                    raise _refuse(path, "must be a plain value")
                if not item:
                    raise _refuse(path, "is empty")
                text = self.add_node(item, place.outer.enter(term.terms), path, place.depth + 1)
            elif term.datatype == _FLOAT and _is_number(item):
                text = f'"{_write_number(item)}"^^<{_FLOAT}>'
            elif (term.datatype == _BOOLEAN) != isinstance(item, bool):
                raise _refuse(
                    path, "must be true or false" if term.datatype == _BOOLEAN else "must be text or an object"
                )
            elif isinstance(item, bool):
                text = f'"{str(item).lower()}"^^<{_BOOLEAN}>'
            elif isinstance(item, str):
                text = self._write_text(item, term, place.inner, path)
            else:
                # Numbers have many spellings, of which only one is canonical; badges write most of them as text.
                raise _refuse(path, "must be text or an object")
            self._add(name, f"<{term.iri}>", text, path)

    def _write_text(self, text: str, term: Term, scope: Scope, path: str) -> str:
        if term.datatype == "@id":
            return self._write_iri(text, scope, path)
        if term.datatype == "@vocab":
            found = term.terms.get(text) or scope.terms.get(text)
            return f"<{found.iri}>" if found else self._write_iri(text, scope, path)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _refuse(path, "contains a character that is not text") from None
        literal = f'"{text.translate(_ESCAPES)}"'
        return literal if term.datatype is None else f"{literal}^^<{term.datatype}>"

    def _name(self, node: Mapping[str, Any], scope: Scope, path: str) -> str:
        if "id" in node:
            place = f"{path}.id"
            if not isinstance(node["id"], str):
                raise _refuse(place, "must be text")
            return self._write_iri(node["id"], scope, place)
        self.blank_nodes += 1
        return f"_:{self.blank_nodes - 1}"

    def _resolve_type(self, kind: str, scope: Scope, path: str) -> str:
        if (term := scope.terms.get(kind)) is not None:
            return f"<{term.iri}>"
        if kind in scope.terms or ":" not in kind:
            raise _refuse(path, f"'{kind[:100]}' is not defined by the contexts in @context")
        return self._write_iri(kind, scope, path)

    @staticmethod
    def _write_iri(iri: str, scope: Scope, path: str) -> str:
        if not _IRI.fullmatch(iri) or iri.partition(":")[0] in scope.terms:
            raise _refuse(path, "must be an absolute address")
        try:
            iri.encode()
        except UnicodeEncodeError:
            raise _refuse(path, "contains a character that is not text") from None
        return f"<{iri}>"

    def _add(self, subject: str, predicate: str, value: str, path: str) -> None:
        # Repeated ones too: each took its time.
        self.added += 1
        self.characters += len(value)
        self.statements.add(Statement(subject, predicate, value))
        if self.added > MAX_STATEMENTS or self.characters > MAX_CHARACTERS:
            raise _refuse(path, "the document is too large")


def _is_number(value: object) -> bool:
    """Return whether a number has one canonical form in all programs. That of 12.0 depends on how a program reads numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < _GREATEST_NUMBER and (isinstance(value, int) or not value.is_integer())


def _write_number(value: float) -> str:
    """Return the canonical form of a number (JSON-LD 1.1 API, 8.6): an integer, or a double such as ``1.25E1``."""
    if isinstance(value, int):
        return str(value)
    mantissa, exponent = f"{value:.15E}".split("E")
    whole, _, fraction = mantissa.partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}"


class _Place(NamedTuple):
    """The place of a property: the scope around its node, the scope inside it, its path and its depth."""

    outer: Scope
    inner: Scope
    path: str
    depth: int


def _refuse(path: str, reason: str) -> MalformedBadgeError:
    path = path.lstrip(".")
    return MalformedBadgeError(f"{path}: {reason}" if path else reason)
