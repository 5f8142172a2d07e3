"""Copy the objects of a template: each is numbered, written and encrypted once, for all documents that use the template."""

from __future__ import annotations

import io
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from learning_credentials.pdf.objects.encryption import FileKey, NoKey
from learning_credentials.pdf.objects.writer import ObjectWriter, WrittenObjects
from learning_credentials.pdf.template.tag_objects import NumberedPage, TagObjects, write_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from learning_credentials.pdf.template.tags import Tags

    Encrypt = Callable[[bytes], bytes]

#: Entries of the page that each document writes itself.
_OWN_ENTRIES = {"/Type", "/Parent", "/Contents", "/Resources", "/Annots"}
#: Entries of the page that a page of the same size has.
_SIZE_ENTRIES = {"/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox", "/Rotate", "/UserUnit"}
#: Entries of streams that are written anew, or mean something else outside of the old document.
_LEFT_OUT = {"/Length", "/StructParents", "/StructParent"}
#: Entries of the catalog that a page relies on.
CARRIED_TO_CATALOG = ("/OCProperties", "/OutputIntents")


@dataclass(frozen=True, slots=True)
class EmbeddedPage:
    """A tagged page whose content becomes a part of the page: the number of its ``stream``, and the entries of its resource dictionary."""

    stream: int
    fonts: bytes
    xobjects: bytes
    others: bytes


@dataclass(frozen=True, slots=True)
class PageObjects:
    """The objects of one page of a template.

    ``number`` is reserved for the page. ``form`` is the number of the form XObject that draws it. If the page is ``embedded``, the form has
    only its annotations, if there are any. ``entries`` are those that the template
    adds to the page, and ``size_entries`` those that an empty page of the same size has. ``links`` are the numbers of its annotations,
    and ``first_link`` is the place of the first of them in the parent tree.
    """

    number: int
    form: int | None
    embedded: EmbeddedPage | None
    entries: bytes
    size_entries: bytes
    links: tuple[int, ...]
    first_link: int


@dataclass(frozen=True, slots=True)
class TemplateObjects:
    """The objects of a template.

    ``catalog`` is the number that is reserved for the catalog, and ``catalog_entries`` are the entries that the template adds to it.
    ``next_place`` is the first place in the parent tree after the template's pages and links.
    """

    written: WrittenObjects
    encryption: int | None
    pages: tuple[PageObjects, ...]
    catalog: int
    catalog_entries: bytes
    next_place: int
    tags: TagObjects | None = None
    """The structure of the template, if documents read it. Then all its pages are embedded."""


def write_template_objects(
    pages: Sequence[DictionaryObject],
    root: DictionaryObject,
    forms: Sequence[StreamObject | None],
    contents: Sequence[bytes],
    tags: Tags | None,
    *,
    is_protected: bool,
) -> TemplateObjects:
    """Write everything that the pages, the catalog and the forms refer to.

    Args:
        pages: of the template. Their content is in the forms. The places of their links in the parent tree follow those of the pages.
        root: the catalog of its document.
        forms: a form that draws each page. If the template is tagged, it has only the annotations, if there are any.
        contents: the content of each page, if the template is tagged.
        tags: the structure of the template, if documents read it.
        is_protected: whether to encrypt the documents.
    """
    key = FileKey() if is_protected else NoKey()
    writer = ObjectWriter(WrittenObjects(key))
    encryption = None if key.dictionary is None else writer.add_plain(key.dictionary)
    copier = _Copier(writer, pages)
    catalog = writer.reserve()
    written: list[PageObjects] = []
    next_place = len(pages)
    for number, page, form in zip(copier.pages, pages, forms, strict=True):
        entries = copier.write_entries({name: value for name, value in page.items() if name not in _OWN_ENTRIES})
        size_entries = copier.write_entries({name: value for name, value in page.items() if name in _SIZE_ENTRIES})
        links = copier.copy_all(page.get("/Annots", ()))
        drawn = None if form is None else copier.add(form)
        embedded = copier.embed(page, contents[len(written)]) if tags else None
        written.append(PageObjects(number, drawn, embedded, entries, size_entries, links, next_place))
        next_place += len(links)
    written_tags = None
    if tags is not None:
        numbered = [
            NumberedPage(page.number, page.links, page.first_link, content.marks)
            for page, content in zip(written, tags.contents, strict=True)
        ]
        written_tags = write_tags(writer, tags, numbered, copier.write_plain)
    # The catalog is in no object stream, so its strings are encrypted one by one.
    carried = {name: value for name, value in root.items() if name in CARRIED_TO_CATALOG}
    catalog_entries = copier.write_entries(carried, writer.encrypt_string)
    copier.add_referred()
    return TemplateObjects(
        writer.freeze(), encryption, tuple(written), catalog, catalog_entries, next_place, written_tags
    )


