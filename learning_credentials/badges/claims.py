"""Read what badges of other issuers say: who issued them, what for, and when. The values are for display and are never trusted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from learning_credentials.badges import jose
from learning_credentials.badges.containers import list_items, list_types
from learning_credentials.badges.keys import VerifyingKey
from learning_credentials.badges.signing import verify_proof
from learning_credentials.data import ClaimFormat, Claims, SignatureCheck
from learning_credentials.exceptions import BadgeError, ChangedBadgeError

if TYPE_CHECKING:
    from learning_credentials.badges.containers import FoundBadge

_MAX_LENGTH = 200
_MAX_TIME = 40
_OPEN_BADGES = {"OpenBadgeCredential", "AchievementCredential"}
_CHAINED = {"MerkleProof2017", "MerkleProof2019", "ChainpointSHA256v2"}
_VERIFIERS = {
    ClaimFormat.OPEN_BADGES_3: ("https://verifierplus.org/",),
    ClaimFormat.OPEN_BADGES_3_JWT: ("https://verifierplus.org/",),
    ClaimFormat.VERIFIABLE_CREDENTIAL: ("https://verifierplus.org/",),
    ClaimFormat.VERIFIABLE_CREDENTIAL_JWT: ("https://verifierplus.org/",),
    ClaimFormat.OPEN_BADGES_2: ("https://badgecheck.io/", "https://openbadgesvalidator.imsglobal.org/"),
    ClaimFormat.OPEN_BADGES_2_SIGNED: ("https://badgecheck.io/", "https://openbadgesvalidator.imsglobal.org/"),
    ClaimFormat.BLOCKCERTS: ("https://www.blockcerts.org/",),
    ClaimFormat.EUROPEAN_DIGITAL_CREDENTIAL: ("https://europa.eu/europass/digital-credentials/viewer/",),
}


def describe(found: FoundBadge) -> Claims:
    """Return what a badge says, and whether its signature matches the key that the badge names."""
    document, token = found
    kind = _find_format(found)
    if kind in {ClaimFormat.OPEN_BADGES_2, ClaimFormat.OPEN_BADGES_2_SIGNED}:
        claims = _describe_assertion(document, kind)
    else:
        claims = _describe_credential(document, kind)
    signature = jose.check(token) if token else _check_proof(document)
    return Claims(kind, *claims, signature, _VERIFIERS[kind])


def _find_format(found: FoundBadge) -> ClaimFormat:
    document, token = found
    types = set(list_types(document))
    proofs = [*list_items(document.get("proof")), *list_items(document.get("signature"))]
    contexts = " ".join(item for item in list_items(document.get("@context")) if isinstance(item, str))
    proof_types = {kind for proof in proofs if isinstance(proof, dict) for kind in list_types(proof)}
    if "blockcerts" in contexts or proof_types & _CHAINED:
        return ClaimFormat.BLOCKCERTS
    if "EuropeanDigitalCredential" in types:
        return ClaimFormat.EUROPEAN_DIGITAL_CREDENTIAL
    if "badge" in document and "credentialSubject" not in document:
        verification = document.get("verification") or document.get("verify")
        kinds = list_types(verification) if isinstance(verification, dict) else []
        is_signed = token is not None or "SignedBadge" in kinds or "signed" in kinds
        return ClaimFormat.OPEN_BADGES_2_SIGNED if is_signed else ClaimFormat.OPEN_BADGES_2
    if types & _OPEN_BADGES:
        return ClaimFormat.OPEN_BADGES_3_JWT if token else ClaimFormat.OPEN_BADGES_3
    return ClaimFormat.VERIFIABLE_CREDENTIAL_JWT if token else ClaimFormat.VERIFIABLE_CREDENTIAL


def _describe_credential(document: dict[str, Any], kind: ClaimFormat) -> tuple[str, str, str, str, str, str]:
    subject = next((item for item in list_items(document.get("credentialSubject")) if isinstance(item, dict)), {})
    achievement = next((item for item in list_items(subject.get("achievement")) if isinstance(item, dict)), {})
    issuer = (
        document.get("issuer")
        or document.get("iss")
        or (document.get("badge") or {} if kind is ClaimFormat.BLOCKCERTS else "")
    )
    if isinstance(issuer, dict) and isinstance(issuer.get("issuer"), dict):
        issuer = issuer["issuer"]
    status = next((item for item in list_items(document.get("credentialStatus")) if isinstance(item, dict)), {})
    return (
        _read_text(issuer.get("name") or issuer.get("legalName")) if isinstance(issuer, dict) else "",
        _read_text(issuer.get("id") if isinstance(issuer, dict) else issuer),
        _read_text(achievement.get("name")) or _read_text(document.get("name")) or _name_badge(document),
        _read_time(document, "validFrom", "issuanceDate", "issuedOn", "nbf", "iat"),
        _read_time(document, "validUntil", "expirationDate", "expires", "exp"),
        _read_text(status.get("statusListCredential") or status.get("id")),
    )


def _describe_assertion(document: dict[str, Any], kind: ClaimFormat) -> tuple[str, str, str, str, str, str]:
    badge = document.get("badge")
    issuer = badge.get("issuer") if isinstance(badge, dict) else ""
    address = _read_text(badge) if isinstance(badge, str) else ""
    hosted = document.get("verify") if isinstance(document.get("verify"), dict) else {}
    # A hosted badge is as good as what its address answers with.
    url = document.get("id") or (hosted or {}).get("url") if kind is ClaimFormat.OPEN_BADGES_2 else ""
    return (
        _read_text(issuer.get("name")) if isinstance(issuer, dict) else "",
        _read_text(issuer.get("id") or issuer.get("url") if isinstance(issuer, dict) else issuer) or address,
        _name_badge(document),
        _read_time(document, "issuedOn"),
        _read_time(document, "expires"),
        _read_text(url),
    )


def _name_badge(document: dict[str, Any]) -> str:
    badge = document.get("badge")
    return _read_text(badge.get("name")) if isinstance(badge, dict) else ""


def _read_text(value: Any) -> str:
    """Return one line of text: the value, the first of several values, or the value in one of several languages."""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("en") or next(iter(value.values()), "")
    if isinstance(value, list):
        value = value[0] if value else ""
        return (
            _read_text(value) if isinstance(value, dict) else _read_text(str(value)) if isinstance(value, str) else ""
        )
    if not isinstance(value, str):
        return ""
    shown = "".join(character if character.isprintable() else " " for character in value[: 4 * _MAX_LENGTH])
    return " ".join(shown.split())[:_MAX_LENGTH]


def _read_time(document: dict[str, Any], *names: str) -> str:
    value = next((document[name] for name in names if document.get(name)), "")
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%dT%H:%M:%SZ}"
        except (OverflowError, OSError, ValueError):
            return ""
    return _read_text(value)[:_MAX_TIME]


def _check_proof(document: dict[str, Any]) -> SignatureCheck:
    """Check an embedded proof if the issuer's name is also its key (``did:key``)."""
    if not isinstance(document.get("proof"), (dict, list)):
        return SignatureCheck.NOT_CHECKED
    try:
        verify_proof(document, _resolve)
    except ChangedBadgeError:
        return SignatureCheck.BAD
    except BadgeError:
        return SignatureCheck.NOT_CHECKED
    return SignatureCheck.GOOD


def _resolve(method: str) -> VerifyingKey | None:
    did, _, fragment = method.partition("#")
    name = did.removeprefix("did:key:")
    if name == did or fragment != name:
        return None
    try:
        return VerifyingKey(name)
    except ValueError:
        return None
