"""Make badges and credentials of other issuers in the usual formats."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from learning_credentials.badges.keys import SigningKey, create_key
from learning_credentials.badges.signing import sign
from tests.factories import make_png

CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def make_credential(
    issuer: str = "did:web:college.example", issuer_name: str = "Harbour College", **more: Any
) -> dict[str, Any]:
    """Return an OpenBadgeCredential of another issuer, without a proof."""
    return {
        "@context": CONTEXTS,
        "id": "urn:uuid:11111111-2222-4333-8444-555555555555",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": issuer_name},
        "validFrom": "2024-05-06T07:08:09Z",
        "name": "Knots and ropes",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://college.example/knots",
                "type": ["Achievement"],
                "name": "Knots and ropes",
                "description": "Ties twelve knots.",
                "criteria": {"narrative": "Shown to a teacher."},
            },
        },
        **more,
    }


def sign_by_name(key: SigningKey | None = None, **more: Any) -> dict[str, Any]:
    """Return a signed credential whose issuer's id contains its key (``did:key``)."""
    key = key or create_key()
    did = f"did:key:{key.verifying_key.multikey}"
    document = make_credential(did, **more)
    return sign(document, key, verification_method=f"{did}#{key.verifying_key.multikey}", created=NOW)


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def make_jwk(key: Any) -> dict[str, str]:
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": encode(public.public_bytes_raw())}
    numbers = public.public_numbers()
    if isinstance(public, ec.EllipticCurvePublicKey):
        size = public.key_size // 8
        names = {"x": numbers.x, "y": numbers.y}
        return {
            "kty": "EC",
            "crv": f"P-{public.key_size}",
            **{name: encode(v.to_bytes(size)) for name, v in names.items()},
        }
    return {"kty": "RSA", "n": encode(numbers.n.to_bytes(256)), "e": encode(numbers.e.to_bytes(3))}


KEYS: dict[str, Any] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "RS256": rsa.generate_private_key(65537, 2048),
}


def make_token(payload: dict[str, Any], algorithm: str = "EdDSA", header: dict[str, Any] | None = None) -> str:
    """Return a signed token. It contains its key unless the header says otherwise."""
    key = KEYS[algorithm]
    head = {"alg": algorithm, "typ": "vc+jwt", **({"jwk": make_jwk(key)} if header is None else header)}
    signed = f"{encode(json.dumps(head).encode())}.{encode(json.dumps(payload).encode())}"
    if algorithm == "EdDSA":
        signature = key.sign(signed.encode())
    elif algorithm == "RS256":
        signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    else:
        digest, size = (hashes.SHA256(), 32) if algorithm == "ES256" else (hashes.SHA384(), 48)
        signature = b"".join(
            part.to_bytes(size) for part in decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(digest)))
        )
    return f"{signed}.{encode(signature)}"


ASSERTION = {
    "@context": "https://w3id.org/openbadges/v2",
    "type": "Assertion",
    "id": "https://college.example/assertions/1",
    "recipient": {"type": "email", "hashed": True, "identity": "sha256$00"},
    "issuedOn": "2019-01-02T00:00:00Z",
    "expires": "2020-01-02T00:00:00Z",
    "verification": {"type": "HostedBadge"},
    "badge": {
        "type": "BadgeClass",
        "id": "https://college.example/badges/1",
        "name": "Knots and ropes",
        "issuer": {"type": "Profile", "id": "https://college.example/issuer", "name": "Harbour College"},
    },
}
CHAINED = {
    "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/blockcerts/v3"],
    "id": "urn:uuid:11111111-2222-4333-8444-555555555555",
    "type": ["VerifiableCredential", "BlockcertsCredential"],
    "issuer": "did:ion:EiA_harbour",
    "issuanceDate": "2022-01-02T00:00:00Z",
    "credentialSubject": {"id": "did:example:ada"},
    "proof": {"type": "MerkleProof2019", "proofValue": "z4z"},
}
EUROPEAN = {
    "@context": ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"],
    "id": "urn:credential:1",
    "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
    "issuer": {"id": "urn:epass:org:1", "type": "Organisation", "legalName": {"en": ["Harbour College"]}},
    "issuanceDate": "2023-01-02T00:00:00Z",
    "credentialSubject": {"id": "urn:epass:person:1"},
}


def pack(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def add_to_png(content: bytes, kind: bytes, data: bytes, *, is_first: bool = False) -> bytes:
    """Return a PNG with one more chunk, after its header or before its end."""
    place = 33 if is_first else len(content) - 12
    return content[:place] + pack(kind, data) + content[place:]


def bake_png(text: str, keyword: bytes = b"openbadges") -> bytes:
    return add_to_png(make_png(), b"iTXt", keyword + b"\0\0\0\0\0" + text.encode())


def bake_svg(inner: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><g/>{inner}</svg>'.encode()
