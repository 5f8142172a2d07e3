"""Sign and check documents: Data Integrity proofs with the cryptosuite ``eddsa-rdfc-2022`` (W3C, 2025)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from learning_credentials.badges import multibase
from learning_credentials.badges.canonical import canonicalize
from learning_credentials.badges.contexts import CREDENTIALS_V2
from learning_credentials.badges.times import format_time
from learning_credentials.exceptions import ChangedBadgeError, MalformedBadgeError, UnknownKeyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from learning_credentials.badges.keys import SigningKey, VerifyingKey

_FIXED = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """The values of a good proof: the issuer's id, the name of its key, and the time as written there."""

    issuer: str
    verification_method: str
    created: str


def sign(
    document: Mapping[str, Any],
    key: SigningKey,
    *,
    verification_method: str,
    created: datetime,
) -> dict[str, Any]:
    """Return a document with a proof.

    Args:
        document: a credential without a proof. It is not changed.
        key: the key that signs.
        verification_method: the absolute name of the key, see `make_key_id`. It must be a key of the document's issuer.
        created: the time of the signature, with its time zone.

    Raises:
        MalformedBadgeError: the document cannot be signed as a whole, see `expand`. Also if the key is not one of its issuer.
    """
    if "proof" in document:
        raise MalformedBadgeError("proof: the document is already signed")
    _check_contexts(document)
    _check_issuer(document, verification_method)
    proof: dict[str, Any] = {
        "type": _FIXED["type"],
        "cryptosuite": _FIXED["cryptosuite"],
        "created": format_time(created),
        "verificationMethod": verification_method,
        "proofPurpose": _FIXED["proofPurpose"],
    }
    signature = key.sign(_hash(document, proof))
    return {**document, "proof": [{**proof, "proofValue": multibase.encode(signature)}]}


def verify_proof(document: Mapping[str, Any], resolve_key: Callable[[str], VerifyingKey | None]) -> VerifiedProof:
    """Check that nobody changed a document after its issuer signed it. This does not check whether it was revoked or has expired.

    Args:
        document: a credential with one proof.
        resolve_key: returns the key of a ``verificationMethod``, or None if its issuer does not list it.

    Raises:
        MalformedBadgeError: this app could not have signed the document, or it does not have exactly one proof.
        UnknownKeyError: the key is not listed.
        ChangedBadgeError: the signature does not match the document.
    """
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    _check_contexts(unsigned)
    proof = _read_proof(document.get("proof"))
    method = proof["verificationMethod"]
    issuer = _check_issuer(unsigned, method)
    try:
        signature = multibase.decode(proof.pop("proofValue"))
    except ValueError as error:
        msg = f"proof.proofValue: {error}"
        raise MalformedBadgeError(msg) from None
    content = _hash(unsigned, proof)
    key = resolve_key(method)
    if key is None:
        msg = f"the issuer does not list the key '{method[:200]}'"
        raise UnknownKeyError(msg)
    if not key.is_signature(signature, content):
        raise ChangedBadgeError("the signature does not match: the badge was changed after it was signed")
    return VerifiedProof(issuer, method, proof.get("created", ""))


def _hash(document: Mapping[str, Any], proof: Mapping[str, Any]) -> bytes:
    options = {"@context": document.get("@context"), **proof}
    return b"".join(hashlib.sha256(canonicalize(part).encode()).digest() for part in (options, document))


def _read_proof(value: Any) -> dict[str, Any]:
    proofs = value if isinstance(value, list) else [value]
    if len(proofs) != 1 or not isinstance(proofs[0], dict):
        raise MalformedBadgeError("proof: must be exactly one object")
    proof = dict(proofs[0])
    for name, expected in _FIXED.items():
        if proof.get(name) != expected:
            msg = f"proof.{name}: must be {expected}"
            raise MalformedBadgeError(msg)
    for name in ("verificationMethod", "proofValue"):
        if not isinstance(proof.get(name), str):
            msg = f"proof.{name}: must be text"
            raise MalformedBadgeError(msg)
    created = proof.get("created")
    if created is not None and not (isinstance(created, str) and _TIME.fullmatch(created)):
        raise MalformedBadgeError("proof.created: must be a time with a time zone")
    # Its contexts are those of the document, or another meaning would be signed than is shown.
    if "@context" in proof:
        raise MalformedBadgeError("proof.@context: is not accepted")
    return proof


def _check_contexts(document: Mapping[str, Any]) -> None:
    """Refuse another order of contexts. It changes no statement, but other verifiers refuse it (Verifiable Credentials 2.0, 4.3)."""
    contexts = document.get("@context")
    if not isinstance(contexts, list) or contexts[:1] != [CREDENTIALS_V2]:
        msg = f"@context: must be a list that begins with {CREDENTIALS_V2}"
        raise MalformedBadgeError(msg)
    if any(url in contexts[:index] for index, url in enumerate(contexts)):
        raise MalformedBadgeError("@context: contains a context twice")


def _check_issuer(document: Mapping[str, Any], verification_method: str) -> str:
    issuer = document.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(issuer, str):
        raise MalformedBadgeError("issuer: must have an id")
    if verification_method.partition("#")[0] != issuer or "#" not in verification_method:
        raise MalformedBadgeError("proof.verificationMethod: must be a key of the issuer")
    return issuer
