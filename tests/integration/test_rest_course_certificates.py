"""The course certificates of runs over REST: their date, their mode, whether they are issued."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from learning_credentials import api
from learning_credentials.models import CertificateEvent, CourseCertificate, Credential
from tests.factories import CourseCertificateFactory, CredentialConfigurationFactory, CredentialFactory, UserFactory

pytestmark = pytest.mark.django_db

BASE = "/api/learning_credentials/v1"
KEY = "course-v1:Org.X+CS101+2026_T1"
PATH_KEY = "path-1"
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def lms(world):
    cache.clear()
    world.add_course_run(KEY)
    world.add_learning_path(PATH_KEY, steps=[KEY])
    return world


@pytest.fixture
def registrar():
    return UserFactory(username="registrar", permissions=["add_coursecertificate", "change_coursecertificate"])


@pytest.fixture
def staff(registrar):
    return client_of(registrar)


@pytest.fixture
def row():
    return CourseCertificateFactory(course_key=KEY, certificate_type="verified", available_date=JUNE)


def client_of(user=None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_login(user)
    return client


def send(client, method, body=None, key=None):
    url = f"{BASE}/course_certificates/" + (f"{key}/" if key else "")
    return client.generic(method, url, json.dumps(body), content_type="application/json")


def post(client, **body):
    return send(client, "POST", body)


def code_of(response):
    return response.status_code, response.json()["code"]


def test_a_run_gets_its_one_row_and_keeps_it(staff):
    body = {
        "course_id": KEY,
        "certificate_type": "verified",
        "certificate_available_date": "2026-06-01T00:00:00Z",
        "is_active": True,
    }
    created = send(staff, "POST", body)
    assert created.status_code == 201
    assert created.json() == {"id": CourseCertificate.objects.get().pk, **body}
    changed = send(staff, "POST", {**body, "certificate_type": "honor", "is_active": False})
    assert changed.status_code == 200
    assert changed.json() == {**created.json(), "certificate_type": "honor", "is_active": False}
    assert send(staff, "GET", key=KEY).json() == changed.json()


def test_what_is_not_named_is_made_with_its_default(staff):
    response = post(staff, course_id=KEY)
    assert response.status_code == 201
    assert response.json() == {
        "id": CourseCertificate.objects.get().pk,
        "course_id": KEY,
        "certificate_type": "honor",
        "certificate_available_date": None,
        "is_active": True,
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_date_that_is_not_named_stays_and_null_clears_it(staff, row, method):
    key, named = (None, {"course_id": KEY}) if method == "POST" else (KEY, {})
    kept = send(staff, method, {**named, "is_active": False}, key)
    assert kept.status_code == 200
    assert kept.json() == {
        "id": row.pk,
        "course_id": KEY,
        "certificate_type": "verified",
        "certificate_available_date": "2026-06-01T00:00:00Z",
        "is_active": False,
    }
    cleared = send(staff, method, {**named, "certificate_available_date": None}, key)
    assert cleared.json() == {**kept.json(), "certificate_available_date": None}
    assert send(staff, method, {**named}, key).json() == cleared.json()


@pytest.mark.parametrize("key", [KEY, quote(KEY, safe="")])
def test_keys_are_taken_plain_and_encoded(staff, row, key):
    assert send(staff, "GET", key=key).json()["course_id"] == KEY
    assert send(staff, "PATCH", {"is_active": False}, key).json()["is_active"] is False
    assert send(staff, "PUT", {"course_id": KEY, "is_active": True}, key).json()["is_active"] is True


def test_a_key_of_the_older_kind_holds_slashes(staff, lms):
    lms.add_course_run("Org/CS101/2012")
    assert send(staff, "PUT", {}, "Org/CS101/2012").status_code == 201
    assert send(staff, "GET", key=quote("Org/CS101/2012", safe="")).json()["course_id"] == "Org/CS101/2012"


def test_put_makes_the_row_and_patch_does_not(staff):
    assert code_of(send(staff, "PATCH", {"is_active": False}, KEY)) == (404, "course_certificate_not_found")
    assert not CourseCertificate.objects.exists()
    made = send(staff, "PUT", {"is_active": False}, KEY)
    assert (made.status_code, made.json()["is_active"]) == (201, False)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z"),
        ("2026-06-01T02:30:00+02:30", "2026-06-01T00:00:00Z"),
        ("2026-05-31T19:00:00-05:00", "2026-06-01T00:00:00Z"),
        ("2026-06-01T00:00:00", "2026-06-01T00:00:00Z"),
        ("2026-06-01", "2026-06-01T00:00:00Z"),
        ("2026-06-01T12:34:56.5Z", "2026-06-01T12:34:56.500000Z"),
    ],
)
def test_dates_are_utc(staff, settings, given, stored):
    settings.TIME_ZONE = "America/New_York"
    assert post(staff, course_id=KEY, certificate_available_date=given).json()["certificate_available_date"] == stored
    assert send(staff, "GET", key=KEY).json()["certificate_available_date"] == stored


WRONG = [
    ({}, "course_id"),
    *(
        ({"course_id": value}, "course_id")
        for value in (None, "", 7, [KEY], {}, "no-such", KEY.lower(), PATH_KEY, "\x00")
    ),
    ({"course_id": "k" * 256}, "course_id"),
    *(
        ({"course_id": KEY, "certificate_available_date": value}, "certificate_available_date")
        for value in (
            "",
            "soon",
            "2026-13-01T00:00:00Z",
            "2026-06-31",
            7,
            True,
            [],
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "1899-12-31T23:59:59Z",
            "2201-01-01T00:00:00Z",
            "2200-12-31T23:59:59-14:00",
        )
    ),
    *(({"course_id": KEY, "is_active": value}, "is_active") for value in (None, "true", 1, 0, "", [])),
    *(
        ({"course_id": KEY, "certificate_type": value}, "certificate_type")
        for value in (None, "", 7, "a b", "m\n", "m" * 65)
    ),
]


@pytest.mark.parametrize(("body", "field"), WRONG)
def test_a_wrong_field_is_named_and_nothing_changes(staff, row, body, field):
    before = send(staff, "GET", key=KEY).json()
    response = send(staff, "POST", {"certificate_type": "masters", **body})
    assert response.status_code == 400
    assert set(response.json()["errors"]) == {field}
    assert send(staff, "GET", key=KEY).json() == before
    assert CourseCertificate.objects.count() == 1
    assert not CertificateEvent.objects.exists()


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_run_in_the_body_is_that_in_the_address(staff, row, lms, method):
    lms.add_course_run("course-v1:Org+Other+1")
    response = send(staff, method, {"course_id": "course-v1:Org+Other+1", "is_active": False}, KEY)
    assert (response.status_code, set(response.json()["errors"])) == (400, {"course_id"})
    assert CourseCertificate.objects.get().is_active


@pytest.mark.parametrize("key", ["no-such", PATH_KEY, "%00", "k" * 300])
def test_a_run_that_is_not_known(staff, key):
    assert code_of(send(staff, "GET", key=key)) == (404, "course_certificate_not_found")
    put = send(staff, "PUT", {}, key)
    assert (put.status_code, set(put.json()["errors"])) == (400, {"course_id"})
    assert send(staff, "PATCH", {}, key).status_code in {400, 404}
    assert not CourseCertificate.objects.exists()


@pytest.mark.parametrize(("method", "key"), [("POST", None), ("GET", KEY), ("PUT", KEY), ("PATCH", KEY)])
def test_it_is_for_staff(row, method, key):
    body = {"course_id": KEY, "is_active": False}
    anonymous = send(client_of(), method, body, key)
    assert code_of(anonymous) == (401, "not_authenticated")
    assert anonymous["WWW-Authenticate"]
    assert code_of(send(client_of(UserFactory()), method, body, key)) == (403, "permission_denied")
    assert CourseCertificate.objects.get().is_active
    assert send(client_of(UserFactory(permissions=["change_coursecertificate"])), method, body, key).status_code == 200


def test_an_lms_that_is_down(staff, lms):
    lms.outage = True
    assert code_of(post(staff, course_id=KEY)) == (503, "lms_unavailable")
    assert not CourseCertificate.objects.exists()


def test_who_changed_the_date_is_on_record(staff, registrar, row):
    post(staff, course_id=KEY, certificate_available_date="2026-07-01T00:00:00Z")
    event = CertificateEvent.objects.get()
    assert (event.actor, event.field, event.subject_id) == (registrar, "available_date", row.pk)
    post(staff, course_id=KEY, certificate_available_date="2026-07-01T00:00:00Z")
    assert CertificateEvent.objects.count() == 1


def test_the_date_hides_the_credentials_of_the_run_without_writing_one(staff, row):
    learner = UserFactory()
    configuration = CredentialConfigurationFactory(learning_context_key=KEY)
    CredentialFactory(user=learner, configuration=configuration, available=True)
    before = list(Credential.objects.values())
    assert len(api.list_credentials(learner.pk)) == 1
    post(staff, course_id=KEY, certificate_available_date="2199-01-01T00:00:00Z")
    assert api.list_credentials(learner.pk) == []
    post(staff, course_id=KEY, certificate_available_date=None)
    assert len(api.list_credentials(learner.pk)) == 1
    assert list(Credential.objects.values()) == before


class TestIfMatch:
    def send(self, client, method, tag, body=None, key=KEY):
        return client.generic(
            method,
            f"{BASE}/course_certificates/{key}/",
            json.dumps(body or {}),
            content_type="application/json",
            headers={"if-match": tag},
        )

    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_only_what_was_seen_is_changed(self, staff, row, method):
        seen = send(staff, "GET", key=KEY)["ETag"]
        changed = self.send(staff, method, seen, {"certificate_type": "honor"})
        assert changed.status_code == 200
        assert changed["ETag"] == send(staff, "GET", key=KEY)["ETag"] != seen
        refused = self.send(staff, method, seen, {"is_active": False})
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
        row.refresh_from_db()
        assert row.is_active
        assert self.send(staff, method, changed["ETag"], {"is_active": False}).status_code == 200

    def test_what_was_changed_elsewhere(self, staff, row):
        seen = send(staff, "GET", key=KEY)["ETag"]
        api.change_course_certificate(KEY, available_date=None)
        assert self.send(staff, "PATCH", seen, {"is_active": False}).status_code == 412
        assert self.send(staff, "PATCH", "*", {"is_active": False}).status_code == 200

    @pytest.mark.parametrize("tag", ['"another"', 'W/"weak"', "rubbish", ""])
    def test_other_tags(self, staff, row, tag):
        assert self.send(staff, "PUT", tag, {"is_active": False}).status_code == 412

    def test_one_of_several(self, staff, row):
        seen = send(staff, "GET", key=KEY)["ETag"]
        assert self.send(staff, "PUT", f'"another", {seen}', {"is_active": False}).status_code == 200

    @pytest.mark.parametrize("tag", ["*", '"another"'])
    def test_what_is_not_there_is_not_made(self, staff, tag):
        assert self.send(staff, "PUT", tag, {"is_active": True}).status_code == 412
        assert not CourseCertificate.objects.exists()

    def test_what_the_lms_tells_is_no_change(self, staff, row):
        seen = send(staff, "GET", key=KEY)["ETag"]
        CourseCertificate.objects.update(shows_early=True)
        assert self.send(staff, "PATCH", seen, {"is_active": False}).status_code == 200
