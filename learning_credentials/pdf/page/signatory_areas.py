"""Define where options put signatories, and how they look. This module loads no library that draws."""

from __future__ import annotations

from typing import Literal, NamedTuple

from learning_credentials.pdf.template.colors import INK, MUTED


class Looks(NamedTuple):
    """The font of the names, the font of the other texts, and the colours of names, other texts and rules."""

    name_font: str = "NotoSerif"
    text_font: str = "NotoSans"
    ink: str = INK
    muted: str = MUTED
    line: str = MUTED


class Area(NamedTuple):
    """A box for signatories on a page that is not the built-in one: its left and bottom edge, its size, and where the slots are in it."""

    x: float
    y: float
    width: float
    height: float
    align: Literal["left", "center", "right", "spread"]
