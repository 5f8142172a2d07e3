"""How often credentials are looked at: counted by day, without a word of who it was, and never at the cost of the page."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.signals import request_finished
from django.db import connection
from django.utils import timezone

from learning_credentials import api
from learning_credentials.models import DailyCount
from learning_credentials.services.public import list_daily_counts, note_download, note_verification, write_visits
from tests.factories import CredentialFactory
from tests.integration.threads import assert_no_errors, at_once
from tests.integration.web_pages import page_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_requests_counted")]

BASE = "/api/learning_credentials/v1"


@pytest.fixture
def row():
    return CredentialFactory(available=True)


def count(row) -> tuple[int, int]:
    return tuple(api.get_credential_counts([row.verify_uuid])[row.verify_uuid])


def get(client, path: str, method: str = "get", **headers: str) -> int:
    """Request the file and close it. Closing the whole response would close the test's database."""
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


def test_what_is_shared_is_counted(client, row):
    share = page_url(row.verify_uuid, "share/")
    assert f'data-share-url="{share}"' in client.get(page_url(row.verify_uuid)).text
    assert client.get(share).status_code == 405
    for _ in range(2):
        assert client.post(share).status_code == 204
    assert client.post(share, headers={"user-agent": "Googlebot/2.1"}).status_code == 204
    assert client.post(page_url(uuid4(), "share/")).status_code == 204
    counted = DailyCount.objects.get()
    assert (counted.credential_id, counted.verifications, counted.shares) == (row.pk, 1, 2)


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


def test_no_answer_waits_for_a_write(client, row, visits_are_gathered, django_assert_num_queries):
    for _ in range(3):
        with django_assert_num_queries(1):
            client.get(f"{BASE}/metadata/{row.verify_uuid}/")
    response = client.get(page_url(row.verify_uuid, "download/"))
    assert response.getvalue() == b"a certificate"
    assert not DailyCount.objects.exists()
    with django_assert_num_queries(2 + 2):  # the credentials and their counts, in a transaction
        write_visits()
    assert count(row) == (3, 1)
    with django_assert_num_queries(0):
        write_visits()


def test_many_credentials_are_written_by_as_many_statements_as_one(visits_are_gathered, django_assert_num_queries):
    rows = CredentialFactory.create_batch(30, available=True)
    for expected in (1, 2):
        for row in rows:
            note_verification(row.verify_uuid)
            note_download(str(row.verify_uuid))
        with django_assert_num_queries(2 + 2):
            write_visits()
        assert {count(row) for row in rows} == {(expected, expected)}
    assert DailyCount.objects.count() == 30


def test_visits_are_written_at_the_end_of_a_request_once_the_interval_has_passed(client, row, visits_are_gathered):
    client.get(page_url(row.verify_uuid))
    assert count(row) == (0, 0)
    visits_are_gathered(0)
    client.get("/credentials/theme/aa0000.css")
    assert count(row) == (1, 0)


def test_a_download_is_written_when_its_file_was_sent(client, row):
    response = client.get(page_url(row.verify_uuid, "download/"))
    assert count(row) == (0, 0)
    assert response.getvalue() == b"a certificate"
    assert count(row) == (0, 1)


def test_visits_to_very_many_credentials_are_written_before_the_interval_has_passed(client, row, visits_are_gathered):
    for _ in range(2000):
        note_verification(uuid4())
    client.get(page_url(row.verify_uuid))
    assert count(row) == (1, 0)


def test_gathering_leaves_no_thread_behind(client, row, visits_are_gathered):
    before = threading.active_count()
    client.get(page_url(row.verify_uuid))
    assert threading.active_count() == before


def test_wrong_settings_fail_no_request_that_ends(client, row, app_settings, visits_are_gathered, caplog):
    note_verification(row.verify_uuid)
    app_settings(VISIT_WRITE_INTERVAL="soon")
    with caplog.at_level(logging.WARNING, "learning_credentials"):
        request_finished.send(sender=None)
    assert "The settings for counting visits could not be read" in caplog.messages


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_does_not_write_the_visits_of_its_parent(row, visits_are_gathered):
    code = """
import os, sys, uuid
import django
django.setup()
from learning_credentials.services import public
from learning_credentials.services.public import pending_visits
public.note_verification(uuid.uuid4())
read, write = os.pipe()
if os.fork() == 0:
    os.write(write, b"%d" % len(pending_visits._gatherer.take()))
    os._exit(0)
os.wait()
print(os.read(read, 9).decode(), len(pending_visits._gatherer.take()))
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["0", "1"]


def test_a_process_that_exits_writes_its_visits(tmp_path):
    code = """
import django
django.setup()
from django.db import connection
connection.settings_dict["TEST"]["MIGRATE"] = False
connection.creation.create_test_db(verbosity=0)
from learning_credentials import api
from learning_credentials.services import public
from tests.factories import CredentialFactory
import atexit
row = CredentialFactory(available=True)
def show():
    print(api.get_credential_counts([row.verify_uuid])[row.verify_uuid])
# What is registered last runs first.
atexit.unregister(public.write_visits)
atexit.register(show)
atexit.register(public.write_visits)
public.note_verification(row.verify_uuid)
show()
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_URL": ""}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "Counts(verifications=0, downloads=0)",
        "Counts(verifications=1, downloads=0)",
    ]


@pytest.mark.parametrize("unknown", ["00000000-0000-4000-8000-000000000000", "no id at all"])
def test_what_there_is_not_is_not_counted(unknown):
    note_verification(unknown)
    write_visits()
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
        "1 visits to credentials could not be counted"
    ] * 2


@pytest.mark.django_db(transaction=True)
def test_visits_at_the_same_moment_are_all_counted(row):
    def visit():
        for _ in range(10):
            note_verification(row.verify_uuid)
            note_download(row.verify_uuid)
            write_visits()

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
        days = list_daily_counts(row.verify_uuid)
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
        note_verification(row.verify_uuid)
    write_visits()
    assert DailyCount.objects.get().day == timezone.now().astimezone(timezone.get_default_timezone()).date()
    assert isinstance(DailyCount.objects.get().day, date)


def test_counts_go_with_their_credential(row):
    note_verification(row.verify_uuid)
    write_visits()
    assert DailyCount.objects.exists()
    note_verification(row.verify_uuid)
    row.events.all().delete()
    row.delete()
    write_visits()
    assert not DailyCount.objects.exists()
