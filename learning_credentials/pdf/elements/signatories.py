"""Draw the signatories, each with name, title, organisation and a picture of the signature.

Digital signatures are something else: see `learning_credentials.pdf.digital_signatures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from learning_credentials.pdf.content.graphics import PlacedImage
from learning_credentials.pdf.content.sections import Role, Section, find_spoken
from learning_credentials.pdf.elements.base import Element, find_box_off_page
from learning_credentials.pdf.elements.option_types import Colour, Extent, FontName
from learning_credentials.pdf.elements.option_types import Place as Position
from learning_credentials.pdf.elements.text import list_font_assets
from learning_credentials.pdf.page.notes import Missing
from learning_credentials.pdf.page.signatory_areas import Area, Looks
from learning_credentials.pdf.placeholders import MAX_SIGNATORIES
from learning_credentials.pdf.template.colors import INK, MUTED

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from learning_credentials.data import AssetKind, CredentialData
    from learning_credentials.exceptions import OptionProblem
    from learning_credentials.pdf.assets.option_checks import OptionChecks
    from learning_credentials.pdf.page.page import Page
    from learning_credentials.pdf.page.signatory_layout import Place


#: They are read after the date and its label, and before the address of the verification.
_ORDER = -100.0


class SignatoriesElement(Element):
    """All signatories of a credential, in their places on the built-in page."""

    def identify(self, credential: CredentialData) -> Hashable:
        """Return the signatories."""
        return credential.signatories

    def list_images(self, credential: CredentialData) -> Iterable[str]:
        """Return the signatures."""
        return [person.signature for person in credential.signatories if person.signature]

    def place(self, page: Page) -> Iterator[Section]:
        """Yield a rule, the signature and the texts of each signatory."""
        people = page.credential.signatories
        if len(people) > MAX_SIGNATORIES:
            page.notes.problems.append(
                f"the type has {len(people)} signatories, and the page has space for {MAX_SIGNATORIES}: the "
                "others are left out"
            )
        for number, place in enumerate(self._find_places(page), start=1):
            yield Section(Role.DECORATION, (place.rule,))
            order = self._find_order(number, place)
            person = place.signatory
            if asset := page.find_image(person.signature, f"the signature of {person.name}"):
                image = PlacedImage(asset, place.rule.x, place.rule.y + 1, place.rule.width, place.image_height)
                alternative = _("Signature of %(name)s") % {"name": person.name}
                yield Section(Role.FIGURE, (image,), alternative, order=order)
            for text, lines in place.texts:
                spoken = find_spoken(lines, text, is_rtl=page.languages.is_rtl)
                yield Section(Role.PARAGRAPH, lines, spoken=spoken, order=order)
            page.notes.missing += [Missing(f"the texts of signatory {number}", cluster) for cluster in place.missing]

    def _find_places(self, page: Page) -> list[Place]:
        return page.signatories.places

    def _find_order(self, number: int, place: Place) -> tuple[float, float]:  # noqa: ARG002
        return _ORDER + number / 10, 0.0


class SignatoriesBox(SignatoriesElement):
    """A box for the type's signatories on a page that is not the built-in one."""

    x: Position = Field(description="Left edge in points.")
    y: Position = Field(description="Bottom edge in points.")
    width: Extent = Field(description="Width in points. Four signatories are side by side, and more in two rows.")
    height: Annotated[float, Field(strict=True, ge=40, le=2000, allow_inf_nan=False)] = Field(
        description="Height in points, with the signatures and the texts below them. At least 40. 84 is the usual one for a row."
    )
    align: Literal["left", "center", "right", "spread"] = Field(
        "center", description="Where the signatories are in the box: left, center, right, or spread over all of it."
    )
    font: FontName = Field("NotoSerif", description="Font of the names. Other texts are in NotoSans.")
    color: Colour = Field(INK, description="Colour of the names.")
    line_color: Colour = Field(MUTED, description="Colour of the rules.")

    def list_assets(self) -> Iterator[tuple[str, AssetKind]]:
        """Yield the font if it is an asset."""
        return list_font_assets([self.font])

    def find_problems(self, path: str, checks: OptionChecks) -> Iterable[OptionProblem]:
        """Yield the edges that are off the page."""
        return find_box_off_page(path, (self.x, self.y), (self.width, self.height), checks.list_pages(self.page))

    def _find_places(self, page: Page) -> list[Place]:
        area = Area(self.x, self.y, self.width, self.height, self.align)
        looks = Looks(name_font=self.font, ink=self.color, line=self.line_color)
        return page.place_signatories("signatories", area, looks).places

    def _find_order(self, number: int, place: Place) -> tuple[float, float]:
        return -place.rule.y, place.rule.x + number / 10
