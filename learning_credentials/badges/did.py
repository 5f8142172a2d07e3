"""Make the issuer's identifier, ``did:web``, and the document that lists its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from learning_credentials.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from learning_credentials.badges.keys import VerifyingKey

#: Where the app is mounted: the document is served at ``/credentials/did.json``.
_PATH = "credentials"
#: Media types of the document, the default first.
MEDIA_TYPES = (
    "application/did+json",
    "application/did+ld+json",
    "application/did",
    "application/ld+json",
    "application/json",
)


def make_did(base_url: str, path: str = _PATH, *, setting: str = "BASE_URL") -> str:
    """Return the identifier for the document at ``<base_url>/<path>/did.json``, such as ``did:web:example.org:credentials``.

    A verifier always asks by https, whatever the scheme of the address.

    Args:
        base_url: the address of a site.
        path: where the app is mounted there.
        setting: the name of the address in errors.

    Raises:
        ConfigurationError: the address is not the address of a site.
    """
    host, port = read_host(base_url, setting=setting)
    segments = [segment for segment in (*urlsplit(base_url).path.split("/"), *path.split("/")) if segment]
    names = [quote(unquote(segment), safe="") for segment in segments]
    return ":".join(["did:web", f"{host}%3A{port}" if port else host, *names])


def read_host(base_url: str, *, setting: str = "BASE_URL") -> tuple[str, int | None]:
    """Return the host of an address, in lower case and ASCII, and its port if the address has one.

    Raises:
        ConfigurationError: the address is not the address of a site.
    """
    try:
        parts = urlsplit(base_url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode().removesuffix(".")
    except ValueError:
        parts, port, host = urlsplit(""), None, ""
    # An address of IPv6 has no form in this method.
    if (
        parts.scheme not in {"http", "https"}
        or not host
        or ":" in host
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        msg = f"{setting}: must be a web address such as https://lms.example.org"
        raise ConfigurationError(msg)
    return host, port


def make_key_id(did: str, key: VerifyingKey) -> str:
    """Return the name of one of an issuer's keys: a proof's ``verificationMethod``."""
    return f"{did}#{key.multikey}"


def make_did_document(did: str, keys: Iterable[VerifyingKey], also_known_as: Sequence[str] = ()) -> dict[str, Any]:
    """Return the document that lists an issuer's keys.

    Keys that no longer sign are included, so that the badges signed with them still verify.

    Args:
        did: the issuer.
        keys: the keys, in this order.
        also_known_as: other identifiers of the same issuer.
    """
    keys = tuple(keys)
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        **({"alsoKnownAs": list(also_known_as)} if also_known_as else {}),
        "verificationMethod": [
            {"id": make_key_id(did, key), "type": "Multikey", "controller": did, "publicKeyMultibase": key.multikey}
            for key in keys
        ],
        "assertionMethod": [make_key_id(did, key) for key in keys],
    }
