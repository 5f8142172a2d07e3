"""Say where the elements of a design are. Other parts of the app read this without the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Left, lower, right and upper edge in points.
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class DesignElement:
    """One element of a design. Lengths are in points, from the bottom left of the visible page."""

    path: str
    """Its place in the options, such as ``text_elements.name``."""
    kind: str
    """text, image, qr, table, background, signatories (a box for them) or signatures (those of the built-in page)."""
    values: Mapping[str, Any]
    """All of its options as they are used, with defaults."""
    base: Mapping[str, Any]
    """The options that it has although nobody entered them."""
    page: int
    """The page of the template, from 1."""
    boxes: list[tuple[int, Box]] = field(default_factory=list)
    """What it covers, each with the index of the page in the document."""
    anchor: tuple[float, float] | None = None
    """The point that the options ``x`` and ``y`` set, as it is now. A place of its own can have moved a text. None: it has no place."""
    field: str = ""
    """The form field of the template in whose place it is."""
    is_empty: bool = False
    """Whether it draws nothing for this credential. Its box is then a guess."""


@dataclass(frozen=True)
class Layout:
    """The pages of one document: their sizes in points, the elements on them, and the paths of the hidden elements."""

    pages: list[tuple[float, float]]
    elements: list[DesignElement]
    hidden: list[str]
