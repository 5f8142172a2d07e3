"""Place items on the pages of one document."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from django.utils import translation

from learning_credentials.data import Asset
from learning_credentials.pdf.page.notes import Notes
from learning_credentials.pdf.page.signatory_layout import SignatoryBlock, place_signatories
from learning_credentials.pdf.page.text_layout import place_text
from learning_credentials.pdf.page.text_style import DoesNotFitError, Room, make_fit_error
from learning_credentials.pdf.placeholders import MAX_SIGNATORIES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.utils.functional import Promise

    from learning_credentials.data import CredentialData
    from learning_credentials.pdf.content.graphics import TextLine
    from learning_credentials.pdf.fonts.classes import Font, GetFonts
    from learning_credentials.pdf.page.languages import Languages
    from learning_credentials.pdf.page.signatory_areas import Area, Looks
    from learning_credentials.pdf.page.table_layout import FlowingTable
    from learning_credentials.pdf.page.text_style import TextStyle
    from learning_credentials.pdf.page.values import Values
    from learning_credentials.pdf.template.geometry import Geometry
    from learning_credentials.pdf.template.sheets import Sheet

#: Points between the signatories and the text above them.
_GAP = 2


class Page:
    """The page of one credential that is being filled. Items read from it what they show, and place texts and images with it.

    Args:
        credential: what is certified.
        values: of its placeholders.
        languages: of the document and of the names in it.
        pages: of the template.
        sheets: the pages of the document, one for each page of the template. The first of them is filled first.
        get_image: returns the image asset of a slug, or the reason why there is none.
        get_fonts: returns the fonts of some names.
        shows_signatories: whether the signatories have places of their own, which the text above them leaves free.
    """

    def __init__(
        self,
        credential: CredentialData,
        values: Values,
        languages: Languages,
        pages: Sequence[Geometry],
        sheets: Sequence[Sheet],
        get_image: Callable[[str], Asset | str],
        get_fonts: GetFonts,
        *,
        shows_signatories: bool = False,
    ) -> None:
        self.credential = credential
        self.values = values
        self.languages = languages
        #: The rows of the tables of the document, by the places of the tables in the options.
        self.tables: dict[str, FlowingTable] = {}
        #: The geometry of each page of the document. Without tables, the document has the pages of the template.
        self.geometries = pages
        self._sheets = sheets
        self._pages = pages
        self.index = 0
        self.sheet = sheets[0]
        self.geometry = pages[0]
        self.notes = Notes()
        self._get_image = get_image
        self._get_fonts = get_fonts
        self._shows_signatories = shows_signatories

    def spread(self, sheets: Sequence[Sheet]) -> None:
        """Let the document have other pages."""
        self._sheets = sheets
        self.geometries = [self._pages[sheet.page] for sheet in sheets]
        self.turn_to(0)

    def turn_to(self, page: int) -> None:
        """Fill another page of the document, given by its index."""
        self.index = page
        self.sheet = self._sheets[page]
        self.geometry = self._pages[self.sheet.page]

    def place_text(
        self, style: TextStyle, text: str, fonts: Sequence[Font], language: str, room: Room | None
    ) -> tuple[list[TextLine], list[str]]:
        """Place a text as `text_layout.place_text` does. On the built-in page the signatories can take a part of its space."""
        if room is not None and room.is_above_signatories and self._shows_signatories:
            room = room._replace(bottom=max(room.bottom, self.signatories.top + _GAP))
        return place_text(style, text, fonts, self.geometry, language, room)

    def translate(self, text: Promise) -> str:
        """Return one of the app's texts in the language of the document."""
        return _translate(text, self.languages.document_tag)

    def find_image(self, slug: str, owner: str) -> Asset | None:
        """Return an image asset. If the slug is empty, or there is no such image, which is noted, return None.

        Args:
            slug: of the asset.
            owner: what to call the image in a note.
        """
        if not slug:
            return None
        found = self._get_image(slug)
        if isinstance(found, Asset):
            return found
        self.notes.problems.append(f"{owner} is left out: {found}")
        return None

    @cached_property
    def signatories(self) -> SignatoryBlock:
        """Return the places of the signatories on the built-in page.

        Raises:
            GenerationError: ``text_does_not_fit``.
        """
        return self._place_signatories("the signatories")

    def place_signatories(self, path: str, area: Area, looks: Looks) -> SignatoryBlock:
        """Return the places of the signatories in an area.

        Args:
            path: of the option that asks for them.
            area: for them.
            looks: their fonts and colours.

        Raises:
            GenerationError: ``text_does_not_fit``.
        """
        room = Room(area.y, area.y + area.height, has_own_bounds=True)
        return self._place_signatories(path, room, area=area, looks=looks)

    def _place_signatories(self, path: str, room: Room | None = None, **place: Any) -> SignatoryBlock:
        people = self.credential.signatories[:MAX_SIGNATORIES]
        try:
            return place_signatories(people, self._get_fonts, self.geometry, self.languages.site, **place)
        except DoesNotFitError:
            raise make_fit_error(path, "their names, titles and organisations", room) from None


@lru_cache(maxsize=256)
def _translate(text: Promise, tag: str) -> str:
    with translation.override(tag.lower()):
        return str(text)
