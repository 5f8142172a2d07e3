"""Define what all types of elements have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from learning_credentials.exceptions import OptionProblem
from learning_credentials.options import StrictOptions
from learning_credentials.pdf.elements.option_types import PageNumber

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from learning_credentials.data import AssetKind, CredentialData
    from learning_credentials.pdf.assets.option_checks import OptionChecks
    from learning_credentials.pdf.content.sections import Section
    from learning_credentials.pdf.fonts.classes import GetFonts
    from learning_credentials.pdf.page.page import Page
    from learning_credentials.pdf.page.text_style import Room
    from learning_credentials.pdf.template.geometry import Geometry
    from learning_credentials.pdf.template.sheets import Sheet


class Item:
    """Something on a page that is ready to be placed for any credential. Subclasses override what is different for them.

    ``page`` is the number of the page of the template that it is on, from 1.
    """

    page: int

    @property
    def fields(self) -> Sequence[str]:
        """Return the placeholders whose values the item prints."""
        return ()

    @property
    def is_own(self) -> bool:
        """Return whether the item is different for each learner of a cohort. Other items are drawn once for the cohort."""
        return False

    def is_on(self, sheet: Sheet) -> bool:
        """Return whether the item is on a page of the document. It is on each that shows its page of the template."""
        return sheet.page == self.page - 1 and not sheet.is_blank

    def identify(self, credential: CredentialData) -> Hashable:  # noqa: ARG002
        """Return what the item shows of a credential besides placeholders. Credentials with equal values can share it."""
        return None

    def list_images(self, credential: CredentialData) -> Iterable[str]:  # noqa: ARG002
        """Return the slugs of the images in the item that the credential names and not the options."""
        return ()

    def place(self, page: Page) -> Iterable[Section]:
        """Return what the item draws on the page of one credential.

        Raises:
            GenerationError: the credential cannot be made.
        """
        raise NotImplementedError


class Element(StrictOptions, Item):
    """The options of one element. Most elements are items too. Others make an item when they are prepared."""

    page: PageNumber = Field(1, description="Page of the template, from 1.")

    def find_problems(self, path: str, checks: OptionChecks) -> Iterable[OptionProblem]:  # noqa: ARG002
        """Yield the mistakes that only show together with the assets. ``path`` is the element's place in the options."""
        return ()

    def list_advice(self, path: str) -> Iterable[OptionProblem]:  # noqa: ARG002
        """Yield what could be better. ``path`` is the element's place in the options."""
        return ()

    def list_assets(self) -> Iterable[tuple[str, AssetKind]]:
        """Return the slugs of the element's assets, with the kind that each must have."""
        return ()

    def prepare(self, path: str, get_fonts: GetFonts, room: Room | None) -> Item:  # noqa: ARG002
        """Prepare once what all credentials share. Return the item to place.

        Args:
            path: the element's place in the options.
            get_fonts: returns the fonts of some names.
            room: the limits of its lines, if it has its own place on the built-in page.
        """
        return self


class ListedElement(NamedTuple):
    """An element with its place in the options. The built-in page adds elements without one."""

    path: str
    element: Element
    room: Room | None = None


def find_box_off_page(
    path: str, corner: tuple[float, float], size: tuple[float, float], pages: Iterable[Geometry]
) -> Iterator[OptionProblem]:
    """Yield a problem for each side of a box that is off one of the pages.

    Args:
        path: of the element in the options.
        corner: the left and bottom edge, in points.
        size: width and height, in points.
        pages: the pages that the box can be on.
    """
    (x, y), (width, height) = corner, size
    for page in pages:
        if not 0 <= x <= page.width - width:
            yield OptionProblem(f"{path}.x", f"{x:g} is off the page, which is {page.width:g} points wide")
        if not 0 <= y <= page.height - height:
            yield OptionProblem(f"{path}.y", f"{y:g} is off the page, which is {page.height:g} points high")