class _Copier:
    """Copy objects that pypdf has read, and the objects that they refer to, each once."""

    def __init__(self, writer: ObjectWriter, pages: Iterable[DictionaryObject]) -> None:
        self._writer = writer
        self._numbers: dict[int, int] = {}
        self._waiting: deque[tuple[int, PdfObject]] = deque()
        self.pages: list[int] = []
        for page in pages:
            self.pages.append(writer.reserve())
            if page.indirect_reference is not None:
                self._numbers[page.indirect_reference.idnum] = self.pages[-1]

    def add(self, value: PdfObject) -> int:
        number = self._writer.reserve()
        self._waiting.append((number, value))
        return number

    def embed(self, page: DictionaryObject, content: bytes) -> EmbeddedPage:
        """Write the content of a page as a stream for another page."""
        listed = page.get("/Resources", DictionaryObject()).get_object()
        parts = {name: listed[name].get_object() for name in ("/Font", "/XObject") if name in listed}
        others = {name: value for name, value in listed.items() if name not in parts and name != "/ProcSet"}
        return EmbeddedPage(
            self._writer.add_stream(b"", b"q\n%s\nQ" % content),
            self.write_entries(parts.get("/Font", {})),
            self.write_entries(parts.get("/XObject", {})),
            self.write_entries(others),
        )

    def write_plain(self, value: PdfObject) -> bytes:
        """Return a value without references for an object in an object stream."""
        return self._write(value, None)

    def copy_all(self, references: Iterable[IndirectObject]) -> tuple[int, ...]:
        return tuple(self._number(reference) for reference in references)

    def add_referred(self) -> None:
        # A queue, not recursion: a chain of references can have any length.
        while self._waiting:
            number, value = self._waiting.popleft()
            if isinstance(value, StreamObject):
                entries = {name: part for name, part in value.items() if name not in _LEFT_OUT}
                written = self.write_entries(entries, self._writer.encrypt_string)
                self._writer.add_stream(written, value._data, number, is_raw=True)  # noqa: SLF001
            else:
                self._writer.add(self._write(value, None), number)

    def write_entries(self, entries: dict[PdfObject, PdfObject], encrypt: Encrypt | None = None) -> bytes:
        return b" ".join(_serialise(name) + b" " + self._write(value, encrypt) for name, value in entries.items())

    def _write(self, value: PdfObject, encrypt: Encrypt | None) -> bytes:
        if isinstance(value, IndirectObject):
            return b"%d 0 R" % self._number(value)
        if isinstance(value, DictionaryObject):
            return b"<< %s >>" % self.write_entries(value, encrypt)
        if isinstance(value, ArrayObject):
            return b"[%s]" % b" ".join(self._write(part, encrypt) for part in value)
        if encrypt and isinstance(value, ByteStringObject):
            return encrypt(value.original_bytes)
        if encrypt and isinstance(value, TextStringObject):
            return encrypt(value.get_encoded_bytes())
        return _serialise(value)

    def _number(self, reference: IndirectObject) -> int:
        if reference.idnum not in self._numbers:
            self._numbers[reference.idnum] = self.add(_resolve(reference))
        return self._numbers[reference.idnum]


def _resolve(reference: IndirectObject) -> PdfObject:
    found = reference.get_object()
    if found is None:
        from pypdf.generic import NullObject

        return NullObject()
    return found


def _serialise(value: PdfObject) -> bytes:
    if isinstance(value, NameObject) and "\0" in value:
        # NUL is white space in PDF (7.2.3), but pypdf reads it as a part of the name. After it comes a number or a keyword.
        name, *rest = value.split("\0")
        return b" ".join([_serialise(NameObject(name)), *(part.encode("latin-1") for part in rest)])
    buffer = io.BytesIO()
    value.write_to_stream(buffer)
    return buffer.getvalue()
