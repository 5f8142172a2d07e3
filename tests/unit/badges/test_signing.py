"""Signed documents verify as they are, and not when anything in them was changed."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from learning_credentials.badges import multibase
from learning_credentials.badges.achievement import make_badge
from learning_credentials.badges.did import make_key_id
from learning_credentials.badges.documents import read_document, write_document
from learning_credentials.badges.keys import VerifyingKey, create_key
from learning_credentials.badges.signing import sign, verify_proof
from learning_credentials.exceptions import ChangedBadgeError, MalformedBadgeError, UnknownKeyError
from tests.badge_cases import BADGES, DID, NOW, Site, list_texts, replace
from tests.unit.badges.oracles import ask_pyld


@pytest.fixture
def site() -> Site:
    return Site()


def resolve(site: Site) -> Any:
    keys = {make_key_id(DID, key.verifying_key): key.verifying_key for key in site.keys}
    return keys.get


@pytest.mark.parametrize("name", BADGES)
def test_a_signed_badge_verifies(name: str, site: Site) -> None:
    badge = read_document(write_document(site.issue(BADGES[name])).encode())

    proof = verify_proof(badge, resolve(site))

    assert proof.issuer == DID
    assert proof.verification_method == make_key_id(DID, site.keys[0].verifying_key)
    assert proof.created == "2026-03-01T12:30:00Z"
    assert {name: value for name, value in badge.items() if name != "proof"} == make_badge(BADGES[name])


@pytest.mark.parametrize("name", BADGES)
def test_the_signature_is_that_of_the_standard(name: str, site: Site) -> None:
    # W3C Data Integrity EdDSA Cryptosuites 1.0, 3.2.4: the hash of the options, then that of the document.
    badge = site.issue(BADGES[name])
    options = {"@context": badge["@context"], **badge["proof"][0]}
    signature = multibase.decode(options.pop("proofValue"))
    document = {key: value for key, value in badge.items() if key != "proof"}

    content = b"".join(hashlib.sha256(ask_pyld(part).encode()).digest() for part in (options, document))
    public = multibase.decode(site.keys[0].verifying_key.multikey).removeprefix(b"\xed\x01")

    Ed25519PublicKey.from_public_bytes(public).verify(signature, content)


def test_the_signed_document_is_a_new_one(site: Site) -> None:
    document = make_badge(BADGES["everything"])

    site.sign(document)

    assert "proof" not in document


def test_the_same_is_signed_in_the_same_way(site: Site) -> None:
    assert site.issue(BADGES["everything"]) == site.issue(BADGES["everything"])


def test_times_are_written_in_utc(site: Site) -> None:
    key = site.keys[0]
    created = datetime(2026, 3, 1, 1, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))

    badge = sign(
        make_badge(BADGES["the least"]), key, verification_method=make_key_id(DID, key.verifying_key), created=created
    )

    assert badge["proof"][0]["created"] == "2026-02-28T23:00:00Z"


@pytest.mark.parametrize("name", BADGES)
def test_no_text_can_be_changed(name: str, site: Site) -> None:
    badge = site.issue(BADGES[name])
    texts = dict(list_texts(badge))

    assert len(texts) > 15
    for path, text in texts.items():
        with pytest.raises((ChangedBadgeError, MalformedBadgeError, UnknownKeyError)):
            verify_proof(replace(badge, path, f"{text}x"), resolve(site))


def test_nothing_can_be_added_or_left_out(site: Site) -> None:
    badge = site.issue(BADGES["everything"])

    for name in badge.keys() - {"@context", "proof"}:
        with pytest.raises((ChangedBadgeError, MalformedBadgeError)):
            verify_proof({key: value for key, value in badge.items() if key != name}, resolve(site))
    with pytest.raises(ChangedBadgeError):
        verify_proof({**badge, "description": "more"}, resolve(site))
    with pytest.raises(MalformedBadgeError, match=r"^more: is not defined"):
        verify_proof({**badge, "more": "x"}, resolve(site))


def test_old_badges_verify_after_the_key_was_changed(site: Site) -> None:
    old = site.issue(BADGES["everything"])
    site.rotate()

    methods = [
        verify_proof(badge, resolve(site)).verification_method for badge in (old, site.issue(BADGES["everything"]))
    ]
    assert methods == [make_key_id(DID, key.verifying_key) for key in reversed(site.keys)]


def test_a_key_that_is_not_listed_is_unknown(site: Site) -> None:
    with pytest.raises(UnknownKeyError) as caught:
        verify_proof(Site().issue(BADGES["everything"]), resolve(site))

    assert caught.value.code == "badge_unknown_key"


def test_a_proof_of_another_badge_does_not_fit(site: Site) -> None:
    badge, other = (site.issue(BADGES[name]) for name in ("everything", "the least"))

    with pytest.raises(ChangedBadgeError) as caught:
        verify_proof({**badge, "proof": other["proof"]}, resolve(site))

    assert caught.value.code == "badge_changed"


def test_a_key_of_another_issuer_is_refused(site: Site) -> None:
    key = site.keys[0]
    document = make_badge(BADGES["the least"])

    for method in (f"did:web:other.example#{key.verifying_key.multikey}", DID, f"{DID}x#a"):
        with pytest.raises(MalformedBadgeError, match="must be a key of the issuer"):
            sign(document, key, verification_method=method, created=NOW)
    badge = replace(site.sign(document), ("issuer", "id"), "did:web:other.example")
    with pytest.raises(MalformedBadgeError, match="must be a key of the issuer"):
        verify_proof(badge, resolve(site))


PROOFS = {
    "none": (None, "proof: must be exactly one object"),
    "an empty list": ([], "proof: must be exactly one object"),
    "text": ("x", "proof: must be exactly one object"),
    "another type": ({"type": "Ed25519Signature2020"}, "proof.type: must be DataIntegrityProof"),
    "another cryptosuite": ({"cryptosuite": "eddsa-jcs-2022"}, "proof.cryptosuite: must be eddsa-rdfc-2022"),
    "another purpose": ({"proofPurpose": "authentication"}, "proof.proofPurpose: must be assertionMethod"),
    "no key": ({"verificationMethod": None}, "proof.verificationMethod: must be text"),
    "an embedded key": ({"verificationMethod": {"id": "x"}}, "proof.verificationMethod: must be text"),
    "no value": ({"proofValue": None}, "proof.proofValue: must be text"),
    "no base 58": ({"proofValue": "zlll"}, "proof.proofValue: contains a character"),
    "a huge value": ({"proofValue": "z" + "2" * 1_000_000}, "proof.proofValue: is not multibase"),
    "no time": ({"created": "yesterday"}, "proof.created: must be a time"),
    "a context": ({"@context": []}, "proof.@context: is not accepted"),
    "an unknown entry": ({"color": "red"}, "color: is not defined"),
}


@pytest.mark.parametrize(("change", "message"), PROOFS.values(), ids=PROOFS)
def test_other_proofs_are_refused(change: Any, message: str, site: Site) -> None:
    badge = site.issue(BADGES["everything"])
    badge["proof"] = {**badge["proof"][0], **change} if isinstance(change, dict) else change

    with pytest.raises(MalformedBadgeError) as caught:
        verify_proof(badge, resolve(site))

    assert str(caught.value).startswith(message)


def test_a_proof_may_stand_without_a_list(site: Site) -> None:
    badge = site.issue(BADGES["everything"])

    assert verify_proof({**badge, "proof": badge["proof"][0]}, resolve(site)).issuer == DID


def test_two_proofs_are_refused(site: Site) -> None:
    badge = site.issue(BADGES["everything"])

    with pytest.raises(MalformedBadgeError, match="proof: must be exactly one object"):
        verify_proof({**badge, "proof": badge["proof"] * 2}, resolve(site))
    with pytest.raises(MalformedBadgeError, match="already signed"):
        site.sign(badge)


@pytest.mark.parametrize(
    "arrange",
    [
        lambda contexts: contexts[::-1],
        lambda contexts: [*contexts, contexts[0]],
        lambda contexts: [*contexts, contexts[-1]],
        lambda contexts: contexts[1:],
        lambda contexts: contexts[0],
        lambda contexts: [],
    ],
    ids=["reversed", "first twice", "last twice", "without the first", "not a status list", "empty"],
)
def test_contexts_stand_as_the_standard_has_them(arrange: Any, site: Site) -> None:
    badge = site.issue(BADGES["everything"])
    changed = {**badge, "@context": arrange(badge["@context"])}

    with pytest.raises(MalformedBadgeError, match=r"^@context"):
        verify_proof(changed, resolve(site))
    with pytest.raises(MalformedBadgeError, match=r"^@context"):
        site.sign({name: value for name, value in changed.items() if name != "proof"})


def test_a_signature_of_another_length_does_not_fit(site: Site) -> None:
    badge = site.issue(BADGES["everything"])
    badge["proof"][0]["proofValue"] = multibase.encode(b"short")

    with pytest.raises(ChangedBadgeError):
        verify_proof(badge, resolve(site))


def test_the_key_that_is_given_decides(site: Site) -> None:
    other: VerifyingKey = create_key().verifying_key

    with pytest.raises(ChangedBadgeError):
        verify_proof(site.issue(BADGES["everything"]), lambda _method: other)
