"""Write the objects that all documents of a cohort share: the template, and the page content that is the same for everybody.

They are written, compressed and encrypted once. Each document consists of them and of a few objects of its own. The page's content is an
array of streams. Shared streams alternate with a learner's own, so that everything is drawn, and read aloud, in one order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from learning_credentials.pdf.content.sections import FIRST, Outline, Role, list_links, list_spoken, outline
from learning_credentials.pdf.content.streams import make_page_content
from learning_credentials.pdf.document.attached_file import AttachedFile, add_attached_file
from learning_credentials.pdf.document.metadata import format_information, make_xmp
from learning_credentials.pdf.document.resources import add_fonts, add_images
from learning_credentials.pdf.document.structure import (
    OpenElement,
    TaggedPage,
    add_link,
    close_elements,
    write_structure,
)
from learning_credentials.pdf.objects.syntax import format_numbers
from learning_credentials.pdf.objects.writer import ObjectWriter, WrittenObjects
from learning_credentials.pdf.template.tag_objects import PageTags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.pdf.content.page_content import PageContent
    from learning_credentials.pdf.content.sections import Group, Link, Slot
    from learning_credentials.pdf.document.metadata import Metadata
    from learning_credentials.pdf.page.languages import Languages
    from learning_credentials.pdf.template.geometry import Geometry
    from learning_credentials.pdf.template.objects import EmbeddedPage, PageObjects, TemplateObjects
    from learning_credentials.pdf.template.opening import Template
    from learning_credentials.pdf.template.sheets import Sheet

#: In bytes. Compressing a learner's own streams below this size takes a seventh of the time that a document takes, and saves a hundredth
#: of its size.
_LEAST_COMPRESSED = 2048
#: What names of fonts in shared content begin with.
_PREFIX = "LS"
_FORM_NAME = "LCredTemplate"
_IDENTITY = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class SharedObjects:
    """The objects that the documents of a cohort share. Any thread can make documents from them.

    ``own_streams`` and ``links`` are the numbers that were reserved for a learner's own content streams and links. ``resources``,
    ``information``, ``metadata``, ``catalog``, ``encryption`` and ``pages`` are numbers of objects too. ``fonts`` and ``images`` are the
    shared entries of the resource dictionary.
    """

    written: WrittenObjects
    own_streams: tuple[tuple[int, bytes], ...]
    """The number of each of a learner's own streams, and the matrix of its page."""
    resources: int
    fonts: str
    images: str
    information: int
    metadata: int
    catalog: int
    encryption: int | None
    pages: tuple[int, ...]
    first_marks: tuple[int, ...]
    """For each page, the number that marks the first of a learner's own content."""
    elements: tuple[OpenElement, ...]
    """The structure elements that wait for a learner's own content."""
    parents: tuple[int, ...]
    shared_parents: tuple[str, ...]
    """For each page, references to the structure element of each mark in shared content. ``parents`` are the numbers of the whole lists."""
    links: tuple[int, ...]
    first_place: int
    """The place of the first of ``links`` in the parent tree."""
    attached_file: int | None
    """The number that was reserved for the specification of an attached file."""
    embedded: tuple[tuple[int, EmbeddedPage], ...] = ()
    """The tagged pages of the template, each with the number of the resource dictionary of its page."""

    def make_document(
        self,
        content: PageContent,
        metadata: Metadata,
        links: Sequence[Link],
        spoken: Sequence[str],
        file: AttachedFile | None,
    ) -> bytes:
        """Return the document that adds one learner's content to what is shared.

        Args:
            content: the learner's own sections, marked from ``first_marks`` on.
            metadata: of the document.
            links: of the learner's own sections.
            spoken: the texts that are read instead of the content of the learner's own sections.
            file: to attach, exactly if the cohort's documents have one.
        """
        writer = ObjectWriter(self.written, least_compressed=_LEAST_COMPRESSED)
        for (number, matrix), stream in zip(self.own_streams, content.streams, strict=True):
            writer.add_stream(b"", _transform(stream, matrix), number)
        fonts = self.fonts + add_fonts(writer, content.fonts)
        images = self.images + add_images(writer, content.images)
        writer.add(f"<< /Font << {fonts}>> /XObject << {images}>> >>".encode(), self.resources)
        for number, page in self.embedded:
            parts = (page.fonts, fonts.encode(), page.xobjects, images.encode(), page.others)
            writer.add(b"<< /Font << %s %s>> /XObject << %s %s>> %s >>" % parts, number)
        for place, (number, link) in enumerate(zip(self.links, links, strict=True), start=self.first_place):
            add_link(writer, link, self.pages[link.page], number, place)
        if file is not None and self.attached_file is not None:
            add_attached_file(writer, file, self.attached_file)
        own_parents = close_elements(writer, self.elements, content.marks, spoken, len(self.pages))
        for number, shared, own in zip(self.parents, self.shared_parents, own_parents, strict=True):
            writer.add(f"[{shared} {' '.join(own)}]".encode("ascii"), number)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        writer.add(format_information(metadata, now), self.information)
        writer.add_stream(b"/Type /Metadata /Subtype /XML", make_xmp(metadata, now), self.metadata, is_raw=True)
        return writer.finish(catalog=self.catalog, information=self.information, encryption=self.encryption)


