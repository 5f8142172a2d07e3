"""Draw the signatories on the built-in page, each with name, title, organisation and a picture of the signature.

Digital signatures are something else: see `learning_credentials.pdf.digital_signatures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from learning_credentials.pdf.content.graphics import PlacedImage
from learning_credentials.pdf.content.sections import Role, Section, find_spoken
from learning_credentials.pdf.elements.base import Element
from learning_credentials.pdf.page.notes import Missing
from learning_credentials.pdf.placeholders import MAX_SIGNATORIES

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from learning_credentials.data import CredentialData
    from learning_credentials.pdf.page.page import Page


#: They are read after the date and its label, and before the address of the verification.
_ORDER = -100.0


class SignatoriesElement(Element):
    """All signatories of a credential."""

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
        for number, place in enumerate(page.signatories.places, start=1):
            yield Section(Role.DECORATION, (place.rule,))
            order = (_ORDER + number / 10, 0.0)
            person = place.signatory
            if asset := page.find_image(person.signature, f"the signature of {person.name}"):
                image = PlacedImage(asset, place.rule.x, place.rule.y + 1, place.rule.width, place.image_height)
                alternative = _("Signature of %(name)s") % {"name": person.name}
                yield Section(Role.FIGURE, (image,), alternative, order=order)
            for text, lines in place.texts:
                spoken = find_spoken(lines, text, is_rtl=page.languages.is_rtl)
                yield Section(Role.PARAGRAPH, lines, spoken=spoken, order=order)
            page.notes.missing += [Missing(f"the texts of signatory {number}", cluster) for cluster in place.missing]
