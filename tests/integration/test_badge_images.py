"""Badge images have one address for all learners."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from PIL import Image

from learning_credentials.badges.documents import read_document
from learning_credentials.badges.keys import create_key
from learning_credentials.data import AssetKind
from learning_credentials.services.credentials.achievements import AchievementFactory
from tests.app_settings import override_app_settings
from tests.factories import (
    CredentialAssetFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    CredentialTypeFactory,
    make_png,
)

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def _with_a_key():
    cache.clear()
    keys = [{"private_key": create_key().export(), "is_active": True}]
    with override_app_settings(SIGNING_KEYS=keys):
        yield


def make_image(color, slug):
    return CredentialAssetFactory(kind=AssetKind.BADGE_IMAGE.value, slug=slug, content=make_png(64, 64, color))


def issue(*modes, **kwargs):
    """Issue a credential of one type to a learner of each mode."""
    images = kwargs.pop("images", {})
    credential_type = CredentialTypeFactory(**kwargs)
    for mode, image in images.items():
        credential_type.badge_images.create(mode=mode, image=image)
    configuration = CredentialConfigurationFactory(credential_type=credential_type)
    make = AchievementFactory(credential_type, configuration).make
    return [
        CredentialFactory(available=True, configuration=configuration, achievement=make({"mode": mode}))
        for mode in modes
    ]


def find_address(client, row):
    badge = read_document(client.get(f"/credentials/{row.verify_uuid}/badge.json").content)
    return badge["credentialSubject"]["achievement"]["image"]["id"]


def get_color(client, path):
    response = client.get(path)
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, "*")
    return Image.open(io.BytesIO(response.content)).convert("RGB").getpixel((5, 5))


def test_badges_of_one_achievement_name_one_image(client):
    rows = issue("audit", "honor", image=make_image("red", "red"))
    (address,) = {find_address(client, row) for row in rows}
    assert address == f"{settings.LEARNING_CREDENTIALS['BASE_URL']}/credentials/badge-images/red/"
    assert get_color(client, urlsplit(address).path) == (255, 0, 0)


def test_badges_without_an_image_name_the_built_in_one(client):
    rows = issue("audit", "honor")
    (address,) = {find_address(client, row) for row in rows}
    built_in = client.get(f"/credentials/{rows[0].verify_uuid}/achievement/").content
    assert client.get(urlsplit(address).path).content == built_in


def test_badges_of_modes_with_an_image_name_that_one(client):
    rows = issue(
        "audit",
        "verified",
        "verified",
        image=make_image("red", "red"),
        images={"verified": make_image("blue", "blue")},
    )
    addresses = [find_address(client, row) for row in rows]
    assert addresses[1] == addresses[2]
    colors = [get_color(client, urlsplit(address).path) for address in addresses[:2]]
    assert colors == [(255, 0, 0), (0, 0, 255)]


@pytest.mark.parametrize("slug", ["gone", "paper", "download"])
def test_whatever_is_no_badge_image_is_answered_with_the_built_in_one(client, slug):
    CredentialAssetFactory(kind=AssetKind.IMAGE.value, slug="paper", content=make_png(64, 64, "red"))
    built_in = client.get("/credentials/badge-images/").content
    assert client.get(f"/credentials/badge-images/{slug}/").content == built_in


def test_the_address_of_before_goes_on_answering(client):
    (row,) = issue("audit", image=make_image("red", "red"))
    assert get_color(client, f"/credentials/{row.verify_uuid}/achievement/") == (255, 0, 0)


def test_a_site_without_keys_has_none(client):
    with override_app_settings(SIGNING_KEYS=[]):
        assert client.get("/credentials/badge-images/").status_code == 404
