"""Badges over HTTP: given out for every credential, signed with listed keys, and revoked by the next request."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from time import process_time
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from learning_credentials import api
from learning_credentials.badges.baking import unbake
from learning_credentials.badges.documents import read_document
from learning_credentials.badges.holders import is_holder
from learning_credentials.badges.keys import VerifyingKey, create_key
from learning_credentials.badges.signing import verify_proof
from learning_credentials.badges.status_list import BitList, find_mirror
from learning_credentials.data import AssetKind
from learning_credentials.models import Credential, StatusList
from learning_credentials.services.credentials import status_lists
from learning_credentials.services.issuing import sweep_stale_credentials
from learning_credentials.services.public import are_badges_offered
from tests.app_settings import override_app_settings
from tests.factories import (
    CredentialAssetFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    CredentialTypeFactory,
    make_png,
)

pytestmark = pytest.mark.django_db(transaction=True)

KEY, OTHER_KEY = create_key(), create_key()
DID = "did:web:credentials.example.org:credentials"
JSON = "application/vc+ld+json"


def sign_with(active, *listed):
    keys = [{"private_key": active.export(), "is_active": True}]
    keys += [{"public_key": key.verifying_key.multikey} for key in listed]
    return override_app_settings(SIGNING_KEYS=keys)


@pytest.fixture(autouse=True)
def _with_a_key():
    cache.clear()
    with sign_with(KEY):
        yield


def fetch(client, verify_uuid, page="badge.json"):
    return client.get(f"/credentials/{verify_uuid}/{page}")


def check(client, document):
    """Check a document as a stranger does, with nothing but what the site publishes; return whether it was revoked."""
    listed = json.loads(client.get("/credentials/did.json").content)
    assert listed["id"] == DID
    keys = {method["id"]: VerifyingKey(method["publicKeyMultibase"]) for method in listed["verificationMethod"]}
    assert verify_proof(document, keys.get).issuer == DID
    status = document.get("credentialStatus")
    if status is None:
        return None
    answer = client.get(urlsplit(status["statusListCredential"]).path)
    assert answer["Content-Type"] == JSON
    status_list = read_document(answer.content)
    check(client, status_list)
    assert status_list["id"] == status["statusListCredential"]
    return BitList.decode(status_list["credentialSubject"]["encodedList"]).get(int(status["statusListIndex"]))


def issue_one(course, enrol):
    enrol(count=1)
    api.issue_pending_credentials(course.pk)
    return Credential.objects.get()


def test_every_credential_has_a_badge_whatever_made_its_file(client, course, enrol):
    row = issue_one(course, enrol)
    response = fetch(client, row.verify_uuid)
    assert (response.status_code, response["Content-Type"]) == (200, JSON)
    assert response["Access-Control-Allow-Origin"] == "*"
    badge = read_document(response.content)
    assert check(client, badge) is False
    assert badge["id"] == row.verify_uuid.urn
    assert badge["issuer"]["id"] == DID
    assert badge["validFrom"] == f"{row.issued_at:%Y-%m-%dT%H:%M:%S}Z"
    assert row.credential_type_name in badge["name"]
    assert is_holder(badge, row.user.email)
    assert row.user.email not in response.content.decode()
    assert fetch(client, row.verify_uuid).content == response.content


def test_the_public_page_answers_with_the_badge_where_it_is_asked_for(client, course, enrol):
    row = issue_one(course, enrol)
    page = f"/credentials/{row.verify_uuid}/"
    response = client.get(page, headers={"Accept": JSON})
    assert response["Content-Type"] == JSON
    assert response.content == fetch(client, row.verify_uuid).content
    assert "Accept" in response["Vary"]
    for accepted, expected in (("application/json", "application/json"), ("text/html,*/*;q=0.8", "text/html")):
        assert client.get(page, headers={"Accept": accepted})["Content-Type"].startswith(expected)
    api.invalidate_credential(row.pk, reason="Issued in error.")
    assert client.get(page, headers={"Accept": JSON}).status_code == 410
    assert client.get(page).status_code == 200


def test_caches_are_told_no_more_than_what_an_answer_depends_on(client, course, enrol):
    credential = issue_one(course, enrol)
    for page in ("badge.json", "badge.png", "achievement/"):
        assert fetch(client, credential.verify_uuid, page)["Vary"] == "Accept, Accept-Language", (
            "the second is the project's middleware's"
        )
    with override_settings(MIDDLEWARE=[]):
        assert fetch(Client(), credential.verify_uuid)["Vary"] == "Accept"


def test_a_revocation_is_seen_by_the_next_request(client, course, enrol):
    row = issue_one(course, enrol)
    badge = read_document(fetch(client, row.verify_uuid).content)
    list_path = urlsplit(badge["credentialStatus"]["statusListCredential"]).path
    before = client.get(list_path)
    assert client.get(list_path, headers={"If-None-Match": before["ETag"]}).status_code == 304

    pages = ("badge.json", "badge.png", "badge.svg")
    tags = {page: fetch(client, row.verify_uuid, page)["ETag"] for page in pages}
    api.invalidate_credential(row.pk, reason="Issued in error.")

    after = client.get(list_path, headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert after["ETag"] != before["ETag"]
    assert check(client, badge) is True
    for page in ("badge.json", "badge.png", "badge.svg", "download/"):
        assert fetch(client, row.verify_uuid, page).status_code == 410, page
    for page, tag in tags.items():
        address = f"/credentials/{row.verify_uuid}/{page}"
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 410, page
    bits = BitList.decode(read_document(after.content)["credentialSubject"]["encodedList"])
    assert bits.count() == 2  # a place and its mirror image


def test_every_way_to_lose_a_credential_revokes_its_badge(client, course, enrol):
    enrol(count=3)
    api.issue_pending_credentials(course.pk)
    kept, reissued, revoked = Credential.objects.order_by("pk")
    badges = {row.pk: read_document(fetch(client, row.verify_uuid).content) for row in (kept, reissued, revoked)}
    api.reissue_credential(reissued.pk, reason="New name.")
    api.invalidate_credential(revoked.pk, reason="Issued in error.")
    assert [check(client, badges[row.pk]) for row in (kept, reissued, revoked)] == [False, True, True]
    successor = Credential.objects.get(replaces=reissued)
    assert check(client, read_document(fetch(client, successor.verify_uuid).content)) is False
    assert (successor.status_list_id, successor.status_list_index) != (
        reissued.status_list_id,
        reissued.status_list_index,
    )


def test_badges_from_before_a_rotation_still_verify(client, course, enrol):
    row = issue_one(course, enrol)
    old = read_document(fetch(client, row.verify_uuid).content)
    with sign_with(OTHER_KEY, KEY.verifying_key and KEY):
        new = read_document(fetch(client, row.verify_uuid).content)
        assert old["proof"][0]["verificationMethod"] != new["proof"][0]["verificationMethod"]
        assert check(client, old) is False
        assert check(client, new) is False


def test_a_badge_in_a_picture_is_the_same_badge(client, course, enrol):
    row = issue_one(course, enrol)
    text = fetch(client, row.verify_uuid).content.decode()
    png, svg = fetch(client, row.verify_uuid, "badge.png"), fetch(client, row.verify_uuid, "badge.svg")
    assert (png["Content-Type"], svg["Content-Type"]) == ("image/png", "image/svg+xml")
    assert unbake(png.content) == text
    assert json.loads(unbake(svg.content)) == json.loads(text)
    Image.open(io.BytesIO(png.content)).load()


def test_a_large_picture_is_checked_once_and_not_for_every_visitor(client):
    picture = io.BytesIO()
    Image.new("RGBA", (4096, 4096)).save(picture, "PNG")
    image = CredentialAssetFactory(kind=AssetKind.BADGE_IMAGE.value, content=picture.getvalue())
    row = CredentialFactory(available=True, configuration__credential_type__image=image)
    fetch(client, row.verify_uuid, "badge.png")
    started = process_time()
    for page in ("badge.png", "achievement/", "badge.png", "achievement/"):
        assert fetch(client, row.verify_uuid, page).status_code == 200
    assert process_time() - started < 0.6


def test_a_type_has_a_picture_of_its_own_also_by_mode(client, enrol, world):
    images = [
        CredentialAssetFactory(kind=AssetKind.BADGE_IMAGE.value, content=make_png(64, 64, color))
        for color in ("red", "blue")
    ]
    credential_type = CredentialTypeFactory(
        image=images[0], description="Did it.", criteria="Do it.", badge_shows_results=True
    )
    credential_type.badge_images.create(mode="verified", image=images[1])
    configuration = CredentialConfigurationFactory(credential_type=credential_type)
    rows = [
        CredentialFactory(
            available=True, configuration=configuration, evidence={"mode": mode, "current_grades": {"Total": 0.915}}
        )
        for mode in ("audit", "verified")
    ]
    from learning_credentials.services.credentials.achievements import AchievementFactory

    for row, color in zip(rows, ((255, 0, 0), (0, 0, 255)), strict=True):
        row.achievement = AchievementFactory(credential_type, configuration).make(row.evidence)
        row.save()
        picture = client.get(f"/credentials/{row.verify_uuid}/achievement/")
        assert Image.open(io.BytesIO(picture.content)).convert("RGB").getpixel((5, 5)) == color
        badge = read_document(fetch(client, row.verify_uuid).content)
        subject = badge["credentialSubject"]
        assert subject["achievement"]["description"] == "Did it."
        assert subject["achievement"]["criteria"] == {"narrative": "Do it."}
        assert [result["value"] for result in subject["result"]] == ["92"]
        assert check(client, badge) is False


def test_credentials_from_before_badges_get_their_place(client):
    rows = [CredentialFactory(available=True) for _ in range(3)]
    assert all(row.status_list_id is None for row in rows)
    badge = read_document(fetch(client, rows[0].verify_uuid).content)
    assert check(client, badge) is False
    rows[0].refresh_from_db()
    first = (rows[0].status_list_id, rows[0].status_list_index)
    assert sweep_stale_credentials().places_given == 2
    places = set(Credential.objects.values_list("status_list_id", "status_list_index"))
    assert len(places) == 3
    assert first in places
    api.invalidate_credential(rows[0].pk, reason="Issued in error.")
    assert check(client, badge) is True


def test_credentials_from_before_badges_show_what_their_type_has(client):
    red = CredentialAssetFactory(kind=AssetKind.BADGE_IMAGE.value, content=make_png(64, 64, "red"))
    credential_type = CredentialTypeFactory(image=red, description="Did it.")
    row = CredentialFactory(available=True, configuration__credential_type=credential_type)
    assert row.achievement == {}
    for page in ("achievement/", "badge.png"):
        picture = Image.open(io.BytesIO(fetch(client, row.verify_uuid, page).content)).convert("RGB")
        assert picture.getpixel((5, 5)) == (255, 0, 0)
    badge = read_document(fetch(client, row.verify_uuid).content)
    assert badge["credentialSubject"]["achievement"]["description"] == "Did it."


def test_results_are_told_only_while_the_type_says_so(client):
    credential_type = CredentialTypeFactory(badge_shows_results=True)
    achievement = {"type": "lab", "description": "", "criteria": "", "image": "", "shows_results": True}
    row = CredentialFactory(
        available=True,
        configuration__credential_type=credential_type,
        achievement=achievement,
        evidence={"current_grades": {"Total": 0.915}},
    )
    subject = read_document(fetch(client, row.verify_uuid).content)["credentialSubject"]
    assert [result["value"] for result in subject["result"]] == ["92"]
    credential_type.badge_shows_results = False
    credential_type.save()
    assert "result" not in read_document(fetch(client, row.verify_uuid).content)["credentialSubject"]


def test_what_cannot_be_seen_has_no_badge(client, course, enrol):
    waiting = CredentialFactory()
    unknown = "00000000-0000-4000-8000-000000000000"
    answers = {fetch(client, verify_uuid).content for verify_uuid in (waiting.verify_uuid, unknown, "x")}
    assert len(answers) == 1
    for path in (f"{waiting.verify_uuid}/badge.png", f"{unknown}/achievement/", "status/77/"):
        assert client.get(f"/credentials/{path}").status_code == 404


@override_app_settings(SIGNING_KEYS=[])
def test_a_site_without_keys_signs_nothing(client):
    row = CredentialFactory(available=True)
    with override_app_settings(SIGNING_KEYS=[]):
        assert not are_badges_offered()
        assert fetch(client, row.verify_uuid).status_code == 404
        assert client.get("/credentials/did.json").status_code == 404


def test_a_badge_that_was_signed_before_takes_one_query(client, course, enrol, django_assert_num_queries):
    row = issue_one(course, enrol)
    fetch(client, row.verify_uuid)
    with django_assert_num_queries(1):
        badge = read_document(fetch(client, row.verify_uuid).content)
    assert is_holder(badge, row.user.email)
    row.user.email = "ada@new.example.org"
    row.user.save()
    assert is_holder(read_document(fetch(client, row.verify_uuid).content), "ada@new.example.org")
    row.user.delete()
    assert not is_holder(read_document(fetch(client, row.verify_uuid).content), "ada@new.example.org")


@pytest.mark.parametrize(("badge_format", "media_type"), [("json", JSON), ("image", "image/png")])
def test_a_badge_can_be_the_credentials_file(client, course, enrol, badge_format, media_type):
    course.credential_type.generation_func = "learning_credentials.generators.generate_open_badge"
    course.credential_type.custom_options = {"badge_format": badge_format}
    course.credential_type.full_clean()
    course.credential_type.save()
    row = issue_one(course, enrol)
    assert (row.status, row.artifact_media_type, row.error_message) == ("available", media_type, "")
    content = b"".join(fetch(client, row.verify_uuid, "download/").streaming_content)
    text = content.decode() if badge_format == "json" else unbake(content)
    badge = read_document(text)
    assert check(client, badge) is False
    assert is_holder(badge, row.user.email)


def test_places_are_handed_out_once_and_go_on_in_a_new_list():
    first = StatusList.objects.create(allocated=StatusList.SIZE // 2 - 3)
    allocator = status_lists.Allocator()
    places = allocator.allocate(10) + status_lists.Allocator().allocate(5) + allocator.allocate(5)
    assert len(set(places)) == 20
    assert sum(list_id == first.pk for list_id, _ in places) == 3
    assert StatusList.objects.count() == 2
    assert all(0 <= index < StatusList.SIZE for _, index in places)


@pytest.mark.slow
@pytest.mark.parametrize("is_mirrored", [True, False])
def test_a_whole_list_is_handed_out_without_a_place_twice(is_mirrored):
    first = StatusList.objects.create(is_mirrored=is_mirrored)
    places = status_lists.Allocator().allocate(first.capacity)
    indexes = {index for _, index in places}
    assert {list_id for list_id, _ in places} == {first.pk}
    assert len(indexes) == first.capacity
    if is_mirrored:
        assert not indexes & {find_mirror(index) for index in indexes}


def test_nothing_is_handed_out_from_a_closed_list():
    first = StatusList.objects.create()
    allocator = status_lists.Allocator()
    assert allocator.allocate(1)[0][0] == first.pk
    StatusList.objects.update(closed_at=timezone.now())
    for found in (allocator, status_lists.Allocator()):
        assert found.allocate(1)[0][0] != first.pk
    first.refresh_from_db()
    assert first.allocated == 1


@pytest.mark.parametrize("is_mirrored", [True, False])
def test_a_revocation_sets_the_bits_that_the_kind_of_list_has(client, is_mirrored):
    rows = [CredentialFactory(available=True) for _ in range(8)]
    StatusList.objects.create(is_mirrored=is_mirrored)
    badges = [read_document(fetch(client, row.verify_uuid).content) for row in rows]
    for row in rows[::2]:
        api.invalidate_credential(row.pk, reason="Issued in error.")
    assert [check(client, badge) for badge in badges] == [True, False] * 4
    status = badges[0]["credentialStatus"]
    answer = read_document(client.get(urlsplit(status["statusListCredential"]).path).content)
    bits = BitList.decode(answer["credentialSubject"]["encodedList"])
    assert bits.count() == (8 if is_mirrored else 4)
    if is_mirrored:
        indexes = [int(badge["credentialStatus"]["statusListIndex"]) for badge in badges]
        assert [bits.get(find_mirror(index)) for index in indexes] == [True, False] * 4


def test_a_new_list_has_an_address_that_no_list_had_before():
    ids = set()
    for _ in range(3):
        ids.add(status_lists.Allocator().allocate(1)[0][0])
        StatusList.objects.all().delete()  # as in a database restored from before the list
    assert len(ids) == 3
    assert min(ids) >= 2**32


@pytest.mark.parametrize("count", [10, 5000])
def test_places_of_many_credentials_cost_one_statement(count):
    allocator = status_lists.Allocator()
    allocator.allocate(1)
    with CaptureQueriesContext(connection) as queries:
        assert len(set(allocator.allocate(count))) == count
    statements = [query["sql"] for query in queries if not query["sql"].startswith(("BEGIN", "COMMIT"))]
    assert len(statements) == 1


def test_a_renewal_revokes_no_badge_and_a_changed_expiry_is_in_the_next_one(client, course, enrol):
    row = issue_one(course, enrol)
    past = timezone.now() - timedelta(days=400)
    Credential.objects.update(issued_at=past, expires_at=past + timedelta(days=365))
    old = fetch(client, row.verify_uuid)
    new = api.renew_credential(row.pk)
    assert check(client, read_document(old.content)) is False
    badge = read_document(fetch(client, row.verify_uuid).content)
    assert check(client, badge) is False
    assert badge["validUntil"] == read_document(old.content)["validUntil"]
    renewed = read_document(fetch(client, new.verify_uuid).content)
    assert check(client, renewed) is False
    assert "validUntil" not in renewed  # the type has no validity

    later = timezone.now().replace(microsecond=0) + timedelta(days=90)
    api.change_expiry(new.pk, later, reason="A new rule")
    changed = read_document(fetch(client, new.verify_uuid).content)
    assert datetime.fromisoformat(changed["validUntil"]) == later
