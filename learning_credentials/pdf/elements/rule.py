"""Rules: thin lines on the built-in page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.content.graphics import Rule
from learning_credentials.pdf.content.sections import Role, Section
from learning_credentials.pdf.elements.base import Element

if TYPE_CHECKING:
    from collections.abc import Iterable

    from learning_credentials.pdf.page.page import Page


class RuleElement(Element):
    """A horizontal rule from ``x`` to the right, in points."""

    x: float
    y: float
    width: float
    color: str

    def place(self, page: Page) -> Iterable[Section]:  # noqa: ARG002
        """Return the rule, which is decoration."""
        return (Section(Role.DECORATION, (Rule(self.x, self.y, self.width, self.color),)),)
