"""Fonts: the 12 text fonts that every PDF reader has, those that ship with the app, and operators' own.

Each is opened once per process and content: an edited font asset is never served stale.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol

import uharfbuzz as hb
from reportlab.pdfbase import pdfmetrics

from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.font_names import SHIPPED_FONTS, STANDARD_FONTS, find_script_font

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESTRICTED = 0x0002
_PREVIEW_OR_EDITABLE = 0x000C
_NO_SUBSETTING = 0x0100
_BITMAP_ONLY = 0x0200
_BOLD_WEIGHT = 600
_REGULAR_WEIGHT = 400
_NON_JOINER, _JOINER, _SPACE = 0x200C, 0x200D, 0x20
_LARGE = 4 * 1024 * 1024

#: reportlab, which draws the built-in template, keeps state while a document is written, so one is written at a time.
REPORTLAB_LOCK = RLock()
_LOCK = RLock()


class Font(Protocol):
    """A font that can be drawn with."""

    @property
    def name(self) -> str:
        """Its PostScript name."""
        ...

    @property
    def is_bold(self) -> bool:
        """Whether its strokes are heavy."""
        ...

    @property
    def is_serif(self) -> bool:
        """Whether its strokes end in serifs."""
        ...

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for every character."""
        ...

    def measure(self, text: str) -> float:
        """Width of the characters one by one, in thousandths of the size."""
        ...


