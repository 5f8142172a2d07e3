"""Open operators' PDF templates: check and measure the pages, and write their objects for later documents."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from itertools import islice
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from cachetools import LRUCache, cached
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.template.annotations import flatten_annotations
from learning_credentials.pdf.template.form_fields import MOST_FIELDS, FormField, list_fields
from learning_credentials.pdf.template.geometry import GREATEST_SIDE, LEAST_SIDE, Geometry
from learning_credentials.pdf.template.objects import CARRIED_TO_CATALOG, TemplateObjects, write_template_objects
from learning_credentials.pdf.template.sheets import MOST_PAGES
from learning_credentials.pdf.template.tags import read_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypdf import PageObject

    from learning_credentials.pdf.template.tags import Tags

_RIGHT_ANGLE = 90
#: Bytes of opened templates that a process keeps.
_CACHE_SIZE = 128 * 1024 * 1024

#: Entries that mean nothing, or something else, outside of the page's old document.
_FOREIGN_ENTRIES = (
    "/StructParents",
    "/Tabs",
    "/B",
    "/AA",
    "/AF",
    "/Metadata",
    "/PieceInfo",
    "/Thumb",
    "/LastModified",
    "/Dur",
    "/Trans",
)


class TemplateUse(NamedTuple):
    """How documents use a template.

    They are encrypted or not. They show it, or are printed onto stock that has it. They read it as it is tagged, or in other words.
    """

    is_protected: bool = True
    is_drawn: bool = True
    is_read: bool = True


_PLAIN = TemplateUse(is_protected=False)


@dataclass(frozen=True, slots=True)
class Template:
    """A PDF to draw on. ``geometries`` has the size and rotation of each of its pages."""

    geometries: tuple[Geometry, ...]
    objects: TemplateObjects = field(repr=False)
    fields: tuple[FormField, ...] = ()
    """The form fields, page by page."""


def check_template(content: bytes) -> None:
    """Check that a PDF can be a template.

    Raises:
        AssetError: it cannot. The message says why.
    """
    _open(content, _PLAIN)


def read_untagged_text(content: bytes) -> str:
    """Return the text on the pages of a template that its structure does not have, as far as it can be read."""
    reader = PdfReader(io.BytesIO(content), strict=False)
    pages = list(reader.pages)
    tags = read_tags(reader, pages)
    untagged = (
        pages
        if tags is None
        else [page for page, said in zip(pages, tags.contents, strict=True) if said.has_loose_text]
    )
    return "\n".join(page.extract_text() for page in untagged)


_prepared: LRUCache[tuple[str, TemplateUse], Template] = LRUCache(
    _CACHE_SIZE, getsizeof=lambda template: template.objects.written.size
)


@cached(_prepared, key=lambda content, sha256, use: (sha256, use), lock=RLock())  # noqa: ARG005
def open_template(content: bytes, sha256: str, use: TemplateUse) -> Template:  # noqa: ARG001
    """Return a template. Each content is opened once.

    Args:
        content: the PDF.
        sha256: of the content.
        use: how the documents use it.

    Raises:
        AssetError: the PDF cannot be used. The message says why.
    """
    return _open(content, use)


def _open(content: bytes, use: TemplateUse) -> Template:
    if b"%PDF-" not in content[:1024]:
        raise AssetError("the file is not a PDF")
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        pages = _get_pages(reader)
        geometries = tuple(_measure_pages(pages))
        fields = tuple(_read_fields(reader, pages, geometries))
        if not use.is_drawn:
            for page in pages:
                _clear(page)
        tags = read_tags(reader, pages) if use.is_drawn and use.is_read else None
        objects = write_template_objects(*_enclose(reader, pages, tags), tags, is_protected=use.is_protected)
        return Template(geometries, objects, fields)
    except AssetError:
        raise
    except Exception as error:
        msg = f"the PDF is broken: {error or type(error).__name__}"
        raise AssetError(msg) from error


def _get_pages(reader: PdfReader) -> list[PageObject]:
    if reader.is_encrypted and not reader.decrypt(""):
        raise AssetError("the PDF needs a password. Remove the password")
    count = len(reader.pages)
    if count == 0:
        raise AssetError("the PDF has no pages")
    if count > MOST_PAGES:
        msg = f"the PDF has {count} pages. A template can have at most {MOST_PAGES}"
        raise AssetError(msg)
    return list(reader.pages)


def _read_fields(reader: PdfReader, pages: Sequence[PageObject], geometries: Sequence[Geometry]) -> Iterator[FormField]:
    form = cast("DictionaryObject", reader.trailer["/Root"].get_object()).get("/AcroForm")
    found = (
        field
        for index, (page, geometry) in enumerate(zip(pages, geometries, strict=True))
        for field in list_fields(page, form, geometry, index)
    )
    return islice(found, MOST_FIELDS)


def _clear(page: PageObject) -> None:
    """Remove what a page shows. Its boxes stay."""
    for entry in ("/Contents", "/Annots", "/Resources"):
        page.pop(NameObject(entry), None)
    page[NameObject("/Resources")] = DictionaryObject()


def _measure_pages(pages: Sequence[PageObject]) -> Iterator[Geometry]:
    for number, page in enumerate(pages, start=1):
        try:
            yield _measure(page)
        except AssetError as error:
            if len(pages) == 1:
                raise
            msg = f"page {number}: {error}"
            raise AssetError(msg) from error


def _measure(page: PageObject) -> Geometry:
    try:
        media = _to_corners(page.mediabox)
        crop = _to_corners(page.cropbox)
        if crop[0] == crop[2] or crop[1] == crop[3]:  # viewers ignore an empty crop box
            crop = media
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise AssetError("the page boxes of the PDF cannot be read") from error
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    width, height = right - left, top - bottom
    if width <= 0 or height <= 0:
        raise AssetError(
            "the page of the PDF has no area" if crop == media else "the crop box of the PDF is outside the page"
        )
    if not (LEAST_SIDE <= width <= GREATEST_SIDE and LEAST_SIDE <= height <= GREATEST_SIDE):
        msg = (
            f"the visible page is {width:g} x {height:g} points. Both sides must have {LEAST_SIDE} to "
            f"{GREATEST_SIDE} points"
        )
        raise AssetError(msg)
    rotation = page.get("/Rotate", 0)
    rotation = rotation.get_object() if hasattr(rotation, "get_object") else rotation
    if not isinstance(rotation, (int, float)) or rotation % _RIGHT_ANGLE:
        msg = f"the page is rotated by {rotation} degrees, which is not a multiple of 90"
        raise AssetError(msg)
    quarter = int(rotation) // _RIGHT_ANGLE % 4
    matrix = (
        (1, 0, 0, 1, left, bottom),
        (0, 1, -1, 0, right, bottom),
        (-1, 0, 0, -1, right, top),
        (0, -1, 1, 0, left, top),
    )[quarter]
    return Geometry(*((height, width) if quarter % 2 else (width, height)), matrix)


def _to_corners(box: Any) -> tuple[float, float, float, float]:
    a, b, c, d = (float(value) for value in box)
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _enclose(
    reader: PdfReader, sources: Sequence[PageObject], tags: Tags | None
) -> tuple[list[PageObject], DictionaryObject, list[StreamObject | None], list[bytes]]:
    """Make form XObjects of the content of pages, because a form restores the graphics state in every case.

    The content of a tagged page is embedded. Many readers find no structure in forms.

    Returns:
        The pages without the entries that belong to their old document, the catalog, and the forms, all in a new document. Then the
        content of tagged pages.
    """
    writer = PdfWriter()
    pages = [writer.add_page(source) for source in sources]
    forms: list[StreamObject | None] = []
    embedded: list[bytes] = []
    place = len(pages)
    for page in pages:
        if tags is not None:
            contents = page.get_contents()
            embedded.append(contents.get_data() if contents is not None else b"")
        form = _make_form(page)
        forms.append(flatten_annotations(writer, page, None if tags else form, place))
        place += len(page.get("/Annots", ()))
    catalog = cast("DictionaryObject", reader.trailer["/Root"].get_object())
    for entry in CARRIED_TO_CATALOG:
        if entry in catalog:
            writer.root_object[NameObject(entry)] = catalog[entry].clone(writer)
    return pages, writer.root_object, forms, embedded


def _make_form(page: PageObject) -> StreamObject:
    contents = page.get_contents()
    form = StreamObject()
    form.set_data(contents.get_data() if contents is not None else b"")
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(page.mediabox),
            NameObject("/Resources"): page.get("/Resources", DictionaryObject()),
        }
    )
    for entry in _FOREIGN_ENTRIES:
        page.pop(NameObject(entry), None)
    return form.flate_encode()