def write_shared_objects(
    template: Template,
    sheets: Sequence[Sheet],
    languages: Languages,
    groups: Sequence[Group],
    own: Sequence[Outline],
    slots: Sequence[Slot],
    alternatives: Sequence[str],
    file_name: str,
) -> SharedObjects:
    """Write the objects that the documents of a cohort share.

    Args:
        template: the pages to draw on.
        sheets: the pages of the documents.
        languages: of the documents.
        groups: the groups of sections that are the same for everybody.
        own: outlines of a learner's own sections, the same for everybody.
        slots: the places of a learner's own streams.
        alternatives: what the pages of the template show, in words. Screen readers leave out a page whose text is missing or empty.
        file_name: of the file that is attached to each document, or an empty text if there is none.
    """
    base = template.objects
    writer = ObjectWriter(base.written)
    geometries = [template.geometries[sheet.page] for sheet in sheets]
    matrices = [
        b"" if geometry.matrix == _IDENTITY else format_numbers(geometry.matrix).encode() for geometry in geometries
    ]
    background = _outline_template(sheets, alternatives, geometries)
    pages, first_place = _tag_pages(writer, sheets, base)
    first = [
        len(tagged.tags.parents) if tagged.tags else int(any(item.page == index for item in background))
        for index, tagged in enumerate(pages)
    ]
    content = make_page_content(groups, _PREFIX, first)
    outlines = (*background, *outline(groups, geometries), *own)
    streams: list[list[int]] = [[] for _ in sheets]
    for sheet, listed, is_read in zip(sheets, streams, first, strict=True):
        if not sheet.is_blank:
            listed.extend(_draw_template(writer, sheet, base.pages[sheet.page], is_read=bool(is_read)))
    own_streams: list[tuple[int, bytes]] = []
    for index in range(len(content.streams) + 1):
        for slot in slots:
            if slot.before == index:
                own_streams.append((writer.reserve(), matrices[slot.page]))
                streams[slot.page].append(own_streams[-1][0])
        if index < len(content.streams):
            page = groups[index].page
            streams[page].append(writer.add_stream(b"", _transform(content.streams[index], matrices[page])))
    fonts = add_fonts(writer, content.fonts)
    drawn = sorted({sheet.page for sheet in sheets if not sheet.is_blank})
    numbers = {page: base.pages[page].form for page in drawn}
    forms = "".join(f"/{_name_form(page)} {form} 0 R " for page, form in numbers.items() if form is not None)
    images = forms + add_images(writer, content.images)
    resources, information, metadata, tree = (writer.reserve() for _ in range(4))
    structure = write_structure(writer, pages, outlines, first_place, base.tags, is_rtl=languages.is_rtl)
    shared_links = list_links(groups, geometries)
    for place, (number, link) in enumerate(zip(structure.links, shared_links, strict=False), start=first_place):
        add_link(writer, link, pages[link.page].number, number, place)
    count = len(outlines) - len(own)
    marks = (*((0,) for _ in background), *content.marks)
    spoken = (*("" for _ in background), *list_spoken(groups))
    parents = close_elements(writer, structure.elements[:count], marks, spoken, len(sheets))
    parents = [[*(page.tags.parents if page.tags else ()), *own] for page, own in zip(pages, parents, strict=True)]
    embedded = {page: found for page in drawn if (found := base.pages[page].embedded) is not None}
    own_resources = {page: writer.reserve() for page in embedded}
    for sheet, listed, page_entries, tagged in zip(sheets, streams, structure.page_entries, pages, strict=True):
        objects = base.pages[sheet.page]
        writer.add(
            b"<< /Type /Page /Parent %d 0 R /Contents [%s] /Resources %d 0 R %s %s >>"
            % (
                tree,
                b" ".join(b"%d 0 R" % number for number in listed),
                own_resources.get(sheet.page, resources),
                objects.size_entries if sheet.is_blank else objects.entries,
                page_entries,
            ),
            tagged.number,
        )
    kids = b" ".join(b"%d 0 R" % page.number for page in pages)
    writer.add(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids), tree)
    direction = b"/Direction /R2L " if languages.is_rtl else b""
    attached_file = writer.reserve() if file_name else None
    # Some readers do not find the catalog of an encrypted document in an object stream.
    writer.add_plain(
        b"<< /Type /Catalog /Pages %d 0 R /Metadata %d 0 R /StructTreeRoot %d 0 R /MarkInfo << /Marked true >> "
        b"/Lang %s /ViewerPreferences << /DisplayDocTitle true %s>> %s%s >>"
        % (
            tree,
            metadata,
            structure.root,
            writer.encrypt_string(languages.document_tag.encode()),
            direction,
            base.catalog_entries,
            b"" if attached_file is None else _refer_to_file(writer, attached_file, file_name),
        ),
        base.catalog,
    )
    return SharedObjects(
        writer.freeze(),
        tuple(own_streams),
        resources,
        fonts,
        images,
        information,
        metadata,
        base.catalog,
        base.encryption,
        tuple(page.number for page in pages),
        tuple(map(len, parents)),
        structure.elements[count:],
        structure.parents,
        tuple(map(" ".join, parents)),
        structure.links[len(shared_links) :],
        first_place + len(shared_links),
        attached_file,
        tuple((own_resources[page], found) for page, found in embedded.items()),
    )


