"""Adds the fonts and images of an overlay to a document."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from learning_credentials.pdf.syntax import format_number, format_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from learning_credentials.pdf.draft import Draft
    from learning_credentials.pdf.overlay import FontMetrics, FontProgram, ImageProgram

_FEW_OUTLINES = 2048


def add_fonts(draft: Draft, fonts: Iterable[FontProgram]) -> str:
    """Add fonts; return their entries for a dictionary of resources."""
    return "".join(f"/{font.resource} {_add_font(draft, font)} 0 R " for font in fonts)


def add_images(draft: Draft, images: Iterable[ImageProgram]) -> str:
    """Add images; return their entries for a dictionary of resources."""
    return "".join(f"/{image.resource} {_add_image(draft, image)} 0 R " for image in images)


def _add_font(draft: Draft, font: FontProgram) -> int:
    name, metrics = font.base_name, font.metrics
    if metrics is None:
        return _add(draft, f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
    is_cff = font.kind == "cff"
    length = b"/Subtype /CIDFontType0C" if is_cff else b"/Length1 %d" % len(font.content)
    # Outlines of a few glyphs get hardly smaller.
    file = draft.add_stream(length, font.content, is_raw=len(font.content) < _FEW_OUTLINES)
    descriptor = _add(
        draft,
        f"<< /Type /FontDescriptor /FontName /{name} {_format_metrics(metrics)} "
        f"/{'FontFile3' if is_cff else 'FontFile2'} {file} 0 R >>",
    )
    kind = "CIDFontType0" if is_cff else f"CIDFontType2 /CIDToGIDMap {_add_glyph_map(draft, font)}"
    descendant = _add(
        draft,
        f"<< /Type /Font /Subtype /{kind} /BaseFont /{name} /FontDescriptor {descriptor} 0 R "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/DW 0 /W [{_format_widths(font.widths)}] >>",
    )
    characters = draft.add_stream(b"", font.make_character_map())
    return _add(
        draft,
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
        f"/DescendantFonts [{descendant} 0 R] /ToUnicode {characters} 0 R >>",
    )


def _add_glyph_map(draft: Draft, font: FontProgram) -> str:
    if all(code == glyph for code, glyph in font.glyphs.items()):
        return "/Identity"
    return f"{draft.add_stream(b'', font.make_glyph_map())} 0 R"


@lru_cache(maxsize=128)
def _format_metrics(metrics: FontMetrics) -> str:
    return (
        f"/Flags {metrics.flags} /FontBBox [{format_numbers(metrics.box)}] "
        f"/ItalicAngle {format_number(metrics.italic_angle)} /Ascent {format_number(metrics.ascent)} "
        f"/Descent {format_number(metrics.descent)} /CapHeight {format_number(metrics.cap_height)} "
        f"/StemV {format_number(metrics.stem_v)}"
    )


def _format_widths(widths: Mapping[int, float]) -> str:
    """The widths of codes, those of neighbours in one list (9.7.4.3)."""
    parts: list[str] = []
    due = -1
    for code in sorted(widths):
        if code != due:
            parts.append(f"] {code} [")
        parts.append(format_number(widths[code]))
        due = code + 1
    return f"{' '.join(parts)}]".removeprefix("] ")


def _add_image(draft: Draft, image: ImageProgram) -> int:
    mask = f" /SMask {_add_image(draft, image.mask)} 0 R" if image.mask is not None else ""
    decode = " /Decode [1 0 1 0 1 0 1 0]" if image.is_inverted else ""
    entries = (
        f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /ColorSpace /{image.color_space} "
        f"/BitsPerComponent 8 /Filter /{image.filter}{decode}{mask}"
    )
    return draft.add_stream(entries.encode(), image.content, is_raw=True)


def _add(draft: Draft, body: str) -> int:
    return draft.add(body.encode("ascii"))