@dataclass(frozen=True, slots=True)
class StandardFont:
    """One of the fonts that readers bring along, limited to Windows Latin 1."""

    name: str

    @property
    def is_bold(self) -> bool:
        """Whether its strokes are heavy."""
        return "Bold" in self.name

    @property
    def is_serif(self) -> bool:
        """Whether its strokes end in serifs."""
        return self.name.startswith("Times")

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for every character."""
        try:
            text.encode("cp1252")
        except UnicodeEncodeError:
            return False
        return True

    def measure(self, text: str) -> float:
        """Width of the characters one by one, in thousandths of the size."""
        return float(pdfmetrics.stringWidth(text, self.name, 1000))


@dataclass(frozen=True, eq=False)
class OpenTypeFont:
    """An embedded font."""

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
        """Units of the em."""
        return int(self.face.upem)

    @property
    def is_cff(self) -> bool:
        """Whether its outlines are PostScript's."""
        return "CFF " in self.face.table_tags

    @cached_property
    def nothing(self) -> int:
        """A glyph that shows nothing: some fonts draw even their non-joiner."""
        found = (self.shaper.get_nominal_glyph(point) for point in (_NON_JOINER, _JOINER, _SPACE))
        return next((glyph for glyph in found if glyph and not self._has_ink(glyph)), 0)

    @cached_property
    def prepared(self) -> Any:
        """The face, made ready to be subset many times."""
        return hb.subset_preprocess(self.face)

    def _has_ink(self, glyph: int) -> bool:
        extents = self.shaper.get_glyph_extents(glyph)
        return bool(extents and extents.width and extents.height)

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for every character."""
        return self.characters.issuperset(map(ord, text))

    def measure(self, text: str) -> float:
        """Width of the characters one by one, in thousandths of the size."""
        glyphs = (self.shaper.get_nominal_glyph(ord(character)) or 0 for character in text)
        return float(sum(self.shaper.get_glyph_h_advance(glyph) for glyph in glyphs)) * 1000 / self.units


def check_font(content: bytes) -> None:
    """Check that a font can be embedded.

    Raises:
        AssetError: not TrueType or OpenType, embedding not allowed by its OS/2 ``fsType``, broken.
    """
    _check_signature(content[:4])
    try:
        _check_tables(content)
        _open(content, "")
    except AssetError:
        raise
    except Exception as error:
        msg = f"the font is broken: {error or type(error).__name__}"
        raise AssetError(msg) from error


def get_font(content: bytes, sha256: str) -> OpenTypeFont:
    """Return an operator's font, ready to draw with.

    Raises:
        AssetError: it cannot be used.
    """
    with _LOCK:
        if sha256 not in _loaded:
            check_font(content)
            _loaded[sha256] = _open(content, sha256)
        return _loaded[sha256]


@cache
def get_builtin_font(name: str) -> Font:
    """Return a font by its built-in name; KeyError for an unknown one."""
    if name in STANDARD_FONTS:
        return StandardFont(name)
    content = (files("learning_credentials.pdf") / "fonts" / f"{SHIPPED_FONTS[name]}.ttf").read_bytes()
    return _open(content, hashlib.sha256(content).hexdigest(), is_serif="Serif" in name)


def list_fallbacks(character: str, first: Font) -> Iterator[Font]:
    """Shipped fonts that may have the character, the one most like ``first`` first."""
    if name := find_script_font(character):
        yield get_builtin_font(name)
    weight = "-Bold" if first.is_bold else ""
    family, other = ("NotoSerif", "NotoSans") if first.is_serif else ("NotoSans", "NotoSerif")
    yield get_builtin_font(family + weight)
    yield get_builtin_font(other + weight)


_loaded: dict[str, OpenTypeFont] = {}


def _check_signature(signature: bytes) -> None:
    reasons = {
        b"wOFF": "it is a web font (WOFF); a .ttf or .otf file is needed",
        b"wOF2": "it is a web font (WOFF2); a .ttf or .otf file is needed",
    }
    if signature in reasons:
        raise AssetError(reasons[signature])
    if signature not in {b"\x00\x01\x00\x00", b"true", b"OTTO", b"ttcf"}:
        raise AssetError("it is not a TrueType or OpenType font")


def _check_tables(content: bytes) -> None:
    from fontTools.ttLib import TTFont

    # Outlines of a large font would take seconds to read; HarfBuzz, which draws with them, checks them as it goes.
    is_lazy = len(content) > _LARGE
    with TTFont(io.BytesIO(content), lazy=is_lazy, recalcTimestamp=False, fontNumber=0) as font:
        if "CFF2" in font:
            raise AssetError(
                "its outlines are of the variable PostScript kind (CFF2), which cannot be embedded; use a static font"
            )
        outlines = ("CFF ",) if "CFF " in font else ("glyf", "loca")
        required = ("cmap", *outlines, "head", "hhea", "hmtx", "maxp")
        if absent := [tag for tag in sorted(required) if tag not in font]:
            msg = f"the font lacks the tables {', '.join(absent)}"
            raise AssetError(msg)
        if not font.getBestCmap():
            raise AssetError("the font has no Unicode character map")
        usage = font["OS/2"].fsType if "OS/2" in font else 0
        if usage & _RESTRICTED and not usage & _PREVIEW_OR_EDITABLE:
            raise AssetError("the font's licence bits (OS/2 fsType) forbid embedding")
        if usage & _NO_SUBSETTING:
            raise AssetError("the font's licence bits (OS/2 fsType) forbid subsetting, which embedding needs")
        if usage & _BITMAP_ONLY:
            raise AssetError("the font's licence bits (OS/2 fsType) allow embedding of bitmaps only")
        if not is_lazy:
            for tag in font.keys():  # noqa: SIM118
                font[tag]


def _open(content: bytes, sha256: str, *, is_serif: bool = False) -> OpenTypeFont:
    face = hb.Face(hb.Blob(content), 0)
    shaper = hb.Font(face)
    if not face.glyph_count or not face.unicodes:
        raise AssetError("the font has no glyphs for any character")
    variations: dict[str, float] = {}
    if face.has_var_data:
        # The default of some families is their thinnest weight, which nobody means by the family's name.
        variations = {axis.tag: axis.default_value for axis in face.axis_infos}
        for axis in face.axis_infos:
            if axis.tag == "wght":
                variations["wght"] = min(max(_REGULAR_WEIGHT, axis.min_value), axis.max_value)
        shaper.set_variations(variations)
    name = face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or "Font"
    return OpenTypeFont(
        "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in "-_"))[:60] or "Font",
        sha256,
        face,
        shaper,
        frozenset(face.unicodes),
        is_bold=shaper.get_style_value(hb.StyleTag.WEIGHT) >= _BOLD_WEIGHT,
        is_serif=is_serif,
        variations=tuple(variations.items()),
    )
