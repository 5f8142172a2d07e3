"""Make, read and use the keys that sign badges: Ed25519, written as multikeys (W3C Controlled Identifiers 1.0, 2.2.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from learning_credentials.badges import multibase
from learning_credentials.exceptions import ConfigurationError

if TYPE_CHECKING:
    from learning_credentials.conf import Settings

_PUBLIC_PREFIX = b"\xed\x01"
_PRIVATE_PREFIX = b"\x80\x26"
_LENGTH = 32
_KEY_OPTIONS = ("private_key", "public_key", "is_active")


@dataclass(frozen=True)
class VerifyingKey:
    """A public key. ``multikey`` is its text, ``z6Mk…``, which is also its name."""

    multikey: str

    def __post_init__(self) -> None:
        """Raise ValueError unless the text is the multikey of an Ed25519 public key."""
        self._key  # noqa: B018

    @cached_property
    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(_decode(self.multikey, _PUBLIC_PREFIX, "public"))

    def is_signature(self, signature: bytes, content: bytes) -> bool:
        """Return whether the private part of this key made the signature of that content."""
        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """A private key. Its representation shows only the public part."""

    __slots__ = ("_key", "verifying_key")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verifying_key = VerifyingKey(
            multibase.encode(_PUBLIC_PREFIX + key.public_key().public_bytes_raw()),
        )

    @classmethod
    def parse(cls, multikey: str) -> SigningKey:
        """Return the key of a private multikey, ``z3u2…``.

        Raises:
            ValueError: the text is not a private multikey. The message does not contain the text.
        """
        return cls(Ed25519PrivateKey.from_private_bytes(_decode(multikey, _PRIVATE_PREFIX, "private")))

    def __repr__(self) -> str:
        return f"<SigningKey {self.verifying_key.multikey}>"

    def __reduce__(self) -> Any:
        # A key that was pickled would lie in a broker or a cache.
        raise TypeError("a signing key cannot be pickled")

    def export(self) -> str:
        """Return the secret as a multikey, for the settings. Never log it. Show it only to the person who asked for it."""
        return multibase.encode(_PRIVATE_PREFIX + self._key.private_bytes_raw())

    def sign(self, content: bytes) -> bytes:
        """Return the signature of the content: 64 bytes."""
        return self._key.sign(content)


@dataclass(frozen=True)
class KeyRing:
    """The keys of the settings: the key that signs, and all listed keys with the signing key first."""

    active: SigningKey | None = field(default=None, repr=False)
    listed: tuple[VerifyingKey, ...] = ()

    @property
    def signing_key(self) -> SigningKey:
        """Return the key that signs.

        Raises:
            ConfigurationError: the settings have no keys.
        """
        if self.active is None:
            raise ConfigurationError(
                "SIGNING_KEYS: there is no key to sign badges with. Make one with `manage.py create_signing_key`"
            )
        return self.active

    def find(self, multikey: str) -> VerifyingKey | None:
        """Return the listed key with that name, or None."""
        return next((key for key in self.listed if key.multikey == multikey), None)


def create_key() -> SigningKey:
    """Make a new key with random bytes from the operating system."""
    return SigningKey(Ed25519PrivateKey.generate())


def load_keys(settings: Settings) -> KeyRing:
    """Read ``SIGNING_KEYS``.

    Each key is a dict. The key that signs is ``{"private_key": "z3u2…", "is_active": True}``. A key that is only listed is
    ``{"public_key": "z6Mk…"}`` or ``{"private_key": "z3u2…"}``: badges that it signed earlier still verify. The settings can have no
    keys.

    Raises:
        ConfigurationError: a key is wrong or there twice, or not exactly one key is active. The message contains no key.
    """
    try:
        found = [_read_key(index, options) for index, options in enumerate(settings.SIGNING_KEYS)]
    except ConfigurationError as error:
        # Reports of errors show the variables on the way, which below were keys.
        raise error.with_traceback(None) from None
    seen: dict[str, int] = {}
    for index, (verifying_key, _) in enumerate(found):
        if (first := seen.setdefault(verifying_key.multikey, index)) != index:
            msg = f"SIGNING_KEYS[{index}]: is the same key as SIGNING_KEYS[{first}]. Remove one of them"
            raise ConfigurationError(msg)
    active = [index for index, (_, signing_key) in enumerate(found) if signing_key]
    if len(active) > 1:
        msg = (
            f"SIGNING_KEYS[{active[1]}]['is_active']: SIGNING_KEYS[{active[0]}] is active too. Only one key "
            "can be active"
        )
        raise ConfigurationError(msg)
    if found and not active:
        raise ConfigurationError("SIGNING_KEYS: no key is active. Set 'is_active': True for one private key")
    found.sort(key=lambda pair: pair[1] is None)
    return KeyRing(found[0][1] if found else None, tuple(verifying_key for verifying_key, _ in found))


def _read_key(index: int, options: dict[str, Any]) -> tuple[VerifyingKey, SigningKey | None]:
    path = f"SIGNING_KEYS[{index}]"
    for name in options:
        if name not in _KEY_OPTIONS:
            # A mistake may have put a key where a name belongs.
            msg = f"{path}: has an unknown entry. The known entries are {', '.join(_KEY_OPTIONS)}"
            raise ConfigurationError(msg)
    is_active = options.get("is_active", False)
    if not isinstance(is_active, bool):
        msg = f"{path}['is_active']: must be True or False"
        raise ConfigurationError(msg)
    if ("private_key" in options) == ("public_key" in options):
        msg = f"{path}: must have either 'private_key' or 'public_key', and not both"
        raise ConfigurationError(msg)
    name = "private_key" if "private_key" in options else "public_key"
    if is_active and name == "public_key":
        msg = f"{path}['is_active']: only a private key can be active, because it signs"
        raise ConfigurationError(msg)
    value = options[name]
    try:
        if not isinstance(value, str):
            raise ValueError("must be text")  # noqa: TRY004, TRY301
        if name == "public_key":
            return VerifyingKey(value), None
        signing_key = SigningKey.parse(value)
    except ValueError as error:
        msg = f"{path}['{name}']: {error}"
        raise ConfigurationError(msg) from None
    return signing_key.verifying_key, signing_key if is_active else None


def _decode(multikey: str, prefix: bytes, kind: str) -> bytes:
    content = multibase.decode(multikey)
    if not content.startswith(prefix) or len(content) != len(prefix) + _LENGTH:
        msg = f"is not an Ed25519 {kind} key in multikey form"
        raise ValueError(msg)
    return content[len(prefix) :]
