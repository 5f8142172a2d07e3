"""Draw the signatories on the built-in page, each with name, title, organisation and a picture of the signature.

Digital signatures are something else: see `learning_credentials.pdf.digital_signatures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.content.graphics import PlacedImage
from learning_credentials.pdf.elements.base import Element
from learning_credentials.pdf.page.notes import Missing
from learning_credentials.pdf.placeholders import MAX_SIGNATORIES

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from learning_credentials.data import CredentialData
    from learning_credentials.pdf.content.graphics import Graphic
    from learning_credentials.pdf.page.page import Page


class SignatoriesElement(Element):
    """All signatories of a credential."""

    def identify(self, credential: CredentialData) -> Hashable:
        """Return the signatories."""
        return credential.signatories

    def list_images(self, credential: CredentialData) -> Iterable[str]:
        """Return the signatures."""
        return [person.signature for person in credential.signatories if person.signature]

    def place(self, page: Page) -> Iterator[Graphic]:
        """Yield a rule, the signature and the texts of each signatory."""
        people = page.credential.signatories
        if len(people) > MAX_SIGNATORIES:
            page.notes.problems.append(
                f"the type has {len(people)} signatories, and the page has space for {MAX_SIGNATORIES}: the "
                "others are left out"
            )
        for number, place in enumerate(page.signatories.places, start=1):
            yield place.rule
            person = place.signatory
            if asset := page.find_image(person.signature, f"the signature of {person.name}"):
                yield PlacedImage(asset, place.rule.x, place.rule.y + 1, place.rule.width, place.image_height)
            yield from place.lines
            page.notes.missing += [Missing(f"the texts of signatory {number}", cluster) for cluster in place.missing]
