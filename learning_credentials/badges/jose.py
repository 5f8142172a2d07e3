"""Read signed tokens of other issuers (JWS in compact form), and check those that name their key. Nothing is fetched.

A good signature proves that nobody without the key changed the token. It does not prove who owns the key.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from learning_credentials.badges import multibase
from learning_credentials.badges.documents import MAX_BYTES, read_document
from learning_credentials.data import SignatureCheck
from learning_credentials.exceptions import MalformedBadgeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Three parts in base64url. What follows a tilde are disclosures of an SD-JWT, which its signature covers by their hashes only.
_COMPACT = re.compile(r"\s*+(eyJ[A-Za-z0-9_-]++)\.([A-Za-z0-9_-]++)\.([A-Za-z0-9_-]++)(?:~[A-Za-z0-9_.~-]*+)?\s*+")
_ED25519_PREFIX, _P256_PREFIX = b"\xed\x01", b"\x80\x24"
#: Checking takes longer the longer the key; nobody signs with longer ones.
_MAX_RSA_BITS, _MIN_RSA_BITS = 8192, 1024
_CURVES: dict[str, tuple[Callable[[], ec.EllipticCurve], hashes.HashAlgorithm, int]] = {
    "ES256": (ec.SECP256R1, hashes.SHA256(), 32),
    "ES384": (ec.SECP384R1, hashes.SHA384(), 48),
}


class Token(NamedTuple):
    """A token that was read but not checked. ``payload`` is its JSON object."""

    header: dict[str, Any]
    payload: dict[str, Any]
    signed: bytes
    signature: bytes


def find_token(text: str) -> Token | None:
    """Read a compact token. Return None if the text is not a token or its parts are not JSON objects."""
    if len(text) > MAX_BYTES * 2 or (found := _COMPACT.fullmatch(text)) is None:
        return None
    try:
        header, payload = (read_document(decode(part)) for part in found.groups()[:2])
        return Token(header, payload, f"{found[1]}.{found[2]}".encode(), decode(found[3]))
    except (MalformedBadgeError, ValueError):
        return None


def decode(text: str) -> bytes:
    """Return the bytes of base64url text without padding.

    Raises:
        ValueError: the text is not base64url.
    """
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def check(token: Token) -> SignatureCheck:
    """Check a token with the key in its header, or with the key in its ``did:key`` or ``did:jwk``."""
    try:
        key = _find_key(token)
        is_good = key is not None and _verify(token, key)
    except (ValueError, TypeError, KeyError, OverflowError):
        return SignatureCheck.NOT_CHECKED
    if key is None:
        return SignatureCheck.NOT_CHECKED
    return SignatureCheck.GOOD if is_good else SignatureCheck.BAD


def decode_did_key(did: str) -> Any:
    """Return the public key in a ``did:key``: Ed25519 or P-256. Return None for another kind of key.

    Raises:
        ValueError: the identifier is broken.
    """
    content = multibase.decode(did.removeprefix("did:key:"))
    if content.startswith(_ED25519_PREFIX):
        return ed25519.Ed25519PublicKey.from_public_bytes(content[2:])
    if content.startswith(_P256_PREFIX):
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), content[2:])
    return None


def _find_key(token: Token) -> Any:
    issuer = token.payload.get("iss") or token.payload.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    name = str(token.header.get("kid", ""))
    # A key that is its own name has to be the issuer's.
    did = name.partition("#")[0] if name.startswith("did:") else str(issuer)
    if did == issuer and did.startswith("did:key:"):
        return decode_did_key(did)
    if did == issuer and did.startswith("did:jwk:"):
        return _read_jwk(json.loads(decode(did.removeprefix("did:jwk:"))))
    jwk = token.header.get("jwk")
    return _read_jwk(jwk) if isinstance(jwk, dict) else None


def _read_jwk(jwk: Mapping[str, Any]) -> Any:
    match jwk.get("kty"), jwk.get("crv"):
        case "OKP", "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(decode(jwk["x"]))
        case "EC", ("P-256" | "P-384") as name:
            curve = ec.SECP256R1() if name == "P-256" else ec.SECP384R1()
            x, y = (int.from_bytes(decode(jwk[part])) for part in ("x", "y"))
            return ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
        case "RSA", _:
            n, e = (int.from_bytes(decode(jwk[part])) for part in ("n", "e"))
            if not _MIN_RSA_BITS <= n.bit_length() <= _MAX_RSA_BITS or e.bit_length() > 64:  # noqa: PLR2004
                return None
            return rsa.RSAPublicNumbers(e, n).public_key()
    return None


def _verify(token: Token, key: Any) -> bool:
    """Return whether the signature matches.

    Raises:
        ValueError: the key and the algorithm are of different kinds or not supported.
    """
    algorithm = str(token.header.get("alg"))
    try:
        if isinstance(key, ed25519.Ed25519PublicKey) and algorithm in {"EdDSA", "Ed25519"}:
            key.verify(token.signature, token.signed)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm in _CURVES:
            curve, digest, length = _CURVES[algorithm]
            if key.curve.name != curve().name or len(token.signature) != 2 * length:
                return False
            numbers = (int.from_bytes(token.signature[:length]), int.from_bytes(token.signature[length:]))
            key.verify(encode_dss_signature(*numbers), token.signed, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey) and algorithm in {"RS256", "PS256"}:
            pkcs1 = padding.PKCS1v15()
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
            key.verify(token.signature, token.signed, pkcs1 if algorithm == "RS256" else pss, hashes.SHA256())
        else:
            msg = f"the signature algorithm {algorithm[:20]} is not supported"
            raise ValueError(msg)
    except InvalidSignature:
        return False
    return True
