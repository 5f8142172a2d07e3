"""Adds the fonts and images of an overlay to a document, as pypdf objects."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pypdf import PdfWriter

    from learning_credentials.pdf.overlay import FontProgram, ImageProgram, Overlay


def add_resources(writer: PdfWriter, overlay: Overlay) -> DictionaryObject:
    """Return the resources of an overlay, with fonts and images as objects of the document."""
    fonts = {font.resource: _add_font(writer, font) for font in overlay.fonts}
    images = {image.resource: _add_image(writer, image) for image in overlay.images}
    resources = {"Font": _make(fonts)} if fonts else {}
    return _make({**resources, "XObject": _make(images)})


def _add_font(writer: PdfWriter, font: FontProgram) -> PdfObject:
    if font.metrics is None:
        entries: dict[str, PdfObject] = {
            "Type": _name("Font"),
            "Subtype": _name("Type1"),
            "BaseFont": _name(font.base_name),
        }
        return _add(writer, _make({**entries, "Encoding": _name("WinAnsiEncoding")}))
    name = _name(font.base_name)
    is_cff = font.kind == "cff"
    file: dict[str, PdfObject] = (
        {"Subtype": _name("CIDFontType0C")} if is_cff else {"Length1": NumberObject(len(font.content))}
    )
    metrics = font.metrics
    descriptor: dict[str, PdfObject] = {
        "Type": _name("FontDescriptor"),
        "FontName": name,
        "Flags": NumberObject(metrics.flags),
        "FontBBox": ArrayObject([_number(side) for side in metrics.box]),
        "ItalicAngle": _number(metrics.italic_angle),
        "Ascent": _number(metrics.ascent),
        "Descent": _number(metrics.descent),
        "CapHeight": _number(metrics.cap_height),
        "StemV": _number(metrics.stem_v),
        "FontFile3" if is_cff else "FontFile2": _add_stream(writer, font.content, file),
    }
    system: dict[str, PdfObject] = {"Registry": TextStringObject("Adobe"), "Ordering": TextStringObject("Identity")}
    descendant: dict[str, PdfObject] = {
        "Type": _name("Font"),
        "Subtype": _name("CIDFontType0" if is_cff else "CIDFontType2"),
        "BaseFont": name,
        "CIDSystemInfo": _make({**system, "Supplement": NumberObject(0)}),
        "FontDescriptor": _add(writer, _make(descriptor)),
        "DW": NumberObject(0),
        "W": ArrayObject(
            part
            for code, width in sorted(font.widths.items())
            for part in (NumberObject(code), ArrayObject([_number(width)]))
        ),
    }
    if not is_cff:
        descendant["CIDToGIDMap"] = _add_stream(writer, font.make_glyph_map(), {})
    whole: dict[str, PdfObject] = {
        "Type": _name("Font"),
        "Subtype": _name("Type0"),
        "BaseFont": name,
        "Encoding": _name("Identity-H"),
        "DescendantFonts": ArrayObject([_add(writer, _make(descendant))]),
        "ToUnicode": _add_stream(writer, font.make_character_map(), {}),
    }
    return _add(writer, _make(whole))


def _add_image(writer: PdfWriter, image: ImageProgram) -> PdfObject:
    entries: dict[str, PdfObject] = {
        "Type": _name("XObject"),
        "Subtype": _name("Image"),
        "Width": NumberObject(image.width),
        "Height": NumberObject(image.height),
        "ColorSpace": _name(image.color_space),
        "BitsPerComponent": NumberObject(8),
        "Filter": _name(image.filter),
    }
    if image.is_inverted:
        entries["Decode"] = ArrayObject([NumberObject(1), NumberObject(0)] * 4)
    if image.mask is not None:
        entries["SMask"] = _add_image(writer, image.mask)
    return _add_raw(writer, image.content, entries)


def _add_stream(writer: PdfWriter, content: bytes, entries: Mapping[str, PdfObject]) -> PdfObject:
    return _add_raw(writer, zlib.compress(content), {**entries, "Filter": _name("FlateDecode")})


def _add_raw(writer: PdfWriter, content: bytes, entries: Mapping[str, PdfObject]) -> PdfObject:
    stream = StreamObject()
    stream.update(_make(entries))
    stream._data = content  # noqa: SLF001
    return _add(writer, stream)


def _add(writer: PdfWriter, made: PdfObject) -> PdfObject:
    return writer._add_object(made)  # noqa: SLF001


def _make(entries: Mapping[str, PdfObject]) -> DictionaryObject:
    return DictionaryObject({_name(key): value for key, value in entries.items()})


def _name(name: str) -> NameObject:
    return NameObject(f"/{name}")


def _number(value: float) -> PdfObject:
    return NumberObject(int(value)) if value == int(value) else FloatObject(round(value, 3))
