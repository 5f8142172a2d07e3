"""Two at once: real threads with connections of their own, on whatever database the suite runs on."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from learning_credentials import api
from learning_credentials.exceptions import InvalidTransitionError
from learning_credentials.models import (
    CertificateInvalidation,
    CourseCertificate,
    Credential,
    CredentialEvent,
    CredentialType,
    GenerationRun,
)
from learning_credentials.services.issuing import issue_chunk, runs, start_due_runs
from learning_credentials.services.staff import blocking
from tests.factories import CourseCertificateFactory, TypeSignatoryFactory, UserFactory
from tests.integration.admin_forms import Tab
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status


def test_two_runs_issue_nothing_twice(course, enrol, app_settings):
    app_settings(ELIGIBILITY_BATCH_SIZE=10, CHUNK_SIZE=7)
    users = enrol(count=40)
    results = at_once(
        lambda: api.issue_pending_credentials(course.pk), lambda: api.issue_pending_credentials(course.pk)
    )
    assert_no_errors(results)
    assert Credential.objects.count() == len(users)
    assert set(Credential.objects.values_list("status", "is_current")) == {(Status.AVAILABLE, True)}
    assert set(Credential.objects.values_list("user_id", flat=True)) == {user.pk for user in users}
    assert CredentialEvent.objects.filter(action="issued").count() == len(users)
    assert sum(run.done for run in GenerationRun.objects.all()) == len(users)


def test_one_due_time_starts_one_run(course):
    results = at_once(*[start_due_runs] * 4)
    assert_no_errors(results)
    assert GenerationRun.objects.count() == 1


def test_one_chunk_sent_to_three_workers(course, enrol):
    enrol(count=20)
    waiting: list = []
    runs.evaluate_run(runs.create_run(course.pk).pk, waiting.extend)
    results = at_once(*[lambda: issue_chunk(waiting)] * 3)
    assert_no_errors(results)
    assert sum(len(result.issued) for result in results) == 20
    assert set(Credential.objects.values_list("status", "attempts")) == {(Status.AVAILABLE, 1)}
    assert CredentialEvent.objects.filter(action="issued").count() == 20


def test_chunks_of_one_run_that_end_at_the_same_time(course, enrol, app_settings):
    app_settings(NOTIFY_LEARNERS=False)
    enrol(count=120)
    waiting: list = []
    run = runs.create_run(course.pk)
    runs.evaluate_run(run.pk, waiting.extend)

    def work(first: int) -> None:
        for start in range(first, len(waiting), 24):
            issue_chunk(waiting[start : start + 3])

    assert_no_errors(at_once(*[lambda first=first: work(first) for first in range(0, 24, 3)]))
    run.refresh_from_db()
    assert (run.total, run.done, run.failed) == (120, 120, 0)
    assert run.finished_at is not None


@pytest.fixture
def repeatable_reads():
    """Where a database can, a transaction goes on seeing what it saw first, as some hosts want it."""
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    yield
    connection.close()


@pytest.mark.usefixtures("repeatable_reads")
class TestInTheTransactionOfAHost:
    """What somebody else did after the host's transaction began to read is found all the same."""

    @pytest.fixture(autouse=True)
    def _not_where_writers_wait(self):
        if connection.vendor == "sqlite":
            pytest.skip("nobody else writes while a transaction is open")

    def test_an_invalidation(self, course, enrol):
        (user,) = enrol("Ada")
        bar = partial(blocking.ensure_blocked, user.pk, course.learning_context_key, notes="Plagiarism")
        with transaction.atomic():
            assert not CertificateInvalidation.objects.exists()
            [(theirs, is_made)] = at_once(bar)
            assert is_made
            assert bar() == (theirs, False)

    def test_a_course_certificate(self, course):
        change = partial(api.change_course_certificate, course.learning_context_key, certificate_type="verified")
        with transaction.atomic():
            assert not CourseCertificate.objects.exists()
            [(theirs, is_made)] = at_once(change)
            assert is_made
            assert change() == (theirs, False)


