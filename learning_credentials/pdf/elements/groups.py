"""Divide the items of a document into those that a cohort shares and each learner's own, without changing their order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from django.utils import translation

from learning_credentials.pdf.content.sections import Group, Slot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from learning_credentials.pdf.elements.base import Item
    from learning_credentials.pdf.page.page import Page
    from learning_credentials.pdf.template.sheets import Sheet


class ItemGroup(NamedTuple):
    """Items that are drawn one after the other. ``page`` is the index of their page in the document."""

    items: tuple[Item, ...]
    page: int


@dataclass(frozen=True)
class ItemGroups:
    """The items of a document, page by page and in drawing order, cut wherever a learner's own items begin and end.

    ``slots`` has the place of each group in ``own`` among those in ``shared``. ``shared_fields`` are the placeholders in shared items.
    """

    shared: tuple[ItemGroup, ...]
    own: tuple[ItemGroup, ...]
    slots: tuple[Slot, ...]
    shared_fields: tuple[str, ...]

    def iter_shared(self) -> Iterator[Item]:
        """Iterate over the shared items."""
        return (item for group in self.shared for item in group.items)


def divide(items: Sequence[Item], sheets: Sequence[Sheet], own_fields: frozenset[str] = frozenset()) -> ItemGroups:
    """Divide the items of a document.

    Args:
        items: in drawing order.
        sheets: the pages of the document.
        own_fields: the placeholders of custom fields whose values are the learner's own.
    """
    shared: list[ItemGroup] = []
    own: list[ItemGroup] = []
    slots: list[Slot] = []
    for page, sheet in enumerate(sheets):
        drawn = [item for item in items if item.is_on(sheet)]
        for is_own, group in groupby(drawn, key=lambda item: item.is_own or not own_fields.isdisjoint(item.fields)):
            if is_own:
                own.append(ItemGroup(tuple(group), page))
                slots.append(Slot(len(shared), page))
            else:
                shared.append(ItemGroup(tuple(group), page))
    fields = {name for group in shared for item in group.items for name in item.fields}
    return ItemGroups(tuple(shared), tuple(own), tuple(slots), tuple(sorted(fields)))


def place(groups: Iterable[ItemGroup], page: Page) -> list[Group]:
    """Return what the items draw on the pages of a document, group by group.

    Raises:
        GenerationError: see `learning_credentials.pdf.elements.placed_text.Text.place`.
    """
    placed: list[Group] = []
    for group in groups:
        if group.page != page.index:
            page.turn_to(group.page)
        placed.append(Group([section for item in group.items for section in item.place(page)], group.page))
    return placed


def place_translated(groups: Iterable[ItemGroup], page: Page) -> list[Group]:
    """Return the same as `place`, with the app's texts in the document's language."""
    with translation.override(page.languages.document_tag.lower()):
        return place(groups, page)
