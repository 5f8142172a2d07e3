"""Write a document in the form that is signed: canonical N-Quads by RDFC-1.0 (W3C RDF Dataset Canonicalization, 2024).

The module accepts only documents whose unnamed parts all say different things, as the parts of every badge do. For these documents the
algorithm ends with its first step, and the time grows with the size of the document. The other steps are never needed. They take
exponential time on documents that were made for that.
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
        MalformedBadgeError: see `expand`. Also if two unnamed parts say the same.
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
    """Return the hash of a blank node, from the statements about it: RDFC-1.0, 4.6 (hash first degree quads)."""

    def write(part: str) -> str:
        return ("_:a" if part == name else "_:z") if _is_blank(part) else part

    lines = sorted(f"{write(subject)} {predicate} {write(value)} .\n" for subject, predicate, value in statements)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _is_blank(part: str) -> bool:
    return part.startswith("_:")
