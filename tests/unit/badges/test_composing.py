"""What a credential's badge says, byte by byte, and with which image it comes."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import override_settings

from learning_credentials.badges.baking import PNG, SVG, get_default_image
from learning_credentials.badges.composing import choose_image, compose_badge, sign_badge
from learning_credentials.badges.documents import read_document
from learning_credentials.badges.keys import SigningKey
from learning_credentials.badges.signing import verify_proof
from learning_credentials.data import Asset, AssetKind, BadgeData, CredentialData, IssuerData, StaticAssets
from learning_credentials.exceptions import AssetError, AssetNotFoundError, GenerationError, MalformedBadgeError
from learning_credentials.generators import generate_open_badge
from tests.badge_cases import NOW
from tests.factories import make_png

#: The signed badge of each case, as the app signed it before: signatures over the same input must stay the same.
SIGNED = json.loads(Path(__file__).with_name("signed_badges.json").read_text(encoding="utf-8"))
KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))

BADGE = BadgeData(
    issuer_id="did:web:credentials.example.org:credentials",
    achievement_id="urn:uuid:6b6e9a5c-7f3e-5ac5-8a1a-0f6f1e7a2a11",
    status_list_url="https://credentials.example.org/credentials/status/1/",
    status_index=77,
    image_url="https://credentials.example.org/credentials/badge-image/",
)
PLAIN = CredentialData(
    verify_uuid=UUID(int=1),
    verify_url="https://credentials.example.org/credentials/00000000-0000-0000-0000-000000000001/",
    user_full_name="Zoë 李",
    learning_context_key="course-v1:Unit+Algebra+2026",
    learning_context_name="  Algebra   for {everyone} ]]> ",
    credential_type_name="Certificate",
    issued_at=datetime(2026, 6, 1, 9, 30, tzinfo=UTC),
    issue_date=date(2026, 6, 1),
    assets=StaticAssets(),
    badge=BADGE,
)
EVIDENCE = {"current_grades": {"Total": 0.8765}, "current_completion": 1.0, "letter_grade": "B+"}


def change(badge=(), **changes):
    return dataclasses.replace(PLAIN, badge=dataclasses.replace(BADGE, **dict(badge)), **changes)


CASES = {
    "least": PLAIN,
    "everything": change(
        {"email": "zoe@example.org", "salt": "0123456789abcdef", "shows_results": True},
        issuer=IssuerData("Example University", "https://university.example.org/", "registrar@example.org", "logo"),
        evidence=EVIDENCE,
        grade_decimals=1,
        expires_at=datetime(2028, 6, 1, tzinfo=UTC),
    ),
    "another language": change({"shows_results": True}, language="fr", evidence=EVIDENCE),
    "a language without texts": change({"shows_results": True}, language="tlh", evidence=EVIDENCE),
    "an operator's texts": change({"description": "What it is.", "criteria": "What it took."}, language="fr"),
    "an operator's description": change({"description": "What it is."}, language="fr"),
    "a later date": change(issue_date=date(2026, 7, 15)),
    "a grade above the scale": change({"shows_results": True}, evidence={"current_grades": {"Total": 1.25}}),
    "no place for an address": change({"salt": "0123456789abcdef"}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_same_input_is_signed_as_the_same_bytes(case):
    assert sign_badge(CASES[case], KEY, created=NOW) == SIGNED[case]


def test_other_settings_of_the_site_decide_language_and_days():
    with override_settings(LANGUAGE_CODE="fr", TIME_ZONE="Asia/Tokyo"):
        own_texts = compose_badge(CASES["an operator's texts"], CASES["an operator's texts"].badge)
        later = compose_badge(CASES["a later date"], BADGE)
    assert own_texts.achievement.language == "fr"
    assert later.valid_from == datetime(2026, 7, 14, 15, tzinfo=UTC)


def test_a_signed_badge_verifies():
    document = read_document(sign_badge(PLAIN, KEY, created=NOW))
    proof = verify_proof(document, {f"{BADGE.issuer_id}#{KEY.verifying_key.multikey}": KEY.verifying_key}.get)
    assert proof.issuer == BADGE.issuer_id


def test_every_address_in_a_badge_is_one_that_came_in():
    elsewhere = change(
        {
            "issuer_id": "did:web:other.example.net",
            "status_list_url": "https://other.example.net/1/",
            "image_url": "https://other.example.net/image/",
        },
        verify_url="https://other.example.net/a/",
    )
    with override_settings(LEARNING_CREDENTIALS={}):
        text = sign_badge(elsewhere, KEY, created=NOW)
    assert "credentials.example.org" not in text
    assert "https://other.example.net/image/" in text


def test_a_credential_without_what_a_badge_says_is_refused():
    with pytest.raises(GenerationError) as caught:
        sign_badge(dataclasses.replace(PLAIN, badge=None), KEY, created=NOW)
    assert caught.value.code == "badge_data_missing"


def test_what_is_missing_is_named_by_its_path():
    with pytest.raises(MalformedBadgeError, match=r"^achievement\.id: must not be empty"):
        sign_badge(change({"achievement_id": ""}), KEY, created=NOW)


def test_the_image_is_the_operators_or_the_built_in_one():
    own = make_png()
    assets = StaticAssets(
        {
            "own": Asset.of("own", AssetKind.BADGE_IMAGE, own),
            "logo": Asset.of("logo", AssetKind.IMAGE, own),
        }
    )
    assert choose_image("", assets) is get_default_image(PNG)
    assert choose_image("", assets, SVG) is get_default_image(SVG)
    assert choose_image("own", assets, SVG).media_type == PNG
    assert choose_image("own", assets) is choose_image("own", assets), "the image is checked once"
    with pytest.raises(AssetError, match="'logo' is not a badge image"):
        choose_image("logo", assets)
    with pytest.raises(AssetNotFoundError):
        choose_image("gone", assets)


def test_the_generator_gives_out_what_is_composed(app_settings):
    app_settings(SIGNING_KEYS=[{"private_key": KEY.export(), "is_active": True}])
    given = read_document(generate_open_badge(PLAIN, {}).content)
    expected = read_document(sign_badge(PLAIN, KEY, created=NOW))
    assert given.pop("proof")[0]["verificationMethod"] == expected.pop("proof")[0]["verificationMethod"]
    assert given == expected
