"""Make the unsigned document of one badge: an OpenBadgeCredential of Open Badges 3.0."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from learning_credentials.badges.contexts import CREDENTIALS_V2, OPEN_BADGES_V3
from learning_credentials.badges.holders import Holder, make_identifiers
from learning_credentials.badges.results import Result, make_result, make_result_description
from learning_credentials.badges.times import format_time
from learning_credentials.exceptions import MalformedBadgeError

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

__all__ = ("Achievement", "Badge", "BadgeIssuer", "Evidence", "Holder", "Result", "StatusEntry", "make_badge")

#: Controls but line feeds, lone surrogates and noncharacters. Format characters stay: some scripts need them.
_NONCHARACTERS = "".join(f"\\U{plane << 16 | low:08x}" for plane in range(17) for low in (0xFFFE, 0xFFFF))
_UNSHOWN = re.compile(rf"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
_LANGUAGE = re.compile(r"[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


@dataclass(frozen=True, slots=True)
class BadgeIssuer:
    """The issuer of a badge.

    ``id`` is the DID of the document that lists the keys. ``url`` and ``image`` are addresses. Only ``id`` and ``name`` are required.
    """

    id: str
    name: str
    url: str = ""
    email: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True)
class Achievement:
    """The achievement. It is the same for all of its badges.

    ``id`` is an address or URN. ``image`` is the address of the image. With a ``data:`` address the badge needs nothing from the site.
    ``kind`` is one of the standard's achievement types, such as ``Course`` or ``CertificateOfCompletion``, or empty.
    """

    id: str
    name: str
    description: str
    criteria: str
    image: str = ""
    kind: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place with more information. ``url`` is its address, such as the credential's public page. The other fields can be empty."""

    url: str
    name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """The bit that says whether the badge was revoked: the address of its list, and its index there."""

    list_url: str
    index: int


@dataclass(frozen=True, slots=True)
class Badge:
    """All values of one badge. Times have a time zone. ``uuid`` is the public one and becomes the badge's ``urn:uuid:`` id.

    ``facts`` are more properties of the subject, such as ``licenseNumber``, under their names in the standard.
    """

    uuid: UUID
    issuer: BadgeIssuer
    achievement: Achievement
    holder: Holder
    valid_from: datetime
    status: StatusEntry | None = None
    valid_until: datetime | None = None
    results: tuple[Result, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    facts: tuple[tuple[str, str | int | float], ...] = ()


def make_badge(badge: Badge) -> dict[str, Any]:
    """Return the document of a badge. `sign` signs it.

    Empty values are left out. Characters that no reader shows are removed from names and texts.

    Raises:
        MalformedBadgeError: a required value is empty. The message begins with its path.
        ValueError: a time has no time zone.
    """
    document = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_V3],
        "id": badge.uuid.urn,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": _require("achievement.name", badge.achievement.name),
        "issuer": _make_issuer(badge.issuer),
        "validFrom": format_time(badge.valid_from),
        "validUntil": format_time(badge.valid_until) if badge.valid_until else "",
        "credentialSubject": _make_subject(badge),
        "evidence": [_make_evidence(item) for item in badge.evidence],
        "credentialStatus": _make_status(badge.status) if badge.status else {},
    }
    tidied: dict[str, Any] = _tidy(document)
    return tidied


def _make_issuer(issuer: BadgeIssuer) -> dict[str, Any]:
    return {
        "id": _require("issuer.id", issuer.id),
        "type": ["Profile"],
        "name": _require("issuer.name", issuer.name),
        "url": issuer.url,
        "email": issuer.email,
        "image": _make_image(issuer.image),
    }


def _make_subject(badge: Badge) -> dict[str, Any]:
    achievement = badge.achievement
    return {
        "id": badge.holder.id,
        "type": ["AchievementSubject"],
        "identifier": make_identifiers(badge.holder),
        **dict(badge.facts),
        "result": [make_result(result, achievement.id) for result in dict.fromkeys(badge.results)],
        "achievement": {
            "id": _require("achievement.id", achievement.id),
            "type": ["Achievement"],
            "achievementType": achievement.kind,
            "name": achievement.name,
            "description": _require("achievement.description", achievement.description),
            "criteria": {"narrative": _require("achievement.criteria", achievement.criteria)},
            "image": _make_image(achievement.image),
            "inLanguage": _make_language(achievement.language),
            "tag": list(dict.fromkeys(achievement.tags)),
            "resultDescription": [
                make_result_description(result, achievement.id)
                for result in {result.name: result for result in badge.results}.values()
            ],
        },
    }


def _make_evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "id": _require("evidence.url", evidence.url),
        "type": ["Evidence"],
        "name": evidence.name,
        "description": evidence.description,
    }


def _make_status(status: StatusEntry) -> dict[str, Any]:
    return {
        "id": f"{status.list_url}#{status.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(status.index),
        "statusListCredential": status.list_url,
    }


def _make_image(url: str) -> dict[str, Any]:
    return {"id": url, "type": "Image"} if url else {}


def _make_language(language: str) -> str:
    """Return a language as the schema spells it (``pt-BR``, ``zh-Hans``), or an empty text if it has no such spelling."""
    first, *rest = language.replace("_", "-").split("-")
    spelled = [part.title() if len(part) == 4 else part.upper() for part in rest]  # noqa: PLR2004
    tag = "-".join([first.lower(), *spelled])
    return tag if _LANGUAGE.fullmatch(tag) else ""


def _require(path: str, text: str) -> str:
    if not _clean(text):
        msg = f"{path}: must not be empty"
        raise MalformedBadgeError(msg)
    return text


def _tidy(value: Any) -> Any:
    """Clean texts and leave out empty values. Under the standard, a null or an empty list is a mistake."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list):
        return [item for item in map(_tidy, value) if _is_said(item)]
    if isinstance(value, dict):
        return {name: item for name, item in ((name, _tidy(item)) for name, item in value.items()) if _is_said(item)}
    return value


def _clean(text: str) -> str:
    return _UNSHOWN.sub(" ", text).strip()


def _is_said(value: Any) -> bool:
    return isinstance(value, bool | int | float) or bool(value)
