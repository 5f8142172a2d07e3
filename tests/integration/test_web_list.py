"""A learner's own list of credentials, over HTTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

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
    with django_assert_num_queries(4):  # session, learner, credentials, their counts
        assert client.get(URL).content.decode().count("/download/") == count


def test_only_the_policy_for_forms_is_looser_than_that_of_the_page(client, learner):
    policy = client.get(URL)["Content-Security-Policy"]
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy


def test_a_private_file_is_offered_to_its_holder(client, learner):
    row = CredentialFactory(user=learner, available=True, configuration__credential_type__download_policy="owner")
    assert f"/credentials/{row.verify_uuid}/download/" in client.get(URL).content.decode()


# Search engines


def indexing_url(row):
    return f"/credentials/{row.verify_uuid}/indexing/"


def test_the_learner_decides_about_search_engines(client, learner):
    row = CredentialFactory(user=learner, available=True)
    page = client.get(URL).content.decode()
    assert "asked not to list" in page
    assert f'action="{indexing_url(row)}"' in page
    for answer, is_indexable, shown in (("yes", True, "may list its page"), ("no", False, "asked not to list")):
        response = client.post(indexing_url(row), {"is_indexable": answer})
        assert (response.status_code, response["Location"]) == (302, f"{URL}#credential-{row.verify_uuid}")
        row.refresh_from_db()
        assert row.is_indexable is is_indexable
        assert shown in client.get(URL).content.decode()


@pytest.mark.parametrize("answer", [{}, {"is_indexable": "true"}, {"is_indexable": ""}])
def test_whatever_is_no_yes_is_a_no(client, learner, answer):
    row = CredentialFactory(user=learner, available=True, is_indexable=True)
    client.post(indexing_url(row), answer)
    row.refresh_from_db()
    assert row.is_indexable is False


def test_nobody_decides_about_anothers(client, learner):
    row = CredentialFactory(available=True)
    unknown = client.post("/credentials/x/indexing/", {"is_indexable": "yes"})
    response = client.post(indexing_url(row), {"is_indexable": "yes"})
    assert (response.status_code, response.content) == (unknown.status_code, unknown.content)
    assert response.status_code == 404
    client.logout()
    response = client.post(indexing_url(row), {"is_indexable": "yes"})
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={URL}")
    row.refresh_from_db()
    assert row.is_indexable is False


def test_other_sites_cannot_decide_and_links_cannot(learner, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "Csrf" not in name]  # a host that forgot it
    client = Client(enforce_csrf_checks=True)
    client.force_login(learner)
    row = CredentialFactory(user=learner, available=True)
    assert client.post(indexing_url(row), {"is_indexable": "yes"}).status_code == 403
    assert client.get(indexing_url(row)).status_code == 405
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(URL).content.decode())[1]
    assert client.post(indexing_url(row), {"is_indexable": "yes", "csrfmiddlewaretoken": token}).status_code == 302
    row.refresh_from_db()
    assert row.is_indexable is True


def test_what_does_not_hold_has_no_switch(client, learner):
    CredentialFactory(user=learner, invalidated=True)
    CredentialFactory(user=learner, available=True, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert "<form" not in client.get(URL).content.decode()


@pytest.mark.parametrize("count", [1, 6])
def test_queries_do_not_grow_with_what_was_replaced(client, learner, count, django_assert_num_queries):
    for _ in range(count):
        row = CredentialFactory(user=learner, invalidated=True)
        CredentialFactory(user=learner, configuration=row.configuration, available=True, replaces=row)
    with django_assert_num_queries(5):  # session, learner, credentials, the dates of what replaced them, the counts
        assert client.get(URL).content.decode().count("replaced it") == count
