"""Provide an issuer and badges for tests."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from learning_credentials.badges.achievement import (
    Achievement,
    Badge,
    BadgeIssuer,
    Evidence,
    Holder,
    Result,
    StatusEntry,
    make_badge,
)
from learning_credentials.badges.did import make_did, make_did_document, make_key_id
from learning_credentials.badges.keys import SigningKey, create_key
from learning_credentials.badges.signing import sign
from learning_credentials.badges.status_list import BitList, make_status_list_credential

if TYPE_CHECKING:
    from collections.abc import Iterable

BASE_URL = "https://lms.example.org"
DID = make_did(BASE_URL)
DID_URL = f"{BASE_URL}/credentials/did.json"
LIST_URL = f"{BASE_URL}/credentials/status/1"
#: A place in a list with mirrored bits. Its mirrored place is 70,006.
INDEX = 70_001
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)

ISSUER = BadgeIssuer(
    DID, "Example University", "https://example.org/", "registrar@example.org", "https://example.org/logo.png"
)
ACHIEVEMENT = Achievement(
    id=f"{BASE_URL}/achievements/1",
    name="Marine Biology",
    description="An introduction to life in the sea.\nWith a week on the coast.",
    criteria="Pass the examination with 60 % or more.",
    image=f"{BASE_URL}/achievements/1.png",
    kind="Course",
    language="en",
    tags=("biology", "sea"),
)
RESULTS = (
    Result("Grade", "88", "Percent", minimum="0", maximum="100", required="60"),
    Result("Completion", "Completed", "Status"),
)
UUID_ = UUID("8e0b5f2e-77aa-4d5e-9b1c-0123456789ab")

#: Badges from the largest possible content to the smallest.
BADGES = {
    "everything": Badge(
        uuid=UUID_,
        issuer=ISSUER,
        achievement=ACHIEVEMENT,
        holder=Holder("Ada Nakamura", "ada@example.org", "c2FsdA", "urn:uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        valid_from=NOW,
        valid_until=datetime(2099, 3, 1, tzinfo=UTC),
        status=StatusEntry(LIST_URL, INDEX),
        results=RESULTS,
        evidence=(Evidence(f"{BASE_URL}/credentials/{UUID_}/", "The certificate", "It can be verified there."),),
    ),
    "every script": Badge(
        uuid=UUID_,
        issuer=BadgeIssuer(DID, "大学 “Ex\\ample” <&>"),
        achievement=Achievement(
            "urn:example:1", "Ελληνικά \U0001f30a", "שלום\nمرحبا", 'with "quotes" and \\ and ]]>', language="pt-br"
        ),
        holder=Holder("Zo\u0301e 李 नमस्ते"),
        valid_from=NOW,
        status=StatusEntry(LIST_URL, INDEX),
    ),
    "custom facts": Badge(
        uuid=UUID_,
        issuer=BadgeIssuer(DID, "E"),
        achievement=Achievement("urn:example:1", "N", "D", "C"),
        holder=Holder("Ada"),
        valid_from=NOW,
        facts=(
            ("creditsEarned", 1234.5),
            ("licenseNumber", "AB-1"),
            ("activityStartDate", "2026-01-05T00:00:00Z"),
            ("term", "Spring"),
            ("role", "Teacher"),
        ),
    ),
    "whole credits": Badge(
        uuid=UUID_,
        issuer=BadgeIssuer(DID, "E"),
        achievement=Achievement("urn:example:1", "N", "D", "C"),
        holder=Holder("Ada"),
        valid_from=NOW,
        facts=(("creditsEarned", 0),),
    ),
    "the least": Badge(
        uuid=UUID_,
        issuer=BadgeIssuer(DID, "E"),
        achievement=Achievement("urn:example:1", "N", "D", "C"),
        holder=Holder(email="ada@example.org", salt="x"),
        valid_from=NOW,
    ),
}


class Site:
    """An issuer with its keys, its status list and the documents that its site serves."""

    def __init__(self) -> None:
        self.keys: list[SigningKey] = [create_key()]
        self.bits = BitList()

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.keys.insert(0, create_key())

    def sign(self, document: dict[str, Any]) -> dict[str, Any]:
        key = self.keys[0]
        return sign(document, key, verification_method=make_key_id(DID, key.verifying_key), created=NOW)

    def issue(self, badge: Badge) -> dict[str, Any]:
        return self.sign(make_badge(badge))

    def publish(self) -> dict[str, dict[str, Any]]:
        """Return the public documents by address."""
        status_list = make_status_list_credential(url=LIST_URL, issuer=DID, bits=self.bits, valid_from=NOW)
        return {
            DID_URL: make_did_document(DID, [key.verifying_key for key in self.keys]),
            LIST_URL: self.sign(status_list),
        }


def list_texts(value: Any, path: tuple[Any, ...] = ()) -> Iterable[tuple[tuple[Any, ...], str]]:
    """Yield every text in a document with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from list_texts(item, (*path, key))


def replace(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return a copy of a document with one value replaced."""
    changed = copy.deepcopy(document)
    place: Any = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed
