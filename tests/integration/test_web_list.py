"""A learner's own list of credentials, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/credentials/"


@pytest.fixture
def learner(client):
    user = UserFactory()
    client.force_login(user)
    return user


def test_it_is_for_the_signed_in_only(client):
    response = client.get(URL)
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/credentials/")


def test_an_empty_list_says_so(client, learner):
    CredentialFactory(available=True)
    response = client.get(URL)
    assert response.status_code == 200
    assert "You hold no credentials yet" in response.content.decode()


def test_it_shows_ones_own_newest_first_with_status_and_links(client, learner):
    old = CredentialFactory(
        user=learner,
        invalidated=True,
        artifact_name="x",
        credential_type_name="Older",
        invalidation_reason="A mistake.",
    )
    new = CredentialFactory(
        user=learner, available=True, credential_type_name="Newer", issued_at=datetime(2026, 7, 1, tzinfo=UTC)
    )
    unfinished = CredentialFactory(user=learner, credential_type_name="Unfinished")
    others = CredentialFactory(available=True, credential_type_name="Not mine")
    page = client.get(URL).content.decode()
    assert page.index("Newer") < page.index("Older")
    assert f'href="/credentials/{new.verify_uuid}/"' in page
    assert f'href="/credentials/{new.verify_uuid}/download/"' in page
    assert f'href="/credentials/{old.verify_uuid}/"' in page
    assert f'href="/credentials/{old.verify_uuid}/download/"' not in page
    assert "No longer valid" in page
    assert "A mistake." in page
    for row in (unfinished, others):
        assert row.credential_type_name not in page


def test_names_are_text(client, learner):
    CredentialFactory(user=learner, available=True, credential_type_name="<script>alert(1)</script>")
    page = client.get(URL).content.decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_it_is_private_and_inert(client, learner):
    response = client.get(URL)
    assert response["Cache-Control"] == "private, no-store"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("count", [1, 12])
def test_queries_do_not_grow_with_the_list(client, learner, count, django_assert_num_queries):
    for _ in range(count):
        CredentialFactory(user=learner, configuration=CredentialConfigurationFactory(), available=True)
    with django_assert_num_queries(3):  # session, learner, credentials
        assert client.get(URL).content.decode().count("/download/") == count
