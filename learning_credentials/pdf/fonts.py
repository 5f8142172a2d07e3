"""Fonts: the 12 text fonts that every PDF reader has, those that ship with the app, and operators' own.

Each is registered with reportlab, whose registry is one for the process, under a name made from its content: an edited font asset is
never served stale, and two fonts never meet under one name.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol

from reportlab.pdfbase import pdfmetrics, ttfonts

from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.font_names import SHIPPED_FONTS, STANDARD_FONTS, find_script_font
from learning_credentials.pdf.rtl import ALEF_CARRIERS, to_source

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESTRICTED = 0x0002
_PREVIEW_OR_EDITABLE = 0x000C
_NO_SUBSETTING = 0x0100
_BITMAP_ONLY = 0x0200
_BOLD_WEIGHT = 600
_NOTHING = 0x200C

#: The most entries that a block of a CMap may have.
_MAP_BLOCK = 100

#: reportlab's fonts keep state while a document is written, so one document is written at a time.
REPORTLAB_LOCK = RLock()


class Font(Protocol):
    """A font that can be drawn with."""

    @property
    def name(self) -> str:
        """Name in reportlab's registry."""
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

    def measure(self, text: str, size: float) -> float:
        """Width in points."""
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

    def measure(self, text: str, size: float) -> float:
        """Width in points."""
        return float(pdfmetrics.stringWidth(text, self.name, size))


@dataclass(frozen=True, slots=True)
class TrueTypeFont:
    """An embedded font."""

    name: str
    characters: frozenset[int]
    is_bold: bool
    is_serif: bool

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for every character."""
        return self.characters.issuperset(map(ord, text))

    def measure(self, text: str, size: float) -> float:
        """Width in points."""
        return float(pdfmetrics.stringWidth(text, self.name, size))


def check_font(content: bytes) -> None:
    """Check that a font can be embedded.

    Raises:
        AssetError: no TrueType outlines, embedding not allowed by its OS/2 ``fsType``, broken.
    """
    _check_signature(content[:4])
    try:
        _check_tables(content)
        _load(content)
    except AssetError:
        raise
    except Exception as error:
        msg = f"the font is broken: {error or type(error).__name__}"
        raise AssetError(msg) from error


def get_font(content: bytes, sha256: str) -> TrueTypeFont:
    """Return an operator's font, ready to draw with.

    Raises:
        AssetError: it cannot be used.
    """
    with REPORTLAB_LOCK:
        if sha256 not in _loaded:
            check_font(content)
            _loaded[sha256] = _register(content, sha256)
        return _loaded[sha256]


@cache
def get_builtin_font(name: str) -> Font:
    """Return a font by its built-in name; KeyError for an unknown one."""
    if name in STANDARD_FONTS:
        return StandardFont(name)
    content = (files("learning_credentials.pdf") / "fonts" / f"{SHIPPED_FONTS[name]}.ttf").read_bytes()
    with REPORTLAB_LOCK:
        return _register(content, hashlib.sha256(content).hexdigest(), is_serif="Serif" in name)


def list_fallbacks(character: str, first: Font) -> Iterator[Font]:
    """Shipped fonts that may have the character, the one most like ``first`` first."""
    if name := find_script_font(character):
        yield get_builtin_font(name)
    weight = "-Bold" if first.is_bold else ""
    family, other = ("NotoSerif", "NotoSans") if first.is_serif else ("NotoSans", "NotoSerif")
    yield get_builtin_font(family + weight)
    yield get_builtin_font(other + weight)


_loaded: dict[str, TrueTypeFont] = {}


class _SearchableFont(ttfonts.TTFont):
    """Tells readers what its glyphs stand for, also beyond the basic plane and for joined letters."""

    def addObjects(self, doc: Any) -> None:  # noqa: N802
        subsets = self.state[doc].subsets
        super().addObjects(doc)
        for number, subset in enumerate(subsets):
            name = b"".join((ttfonts.SUBSETN(number), b"+", self.face.name, self.face.subfontNameX)).decode()
            doc.idToObject[f"toUnicodeCMap:{name}"].content = _make_character_map(name, subset)


def _make_character_map(name: str, subset: list[int]) -> str:
    """A ToUnicode CMap (ISO 32000-2, 9.10.3) for a subset: its code points by code."""
    entries = [
        f"<{code:02X}> <{to_source(chr(point)).encode('utf-16-be').hex().upper()}>" for code, point in enumerate(subset)
    ]
    blocks = [entries[start : start + _MAP_BLOCK] for start in range(0, len(entries), _MAP_BLOCK)]
    return "\n".join(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            f"/CMapName /{name} def /CMapType 2 def",
            "1 begincodespacerange <00> <FF> endcodespacerange",
            *("\n".join((f"{len(block)} beginbfchar", *block, "endbfchar")) for block in blocks),
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        )
    )


def _check_signature(signature: bytes) -> None:
    reasons = {
        b"ttcf": "it is a font collection (.ttc); upload one of its fonts as a .ttf file",
        b"OTTO": "it has PostScript (CFF) outlines; a font with TrueType outlines is needed",
        b"wOFF": "it is a web font (WOFF); a .ttf file is needed",
        b"wOF2": "it is a web font (WOFF2); a .ttf file is needed",
    }
    if signature in reasons:
        raise AssetError(reasons[signature])
    if signature not in {b"\x00\x01\x00\x00", b"true"}:
        raise AssetError("it is not a TrueType font")


def _check_tables(content: bytes) -> None:
    from fontTools.ttLib import TTFont

    with TTFont(io.BytesIO(content), lazy=False, recalcTimestamp=False) as font:
        if absent := [tag for tag in ("cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp") if tag not in font]:
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


def _load(content: bytes, name: str = "check") -> Any:
    # Not asciiReadable: that would embed all of ASCII with every font.
    return _SearchableFont(name, io.BytesIO(content), asciiReadable=False, shapable=False)


def _register(content: bytes, sha256: str, *, is_serif: bool = False) -> TrueTypeFont:
    name = f"lcred-{sha256[:16]}"
    font = _load(content, name)
    face = font.face
    # In the PDF reportlab tells fonts apart by their PostScript names, and would merge two that share one.
    face.name = face.name[:40] + b"-" + sha256[:8].encode()
    if _NOTHING in face.charToGlyph:
        for carrier in map(ord, ALEF_CARRIERS.values()):
            face.charToGlyph[carrier], face.charWidths[carrier] = face.charToGlyph[_NOTHING], 0
    pdfmetrics.registerFont(font)
    is_bold = getattr(face, "bold", False) or _weight(content) >= _BOLD_WEIGHT
    return TrueTypeFont(name, frozenset(face.charToGlyph), is_bold=bool(is_bold), is_serif=is_serif)


def _weight(content: bytes) -> int:
    from fontTools.ttLib import TTFont

    with TTFont(io.BytesIO(content), lazy=True) as font:
        return int(font["OS/2"].usWeightClass) if "OS/2" in font else 400
