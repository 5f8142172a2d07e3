"""The content of pages: content streams, and the fonts and images that their operators name. Nothing here knows a PDF library.

Coordinates are those of the visible page, as `Geometry` defines it. The document applies the geometry's matrix.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from learning_credentials.pdf.objects.syntax import encode_hex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from learning_credentials.pdf.drawings.forms import Form

#: A block of a CMap has at most this many entries.
_MAP_BLOCK = 100
_MAP_HEAD = """\
/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
"""
_MAP_END = "endcmap CMapName currentdict /CMap defineresource pop end end"
_NEWLINE = "\n"


@dataclass(frozen=True, slots=True)
class FontMetrics:
    """The values of a font descriptor, in thousandths of the em."""

    ascent: float
    descent: float
    cap_height: float
    italic_angle: float
    stem_v: float
    box: tuple[float, float, float, float]
    flags: int


@dataclass(frozen=True, slots=True)
class FontResource:
    """A font that the content uses, under the name ``resource``.

    The kind ``standard`` is one of the fonts of every reader, in WinAnsiEncoding with codes of one byte; only the names are set. The kinds
    ``truetype`` (FontFile2, CIDFontType2) and ``cff`` (FontFile3, CIDFontType0C) are subsets, in Identity-H with codes of two bytes.
    ``glyphs`` maps codes to glyphs of the subset (CIDToGIDMap); for ``cff`` codes and glyphs are the same.
    """

    resource: str
    base_name: str
    kind: Literal["standard", "truetype", "cff"]
    content: bytes = field(default=b"", repr=False)
    widths: Mapping[int, float] = field(default_factory=dict, repr=False)
    glyphs: Mapping[int, int] = field(default_factory=dict, repr=False)
    to_unicode: Mapping[int, str] = field(default_factory=dict, repr=False)
    metrics: FontMetrics | None = None

    def make_glyph_map(self) -> bytes:
        """Return the CIDToGIDMap stream."""
        most = max(self.glyphs, default=0)
        return b"".join(self.glyphs.get(code, 0).to_bytes(2, "big") for code in range(most + 1))

    def make_character_map(self) -> bytes:
        """Return the ToUnicode CMap (ISO 32000-2, 9.10.3)."""
        entries = [f"<{code:04X}> <{encode_hex(text)}>" for code, text in sorted(self.to_unicode.items())]
        blocks = [entries[start : start + _MAP_BLOCK] for start in range(0, len(entries), _MAP_BLOCK)]
        listed = [f"{len(block)} beginbfchar\n{_NEWLINE.join(block)}\nendbfchar\n" for block in blocks]
        return f"{_MAP_HEAD}{''.join(listed)}{_MAP_END}".encode("ascii")


@dataclass(frozen=True, slots=True)
class ImageResource:
    """An image that the content uses, under the name ``resource``. ``filter`` and ``color_space`` are names of PDF."""

    resource: str
    width: int
    height: int
    color_space: Literal["DeviceGray", "DeviceRGB", "DeviceCMYK"]
    filter: Literal["FlateDecode", "DCTDecode"]
    content: bytes = field(repr=False)
    is_inverted: bool = False
    mask: ImageResource | None = None


@dataclass(frozen=True, slots=True)
class DrawingResource:
    """A drawing that the content uses, under the name ``resource``."""

    resource: str
    form: Form

    @property
    def width(self) -> float:
        """Return the width in any unit. Only its proportion to the height counts."""
        return self.form.width

    @property
    def height(self) -> float:
        """Return the height in the same unit."""
        return self.form.height


@dataclass(frozen=True, slots=True)
class PageContent:
    """Content streams of the pages of a document, each with q and Q balanced, and the resources of all of them.

    ``marks`` are the numbers that mark the content of each section that is read, in drawing order. Each page has numbers of its own.
    """

    streams: tuple[bytes, ...]
    fonts: tuple[FontResource, ...] = ()
    images: tuple[ImageResource | DrawingResource, ...] = ()
    marks: tuple[Sequence[int], ...] = ()
