"""List what a document draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learning_credentials.data import CredentialData
    from learning_credentials.pdf.content.graphics import Graphic
    from learning_credentials.pdf.rendering import Renderer


def list_drawn(renderer: Renderer, credential: CredentialData, page: int = 1) -> list[Graphic]:
    """Return the graphics of all elements on a page, which is counted from 1, in the order in which they are drawn."""
    _pages, placed = renderer.lay_out(credential)
    return [graphic for element in placed if element.page == page - 1 for graphic in element.graphics]
