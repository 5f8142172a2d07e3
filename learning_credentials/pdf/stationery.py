"""Stationery: a template with all that the documents of a cohort share printed on it. What one learner's document adds goes into slots.

The page's content is a row of streams, shared ones and slots in turns, so that everything is drawn, and read aloud, in one order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from learning_credentials.pdf.draft import Draft, Stage
from learning_credentials.pdf.language import to_tag
from learning_credentials.pdf.resources import add_fonts, add_images
from learning_credentials.pdf.syntax import format_numbers, format_text
from learning_credentials.pdf.xmp import make_xmp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from babel import Locale

    from learning_credentials.pdf.overlay import Overlay
    from learning_credentials.pdf.template import Template

_PRODUCER = "Learning Credentials"
_PRODUCED_BY = f"/Creator {format_text(_PRODUCER)} /Producer {format_text(_PRODUCER)}"
#: In bytes. To compress what one learner's document adds, if it is shorter, takes a seventh of the time that the document takes, and saves
#: a hundredth of its size.
_LEAST_COMPRESSED = 2048
#: From a moment of ISO 8601 in UTC to one of PDF (ISO 32000-2, 7.9.4).
_UNPUNCTUATED = str.maketrans("", "", "-T:")
_FORM_NAME = "LCredTemplate"
_IDENTITY = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Description:
    """What a document says of itself. ``language`` is a BCP 47 tag."""

    title: str
    author: str
    subject: str
    keywords: str
    language: str


@dataclass(frozen=True, slots=True)
class Stationery:
    """Ready to print on, by any thread."""

    stage: Stage
    slots: tuple[int, ...]
    resources: int
    fonts: str
    images: str
    information: int
    metadata: int
    catalog: int
    encryption: int
    matrix: bytes

    def print(self, overlay: Overlay, description: Description) -> bytes:
        """Return the document with an overlay in its slots."""
        draft = Draft(self.stage, least_compressed=_LEAST_COMPRESSED)
        for number, content in zip(self.slots, overlay.contents, strict=True):
            draft.add_stream(b"", _place(content, self.matrix), number)
        fonts = self.fonts + add_fonts(draft, overlay.fonts)
        images = self.images + add_images(draft, overlay.images)
        draft.add(f"<< /Font << {fonts}>> /XObject << {images}>> >>".encode(), self.resources)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        draft.add(_format_information(description, now), self.information)
        draft.add_stream(
            b"/Type /Metadata /Subtype /XML", make_xmp(description, _PRODUCER, now), self.metadata, is_raw=True
        )
        return draft.finish(catalog=self.catalog, information=self.information, encryption=self.encryption)


def prepare(template: Template, locale: Locale, overlay: Overlay, slots: Sequence[int]) -> Stationery:
    """Print what is shared.

    Args:
        template: what it is printed on.
        locale: the documents' language.
        overlay: what is shared.
        slots: before which of the overlay's contents there is a slot; as many as there are stands for the end.
    """
    foundation = template.foundation
    draft = Draft(foundation.stage)
    matrix = b"" if template.geometry.matrix == _IDENTITY else _format_matrix(template)
    contents = [draft.add_stream(b"", b"q /%s Do Q" % _FORM_NAME.encode())]
    numbers: list[int] = []
    for index in range(len(overlay.contents) + 1):
        if index in slots:
            numbers.append(draft.reserve())
            contents.append(numbers[-1])
        if index < len(overlay.contents):
            contents.append(draft.add_stream(b"", _place(overlay.contents[index], matrix)))
    fonts = add_fonts(draft, overlay.fonts)
    images = f"/{_FORM_NAME} {foundation.form} 0 R " + add_images(draft, overlay.images)
    resources, information, metadata, pages = (draft.reserve() for _ in range(4))
    listed = b" ".join(b"%d 0 R" % number for number in contents)
    draft.add(
        b"<< /Type /Page /Parent %d 0 R /Contents [%s] /Resources %d 0 R %s >>"
        % (pages, listed, resources, foundation.page_entries),
        foundation.page,
    )
    draft.add(b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % foundation.page, pages)
    direction = b"/Direction /R2L " if locale.text_direction == "rtl" else b""
    # Some readers do not find the catalog of an encrypted document in an object stream.
    draft.add_plain(
        b"<< /Type /Catalog /Pages %d 0 R /Metadata %d 0 R /Lang %s /ViewerPreferences << /DisplayDocTitle true %s>> %s >>"
        % (
            pages,
            metadata,
            draft.encrypt_string(to_tag(locale).encode()),
            direction,
            foundation.catalog_entries,
        ),
        foundation.catalog,
    )
    return Stationery(
        draft.freeze(),
        tuple(numbers),
        resources,
        fonts,
        images,
        information,
        metadata,
        foundation.catalog,
        foundation.encryption,
        matrix,
    )


def _format_matrix(template: Template) -> bytes:
    return format_numbers(template.geometry.matrix).encode()


def _place(content: bytes, matrix: bytes) -> bytes:
    return b"q %s cm\n%s\nQ" % (matrix, content) if matrix else content


def _format_information(description: Description, now: str) -> bytes:
    moment = f"(D:{now.translate(_UNPUNCTUATED)[:14]}Z)"
    return (
        f"<< /Title {format_text(description.title)} /Author {format_text(description.author)} "
        f"/Subject {format_text(description.subject)} /Keywords {format_text(description.keywords)} "
        f"{_PRODUCED_BY} /CreationDate {moment} /ModDate {moment} >>"
    ).encode()
