"""AES-256 as PDF 2.0 defines it (ISO 32000-2, 7.6.4), with an empty user password: it keeps the permissions with the document.

It keeps nothing secret: whoever has the file has its key. So documents may share a key, which takes 11 ms to make.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pypdf._encryption import AlgV5
from pypdf.constants import UserAccessPermissions

if TYPE_CHECKING:
    from collections.abc import Callable

#: Everything but changing the content: printing and accessibility stay. The reserved bits stay set, as ISO 32000 asks.
PERMISSIONS = UserAccessPermissions(0xFFFFFAC4)
_REVISION = 6
_BLOCK = 16
_NOTHING = bytes(_BLOCK)
_PADDINGS = [bytes((length,)) * length for length in range(_BLOCK + 1)]


class FileKey:
    """A file key, and the encryption dictionary for the documents that use it. Nobody knows the owner's password."""

    def __init__(self) -> None:
        key = secrets.token_bytes(32)
        owner = secrets.token_urlsafe(32).encode()
        values = AlgV5.generate_values(_REVISION, b"", owner, key, int(PERMISSIONS), metadata_encrypted=True)
        # Written as a signed number of 32 bits.
        permissions = int(PERMISSIONS) - 2**32
        made = " ".join(f"{name} <{value.hex()}>" for name, value in values.items())
        self.dictionary = (
            f"<< /Filter /Standard /V 5 /R {_REVISION} /Length 256 /P {permissions} /StmF /StdCF /StrF /StdCF "
            f"/CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> {made} >>"
        ).encode()
        self._algorithm = algorithms.AES(key)

    def start(self) -> Callable[[bytes], bytes]:
        """Return what encrypts the strings and streams of one document, each with an initialisation vector of its own."""
        update = Cipher(self._algorithm, modes.CBC(secrets.token_bytes(_BLOCK))).encryptor().update

        def encrypt(content: bytes) -> bytes:
            # In one chain for speed, which begins at random. The vector is what the cipher makes of the block before: NIST SP 800-38A,
            # appendix C, makes vectors from nonces in this way.
            padding = _BLOCK - len(content) % _BLOCK
            return update(_NOTHING + content + _PADDINGS[padding])

        return encrypt
