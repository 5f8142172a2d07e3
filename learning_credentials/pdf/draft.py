"""Documents as they are written: objects one after the other, encrypted, with what finds them.

A draft can be frozen into a stage from which any number of documents go on: what a cohort's documents share is written and encrypted
once, and its bytes are only joined to what one learner's document adds. The result has one revision.
"""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass, field
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learning_credentials.pdf.encryption import FileKey

# AES-256 with revision 6 belongs to PDF 2.0. The second line tells programs that move files that this is no text.
_HEADER = b"%PDF-2.0\n%\xe2\xe3\xcf\xd3\n"
#: A row of the cross-reference stream (7.5.8): kind of entry, place, generation or index.
_ROW = Struct(">BIH")
_UNUSED, _PLAIN, _COMPRESSED = range(3)
#: Bytes up to which compression does with a small window.
_SMALL = 1024


@dataclass(frozen=True, slots=True)
class Stage:
    """What documents go on from."""

    key: FileKey
    parts: tuple[bytes, ...] = field(default=(_HEADER,), repr=False)
    rows: bytes = field(default=_ROW.pack(_UNUSED, 0, 0xFFFF), repr=False)

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return sum(map(len, self.parts))


class Draft:
    """A document being written.

    Args:
        stage: what it goes on from.
        least_compressed: bytes from which a stream is compressed; below, that takes longer than it is worth.
    """

    def __init__(self, stage: Stage, *, least_compressed: int = 256) -> None:
        self._key = stage.key
        self._least_compressed = least_compressed
        self._encrypt = stage.key.start()
        self._parts = list(stage.parts)
        self._length = stage.size
        self._rows = bytearray(stage.rows)
        self._collected: list[tuple[int, bytes]] = []

    def reserve(self) -> int:
        """Return the number of an object that is written later, perhaps only at a later stage."""
        self._rows += _ROW.pack(_UNUSED, 0, 0)
        return len(self._rows) // _ROW.size - 1

    def add(self, body: bytes, number: int | None = None) -> int:
        """Add an object other than a stream; return its number. Its strings are encrypted along with the objects around it."""
        number = self.reserve() if number is None else number
        self._collected.append((number, body))
        return number

    def add_stream(self, entries: bytes, content: bytes, number: int | None = None, *, is_raw: bool = False) -> int:
        """Add a stream; return its number.

        Args:
            entries: its dictionary without ``Length``.
            content: as it is stored, or if not ``is_raw`` as it is before compression.
            number: one that was reserved for it.
            is_raw: whether nothing is to be done with the content.
        """
        if not is_raw and len(content) >= self._least_compressed:
            content = _compress(content)
            entries += b" /Filter /FlateDecode"
        content = self._encrypt(content)
        return self.add_plain(b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content), number)

    def add_plain(self, body: bytes, number: int | None = None) -> int:
        """Add an object as it stands: its strings must be encrypted already, or not be meant to; return its number."""
        number = self.reserve() if number is None else number
        self._place(number, _PLAIN, self._length, 0)
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        return number

    def encrypt_string(self, content: bytes) -> bytes:
        """Encrypt a string of an object that is added as it stands; return it as it is written."""
        return b"<%s>" % self._encrypt(content).hex().encode()

    def freeze(self) -> Stage:
        """Return the stage that was reached."""
        self._flush()
        return Stage(self._key, tuple(self._parts), bytes(self._rows))

    def finish(self, *, catalog: int, information: int, encryption: int) -> bytes:
        """Return the document, given the numbers of the objects that its trailer names."""
        self._flush()
        number = self.reserve()
        start = self._length
        self._place(number, _PLAIN, start, 0)
        identifier = secrets.token_hex(16)
        entries = (
            f"/Type /XRef /Size {number + 1} /W [1 4 2] /Root {catalog} 0 R /Info {information} 0 R "
            f"/Encrypt {encryption} 0 R /ID [<{identifier}> <{identifier}>] /Length {len(self._rows)}"
        )
        self._write(b"%d 0 obj\n<< %s >>\nstream\n%s\nendstream\nendobj\n" % (number, entries.encode(), self._rows))
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)
        return b"".join(self._parts)

    def _flush(self) -> None:
        """Write what was collected as one object stream (7.5.7)."""
        if not self._collected:
            return
        container = self.reserve()
        index: list[bytes] = []
        at = 0
        for place, (number, body) in enumerate(self._collected):
            self._place(number, _COMPRESSED, container, place)
            index.append(b"%d %d" % (number, at))
            at += len(body) + 1
        head = b" ".join(index) + b"\n"
        content = head + b"\n".join(body for _, body in self._collected)
        entries = b"/Type /ObjStm /N %d /First %d" % (len(self._collected), len(head))
        self._collected = []
        self.add_stream(entries, content, container)

    def _place(self, number: int, kind: int, place: int, index: int) -> None:
        _ROW.pack_into(self._rows, number * _ROW.size, kind, place, index)

    def _write(self, part: bytes) -> None:
        self._parts.append(part)
        self._length += len(part)


def _compress(content: bytes) -> bytes:
    if len(content) > _SMALL:
        return zlib.compress(content)
    # Most of the time that a short stream takes is for making ready a window that it never fills.
    compressor = zlib.compressobj(wbits=12, memLevel=5)
    return compressor.compress(content) + compressor.flush()
