"""How often credentials are looked at: counted by day, without a word of who it was, and never at the cost of the page."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from learning_credentials import api
from learning_credentials.models import DailyCount
from tests.factories import CredentialFactory
from tests.integration.threads import assert_no_errors, at_once
from tests.integration.web_pages import page_url

pytestmark = pytest.mark.django_db

BASE = "/api/learning_credentials/v1"


@pytest.fixture(autouse=True)
def _no_requests_counted_yet():
    cache.clear()


@pytest.fixture
def row():
    return CredentialFactory(available=True)


def count(row) -> tuple[int, int]:
    return tuple(api.get_credential_counts([row.verify_uuid])[row.verify_uuid])


def get(client, path: str, method: str = "get", **headers: str) -> int:
    """Ask, and let go of the file: to close the whole response would close the test's database."""
    response = getattr(client, method)(path, headers=headers)
    for close in response._resource_closers:
        close()
    return response.status_code


def test_the_page_its_json_and_the_api_are_verifications(client, row):
    client.get(page_url(row.verify_uuid))
    client.get(page_url(row.verify_uuid), headers={"accept": "application/json"})
    client.get(f"{BASE}/metadata/{row.verify_uuid}/")
    assert count(row) == (3, 0)
    assert DailyCount.objects.get().day == timezone.localdate()


def test_a_download_is_counted_streamed_or_not(client, row):
    response = client.get(page_url(row.verify_uuid, "download/"))
    assert response.getvalue() == b"a certificate"
    assert count(row) == (0, 1)


def test_a_revoked_credential_is_verified_and_not_downloaded(client):
    row = CredentialFactory(invalidated=True, artifact_name="archive/x.txt")
    client.get(page_url(row.verify_uuid))
    client.get(page_url(row.verify_uuid, "download/"))
    assert count(row) == (1, 0)


def test_a_refused_download_is_none(client, row):
    type(row.configuration.credential_type).objects.update(download_policy="owner")
    assert client.get(page_url(row.verify_uuid, "download/")).status_code == 403
    assert count(row) == (0, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"user-agent": "LinkedInBot/1.0 (compatible; Mozilla/5.0)"},
        {"user-agent": "facebookexternalhit/1.1"},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
    ],
)
def test_robots_and_what_browsers_ask_in_advance_are_no_visits(client, row, headers):
    for page in ("", "download/"):
        assert get(client, page_url(row.verify_uuid, page), **headers) == 200
    assert get(client, f"{BASE}/metadata/{row.verify_uuid}/", **headers) == 200
    assert count(row) == (0, 0)


@pytest.mark.parametrize("agent", ["", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "curl/8.9.1", "Cubot X30"])
def test_people_and_their_programs_are(client, row, agent):
    client.get(page_url(row.verify_uuid), headers={"user-agent": agent})
    assert count(row) == (1, 0)


def test_asking_for_the_headers_is_no_visit(client, row):
    for page in ("", "download/"):
        assert get(client, page_url(row.verify_uuid, page), "head") == 200
    assert count(row) == (0, 0)


def test_a_visit_is_one_statement_the_first_of_a_day_and_every_other(row, django_assert_num_queries):
    for expected in (1, 2, 3):
        with django_assert_num_queries(1):
            api.note_verification(row.verify_uuid)
        assert count(row) == (expected, 0)
    with django_assert_num_queries(1):
        api.note_download(str(row.verify_uuid))
    assert count(row) == (3, 1)
    assert DailyCount.objects.count() == 1


@pytest.mark.parametrize("unknown", ["00000000-0000-4000-8000-000000000000", "no id at all"])
def test_what_there_is_not_is_not_counted(unknown):
    api.note_verification(unknown)
    assert not DailyCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_page_is_shown_when_it_cannot_be_counted(client, row, caplog):
    with connection.schema_editor() as editor:
        editor.delete_model(DailyCount)
    try:
        with caplog.at_level(logging.WARNING, "learning_credentials"):
            assert client.get(page_url(row.verify_uuid)).status_code == 200
            response = client.get(page_url(row.verify_uuid, "download/"))
            assert response.getvalue() == b"a certificate"
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(DailyCount)
    assert [record.getMessage() for record in caplog.records if "could not be counted" in record.getMessage()] == [
        f"A visit to credential {row.verify_uuid} could not be counted"
    ] * 2


@pytest.mark.django_db(transaction=True)
def test_visits_at_the_same_moment_are_all_counted(row):
    def visit():
        for _ in range(10):
            api.note_verification(row.verify_uuid)
            api.note_download(row.verify_uuid)

    assert_no_errors(at_once(*[visit] * 4))
    assert count(row) == (40, 40)
    assert DailyCount.objects.count() == 1


def test_sums_and_days(row, django_assert_num_queries):
    today = timezone.localdate()
    for ago, verifications, downloads in ((40, 7, 1), (2, 3, 0), (0, 1, 2)):
        DailyCount.objects.create(
            credential=row, day=today - timedelta(days=ago), verifications=verifications, downloads=downloads
        )
    other = CredentialFactory(available=True)
    with django_assert_num_queries(1):
        counts = api.get_credential_counts([row.verify_uuid, other.verify_uuid])
    assert counts == {row.verify_uuid: (11, 3), other.verify_uuid: (0, 0)}
    with django_assert_num_queries(1):
        days = api.list_daily_counts(row.verify_uuid)
    assert len(days) == 30
    assert days[-1] == (today, 1, 2)
    assert days[-3] == (today - timedelta(days=2), 3, 0)
    assert sum(day.verifications for day in days) == 4
    assert [day.day for day in days] == [today - timedelta(days=ago) for ago in range(29, -1, -1)]


def test_learners_see_how_often_their_own_were_looked_at(client, row, settings):
    settings.USE_THOUSAND_SEPARATOR = True
    client.force_login(row.user)
    assert "Page views" not in client.get("/credentials/").content.decode()
    DailyCount.objects.create(credential=row, day=timezone.localdate(), verifications=1234, downloads=5)
    stranger = CredentialFactory(available=True)
    DailyCount.objects.create(credential=stranger, day=timezone.localdate(), verifications=987_654)
    page = client.get("/credentials/").content.decode()
    assert "Page views: 1,234 · Downloads: 5" in page
    assert "987,654" not in page


def test_the_day_is_the_projects_whatever_was_activated_for_the_visitor(row, settings):
    settings.TIME_ZONE = "Pacific/Kiritimati"
    with timezone.override("Pacific/Pago_Pago"):
        api.note_verification(row.verify_uuid)
    assert DailyCount.objects.get().day == timezone.now().astimezone(timezone.get_default_timezone()).date()
    assert isinstance(DailyCount.objects.get().day, date)


def test_counts_go_with_their_credential(row):
    api.note_verification(row.verify_uuid)
    row.events.all().delete()
    row.delete()
    assert not DailyCount.objects.exists()
