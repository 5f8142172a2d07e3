"""Make font subsets with only the glyphs of a page's content. The codes tell readers which text each glyph means."""

from __future__ import annotations

import hashlib
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any

import uharfbuzz as hb

from learning_credentials.pdf.content.page_content import FontMetrics, FontResource
from learning_credentials.pdf.fonts.caches import remember
from learning_credentials.pdf.fonts.classes import BrokenFontError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from learning_credentials.pdf.fonts.classes import OpenTypeFont

_SYMBOLIC, _SERIF, _ITALIC = 4, 2, 64
_BOLD_STEM, _PLAIN_STEM = 140.0, 80.0
_TAG_LENGTH = 6
_LETTERS = bytes(ord("A") + byte % 26 for byte in range(256))
_EM = 1000
#: PDF readers do not use these tables of an embedded font.
_UNUSED_TABLES = ("GSUB", "GPOS", "GDEF", "BASE", "OS/2", "name", "cmap", "post", "gasp", "STAT", "DSIG", "meta")
_FLAGS = hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NO_BIDI_CLOSURE | hb.SubsetFlags.NO_HINTING
#: PDF knows PostScript outlines of one design only, so variable ones are fixed at their place on the axes.
_CFF_FLAGS = _FLAGS | hb.SubsetFlags.CFF_IDENTITY_CHARSET | hb.SubsetFlags.DOWNGRADE_CFF2
_LOCK = Lock()
_UNUSED_TAGS = [int.from_bytes(tag.encode(), "big") for tag in _UNUSED_TABLES]


class FontSubset:
    """The glyphs that a page content draws in one embedded font. A glyph has a code for each text that it stands for.

    ``codes`` maps each pair of a glyph and its text to the code in hexadecimal digits and the width in thousandths of the size.
    ``unsaid`` are the pairs whose code does not tell readers that text.
    """

    def __init__(self, resource: str, font: OpenTypeFont, pairs: Collection[tuple[int, str]]) -> None:
        self._resource = resource
        self._font = font
        try:
            self._assign_codes(pairs)
        except Exception as error:
            raise BrokenFontError(font, error) from error

    def _assign_codes(self, pairs: Collection[tuple[int, str]]) -> None:
        font = self._font
        self._content, self._tag, numbers = _make_subset(font, tuple(sorted({glyph for glyph, _ in pairs})))
        self.codes: dict[tuple[int, str], tuple[str, float]] = {}
        self.unsaid: set[tuple[int, str]] = set()
        self._widths: dict[int, float] = {}
        self._glyphs: dict[int, int] = {}
        self._texts: dict[int, str] = {}
        others = count(max(numbers.values(), default=0) + 1)
        for pair in pairs:
            glyph, text = pair
            code = number = numbers[glyph]
            # If a glyph stands for one text only, its code is its number: then no CIDToGIDMap is needed.
            if not font.is_cff and (number in self._texts or not number):
                code = next(others)
            # The codes of PostScript fonts are their glyphs, so a code can tell only the first text that its glyph stands for.
            if self._texts.setdefault(code, text) != text or not text:
                self.unsaid.add(pair)
            self._glyphs[code] = number
            width = self._widths[code] = _measure(font, glyph)
            self.codes[pair] = f"{code:04x}", width

    def make_resource(self) -> FontResource:
        """Return the font to embed."""
        try:
            metrics = _describe(self._font)
        except Exception as error:
            raise BrokenFontError(self._font, error) from error
        return FontResource(
            self._resource,
            f"{self._tag}+{self._font.name}",
            "cff" if self._font.is_cff else "truetype",
            self._content,
            self._widths,
            self._glyphs,
            self._texts,
            metrics,
        )


@remember(512)
def _make_subset(font: OpenTypeFont, glyphs: tuple[int, ...]) -> tuple[bytes, str, Mapping[int, int]]:
    """Return a font with these glyphs only, the six letters that PDF puts before its name, and the glyphs' numbers in it."""
    with _LOCK:
        wanted = _get_input(font)
        wanted.glyph_set.clear()
        wanted.glyph_set.update(glyphs)
        plan = hb.SubsetPlan(font.prepared, wanted)
    face = plan.execute()
    numbers = plan.old_to_new_glyph_mapping
    blob: Any = face.reference_table("CFF ") if font.is_cff else face.blob
    content = bytes(blob.data)
    return content, _make_tag(content), {glyph: numbers[glyph] for glyph in glyphs}


@remember(64)
def _get_input(font: OpenTypeFont) -> Any:
    """Return the settings for subsets of a font. The caller sets the glyphs."""
    wanted = hb.SubsetInput()
    wanted.flags = _CFF_FLAGS if font.is_cff else _FLAGS
    wanted.drop_table_tag_set.update(_UNUSED_TAGS)
    for axis, value in font.variations:
        wanted.pin_axis_location(font.face, axis, value)
    return wanted


@remember(8192)
def _measure(font: OpenTypeFont, glyph: int) -> float:
    return round(float(font.shaper.get_glyph_h_advance(glyph)) * _EM / font.units, 3)


def _make_tag(content: bytes) -> str:
    return hashlib.sha256(content).digest()[:_TAG_LENGTH].translate(_LETTERS).decode()


@remember(128)
def _describe(font: OpenTypeFont) -> FontMetrics:
    scale = _EM / font.units
    extents = font.shaper.get_font_extents("ltr")
    head = font.face.reference_table("head").data
    box = tuple(int.from_bytes(head[at : at + 2], "big", signed=True) * scale for at in (36, 38, 40, 42))
    angle = font.shaper.get_style_value(hb.StyleTag.SLANT_ANGLE)
    capital = font.shaper.get_metric_position_with_fallback(hb.OTMetricsTag.CAP_HEIGHT)
    return FontMetrics(
        ascent=extents.ascender * scale,
        descent=extents.descender * scale,
        cap_height=capital * scale,
        italic_angle=angle,
        stem_v=_BOLD_STEM if font.is_bold else _PLAIN_STEM,
        box=(box[0], box[1], box[2], box[3]),
        flags=_SYMBOLIC | (_SERIF if font.is_serif else 0) | (_ITALIC if angle else 0),
    )
