"""Images: assets, the issuer's logo, and signatories' signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from django.utils.translation import gettext as _
from pydantic import Field, StrictBool, StrictInt, model_validator

from learning_credentials.data import AssetKind
from learning_credentials.exceptions import OptionProblem
from learning_credentials.pdf.content.graphics import PlacedImage
from learning_credentials.pdf.content.sections import Role, Section
from learning_credentials.pdf.elements.base import Element, find_box_off_page
from learning_credentials.pdf.elements.option_types import AlternativeText, Extent, Place, Slug
from learning_credentials.pdf.placeholders import MAX_SIGNATORIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from learning_credentials.data import CredentialData
    from learning_credentials.pdf.assets.option_checks import OptionChecks
    from learning_credentials.pdf.page.page import Page


class ImageElement(Element):
    """An image, scaled to fit its box without distortion. Its source is one of ``asset``, ``signatory`` and ``issuer_logo``."""

    asset: Slug | None = Field(None, description="Slug of an image asset.")
    signatory: Annotated[StrictInt, Field(ge=1, le=MAX_SIGNATORIES)] | None = Field(
        None, description="Position of the signatory whose signature is drawn, from 1."
    )
    issuer_logo: StrictBool = Field(False, description="Whether to draw the issuer's logo.")
    x: Place = Field(description="Left edge in points.")
    y: Place = Field(description="Bottom edge in points.")
    width: Extent | None = Field(None, description="Maximum width in points.")
    height: Extent | None = Field(None, description="Maximum height in points.")
    alternative_text: AlternativeText | None = Field(
        None,
        description="What the image shows, for people who cannot see it. The issuer's logo and signatures have one by "
        "default. Screen readers leave out other images without it, and images where it is empty.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.asset is not None) + (self.signatory is not None) + self.issuer_logo != 1:
            raise ValueError("must have exactly one of asset, signatory and issuer_logo")
        if self.width is None and self.height is None:
            raise ValueError("must have width, height or both")
        return self

    def find_problems(self, path: str, checks: OptionChecks) -> Iterator[OptionProblem]:
        """Yield an asset that cannot be used, and edges that are off the page."""
        if self.asset is not None:
            yield from checks.find_image_problem(f"{path}.asset", self.asset)
        yield from find_box_off_page(
            path, (self.x, self.y), (self.width or 0, self.height or 0), checks.list_pages(self.page)
        )

    def list_advice(self, path: str) -> Iterator[OptionProblem]:
        """Yield an asset that nobody described."""
        if self.asset is not None and self.alternative_text is None:
            yield OptionProblem(
                f"{path}.alternative_text",
                "screen readers leave this image out. Say what it shows, or enter an empty text if it is decoration",
            )

    def list_assets(self) -> Iterable[tuple[str, AssetKind]]:
        """Return the asset that the options name."""
        return () if self.asset is None else ((self.asset, AssetKind.IMAGE),)

    def list_images(self, credential: CredentialData) -> Iterable[str]:
        """Return the logo or signature that the credential names."""
        slug, _ = self._find_source(credential)
        return (slug,) if slug and self.asset is None else ()

    def place(self, page: Page) -> Iterable[Section]:
        """Return the image, if there is one."""
        slug, owner = self._find_source(page.credential)
        asset = page.find_image(slug, owner)
        if asset is None:
            return ()
        image = PlacedImage(asset, self.x, self.y, self.width or 0, self.height or 0)
        text = self._find_alternative(page.credential) if self.alternative_text is None else self.alternative_text
        role = Role.FIGURE if text else Role.DECORATION
        return (Section(role, (image,), text, order=(-self.y - (self.height or self.width or 0) / 2, self.x)),)

    def _find_alternative(self, credential: CredentialData) -> str:
        """Return the alternative text that an image has by default. It is empty for assets."""
        if self.asset is not None:
            return ""
        if self.signatory is None:
            return _("Logo of %(name)s") % {"name": credential.issuer.name}
        return _("Signature of %(name)s") % {"name": credential.signatories[self.signatory - 1].name}

    def _find_source(self, credential: CredentialData) -> tuple[str, str]:
        """Return the slug of the image, or an empty text if there is none, and a name for the image."""
        if self.asset is not None:
            return self.asset, f"the image {self.asset}"
        if self.signatory is None:
            return credential.issuer.logo, "the issuer's logo"
        people = credential.signatories
        if self.signatory > len(people):
            return "", ""
        signatory = people[self.signatory - 1]
        return signatory.signature, f"the signature of {signatory.name}"
