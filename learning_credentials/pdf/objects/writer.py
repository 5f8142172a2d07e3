"""Write the objects of a document one after the other, encrypted, and the cross-reference stream that finds them.

The objects written so far can be frozen, and any number of documents can continue from them. So the objects that a cohort's documents
share are written and encrypted once, and only joined to those of one learner. Each document has one revision.
"""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass, field
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learning_credentials.pdf.objects.encryption import Key

# AES-256 with revision 6 needs PDF 2.0. The second line tells programs that transfer files that this file is binary.
_HEADER = b"%PDF-2.0\n%\xe2\xe3\xcf\xd3\n"
#: An entry of the cross-reference stream (7.5.8): type, offset or object stream, generation or index.
_ROW = Struct(">BIH")
_UNUSED, _PLAIN, _COMPRESSED = range(3)
#: Bytes. Streams up to this size are compressed with a small window.
_SMALL = 1024


@dataclass(frozen=True, slots=True)
class WrittenObjects:
    """The objects at the beginning of any number of documents: their bytes and their cross-reference entries."""

    key: Key
    parts: tuple[bytes, ...] = field(default=(_HEADER,), repr=False)
    rows: bytes = field(default=_ROW.pack(_UNUSED, 0, 0xFFFF), repr=False)

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return sum(map(len, self.parts))


class ObjectWriter:
    """Writes the objects of one document.

    Args:
        written: the objects that the document begins with.
        least_compressed: streams with fewer bytes are not compressed: that would take more time than it is worth.
    """

    def __init__(self, written: WrittenObjects, *, least_compressed: int = 256) -> None:
        self._key = written.key
        self._least_compressed = least_compressed
        self._encrypt = written.key.start()
        self._parts = list(written.parts)
        self._length = written.size
        self._rows = bytearray(written.rows)
        self._collected: list[tuple[int, bytes]] = []

    def reserve(self) -> int:
        """Return a number for an object that is written later, perhaps only in the documents that continue from here."""
        self._rows += _ROW.pack(_UNUSED, 0, 0)
        return len(self._rows) // _ROW.size - 1

    def add(self, body: bytes, number: int | None = None) -> int:
        """Add an object other than a stream. Return its number. It goes into an object stream, which is encrypted as a whole."""
        number = self.reserve() if number is None else number
        self._collected.append((number, body))
        return number

    def add_stream(self, entries: bytes, content: bytes, number: int | None = None, *, is_raw: bool = False) -> int:
        """Add a stream. Return its number.

        Args:
            entries: the entries of its dictionary, without ``Length``.
            content: the data. It is compressed unless ``is_raw``.
            number: the number that was reserved for it, if any.
            is_raw: whether to store the data unchanged, apart from encryption.
        """
        if not is_raw and len(content) >= self._least_compressed:
            content = _compress(content)
            entries += b" /Filter /FlateDecode"
        content = self._encrypt(content)
        return self.add_plain(b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content), number)

    def add_plain(self, body: bytes, number: int | None = None) -> int:
        """Add an object outside of object streams. Return its number. The caller has encrypted the strings in it."""
        number = self.reserve() if number is None else number
        self._place(number, _PLAIN, self._length, 0)
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        return number

    def encrypt_string(self, content: bytes) -> bytes:
        """Encrypt a string for an object that `add_plain` adds. Return it as PDF writes it."""
        return b"<%s>" % self._encrypt(content).hex().encode()

    def freeze(self) -> WrittenObjects:
        """Return what was written so far, for documents that continue from it."""
        self._flush()
        return WrittenObjects(self._key, tuple(self._parts), bytes(self._rows))

    def finish(self, *, catalog: int, information: int, encryption: int | None) -> bytes:
        """Return the document. The arguments are the numbers of the objects that the trailer names."""
        self._flush()
        number = self.reserve()
        start = self._length
        self._place(number, _PLAIN, start, 0)
        encrypted = "" if encryption is None else f"/Encrypt {encryption} 0 R "
        identifier = secrets.token_hex(16)
        entries = (
            f"/Type /XRef /Size {number + 1} /W [1 4 2] /Root {catalog} 0 R /Info {information} 0 R "
            f"{encrypted}/ID [<{identifier}> <{identifier}>] /Length {len(self._rows)}"
        )
        self._write(b"%d 0 obj\n<< %s >>\nstream\n%s\nendstream\nendobj\n" % (number, entries.encode(), self._rows))
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)
        return b"".join(self._parts)

    def _flush(self) -> None:
        """Write the collected objects as one object stream (7.5.7)."""
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
    # For a short stream most of the time would go into setting up a window that it never fills.
    compressor = zlib.compressobj(wbits=12, memLevel=5)
    return compressor.compress(content) + compressor.flush()
