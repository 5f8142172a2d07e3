"""Define the two kinds of fonts: those that every PDF reader has, and embedded ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import uharfbuzz as hb
from reportlab.pdfbase import pdfmetrics

from learning_credentials.exceptions import AssetError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    #: Returns the fonts of some names.
    GetFonts = Callable[[Sequence[str]], tuple["Font", ...]]

_NON_JOINER, _JOINER, _SPACE = 0x200C, 0x200D, 0x20
#: PostScript outlines: those of one design, and those that vary along axes.
_POSTSCRIPT_TABLES = ("CFF ", "CFF2")
#: Subsets of PostScript outlines are made from these tables.
_OUTLINE_TABLES = (*_POSTSCRIPT_TABLES, "head", "hhea", "hmtx", "maxp", "fvar", "avar", "HVAR")


class Font(Protocol):
    """A font that can be drawn with."""

    @property
    def name(self) -> str:
        """Return the PostScript name."""
        ...

    @property
    def is_bold(self) -> bool:
        """Return whether the strokes are heavy."""
        ...

    @property
    def is_serif(self) -> bool:
        """Return whether the strokes end in serifs."""
        ...

    def covers(self, text: str) -> bool:
        """Return whether it has a glyph for every character."""
        ...

    def measure(self, text: str) -> float:
        """Return the width of the characters one by one, in thousandths of the size."""
        ...


#: Capitals with accents are the highest letters of the standard fonts, and brackets reach lowest.
_STANDARD_INK = (-250.0, 950.0)


@dataclass(frozen=True, slots=True)
class StandardFont:
    """A font that every PDF reader has, limited to the characters of Windows Latin 1."""

    name: str

    @property
    def is_bold(self) -> bool:
        """Return whether the strokes are heavy."""
        return "Bold" in self.name

    @property
    def is_serif(self) -> bool:
        """Return whether the strokes end in serifs."""
        return self.name.startswith("Times")

    def covers(self, text: str) -> bool:
        """Return whether it has a glyph for every character."""
        try:
            text.encode("cp1252")
        except UnicodeEncodeError:
            return False
        return True

    def measure(self, text: str) -> float:
        """Return the width of the characters one by one, in thousandths of the size."""
        return float(pdfmetrics.stringWidth(text, self.name, 1000))

    @property
    def ink(self) -> tuple[float, float]:
        """Return the lowest and the highest point of all letters, in thousandths of the size above the baseline."""
        return _STANDARD_INK


@dataclass(frozen=True, eq=False)
class OpenTypeFont:
    """An embedded font: one face of a file, at one place on its axes.

    Each face and weight of a file has its own ``name`` and ``sha256``.
    """

    name: str
    sha256: str
    face: Any = field(repr=False)
    shaper: Any = field(repr=False)
    characters: frozenset[int] = field(repr=False)
    is_bold: bool
    is_serif: bool
    variations: tuple[tuple[str, float], ...] = ()

    @property
    def units(self) -> int:
        """Return the units of the em."""
        return int(self.face.upem)

    @cached_property
    def is_cff(self) -> bool:
        """Return whether the font has PostScript outlines."""
        return not set(_POSTSCRIPT_TABLES).isdisjoint(self.face.table_tags)

    @cached_property
    def nothing(self) -> int:
        """Return an empty glyph. In some fonts even the non-joiner is not empty."""
        found = (self.shaper.get_nominal_glyph(point) for point in (_NON_JOINER, _JOINER, _SPACE))
        return next((glyph for glyph in found if glyph and not self.has_ink(glyph)), 0)

    @cached_property
    def prepared(self) -> Any:
        """Return the face, prepared for many subsets.

        HarfBuzz can prepare a face, but for the PostScript outlines of East Asia that takes seconds and 100 to 200 MB. It mostly saves
        reading the table of characters, so a face without that table is as fast.
        """
        if not self.is_cff:
            return hb.subset_preprocess(self.face)
        tags = self.face.table_tags
        tables = {tag: bytes(self.face.reference_table(tag).data) for tag in _OUTLINE_TABLES if tag in tags}
        return hb.Face.create_for_tables(lambda _face, tag, _data: tables.get(tag), None)

    def has_ink(self, glyph: int) -> bool:
        """Return whether a glyph is visible."""
        extents = self.shaper.get_glyph_extents(glyph)
        return bool(extents and extents.width and extents.height)

    def measure_ink(self, glyph: int) -> tuple[float, float]:
        """Return the lowest and highest point of a glyph, in thousandths of the size above the baseline. An empty glyph has zeros."""
        extents = self.shaper.get_glyph_extents(glyph)
        if not extents or not extents.height:
            return 0.0, 0.0
        scale = 1000 / self.units
        return (extents.y_bearing + extents.height) * scale, extents.y_bearing * scale

    def covers(self, text: str) -> bool:
        """Return whether it has a glyph for every character."""
        return self.characters.issuperset(map(ord, text))

    def measure(self, text: str) -> float:
        """Return the width of the characters one by one, in thousandths of the size."""
        glyphs = (self.shaper.get_nominal_glyph(ord(character)) or 0 for character in text)
        return float(sum(self.shaper.get_glyph_h_advance(glyph) for glyph in glyphs)) * 1000 / self.units


class BrokenFontError(AssetError):
    """An accepted font cannot draw a text. ``font`` is the font."""

    def __init__(self, font: OpenTypeFont, error: Exception, name: str = "") -> None:
        self.font = font
        self.error = error
        super().__init__(
            f"the font '{name or font.name}' is broken and cannot draw a text ({error or type(error).__name__})"
        )
