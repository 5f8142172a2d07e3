"""Read the names in the digital signatures of PDFs from strangers (ISO 32000-2, 12.8), for display. No signature is checked.

The certificates of a signature are neither compressed nor encrypted, and the signature says where they are. So the module does not parse
the document. It reads at most a few hundred kilobytes, in linear time.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID

MAX_SIGNATURES = 4
#: Bytes of a signature with its certificates. Most have some ten thousand.
MAX_SIGNATURE = 128 * 1024
MAX_CERTIFICATES = 20
MAX_NAME = 200
_RANGE = re.compile(rb"/ByteRange\s{0,20}\[\s{0,20}0\s{1,20}(\d{1,10})\s{1,20}(\d{1,10})\s{1,20}\d{1,10}\s{0,20}\]")
_SEQUENCE, _SET, _CONTEXT_0, _INTEGER = 0x30, 0x31, 0xA0, 0x02


class _Value(NamedTuple):
    """A value in DER: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    whole: bytes


def list_signers(content: bytes) -> list[str]:
    """Return the names in the certificates of a PDF's signatures, each once. Nothing is proved: anyone can make certificates."""
    found: list[str] = []
    for match in islice(_RANGE.finditer(content), MAX_SIGNATURES):
        start, end = int(match[1]), int(match[2])
        if not 0 < end - start <= 2 * MAX_SIGNATURE or end > len(content):
            continue
        try:
            name = _read_name(bytes.fromhex(content[start + 1 : end - 1].decode("ascii")))
        except (ValueError, IndexError, StopIteration):
            # It is broken, or of an unknown kind.
            continue
        if name and name not in found:
            found.append(name)
    return found


def _read_name(signature: bytes) -> str:
    """Return the name of the signer in a SignedData (RFC 5652, 5.1)."""
    wrapped = _read_all(_read(signature).content)[1]
    parts = _read_all(_read(wrapped.content).content)
    certificates = next(part for part in parts if part.tag == _CONTEXT_0)
    infos = [part for part in parts if part.tag == _SET][-1]
    # A signer begins with the version, then the issuer and serial number of the certificate.
    names = _read_all(_read(infos.content).content)[1]
    serial = next((part.content for part in _read_all(names.content) if part.tag == _INTEGER), b"")
    known = [
        x509.load_der_x509_certificate(part.whole)
        for part in _read_all(certificates.content)[:MAX_CERTIFICATES]
        if part.tag == _SEQUENCE
    ]
    certificate = next(item for item in known if item.serial_number == int.from_bytes(serial))
    values = [
        str(attribute.value)
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(oid)
    ]
    text = ", ".join(dict.fromkeys(values))
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:MAX_NAME]


def _read_all(content: bytes) -> list[_Value]:
    found: list[_Value] = []
    while content and len(found) < 2 * MAX_CERTIFICATES:
        value = _read(content)
        found.append(value)
        content = content[len(value.whole) :]
    return found


def _read(content: bytes) -> _Value:
    tag, length, start = content[0], content[1], 2
    if length & 0x80:
        size = length & 0x7F
        # Indefinite lengths (BER) are not supported.
        if not 0 < size <= 4:  # noqa: PLR2004
            raise ValueError("the length is not in a known form")
        length, start = int.from_bytes(content[2 : 2 + size]), 2 + size
    end = start + length
    if end > len(content):
        raise ValueError("the value is incomplete")
    return _Value(tag, content[start:end], content[:end])
