"""What a badge says, and that it says nothing empty."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import datetime
from typing import Any

import pytest

from learning_credentials.badges.achievement import (
    Achievement,
    Badge,
    BadgeIssuer,
    Evidence,
    Holder,
    Result,
    make_badge,
)
from learning_credentials.badges.canonical import canonicalize
from learning_credentials.badges.holders import is_holder
from learning_credentials.exceptions import MalformedBadgeError
from tests.badge_cases import ACHIEVEMENT, BADGES, DID, INDEX, LIST_URL, NOW

EVERYTHING = BADGES["everything"]


def make(**changes: Any) -> dict[str, Any]:
    return make_badge(dataclasses.replace(EVERYTHING, **changes))


def walk(value: Any) -> list[Any]:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(found for item in items for found in walk(item))]


@pytest.mark.parametrize("name", BADGES)
def test_nothing_is_empty(name: str) -> None:
    document = make_badge(BADGES[name])

    assert not any(value in ("", [], {}, None) for value in walk(document) if not isinstance(value, bool))


@pytest.mark.parametrize("name", BADGES)
def test_the_shape_is_that_of_the_schema(name: str) -> None:
    document = make_badge(BADGES[name])
    subject = document["credentialSubject"]
    achievement = subject["achievement"]

    assert document["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert document["id"] == "urn:uuid:8e0b5f2e-77aa-4d5e-9b1c-0123456789ab"
    assert document["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert document["issuer"]["type"] == ["Profile"]
    assert subject["type"] == ["AchievementSubject"]
    assert achievement["type"] == ["Achievement"]
    assert {"id", "name", "description", "criteria"} <= achievement.keys()
    assert isinstance(document.get("credentialStatus", {}), dict)
    for item in subject["identifier"]:
        assert item["type"] == "IdentityObject"
        assert {"hashed", "identityHash", "identityType"} <= item.keys()
    for key in ("tag", "resultDescription"):
        assert isinstance(achievement.get(key, []), list)


def test_everything_is_said() -> None:
    document = make()
    subject = document["credentialSubject"]

    assert document["validFrom"] == "2026-03-01T12:30:00Z"
    assert document["validUntil"] == "2099-03-01T00:00:00Z"
    assert document["issuer"] == {
        "id": DID,
        "type": ["Profile"],
        "name": "Example University",
        "url": "https://example.org/",
        "email": "registrar@example.org",
        "image": {"id": "https://example.org/logo.png", "type": "Image"},
    }
    assert document["credentialStatus"] == {
        "id": f"{LIST_URL}#{INDEX}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(INDEX),
        "statusListCredential": LIST_URL,
    }
    assert document["evidence"][0]["id"] == EVERYTHING.evidence[0].url
    assert subject["achievement"]["criteria"] == {"narrative": ACHIEVEMENT.criteria}
    assert subject["achievement"]["image"] == {"id": ACHIEVEMENT.image, "type": "Image"}
    assert [item.get("value", item.get("status")) for item in subject["result"]] == ["88", "Completed"]
    described = {item["id"]: item for item in subject["achievement"]["resultDescription"]}
    assert [described[item["resultDescription"]]["name"] for item in subject["result"]] == ["Grade", "Completion"]


def test_results_of_an_achievement_can_be_compared() -> None:
    one, other = (make(results=(Result("Grade", value, "Percent"),)) for value in ("88", "90"))

    ids = {document["credentialSubject"]["achievement"]["resultDescription"][0]["id"] for document in (one, other)}
    assert len(ids) == 1


def test_the_same_said_twice_is_said_once() -> None:
    results = (Result("Grade", "88"), Result("Grade", "88"), Result("Grade", "89"))
    document = make(results=results, achievement=dataclasses.replace(ACHIEVEMENT, tags=("a", "a")))

    assert [item["value"] for item in document["credentialSubject"]["result"]] == ["88", "89"]
    assert len(document["credentialSubject"]["achievement"]["resultDescription"]) == 1
    assert document["credentialSubject"]["achievement"]["tag"] == ["a"]
    assert canonicalize(document)


def test_an_address_can_be_proved_and_not_read() -> None:
    document = make(holder=Holder("Ada", " Ada@Example.org", "s4lt"))
    (hashed, _name) = document["credentialSubject"]["identifier"]

    assert hashed["identityHash"] == "sha256$" + hashlib.sha256(b"ada@example.orgs4lt").hexdigest()
    assert "example.org" not in str(document["credentialSubject"]["identifier"]).lower()
    assert is_holder(document, "ADA@example.org")
    assert not is_holder(document, "eve@example.org")
    assert not is_holder(make(holder=Holder("ada@example.org")), "ada@example.org")


@pytest.mark.parametrize(
    "document",
    [{}, {"credentialSubject": 5}, {"credentialSubject": {"identifier": [None, {"identityType": "emailAddress"}]}}],
)
def test_nobody_holds_what_is_no_badge(document: dict[str, Any]) -> None:
    assert not is_holder(document, "ada@example.org")


MISSING: dict[str, tuple[dict[str, Any], str]] = {
    "issuer id": ({"issuer": BadgeIssuer("", "E")}, "issuer.id"),
    "issuer name": ({"issuer": BadgeIssuer(DID, " ")}, "issuer.name"),
    "shown issuer name": ({"issuer": BadgeIssuer(DID, "\0\ufffe")}, "issuer.name"),
    **{
        f"achievement {name}": ({"achievement": dataclasses.replace(ACHIEVEMENT, **{name: ""})}, f"achievement.{name}")
        for name in ("id", "name", "description", "criteria")
    },
    "holder": ({"holder": Holder(id="urn:a:1")}, "holder"),
    "salt": ({"holder": Holder(email="ada@example.org")}, "holder.salt"),
    "evidence": ({"evidence": (Evidence("", "x"),)}, "evidence.url"),
}


@pytest.mark.parametrize(("changes", "path"), MISSING.values(), ids=MISSING)
def test_what_must_be_there_is_asked_for(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(MalformedBadgeError, match=rf"^{path}: must"):
        make(**changes)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        make(valid_from=datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("language", "spelled"),
    [
        ("en", "en"),
        ("pt-br", "pt-BR"),
        ("zh_hans", "zh-Hans"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("x-klingon", None),
        ("", None),
    ],
)
def test_languages_are_spelled_as_the_schema_does(language: str, spelled: str | None) -> None:
    document = make(achievement=dataclasses.replace(ACHIEVEMENT, language=language))

    assert document["credentialSubject"]["achievement"].get("inLanguage") == spelled


def test_characters_that_nobody_sees_are_taken_out() -> None:
    achievement = Achievement("urn:a:1", "\ud800Sea\x00life\x07 ", "one\ntwo\tthree\ufffe", "a\u200db\r\n")

    document = make_badge(Badge(EVERYTHING.uuid, EVERYTHING.issuer, achievement, Holder("Ada"), NOW))

    assert document["name"] == "Sea life"
    found = document["credentialSubject"]["achievement"]
    assert (found["description"], found["criteria"]["narrative"]) == ("one\ntwo three", "a\u200db")
    assert canonicalize(document)
