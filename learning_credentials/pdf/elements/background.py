"""A picture that covers the page, for operators who have no PDF template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from learning_credentials.data import AssetKind
from learning_credentials.exceptions import OptionProblem
from learning_credentials.options import StrictOptions
from learning_credentials.pdf.content.graphics import PagePicture, fit_picture
from learning_credentials.pdf.content.sections import FIRST, Role, Section
from learning_credentials.pdf.elements.base import Element
from learning_credentials.pdf.elements.option_types import AlternativeText, Slug
from learning_credentials.pdf.template.geometry import A4_LONG, A4_SHORT, GREATEST_SIDE, LEAST_SIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from learning_credentials.pdf.assets.option_checks import OptionChecks
    from learning_credentials.pdf.page.page import Page

Fit = Literal["cover", "contain", "stretch"]
PageSide = Annotated[float, Field(strict=True, ge=LEAST_SIDE, le=GREATEST_SIDE, allow_inf_nan=False)]

#: Dots per inch at which people begin to see them on paper, and what print shops ask for.
_FEWEST_DOTS = 150
_GOOD_DOTS = 300
_INCH = 72


class Background(StrictOptions):
    """The picture behind everything, and the size of the page."""

    asset: Slug = Field(description="Slug of an image asset.")
    fit: Fit = Field(
        "cover",
        description="How the picture gets the size of the page: cover fills the page and cuts off what is too much, contain "
        "shows the whole picture and leaves the rest white, and stretch changes its proportion.",
    )
    width: PageSide = Field(
        A4_LONG,
        description=f"Width of the page in points, from {LEAST_SIDE} to {GREATEST_SIDE}. Default: that of A4 landscape.",
    )
    height: PageSide = Field(
        A4_SHORT,
        description=f"Height of the page in points, from {LEAST_SIDE} to {GREATEST_SIDE}. Default: that of A4 landscape.",
    )
    alternative_text: AlternativeText | None = Field(
        None,
        description="What the picture shows and says, for people who cannot see it. Screen readers leave it out without it, "
        "and if it is empty, because it is decoration only.",
    )

    def list_advice(self, path: str, checks: OptionChecks, bleed: float) -> Iterator[OptionProblem]:
        """Yield what is missing for screen readers, and too few pixels for print.

        Args:
            path: of the background in the options.
            checks: knows the image.
            bleed: points of paper around the page.
        """
        if self.alternative_text is None:
            yield OptionProblem(
                f"{path}.alternative_text",
                "screen readers leave the background out. Say what it shows and says, or enter an empty text if it is decoration",
            )
        pixels = checks.measure_pixels(self.asset)
        if pixels is None:
            return
        drawn = fit_picture(pixels, (self.width + 2 * bleed, self.height + 2 * bleed), self.fit)
        dots = min(count / (side / _INCH) for count, side in zip(pixels, drawn, strict=True))
        if dots < _FEWEST_DOTS:
            wanted = " x ".join(f"{round(side / _INCH * _GOOD_DOTS):,}" for side in drawn)
            yield OptionProblem(
                f"{path}.asset",
                f"the picture has {pixels[0]:,} x {pixels[1]:,} pixels, which are {dots:.0f} dots per inch on this page. It looks "
                f"blurred on paper. Use one with {wanted} pixels",
            )


class BackgroundElement(Element):
    """The background as an element, with the bleed of the page in points."""

    background: Background
    bleed: float

    def list_assets(self) -> Iterable[tuple[str, AssetKind]]:
        """Return the picture."""
        return ((self.background.asset, AssetKind.IMAGE),)

    def place(self, page: Page) -> Iterable[Section]:
        """Return the picture, which is read before everything else or left out."""
        asset = page.find_image(self.background.asset, "the background")
        if asset is None:
            return ()
        said, bleed = self.background, self.bleed
        picture = PagePicture(asset, -bleed, -bleed, said.width + 2 * bleed, said.height + 2 * bleed, said.fit)
        text = said.alternative_text or ""
        return (Section(Role.FIGURE if text else Role.DECORATION, (picture,), text, order=FIRST),)
