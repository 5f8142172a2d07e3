"""Define the texts of a credential in other languages, and how the one for a reader is chosen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

_LONGEST_TAG = 35
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Translations:
    """Texts by language tag in lower case, such as ``pt-br``, and by name, such as ``credential_type_name``. Most credentials have none."""

    by_language: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def find(self, name: str, language: str) -> str:
        """Return a text in the language of a reader, such as ``pt-BR``, or in that language without its region, or an empty text."""
        for tag in list_tags(language) if self.by_language else ():
            if text := (self.by_language.get(tag) or {}).get(name):
                return str(text)
        return ""


def normalise_tag(tag: object) -> str:
    """Return a language tag in the form in which translations are stored. Return an empty text for anything else."""
    text = str(tag).strip().replace("_", "-").lower()
    return text if len(text) <= _LONGEST_TAG and _TAG.fullmatch(text) else ""


def list_tags(language: str) -> list[str]:
    """Return the tags under which the translation for a reader can be, the best first: ``pt-br`` and ``pt`` for ``pt-BR``."""
    tag = normalise_tag(language)
    found: list[str] = []
    while tag:
        found.append(tag)
        tag = tag.rpartition("-")[0]
    return found


def choose(by_language: Mapping[str, T], language: str) -> T | None:
    """Return the value for the language of a reader, or None."""
    tags = list_tags(language) if by_language else []
    return next((by_language[tag] for tag in tags if tag in by_language), None)
