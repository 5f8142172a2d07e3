"""Divide the items of a page into those that a cohort shares and each learner's own, without changing their order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from learning_credentials.pdf.content.sections import Section
    from learning_credentials.pdf.elements.base import Item
    from learning_credentials.pdf.page.page import Page

    Group = tuple[Item, ...]


@dataclass(frozen=True)
class ItemGroups:
    """The items of a page in drawing order, cut wherever a learner's own items begin and end.

    ``slots`` has, for each group in ``own``, the index of the group in ``shared`` before which it comes. ``shared_fields`` are the
    placeholders in shared items.
    """

    shared: tuple[Group, ...]
    own: tuple[Group, ...]
    slots: tuple[int, ...]
    shared_fields: tuple[str, ...]

    def iter_shared(self) -> Iterator[Item]:
        """Iterate over the shared items."""
        return (item for group in self.shared for item in group)


def divide(items: Iterable[Item], own_fields: frozenset[str] = frozenset()) -> ItemGroups:
    """Divide the items of a page.

    Args:
        items: in drawing order.
        own_fields: the placeholders of custom fields whose values are the learner's own.
    """
    shared: list[Group] = []
    own: list[Group] = []
    slots: list[int] = []
    for is_own, group in groupby(items, key=lambda item: item.is_own or not own_fields.isdisjoint(item.fields)):
        if is_own:
            own.append(tuple(group))
            slots.append(len(shared))
        else:
            shared.append(tuple(group))
    fields = {name for group in shared for item in group for name in item.fields}
    return ItemGroups(tuple(shared), tuple(own), tuple(slots), tuple(sorted(fields)))


def place(groups: Iterable[Group], page: Page) -> list[list[Section]]:
    """Return what the items draw on a page, group by group.

    Raises:
        GenerationError: see `learning_credentials.pdf.elements.placed_text.Text.place`.
    """
    return [[section for item in group for section in item.place(page)] for group in groups]


def place_translated(groups: Iterable[Group], page: Page) -> list[list[Section]]:
    """Return the same as `place`, with the app's texts in the document's language."""
    with translation.override(page.languages.document_tag.lower()):
        return place(groups, page)
