"""Encrypt documents with AES-256 and an empty user password, so that readers apply the permissions (ISO 32000-2, 7.6.4).

The encryption keeps nothing secret: everyone who has the file has its key. So documents can share a key, which takes 11 ms to make.
"""

from __future__ import annotations

import os
import secrets
from threading import local
from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pypdf._encryption import AlgV5
from pypdf.constants import UserAccessPermissions

if TYPE_CHECKING:
    from collections.abc import Callable

#: All permissions but changing the document: printing, copying and accessibility stay. ISO 32000 requires the reserved bits to be set.
PERMISSIONS = UserAccessPermissions(0xFFFFFAD4)
_REVISION = 6
_BLOCK = 16
_NOTHING = bytes(_BLOCK)
_PADDINGS = [bytes((length,)) * length for length in range(_BLOCK + 1)]


class Key(Protocol):
    """Encrypts the strings and streams of documents, or leaves them as they are."""

    @property
    def dictionary(self) -> bytes | None:
        """Return the encryption dictionary of the documents, or None if they are not encrypted."""
        ...

    def start(self) -> Callable[[bytes], bytes]:
        """Return a function that encrypts the strings and streams of one document."""
        ...


class NoKey:
    """Leaves documents as they are."""

    dictionary = None

    def start(self) -> Callable[[bytes], bytes]:
        """Return a function that returns its argument."""
        return bytes


class FileKey:
    """A file key, and the encryption dictionary of the documents that use it. The owner password is random and is not kept."""

    def __init__(self) -> None:
        key = secrets.token_bytes(32)
        owner = secrets.token_urlsafe(32).encode()
        values = AlgV5.generate_values(_REVISION, b"", owner, key, int(PERMISSIONS), metadata_encrypted=True)
        # PDF writes them as a signed number of 32 bits.
        permissions = int(PERMISSIONS) - 2**32
        made = " ".join(f"{name} <{value.hex()}>" for name, value in values.items())
        self.dictionary = (
            f"<< /Filter /Standard /V 5 /R {_REVISION} /Length 256 /P {permissions} /StmF /StdCF /StrF /StdCF "
            f"/CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> {made} >>"
        ).encode()
        self._algorithm = algorithms.AES(key)
        self._chains = local()

    def start(self) -> Callable[[bytes], bytes]:
        """Return a function that encrypts the strings and streams of one document, each with its own initialisation vector."""
        # A thread goes on with its chain, because to begin one takes as long as to encrypt a document. A forked process begins its own.
        chain: tuple[int, Callable[[bytes], bytes]] | None = getattr(self._chains, "chain", None)
        process = os.getpid()
        if chain is None or chain[0] != process:
            chain = self._chains.chain = (process, self._begin_chain())
        return chain[1]

    def _begin_chain(self) -> Callable[[bytes], bytes]:
        update = Cipher(self._algorithm, modes.CBC(secrets.token_bytes(_BLOCK))).encryptor().update

        def encrypt(content: bytes) -> bytes:
            # The chain begins with random bytes, and each vector is the encryption of a block: NIST SP 800-38A, appendix C, makes vectors
            # from nonces in this way.
            padding = _BLOCK - len(content) % _BLOCK
            return update(_NOTHING + content + _PADDINGS[padding])

        return encrypt
