"""The one form of a document that is signed: canonical N-Quads by RDFC-1.0 (W3C RDF Dataset Canonicalization, 2024).

Only documents are taken whose unnamed parts differ in what they say themselves, as the parts of every badge do. For these the algorithm
ends with its first step, whose time grows with the size of the document. The rest of it, which takes exponential time on documents made
for that, is never needed.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from learning_credentials.badges.expansion import Statement, expand
from learning_credentials.exceptions import MalformedBadgeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def canonicalize(document: Mapping[str, Any]) -> str:
    """Return the canonical N-Quads of a document.

    Raises:
        MalformedBadgeError: see `expand`; or two of its unnamed parts are alike.
    """
    statements = expand(document)
    names = _name_blank_nodes(statements)
    return "".join(
        sorted(
            f"{names.get(subject, subject)} {predicate} {names.get(value, value)} .\n"
            for subject, predicate, value in statements
        )
    )


def _name_blank_nodes(statements: Iterable[Statement]) -> dict[str, str]:
    mentions: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        for name in {statement.subject, statement.object}:
            if _is_blank(name):
                mentions[name].append(statement)
    by_hash: dict[str, str] = {}
    for name, found in mentions.items():
        if by_hash.setdefault(_hash_mentions(name, found), name) != name:
            raise MalformedBadgeError("two parts of the document say exactly the same, so nothing distinguishes them")
    return {by_hash[digest]: f"_:c14n{index}" for index, digest in enumerate(sorted(by_hash))}


def _hash_mentions(name: str, statements: Iterable[Statement]) -> str:
    """The hash of a blank node by what is said of it: RDFC-1.0, 4.6 (hash first degree quads)."""

    def write(part: str) -> str:
        return ("_:a" if part == name else "_:z") if _is_blank(part) else part

    lines = sorted(f"{write(subject)} {predicate} {write(value)} .\n" for subject, predicate, value in statements)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _is_blank(part: str) -> bool:
    return part.startswith("_:")
