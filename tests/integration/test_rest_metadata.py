"""The public answer about a credential, over REST."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client, override_settings
from rest_framework.test import APIClient

from learning_credentials.models import CredentialConfiguration
from learning_credentials.verify_codes import format_code
from tests.factories import CredentialFactory, IssuerFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_requests_counted")]

BASE = "/api/learning_credentials/v1"
SITE = "https://credentials.example.org"
MALFORMED = ("x", "0", "..", "%00", "%0Aabc", "a b", "é", "' OR 1=1 --", "<script>", "1" * 400, "{0}")


@pytest.fixture
def client():
    return APIClient()


def metadata_url(verify_uuid) -> str:
    return f"{BASE}/metadata/{verify_uuid}/"


def test_an_available_credential_is_described_in_full(client, visits_are_gathered, django_assert_num_queries):
    row = CredentialFactory(
        available=True,
        user_full_name="Ada Example",
        issuer={"name": "Institute", "url": "https://institute.example.org", "email": "", "logo": "private-slug"},
    )
    with django_assert_num_queries(1):
        response = client.get(metadata_url(row.verify_uuid))
    assert response.status_code == 200
    assert response.json() == {
        "verify_uuid": str(row.verify_uuid),
        "verify_code": format_code(row.verify_code),
        "status": "available",
        "is_valid": True,
        "user_full_name": "Ada Example",
        "learning_context_key": row.learning_context_key,
        "learning_context_name": "Introduction to Tests",
        "credential_type_name": row.credential_type_name,
        "issuer": {"name": "Institute", "url": "https://institute.example.org", "email": ""},
        "created": "2026-06-01T12:00:00Z",
        "issue_date": "2026-06-01",
        "expires_at": None,
        "invalidated_at": None,
        "invalidation_reason": "",
        "replaced_by": None,
        "renewed_by": None,
        "description": "",
        "criteria": "",
        "custom_fields": [],
        "verification_url": f"{SITE}/credentials/{row.verify_uuid}/",
        "download_url": f"{SITE}/credentials/{row.verify_uuid}/download/",
    }
    assert str(row.pk) not in response.content.decode()


def test_an_invalidated_credential_says_why_and_has_no_download(client):
    row = CredentialFactory(invalidated=True, artifact_name="archive/x.txt")
    response = client.get(metadata_url(row.verify_uuid))
    assert response.status_code == 200
    body = response.json()
    assert (body["status"], body["is_valid"], body["download_url"]) == ("invalidated", False, None)
    assert (body["invalidation_reason"], body["invalidated_at"]) == ("Issued in error.", "2026-06-01T12:00:00Z")


def test_a_replaced_credential_names_its_successor(client):
    old = CredentialFactory(invalidated=True, artifact_name="archive/x.txt")
    new = CredentialFactory(available=True, user=old.user, configuration=old.configuration, replaces=old)
    assert client.get(metadata_url(old.verify_uuid)).json()["replaced_by"] == str(new.verify_uuid)


def test_an_expired_credential_is_not_valid(client):
    row = CredentialFactory(available=True, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    body = client.get(metadata_url(row.verify_uuid)).json()
    assert (body["status"], body["is_valid"], body["expires_at"]) == ("available", False, "2020-01-01T00:00:00Z")


@override_settings(TIME_ZONE="Asia/Tokyo")
def test_times_are_in_utc_whatever_the_host_prefers(client):
    row = CredentialFactory(available=True)
    assert client.get(metadata_url(row.verify_uuid)).json()["created"] == "2026-06-01T12:00:00Z"


def test_whatever_has_nothing_to_show_gets_one_and_the_same_404(client):
    never_issued = CredentialFactory(
        status="invalidated", is_current=None, invalidated_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    ids = [
        uuid4(),
        CredentialFactory().verify_uuid,
        CredentialFactory(error=True).verify_uuid,
        never_issued.verify_uuid,
    ]
    ids += [CredentialFactory(available=True).pk, *MALFORMED]
    answers = {
        (response.status_code, response.content, tuple(sorted(response.headers.items())))
        for response in (client.get(metadata_url(value)) for value in ids)
    }
    assert len(answers) == 1
    status, body, _headers = answers.pop()
    assert (status, body) == (404, b'{"code":"credential_not_found","detail":"There is no such credential."}')


def test_the_answer_does_not_depend_on_who_asks(visits_are_gathered, django_assert_num_queries):
    row = CredentialFactory(available=True)
    signed_in = Client()
    signed_in.force_login(UserFactory(superuser=True))
    with django_assert_num_queries(1):
        known = signed_in.get(metadata_url(row.verify_uuid))
    assert known.content == Client().get(metadata_url(row.verify_uuid)).content
    assert "Cookie" not in known.get("Vary", "")


def test_markup_and_control_characters_in_names_are_data(client):
    name = "<script>alert(1)</script>\r\nSet-Cookie: a=b \u202e\u0000".replace("\u0000", "")
    row = CredentialFactory(available=True, user_full_name=name)
    response = client.get(metadata_url(row.verify_uuid))
    assert response.json()["user_full_name"] == name
    assert "Set-Cookie" not in response.headers
    page = client.get(metadata_url(row.verify_uuid), headers={"accept": "text/html"})
    assert "<script>alert(1)" not in page.content.decode()


def test_headers(client):
    response = client.get(metadata_url(CredentialFactory(available=True).verify_uuid))
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-cache"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Robots-Tag"] == "noindex"
    assert "Accept" in response["Vary"]


def test_the_public_limit_holds_by_address_and_says_when_to_return(client, app_settings):
    app_settings(PUBLIC_THROTTLE_RATE="2/min")
    url = metadata_url(uuid4())
    assert [client.get(url).status_code for _ in range(3)] == [404, 404, 429]
    refused = client.get(url)
    assert refused.json()["code"] == "throttled"
    assert 0 < int(refused["Retry-After"]) <= 60
    assert client.get(url, REMOTE_ADDR="192.0.2.7").status_code == 404
    app_settings(PUBLIC_THROTTLE_RATE="5/min")
    assert client.get(url).status_code == 404
    app_settings(PUBLIC_THROTTLE_RATE=None)
    assert {client.get(url).status_code for _ in range(9)} == {404}


@pytest.mark.parametrize("said", ["x" * 5_000, "a b", "\x7f"], ids=["long", "spaced", "a control"])
def test_an_address_that_was_made_up_breaks_no_cache(client, app_settings, said):
    app_settings(PUBLIC_THROTTLE_RATE="1/min")
    url = metadata_url(uuid4())
    assert client.get(url, headers={"X-Forwarded-For": said}).status_code == 404
    assert client.get(url, headers={"X-Forwarded-For": said}).status_code == 429


def test_it_is_browsable(client):
    row = CredentialFactory(available=True)
    response = client.get(metadata_url(row.verify_uuid), headers={"accept": "text/html"})
    assert response.status_code == 200
    assert "Verify a credential." in response.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_only_read(client, method):
    row = CredentialFactory(available=True)
    response = getattr(client, method)(metadata_url(row.verify_uuid))
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def test_issuer_changed_since_is_not_what_the_credential_says(client):
    issuer = IssuerFactory(name="Old name")
    row = CredentialFactory(available=True, configuration__credential_type__issuer=issuer, issuer={"name": "Old name"})
    issuer.name = "New name"
    issuer.save()
    assert CredentialConfiguration.objects.get().credential_type.issuer.name == "New name"
    assert client.get(metadata_url(row.verify_uuid)).json()["issuer"] == {"name": "Old name", "url": "", "email": ""}
