"""QR codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from learning_credentials.pdf.content.graphics import QRCode
from learning_credentials.pdf.content.sections import LAST, Role, Section
from learning_credentials.pdf.elements.base import Element, find_box_off_page
from learning_credentials.pdf.elements.option_types import Colour, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from learning_credentials.exceptions import OptionProblem
    from learning_credentials.pdf.assets.option_checks import OptionChecks
    from learning_credentials.pdf.page.page import Page


_ALTERNATIVE = _("QR code with the address at which anyone can verify this credential")


class QRElement(Element):
    """A QR code with the verification URL. ``size`` includes its white margin."""

    x: Place = Field(0, description="Left edge in points.")
    y: Place = Field(0, description="Bottom edge in points.")
    size: Annotated[float, Field(strict=True, ge=30, le=2000, allow_inf_nan=False)] = Field(
        72,
        description="Width and height in points, including the white margin. At least 30, so that phones "
        "can read the code.",
    )
    color: Colour = Field("#000000", description="Hex colour of the dark squares.")

    @property
    def is_own(self) -> bool:
        """Return True, because each learner has another address."""
        return True

    def find_problems(self, path: str, checks: OptionChecks) -> Iterable[OptionProblem]:
        """Yield the edges that are off the page."""
        return find_box_off_page(path, (self.x, self.y), (self.size, self.size), checks.list_pages(self.page))

    def place(self, page: Page) -> Iterable[Section]:
        """Return the code as a figure that links to the address in it. It is read after everything else."""
        address = page.credential.verify_url
        code = QRCode(address, self.x, self.y, self.size, self.color)
        return (Section(Role.FIGURE, (code,), page.translate(_ALTERNATIVE), address=address, order=LAST),)
