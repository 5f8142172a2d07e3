"""Make and read revocation lists: W3C Bitstring Status List 1.0. Each credential has one bit of a list. A set bit means revoked."""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib
from typing import TYPE_CHECKING, Any

from learning_credentials.badges.contexts import CREDENTIALS_V2
from learning_credentials.badges.times import format_time
from learning_credentials.exceptions import MalformedBadgeError

if TYPE_CHECKING:
    from datetime import datetime

#: The least that the standard allows, so that a holder is one of many.
LIST_SIZE = 131_072
#: The largest list that is read, in bits.
MAX_SIZE = 8 * LIST_SIZE


def find_mirror(index: int) -> int:
    """Return the index of the same bit for a reader that takes bit 0 for the least significant bit of byte 0."""
    return index ^ 7


def get_pair_index(pair: int) -> int:
    """Return the lower index of a mirrored pair. The pairs of a list are numbered from 0, four in each byte."""
    return pair // 4 * 8 + pair % 4


class BitList:
    """A list of bits, all clear at first. Bit 0 is the most significant of byte 0."""

    __slots__ = ("_bits",)

    def __init__(self, content: bytes | None = None) -> None:
        """Read the bytes of a list as `to_bytes` returns them.

        Raises:
            ValueError: the list is shorter than the standard allows.
        """
        self._bits = bytearray(LIST_SIZE // 8) if content is None else bytearray(content)
        if len(self._bits) < LIST_SIZE // 8:
            msg = f"a status list must have at least {LIST_SIZE} bits"
            raise ValueError(msg)

    def __len__(self) -> int:
        return len(self._bits) * 8

    def __eq__(self, other: object) -> bool:
        return self._bits == other._bits if isinstance(other, BitList) else NotImplemented

    __hash__ = None  # type: ignore[assignment] # it changes

    def get(self, index: int) -> bool:
        """Return whether a bit is set. This method, `set` and `clear` raise IndexError outside the list."""
        byte, mask = self._locate(index)
        return bool(self._bits[byte] & mask)

    def set(self, index: int) -> None:
        """Set a bit."""
        byte, mask = self._locate(index)
        self._bits[byte] |= mask

    def set_mirrored(self, index: int) -> None:
        """Set a bit and its mirror image in the byte. Readers that count bits from the other end then find it set too."""
        self.set(index)
        self.set(find_mirror(index))

    def clear(self, index: int) -> None:
        """Clear a bit."""
        byte, mask = self._locate(index)
        self._bits[byte] &= ~mask

    def list_set(self) -> list[int]:
        """Return the indexes of the bits that are set, in order."""
        return [
            byte * 8 + bit
            for byte, value in enumerate(self._bits)
            if value
            for bit in range(8)
            if value & (0x80 >> bit)
        ]

    def count(self) -> int:
        """Return how many bits are set."""
        return int.from_bytes(self._bits).bit_count()

    def to_bytes(self) -> bytes:
        """Return the list with eight bits in each byte."""
        return bytes(self._bits)

    def encode(self) -> str:
        """Return the list as a credential contains it: ``u`` and base64url, without padding, of its gzip. Equal lists give equal text."""
        content = gzip.compress(self._bits, mtime=0)
        return "u" + base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> BitList:
        """Read the text that `encode` wrote.

        Raises:
            MalformedBadgeError: the text is not a list, or has more than `MAX_SIZE` bits, compressed or not.
        """
        if not text.startswith("u") or len(text) > MAX_SIZE // 4:
            raise MalformedBadgeError("encodedList: is not a status list, or is too long")
        unpack = zlib.decompressobj(wbits=31)
        try:
            packed = base64.b64decode(text[1:] + "=" * (-(len(text) - 1) % 4), altchars=b"-_", validate=True)
            content = unpack.decompress(packed, MAX_SIZE // 8 + 1)
        except (binascii.Error, zlib.error, ValueError) as error:
            raise MalformedBadgeError("encodedList: is not gzip data in base64url") from error
        if len(content) > MAX_SIZE // 8:
            msg = f"encodedList: has more than {MAX_SIZE} bits"
            raise MalformedBadgeError(msg)
        if not unpack.eof or unpack.unused_data:
            raise MalformedBadgeError("encodedList: is incomplete, or has more data after its end")
        try:
            return cls(content)
        except ValueError as error:
            msg = f"encodedList: {error}"
            raise MalformedBadgeError(msg) from None

    def _locate(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            msg = f"the list has no bit {index}"
            raise IndexError(msg)
        return index // 8, 0x80 >> (index % 8)


def make_status_list_credential(
    *,
    url: str,
    issuer: str,
    bits: BitList,
    valid_from: datetime,
    valid_until: datetime | None = None,
) -> dict[str, Any]:
    """Return the unsigned credential that publishes a list of revocations.

    Args:
        url: the public address of the list, which is also its id.
        issuer: the id of the issuer. It must be the issuer of the badges.
        bits: the list.
        valid_from: the time when it was made.
        valid_until: verifiers can use a copy until this time.
    """
    subject = {
        "id": f"{url}#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": bits.encode(),
    }
    return {
        "@context": [CREDENTIALS_V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": format_time(valid_from),
        **({"validUntil": format_time(valid_until)} if valid_until else {}),
        "credentialSubject": subject,
    }