def _refer_to_file(writer: ObjectWriter, number: int, name: str) -> bytes:
    """Return the entries of the catalog for an attached file. The catalog is in no object stream, so the name is encrypted here."""
    named = writer.encrypt_string(name.encode("ascii"))
    return b" /AF [%d 0 R] /Names << /EmbeddedFiles << /Names [%s %d 0 R] >> >>" % (number, named, number)


def _name_form(page: int) -> str:
    """Return the name under which the resources have the form of a page of the template."""
    return f"{_FORM_NAME}{page + 1}" if page else _FORM_NAME


def _draw_template(writer: ObjectWriter, sheet: Sheet, page: PageObjects, *, is_read: bool) -> list[int]:
    """Write the streams that draw a page of the template. Return their numbers."""
    listed: list[int] = []
    if page.embedded is not None:
        listed.append(page.embedded.stream)
        if sheet.is_repeated:
            # It is read where it is first.
            listed = [writer.add_stream(b"", b"/Artifact BMC"), *listed, writer.add_stream(b"", b"EMC")]
    if page.form is not None:
        mark = b"/Figure <</MCID 0>> BDC" if is_read and page.embedded is None else b"/Artifact BMC"
        listed.append(writer.add_stream(b"", b"%s q /%s Do Q EMC" % (mark, _name_form(sheet.page).encode())))
    return listed


def _tag_pages(writer: ObjectWriter, sheets: Sequence[Sheet], base: TemplateObjects) -> tuple[list[TaggedPage], int]:
    """Return the pages of the documents, and the first place in the parent tree for further links.

    A page of the template that is drawn again has no links and no structure of the template.
    """
    pages: list[TaggedPage] = []
    place = base.next_place
    for sheet in sheets:
        tags = base.tags.pages[sheet.page] if base.tags and not sheet.is_blank else None
        if sheet.is_repeated:
            # The marks on the page have the same numbers, and belong to nothing.
            unread = None if tags is None else PageTags(None, "", ("null",) * len(tags.parents), {})
            pages.append(TaggedPage(writer.reserve(), place, (), 0, unread))
            place += 1
        else:
            page = base.pages[sheet.page]
            pages.append(TaggedPage(page.number, sheet.page, page.links, page.first_link, tags))
    return pages, place


def _outline_template(
    sheets: Sequence[Sheet], alternatives: Sequence[str], geometries: Sequence[Geometry]
) -> tuple[Outline, ...]:
    """Return the outlines of the template's pages that are read. Each is read first on its page."""
    return tuple(
        Outline(
            Role.FIGURE,
            FIRST,
            alternatives[sheet.page],
            "",
            is_link=False,
            box=format_numbers(geometry.convert((0, 0, geometry.width, geometry.height))),
            page=index,
        )
        for index, (sheet, geometry) in enumerate(zip(sheets, geometries, strict=True))
        if sheet.page < len(alternatives) and alternatives[sheet.page] and not sheet.is_repeated
    )


def _transform(stream: bytes, matrix: bytes) -> bytes:
    """Return a content stream that draws at the coordinates of the visible page."""
    return b"q %s cm\n%s\nQ" % (matrix, stream) if matrix else stream
