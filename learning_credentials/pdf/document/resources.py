"""Write the fonts and images that a page content uses, for the resource dictionary of the page."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from learning_credentials.pdf.content.page_content import DrawingResource
from learning_credentials.pdf.drawings.forms import Form, write_number
from learning_credentials.pdf.objects.syntax import format_number, format_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from learning_credentials.pdf.content.page_content import FontMetrics, FontResource, ImageResource
    from learning_credentials.pdf.objects.writer import ObjectWriter

_FEW_OUTLINES = 2048


def add_fonts(writer: ObjectWriter, fonts: Iterable[FontResource]) -> str:
    """Add fonts. Return their entries for the resource dictionary."""
    return "".join(f"/{font.resource} {_add_font(writer, font)} 0 R " for font in fonts)


def add_images(writer: ObjectWriter, images: Iterable[ImageResource | DrawingResource]) -> str:
    """Add images. Return their entries for the resource dictionary."""
    return "".join(f"/{image.resource} {_add_image(writer, image)} 0 R " for image in images)


def _add_font(writer: ObjectWriter, font: FontResource) -> int:
    name, metrics = font.base_name, font.metrics
    if metrics is None:
        return _add(writer, f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
    is_cff = font.kind == "cff"
    length = b"/Subtype /CIDFontType0C" if is_cff else b"/Length1 %d" % len(font.content)
    # The outlines of a few glyphs hardly get smaller.
    file = writer.add_stream(length, font.content, is_raw=len(font.content) < _FEW_OUTLINES)
    descriptor = _add(
        writer,
        f"<< /Type /FontDescriptor /FontName /{name} {_format_metrics(metrics)} "
        f"/{'FontFile3' if is_cff else 'FontFile2'} {file} 0 R >>",
    )
    kind = "CIDFontType0" if is_cff else f"CIDFontType2 /CIDToGIDMap {_add_glyph_map(writer, font)}"
    descendant = _add(
        writer,
        f"<< /Type /Font /Subtype /{kind} /BaseFont /{name} /FontDescriptor {descriptor} 0 R "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/DW 0 /W [{_format_widths(font.widths)}] >>",
    )
    characters = writer.add_stream(b"", font.make_character_map())
    return _add(
        writer,
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
        f"/DescendantFonts [{descendant} 0 R] /ToUnicode {characters} 0 R >>",
    )


def _add_glyph_map(writer: ObjectWriter, font: FontResource) -> str:
    if all(code == glyph for code, glyph in font.glyphs.items()):
        return "/Identity"
    return f"{writer.add_stream(b'', font.make_glyph_map())} 0 R"


@lru_cache(maxsize=128)
def _format_metrics(metrics: FontMetrics) -> str:
    return (
        f"/Flags {metrics.flags} /FontBBox [{format_numbers(metrics.box)}] "
        f"/ItalicAngle {format_number(metrics.italic_angle)} /Ascent {format_number(metrics.ascent)} "
        f"/Descent {format_number(metrics.descent)} /CapHeight {format_number(metrics.cap_height)} "
        f"/StemV {format_number(metrics.stem_v)}"
    )


def _format_widths(widths: Mapping[int, float]) -> str:
    """Return the W array: widths by code, with consecutive codes in one list (9.7.4.3)."""
    parts: list[str] = []
    due = -1
    for code in sorted(widths):
        if code != due:
            parts.append(f"] {code} [")
        parts.append(format_number(widths[code]))
        due = code + 1
    return f"{' '.join(parts)}]".removeprefix("] ")


def _add_image(writer: ObjectWriter, image: ImageResource | DrawingResource) -> int:
    if isinstance(image, DrawingResource):
        return _add_form(writer, image.form)
    mask = f" /SMask {_add_image(writer, image.mask)} 0 R" if image.mask is not None else ""
    decode = " /Decode [1 0 1 0 1 0 1 0]" if image.is_inverted else ""
    entries = (
        f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /ColorSpace /{image.color_space} "
        f"/BitsPerComponent 8 /Filter /{image.filter}{decode}{mask}"
    )
    return writer.add_stream(entries.encode(), image.content, is_raw=True)


def _add_form(writer: ObjectWriter, form: Form) -> int:
    """Add a form XObject and those in it. The outermost covers the unit square, as images do."""
    resources = " ".join(
        f"/{category} << {' '.join(f'/{name} {_join(writer, parts)}' for name, parts in entries.items())} >>"
        for category, entries in form.resources.items()
    )
    width, height = write_number(form.width), write_number(form.height)
    matrix = f" /Matrix [{1 / form.width:.9f} 0 0 {1 / form.height:.9f} 0 0]" if form.is_outermost else ""
    group = f" /Group << /S /Transparency /CS /{form.group} >>" if form.group else ""
    entries = f"/Type /XObject /Subtype /Form /BBox [0 0 {width} {height}]{matrix}{group} /Resources << {resources} >>"
    return writer.add_stream(entries.encode("ascii"), form.content)


def _join(writer: ObjectWriter, parts: Iterable[str | Form]) -> str:
    return "".join(part if isinstance(part, str) else f"{_add_form(writer, part)} 0 R" for part in parts)


def _add(writer: ObjectWriter, body: str) -> int:
    return writer.add(body.encode("ascii"))
