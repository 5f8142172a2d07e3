"""List the fonts for characters that an element's own fonts do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.fonts.names import EMOJI, find_script_font
from learning_credentials.pdf.fonts.server import list_server_fonts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from learning_credentials.pdf.fonts.classes import Font


def list_fallbacks(character: str, first: Font) -> Iterator[Font]:
    """Yield fonts that may have a character: shipped ones, those most like ``first`` before others, then those of the server."""
    if name := find_script_font(character):
        yield get_builtin_font(name)
    weight = "-Bold" if first.is_bold else ""
    family, other = ("NotoSerif", "NotoSans") if first.is_serif else ("NotoSans", "NotoSerif")
    yield get_builtin_font(family + weight)
    yield get_builtin_font(other + weight)
    yield get_builtin_font(EMOJI)
    yield from list_server_fonts()
