"""Write the objects that all documents of a cohort share: the template, and the page content that is the same for everybody.

They are written, compressed and encrypted once. Each document consists of them and of a few objects of its own. The page's content is an
array of streams. Shared streams alternate with a learner's own, so that everything is drawn, and read aloud, in one order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from learning_credentials.pdf.document.metadata import format_information, make_xmp
from learning_credentials.pdf.document.resources import add_fonts, add_images
from learning_credentials.pdf.locales import to_tag
from learning_credentials.pdf.objects.syntax import format_numbers
from learning_credentials.pdf.objects.writer import ObjectWriter, WrittenObjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from babel import Locale

    from learning_credentials.pdf.content.page_content import PageContent
    from learning_credentials.pdf.document.metadata import Metadata
    from learning_credentials.pdf.template.opening import Template

#: In bytes. Compressing a learner's own streams below this size takes a seventh of the time that a document takes, and saves a hundredth
#: of its size.
_LEAST_COMPRESSED = 2048
_FORM_NAME = "LCredTemplate"
_IDENTITY = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class SharedObjects:
    """The objects that the documents of a cohort share. Any thread can make documents from them.

    ``own_streams`` are the numbers that were reserved for a learner's own content streams. ``resources``, ``information``, ``metadata``,
    ``catalog`` and ``encryption`` are numbers of objects too. ``fonts`` and ``images`` are the shared entries of the resource dictionary.
    """

    written: WrittenObjects
    own_streams: tuple[int, ...]
    resources: int
    fonts: str
    images: str
    information: int
    metadata: int
    catalog: int
    encryption: int
    matrix: bytes

    def make_document(self, content: PageContent, metadata: Metadata) -> bytes:
        """Return the document that adds one learner's content to what is shared."""
        writer = ObjectWriter(self.written, least_compressed=_LEAST_COMPRESSED)
        for number, stream in zip(self.own_streams, content.streams, strict=True):
            writer.add_stream(b"", _transform(stream, self.matrix), number)
        fonts = self.fonts + add_fonts(writer, content.fonts)
        images = self.images + add_images(writer, content.images)
        writer.add(f"<< /Font << {fonts}>> /XObject << {images}>> >>".encode(), self.resources)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        writer.add(format_information(metadata, now), self.information)
        writer.add_stream(b"/Type /Metadata /Subtype /XML", make_xmp(metadata, now), self.metadata, is_raw=True)
        return writer.finish(catalog=self.catalog, information=self.information, encryption=self.encryption)


def write_shared_objects(
    template: Template, locale: Locale, content: PageContent, slots: Sequence[int]
) -> SharedObjects:
    """Write the objects that the documents of a cohort share.

    Args:
        template: the page to draw on.
        locale: the documents' language.
        content: the content that is the same for everybody.
        slots: the indexes of the shared streams before which a learner's own streams come. The number of shared streams means the end.
    """
    base = template.objects
    writer = ObjectWriter(base.written)
    matrix = b"" if template.geometry.matrix == _IDENTITY else format_numbers(template.geometry.matrix).encode()
    streams = [writer.add_stream(b"", b"q /%s Do Q" % _FORM_NAME.encode())]
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
    writer.add(
        b"<< /Type /Page /Parent %d 0 R /Contents [%s] /Resources %d 0 R %s >>"
        % (pages, listed, resources, base.page_entries),
        base.page,
    )
    writer.add(b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % base.page, pages)
    direction = b"/Direction /R2L " if locale.text_direction == "rtl" else b""
    # Some readers do not find the catalog of an encrypted document in an object stream.
    writer.add_plain(
        b"<< /Type /Catalog /Pages %d 0 R /Metadata %d 0 R /Lang %s /ViewerPreferences << /DisplayDocTitle true %s>> %s >>"
        % (
            pages,
            metadata,
            writer.encrypt_string(to_tag(locale).encode()),
            direction,
            base.catalog_entries,
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
    )


def _transform(stream: bytes, matrix: bytes) -> bytes:
    """Return a content stream that draws at the coordinates of the visible page."""
    return b"q %s cm\n%s\nQ" % (matrix, stream) if matrix else stream