def test_one_credential_invalidated_by_two(course, enrol):
    (user,) = enrol("Ada")
    credential = api.issue_credential(course.pk, user.pk)
    results = at_once(*[lambda: api.invalidate_credential(credential.pk, reason="Plagiarism")] * 2)
    assert sum(isinstance(result, InvalidTransitionError) for result in results) == 1
    assert CredentialEvent.objects.filter(action="invalidated").count() == 1


def test_one_credential_reissued_by_two(course, enrol):
    (user,) = enrol("Ada")
    credential = api.issue_credential(course.pk, user.pk)
    at_once(*[lambda: api.reissue_credential(credential.pk, reason="Name corrected")] * 2)
    live = Credential.objects.filter(is_current=True)
    assert live.count() == 1
    assert live.get().replaces == credential
    assert Credential.objects.count() == 2
    assert CredentialEvent.objects.filter(action="replaced").count() == 1


def test_reissued_and_invalidated_at_once_leaves_no_contradiction(course, enrol):
    (user,) = enrol("Ada")
    credential = api.issue_credential(course.pk, user.pk)
    at_once(
        lambda: api.reissue_credential(credential.pk, reason="Name corrected"),
        lambda: api.invalidate_credential(credential.pk, reason="Plagiarism"),
    )
    credential.refresh_from_db()
    assert credential.status == Status.INVALIDATED
    live = Credential.objects.filter(is_current=True)
    if credential.invalidation_reason == "Plagiarism":
        assert not live.exists()
    else:
        assert live.get().replaces == credential


def test_one_learner_asking_many_times_at_once(course, enrol):
    (user,) = enrol("Ada")
    results = at_once(*[lambda: api.issue_credential(course.pk, user.pk)] * 4)
    assert_no_errors(results)
    assert Credential.objects.count() == 1
    assert Credential.objects.get().status == Status.AVAILABLE


class TestEditing:
    """Forms of the admin that are sent at the same moment."""

    def send_at_once(self, row, *changes):
        address = reverse(f"admin:learning_credentials_{row._meta.model_name}_change", args=[row.pk])
        tabs = []
        for _change in changes:
            browser = Client()
            browser.force_login(UserFactory(superuser=True))
            tabs.append(Tab(browser, address))
        sends = [partial(tab.send, **change) for tab, change in zip(tabs, changes, strict=True)]
        results = at_once(*sends)
        assert_no_errors(results)
        return [result.status_code for result in results], tabs

    def test_of_several_people_one_saves_and_the_others_are_told(self, course):
        changes = [{"criteria": f"Criteria {number}"} for number in range(3)]
        codes, tabs = self.send_at_once(course.credential_type, *changes)
        assert sorted(codes) == [200, 200, 302]
        stored = CredentialType.objects.get().criteria
        assert stored == changes[codes.index(302)]["criteria"]
        assert [tab.is_conflict for tab in tabs] == [code == 200 for code in codes]

    def test_inlines_too(self, course):
        place = TypeSignatoryFactory(credential_type=course.credential_type)
        codes, _tabs = self.send_at_once(
            course.credential_type, {"type_signatories-0-position": "5"}, {"type_signatories-0-position": "6"}
        )
        assert sorted(codes) == [200, 302]
        place.refresh_from_db()
        assert place.position == (5, 6)[codes.index(302)]

    def test_course_certificates(self, world):
        row = CourseCertificateFactory()
        codes, _tabs = self.send_at_once(row, {"certificate_type": "verified"}, {"certificate_type": "professional"})
        assert sorted(codes) == [200, 302]
        row.refresh_from_db()
        assert row.certificate_type == ("verified", "professional")[codes.index(302)]

    def test_a_first_credential_and_another_context(self, course, enrol, world):
        other = "course-v1:Tests+Other+2026"
        world.add_course_run(other, "Another course")
        (user,) = enrol("Ada")
        browser = Client()
        browser.force_login(UserFactory(superuser=True))
        tab = Tab(browser, reverse("admin:learning_credentials_credentialconfiguration_change", args=[course.pk]))
        saved, _issued = at_once(
            partial(tab.send, learning_context_key=other), lambda: api.issue_credential(course.pk, user.pk)
        )
        course.refresh_from_db()
        assert not isinstance(saved, Exception)
        assert (saved.status_code == 302) == (course.learning_context_key == other)
        assert not Credential.objects.exclude(learning_context_key=course.learning_context_key).exists()
