"""What is drawn, in order: the elements of the options and of the built-in page, divided into shared ones and a learner's own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from learning_credentials.pdf.content.graphics import Rule
from learning_credentials.pdf.options import ImageElement, QRElement, TextElement
from learning_credentials.pdf.placeholders import list_fields, parse_text
from learning_credentials.pdf.values import LOCALISED_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from learning_credentials.pdf.fonts.classes import Font
    from learning_credentials.pdf.layout import Room

#: Placeholders that stand for something else in each learner's document.
OWN_FIELDS = frozenset(("name", "verify_uuid", "verify_url", "grade"))


class Block(Enum):
    """Parts of the built-in page that are no elements of the options."""

    SIGNATORIES = "signatories"


@dataclass(frozen=True)
class Text:
    """A text element with its name in the options and its fonts, the preferred first."""

    name: str
    element: TextElement
    fonts: tuple[Font, ...]
    room: Room | None = None
    """On the built-in page, as long as the element has its own place there."""

    @property
    def fields(self) -> list[str]:
        """The placeholders in it."""
        # A built-in text is translated only where the language is known; its placeholders are those of the original.
        return list_fields(str(self.element.text))

    @cached_property
    def has_own_words(self) -> bool:
        """Whether the operator wrote words, and not only placeholders."""
        text = self.element.text
        literals = () if isinstance(text, Promise) else (part for part in parse_text(text) if isinstance(part, str))
        return any(character.isalpha() for literal in literals for character in literal)

    @cached_property
    def depends_on_language(self) -> bool:
        """Whether it reads differently in another language of the document."""
        return isinstance(self.element.text, Promise) or not LOCALISED_FIELDS.isdisjoint(self.fields)


Item = Text | ImageElement | Rule | QRElement | Block
Group = tuple[Item, ...]


@dataclass(frozen=True)
class Plan:
    """What is drawn, in order, cut where a learner's own elements begin and end.

    ``slots`` says before which of the shared groups each of the own ones comes. ``shared_fields`` are placeholders in shared elements.
    """

    shared: tuple[Group, ...]
    own: tuple[Group, ...]
    slots: tuple[int, ...]
    shared_fields: tuple[str, ...]

    @classmethod
    def of(cls, items: Iterable[Item]) -> Plan:
        """Divide the elements."""
        shared: list[Group] = []
        own: list[Group] = []
        slots: list[int] = []
        for is_own, group in groupby(items, key=_is_own):
            if is_own:
                own.append(tuple(group))
                slots.append(len(shared))
            else:
                shared.append(tuple(group))
        fields = {name for group in shared for item in group if isinstance(item, Text) for name in item.fields}
        return cls(tuple(shared), tuple(own), tuple(slots), tuple(sorted(fields)))


def _is_own(item: Item) -> bool:
    return isinstance(item, QRElement) or (isinstance(item, Text) and not OWN_FIELDS.isdisjoint(item.fields))
