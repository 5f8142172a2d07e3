"""Verifiers that others wrote accept our badges, see a revocation, and refuse a change of one character."""

from __future__ import annotations

import pytest
from openbadgeslib.baking import extract_png, extract_svg
from openbadgeslib.ob3.verifier import OB3VerificationError
from openvc.proof.errors import SignatureInvalid
from openvc.status.status_list import CredentialRevoked

from learning_credentials.badges.baking import PNG, SVG, get_default_image
from learning_credentials.badges.documents import write_document
from tests.badge_cases import BADGES, DID, INDEX, Site, list_texts, replace
from tests.services.badge_verifiers import ask_node, ask_openbadgeslib, ask_openvc

pytestmark = pytest.mark.services

REVOCABLE = [name for name, badge in BADGES.items() if badge.status]


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.mark.parametrize("name", BADGES)
def test_badges_are_good(name: str, site: Site) -> None:
    badge = site.issue(BADGES[name])

    said = ask_node(site, badge=badge)["badge"]
    statuses = [False] if name in REVOCABLE else []
    assert said["digitalBazaar"] == {"verified": True, "statuses": statuses, "errors": []}
    assert said["verifierCore"]["errors"] == []
    assert said["verifierCore"]["log"]["valid_signature"] is True
    assert said["verifierCore"]["log"].get("revocation_status") is (True if name in REVOCABLE else None)
    checks = ["proof", "status"] if name in REVOCABLE else ["proof"]
    assert said["learnCard"] == {"checks": checks, "statuses": statuses, "errors": []}
    assert ask_openvc(site, badge).issuer == DID
    assert ask_openbadgeslib(site, badge).issuer.id == DID


@pytest.mark.parametrize("name", REVOCABLE)
def test_revoked_badges_are_seen(name: str, site: Site) -> None:
    badge = site.issue(BADGES[name])
    site.bits.set_mirrored(INDEX)

    said = ask_node(site, badge=badge)["badge"]
    assert said["digitalBazaar"]["statuses"] == [True]
    assert said["verifierCore"]["log"]["valid_signature"] is True
    assert said["verifierCore"]["log"]["revocation_status"] is False
    assert "proof" in said["learnCard"]["checks"]
    assert said["learnCard"]["statuses"] == [True]
    assert said["learnCard"]["errors"] == ["Credential is revoked."]
    with pytest.raises(CredentialRevoked):
        ask_openvc(site, badge)
    with pytest.raises(OB3VerificationError, match=f"set at index {INDEX}"):
        ask_openbadgeslib(site, badge)


def test_revoking_others_does_not_touch_a_badge(site: Site) -> None:
    badge = site.issue(BADGES["everything"])
    for index in (0, INDEX - 1, INDEX + 1, len(site.bits) - 1):
        site.bits.set_mirrored(index)

    said = ask_node(site, badge=badge)["badge"]
    assert said["digitalBazaar"]["statuses"] == said["learnCard"]["statuses"] == [False]
    assert ask_openvc(site, badge).issuer == DID
    assert ask_openbadgeslib(site, badge).issuer.id == DID


def test_a_changed_character_anywhere_is_refused(site: Site) -> None:
    badge = site.issue(BADGES["everything"])
    unsigned = {name: value for name, value in badge.items() if name not in {"@context", "proof"}}
    changed = {
        "/".join(map(str, path)): replace(badge, path, _change(text))
        for path, text in list_texts(unsigned)
        if "type" not in path and "statusPurpose" not in path
    }
    assert len(changed) > 25

    for name, said in ask_node(site, **changed).items():
        assert said["digitalBazaar"]["verified"] is False, name
        assert said["verifierCore"]["errors"], name
        assert "proof" not in said["learnCard"]["checks"], name
        assert said["learnCard"]["errors"], name
    for name, document in changed.items():
        if name.startswith("issuer/id"):
            continue
        with pytest.raises(SignatureInvalid):
            ask_openvc(site, document)
        with pytest.raises(OB3VerificationError):
            ask_openbadgeslib(site, document, check_status=False)


def test_old_badges_verify_after_the_key_was_changed(site: Site) -> None:
    old = site.issue(BADGES["everything"])
    site.rotate()
    new = site.issue(BADGES["every script"])

    said = ask_node(site, old=old, new=new)
    for name, badge in (("old", old), ("new", new)):
        assert said[name]["digitalBazaar"] == {"verified": True, "statuses": [False], "errors": []}
        assert said[name]["verifierCore"]["log"]["valid_signature"] is True
        assert said[name]["learnCard"] == {"checks": ["proof", "status"], "statuses": [False], "errors": []}
        assert ask_openvc(site, badge).issuer == DID
        assert ask_openbadgeslib(site, badge).issuer.id == DID


def test_a_badge_of_a_stranger_is_refused(site: Site) -> None:
    stranger = Site()
    badge = stranger.issue(BADGES["everything"])

    said = ask_node(site, badge=badge)["badge"]
    assert said["digitalBazaar"]["verified"] is False
    assert said["verifierCore"]["errors"]
    assert "proof" not in said["learnCard"]["checks"]
    assert said["learnCard"]["errors"]


def test_badges_are_read_out_of_images(site: Site) -> None:
    text = write_document(site.issue(BADGES["everything"]))

    png, svg = (get_default_image(media_type).bake(text) for media_type in (PNG, SVG))

    assert extract_png(png, keyword=b"openbadgecredential") == text
    assert extract_svg(svg, element="openbadges:credential", text_fallback=True) == text


def _change(text: str) -> str:
    """The text with its last character replaced by another of the same kind."""
    one, other = ("b", "c") if text[-1].isalpha() else ("7", "8")
    return text[:-1] + (other if text[-1] == one else one)
