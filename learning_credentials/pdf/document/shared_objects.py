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
from learning_credentials.pdf.document.structure import OpenElement, add_link, close_elements, write_structure
from learning_credentials.pdf.objects.syntax import format_numbers
from learning_credentials.pdf.objects.writer import ObjectWriter, WrittenObjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.pdf.content.page_content import PageContent
    from learning_credentials.pdf.content.sections import Link, Section
    from learning_credentials.pdf.document.metadata import Metadata
    from learning_credentials.pdf.page.languages import Languages
    from learning_credentials.pdf.template.geometry import Geometry
    from learning_credentials.pdf.template.opening import Template

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
    ``information``, ``metadata``, ``catalog``, ``encryption`` and ``page`` are numbers of objects too. ``fonts`` and ``images`` are the
    shared entries of the resource dictionary.
    """

    written: WrittenObjects
    own_streams: tuple[int, ...]
    resources: int
    fonts: str
    images: str
    information: int
    metadata: int
    catalog: int
    encryption: int | None
    matrix: bytes
    page: int
    first_mark: int
    """The number that marks the first of a learner's own content."""
    elements: tuple[OpenElement, ...]
    """The structure elements that wait for a learner's own content."""
    parents: int
    shared_parents: str
    """References to the structure element of each mark in shared content. ``parents`` is the number of the whole list."""
    links: tuple[int, ...]
    first_place: int
    """The place of the first of ``links`` in the parent tree."""
    attached_file: int | None
    """The number that was reserved for the specification of an attached file."""

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
            content: the learner's own sections, marked from ``first_mark`` on.
            metadata: of the document.
            links: of the learner's own sections.
            spoken: the texts that are read instead of the content of the learner's own sections.
            file: to attach, exactly if the cohort's documents have one.
        """
        writer = ObjectWriter(self.written, least_compressed=_LEAST_COMPRESSED)
        for number, stream in zip(self.own_streams, content.streams, strict=True):
            writer.add_stream(b"", _transform(stream, self.matrix), number)
        fonts = self.fonts + add_fonts(writer, content.fonts)
        images = self.images + add_images(writer, content.images)
        writer.add(f"<< /Font << {fonts}>> /XObject << {images}>> >>".encode(), self.resources)
        for place, (number, link) in enumerate(zip(self.links, links, strict=True), start=self.first_place):
            add_link(writer, link, self.page, number, place)
        if file is not None and self.attached_file is not None:
            add_attached_file(writer, file, self.attached_file)
        parents = close_elements(writer, self.elements, content.marks, spoken)
        writer.add(f"[{self.shared_parents} {parents}]".encode("ascii"), self.parents)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        writer.add(format_information(metadata, now), self.information)
        writer.add_stream(b"/Type /Metadata /Subtype /XML", make_xmp(metadata, now), self.metadata, is_raw=True)
        return writer.finish(catalog=self.catalog, information=self.information, encryption=self.encryption)


def write_shared_objects(
    template: Template,
    languages: Languages,
    sections: Sequence[Sequence[Section]],
    own: Sequence[Outline],
    slots: Sequence[int],
    alternative: str,
    file_name: str,
) -> SharedObjects:
    """Write the objects that the documents of a cohort share.

    Args:
        template: the page to draw on.
        languages: of the documents.
        sections: the groups of sections that are the same for everybody.
        own: outlines of a learner's own sections, the same for everybody.
        slots: the indexes of the shared streams before which a learner's own streams come. The number of shared streams means the end.
        alternative: what the template shows, in words. If it is empty, screen readers leave the template out.
        file_name: of the file that is attached to each document, or an empty text if there is none.
    """
    base, geometry = template.objects, template.geometry
    writer = ObjectWriter(base.written)
    matrix = b"" if geometry.matrix == _IDENTITY else format_numbers(geometry.matrix).encode()
    background = _outline_template(alternative, geometry)
    content = make_page_content(sections, _PREFIX, len(background))
    outlines = (*background, *outline(sections, geometry), *own)
    mark = b"/Figure <</MCID 0>> BDC" if background else b"/Artifact BMC"
    streams = [writer.add_stream(b"", b"%s q /%s Do Q EMC" % (mark, _FORM_NAME.encode()))]
    own_streams: list[int] = []
    for index in range(len(content.streams) + 1):
        if index in slots:
            own_streams.append(writer.reserve())
            streams.append(own_streams[-1])
        if index < len(content.streams):
            streams.append(writer.add_stream(b"", _transform(content.streams[index], matrix)))
    fonts = add_fonts(writer, content.fonts)
    images = f"/{_FORM_NAME} {base.form} 0 R " + add_images(writer, content.images)
    resources, information, metadata, pages = (writer.reserve() for _ in range(4))
    listed = b" ".join(b"%d 0 R" % number for number in streams)
    structure = write_structure(writer, base.page, outlines, base.links, is_rtl=languages.is_rtl)
    shared_links = list_links(sections, geometry)
    first_place = 1 + len(base.links)
    for place, (number, link) in enumerate(zip(structure.links, shared_links, strict=False), start=first_place):
        add_link(writer, link, base.page, number, place)
    count = len(outlines) - len(own)
    marks = (*((0,) for _ in background), *content.marks)
    spoken = (*("" for _ in background), *list_spoken(sections))
    parents = close_elements(writer, structure.elements[:count], marks, spoken)
    writer.add(
        b"<< /Type /Page /Parent %d 0 R /Contents [%s] /Resources %d 0 R %s %s >>"
        % (pages, listed, resources, base.page_entries, structure.page_entries),
        base.page,
    )
    writer.add(b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % base.page, pages)
    direction = b"/Direction /R2L " if languages.is_rtl else b""
    attached_file = writer.reserve() if file_name else None
    # Some readers do not find the catalog of an encrypted document in an object stream.
    writer.add_plain(
        b"<< /Type /Catalog /Pages %d 0 R /Metadata %d 0 R /StructTreeRoot %d 0 R /MarkInfo << /Marked true >> "
        b"/Lang %s /ViewerPreferences << /DisplayDocTitle true %s>> %s%s >>"
        % (
            pages,
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
        matrix,
        base.page,
        sum(map(len, marks)),
        structure.elements[count:],
        structure.parents,
        parents,
        structure.links[len(shared_links) :],
        first_place + len(shared_links),
        attached_file,
    )


def _refer_to_file(writer: ObjectWriter, number: int, name: str) -> bytes:
    """Return the entries of the catalog for an attached file. The catalog is in no object stream, so the name is encrypted here."""
    named = writer.encrypt_string(name.encode("ascii"))
    return b" /AF [%d 0 R] /Names << /EmbeddedFiles << /Names [%s %d 0 R] >> >>" % (number, named, number)


def _outline_template(alternative: str, geometry: Geometry) -> tuple[Outline, ...]:
    """Return the outline of a template that is read. It is read first."""
    if not alternative:
        return ()
    box = format_numbers(geometry.convert((0, 0, geometry.width, geometry.height)))
    return (Outline(Role.FIGURE, FIRST, alternative, "", is_link=False, box=box),)


def _transform(stream: bytes, matrix: bytes) -> bytes:
    """Return a content stream that draws at the coordinates of the visible page."""
    return b"q %s cm\n%s\nQ" % (matrix, stream) if matrix else stream
