"""Define the size of a page and its rotation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Geometry:
    """The page as a viewer shows it, in points. ``matrix`` maps its coordinates to those of the page's content."""

    width: float
    height: float
    matrix: tuple[float, float, float, float, float, float]
