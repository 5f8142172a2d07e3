"""Attach a file to a document (ISO 32000-2, 7.11.4 and 14.13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from learning_credentials.pdf.objects.syntax import format_text

if TYPE_CHECKING:
    from learning_credentials.pdf.objects.writer import ObjectWriter


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file in a document. ``description`` is for people."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    description: str = ""


def add_attached_file(writer: ObjectWriter, file: AttachedFile, number: int) -> None:
    """Add a file as data that belongs to the document.

    Args:
        writer: of the document.
        file: the file.
        number: that was reserved for its specification.
    """
    # A name of PDF has a slash as #2F and a plus sign as it is (7.3.5).
    subtype = file.media_type.replace("/", "#2F")
    entries = f"/Type /EmbeddedFile /Subtype /{subtype} /Params << /Size {len(file.content)} >>"
    stream = writer.add_stream(entries.encode("ascii"), file.content)
    name = format_text(file.name)
    writer.add(
        (
            f"<< /Type /Filespec /F {name} /UF {name} /AFRelationship /Data /Desc {format_text(file.description)} "
            f"/EF << /F {stream} 0 R /UF {stream} 0 R >> >>"
        ).encode("ascii"),
        number,
    )
