"""What expires is not held any more: who makes its successor, and what is said of both."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from learning_credentials import api
from learning_credentials.data import LearnerQuery, LearnerRunStatus, VerificationStatus
from learning_credentials.exceptions import (
    GenerationError,
    InvalidTransitionError,
    NotEligibleError,
    ReasonRequiredError,
    ReissueBlockedError,
    ValidityError,
)
from learning_credentials.models import (
    Credential,
    CredentialConfiguration,
    CredentialEvent,
    CredentialType,
    GenerationRun,
    LearnerCertificate,
)
from learning_credentials.services.credentials.claims import claim_credentials
from learning_credentials.services.issuing import issue_chunk, runs, sweep_stale_credentials
from learning_credentials.storages import get_storage
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.integration.statement_counts import count_statements
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
RETRIEVAL_FUNC = "learning_credentials.processors.retrieve_course_certificates"


@pytest.fixture(autouse=True)
def _valid_for_a_year(course):
    CredentialType.objects.update(valid_for="1 year")


def run_all(configuration) -> GenerationRun:
    """Run a configuration as its schedule does."""
    run = api.issue_pending_credentials(configuration.pk)
    run.refresh_from_db()
    return run


def expire(**changes: object) -> None:
    """Let two years pass since everything was issued."""
    past = timezone.now() - timedelta(days=730)
    rows = Credential.objects.filter(is_current=True, status=Status.AVAILABLE)
    rows.update(issued_at=past, expires_at=past + timedelta(days=365), **changes)


@pytest.fixture
def expired(course, enrol):
    """An expired credential of Ada."""
    enrol("Ada")
    run_all(course)
    expire()
    mail.outbox.clear()
    return Credential.objects.get()


def renewal_of(credential: Credential) -> Credential:
    return Credential.objects.get(replaces=credential)


def assert_renewed(old: Credential, *, name: str = "Ada Tester") -> Credential:
    """The old one stays as it was, and its successor holds for a period of its own."""
    new = renewal_of(old)
    before = old.artifact_name
    old.refresh_from_db()
    assert (old.status, old.is_current, old.artifact_name) == (Status.AVAILABLE, None, before)
    assert (old.invalidated_at, old.archived_at, old.blocks_reissue) == (None, None, False)
    assert get_storage().exists(old.artifact_name)
    assert (new.status, new.is_current, new.is_renewal) == (Status.AVAILABLE, True, True)
    assert (new.user_id, new.user_full_name) == (old.user_id, name)
    assert new.verify_uuid != old.verify_uuid
    assert timezone.now() - new.issued_at < timedelta(minutes=5)
    assert timedelta(days=364) < new.expires_at - new.issued_at < timedelta(days=367)
    assert get_storage().exists(new.artifact_name)
    told = api.verify_credential(old.verify_uuid)
    assert (told.status, told.is_valid) == (VerificationStatus.AVAILABLE, False)
    assert (told.renewed_by, told.replaced_by) == (new.verify_uuid, None)
    assert api.verify_credential(new.verify_uuid).is_valid
    assert old.events.last().action == "renewed"
    assert old.events.last().detail == {"successor": str(new.pk)}
    return new


class TestRuns:
    def test_a_run_makes_the_successor_of_one_that_expired(self, course, expired):
        run = run_all(course)
        assert (run.total, run.done, run.failed) == (1, 1, 0)
        new = assert_renewed(expired)
        assert new.evidence == {"is_enrolled": True}
        assert run_all(course).total == 0
        assert Credential.objects.count() == 2

    def test_again_and_again(self, course, expired):
        run_all(course)
        second = assert_renewed(expired)
        expire()
        run_all(course)
        assert_renewed(second)
        assert Credential.objects.filter(is_current=True).count() == 1

    def test_not_before_it_expires_and_not_for_one_that_never_does(self, course, enrol):
        enrol("Ada", "Bea")
        run_all(course)
        Credential.objects.filter(user_full_name="Bea Tester").update(expires_at=None)
        assert run_all(course).total == 0

    def test_not_for_a_learner_who_no_longer_qualifies(self, course, expired, world):
        world.unenrol(expired.user_id, course.learning_context_key)
        assert run_all(course).total == 0
        assert not api.verify_credential(expired.verify_uuid).is_valid

    def test_not_while_staff_block_it(self, course, expired):
        api.invalidate_credential(expired.pk, reason="Plagiarism")
        assert run_all(course).total == 0
        api.lift_reissue_block(expired.pk, reason="A mistake")
        assert run_all(course).done == 1
        assert Credential.objects.get(is_current=True).replaces_id is None

    def test_with_the_validity_of_now(self, course, expired):
        CredentialType.objects.update(valid_for=None)
        run_all(course)
        assert renewal_of(expired).expires_at is None

    def test_what_the_learner_allowed_is_kept(self, course, expired):
        Credential.objects.update(is_indexable=True)
        run_all(course)
        assert renewal_of(expired).is_indexable

    def test_a_renewal_that_fails_is_tried_again(self, course, enrol, world):
        (user,) = enrol("Ada")
        run_all(course)
        expire()
        old = Credential.objects.get()
        world.set_profile(user.pk, display_name="Ada Faulty")
        assert run_all(course).failed == 1
        failed = renewal_of(old)
        assert (failed.status, failed.is_current) == (Status.ERROR, None)
        old.refresh_from_db()
        assert old.is_current
        assert run_all(course).failed == 1
        Credential.objects.filter(pk=failed.pk).update(user_full_name="Ada Tester")
        run_all(course)
        assert assert_renewed(old).pk == failed.pk

    def test_a_renewal_given_up_waits_for_staff(self, course, expired):
        run_all(course)
        new = renewal_of(expired)
        Credential.objects.filter(pk=new.pk).update(
            status=Status.ERROR, is_current=None, error_code="attempts_exhausted"
        )
        Credential.objects.filter(pk=expired.pk).update(is_current=True)
        assert run_all(course).total == 0
        api.retry_credentials([new.pk])
        assert_renewed(expired)

    def test_a_reissue_that_failed_does_not_stand_in_the_way(self, course, enrol, world):
        (user,) = enrol("Ada")
        run_all(course)
        old = Credential.objects.get()
        world.set_profile(user.pk, display_name="Ada Faulty")
        with pytest.raises(GenerationError):
            api.reissue_credential(old.pk, reason="Name corrected")
        failed = Credential.objects.get(replaces=old)
        version = failed.status_list.version
        expire()
        world.set_profile(user.pk, display_name="Ada Tester")
        run_all(course)
        assert_renewed(old)
        failed.refresh_from_db()
        assert (failed.status, failed.replaces_id) == (Status.INVALIDATED, None)
        # It is cancelled like any other credential: its bit is published, and its files are archived without waiting for the sweep.
        assert failed.status_list.version == version + 1
        assert failed.archived_at is not None

    def test_a_killed_worker_is_made_up_for_by_the_sweep(self, course, expired):
        waiting: list = []
        runs.evaluate_run(runs.create_run(course.pk).pk, waiting.extend)
        assert len(claim_credentials(waiting, str(uuid4()))) == 1  # and then the worker is gone
        Credential.objects.filter(pk__in=waiting).update(generation_started_at=timezone.now() - timedelta(days=1))
        assert run_all(course).total == 0
        sweep_stale_credentials()
        assert_renewed(expired)
        assert set(GenerationRun.objects.exclude(total=0).values_list("total", "done", "failed")) == {(1, 1, 0)}

    @pytest.mark.parametrize("change", ["revoked", "extended", "never"])
    def test_what_changes_while_it_is_being_renewed_wins(self, course, expired, change):
        waiting: list = []
        run = runs.create_run(course.pk)
        runs.evaluate_run(run.pk, waiting.extend)
        later = timezone.now() + timedelta(days=30)
        if change == "revoked":
            api.invalidate_credential(expired.pk, reason="Plagiarism")
        else:
            api.change_expiry(expired.pk, later if change == "extended" else None, reason="A late exam")
        result = issue_chunk(waiting)
        assert (result.issued, result.failed) == ([], [])
        new = Credential.objects.get(replaces=expired)
        assert (new.status, new.is_current, new.artifact_name) == (Status.INVALIDATED, None, "")
        assert new.events.last().action == "cancelled"
        assert api.verify_credential(expired.verify_uuid).renewed_by is None
        assert api.verify_credential(expired.verify_uuid).is_valid is (change != "revoked")
        run.refresh_from_db()
        assert run.finished_at is not None

    def test_one_that_changes_leaves_the_others_of_its_chunk_alone(self, course, enrol):
        enrol("Ada", "Bea", "Cleo")
        run_all(course)
        expire()
        enrol("Dora")
        waiting: list = []
        runs.evaluate_run(runs.create_run(course.pk).pk, waiting.extend)
        api.invalidate_credential(
            Credential.objects.get(user_full_name="Bea Tester", is_renewal=False).pk, reason="Wrong"
        )
        assert len(issue_chunk(waiting).issued) == 3
        live = Credential.objects.filter(is_current=True)
        assert sorted(live.values_list("user_full_name", "is_renewal")) == [
            ("Ada Tester", True),
            ("Cleo Tester", True),
            ("Dora Tester", False),
        ]

    def test_two_runs_at_once_make_one_successor(self, course, enrol):
        users = enrol(count=12)
        run_all(course)
        expire()
        assert_no_errors(at_once(*[lambda: api.issue_pending_credentials(course.pk)] * 2))
        assert Credential.objects.filter(is_renewal=True).count() == len(users)
        assert Credential.objects.filter(is_current=True, is_renewal=True, status=Status.AVAILABLE).count() == len(
            users
        )
        assert CredentialEvent.objects.filter(action="renewed").count() == len(users)

    def test_statements_do_not_grow_with_learners(self, course, enrol, app_settings):
        app_settings(NOTIFY_LEARNERS=False)
        counts = []
        for size in (3, 60):
            enrol(count=size)
            run_all(course)
            expire()
            waiting: list = []
            runs.evaluate_run(runs.create_run(course.pk).pk, waiting.extend)
            with CaptureQueriesContext(connection) as queries:
                assert len(issue_chunk(waiting).issued) == Credential.objects.filter(is_current=True).count()
            counts.append(count_statements(queries))
        if connection.vendor != "sqlite":  # which takes fewer parameters a statement
            assert counts[0] == counts[1]
        assert max(counts) <= 15


class TestRequests:
    def post(self, course, user):
        client = APIClient()
        client.force_login(user)
        return client.post(f"/api/learning_credentials/v1/eligibility/{course.learning_context_key}/{course.pk}/")

    def test_a_learner_asks_and_gets_the_successor(self, course, expired):
        CredentialConfiguration.objects.update(allow_self_generation=True)
        response = self.post(course, expired.user)
        assert response.status_code == 202
        new = assert_renewed(expired)
        assert response.json()["verify_uuid"] == str(new.verify_uuid)
        again = self.post(course, expired.user)
        assert (again.status_code, again.json()["verify_uuid"]) == (202, str(new.verify_uuid))
        assert Credential.objects.count() == 2

    def test_a_learner_who_no_longer_qualifies_is_refused(self, course, expired, world):
        CredentialConfiguration.objects.update(allow_self_generation=True)
        world.unenrol(expired.user_id, course.learning_context_key)
        assert self.post(course, expired.user).status_code in {403, 404, 409}
        with pytest.raises(NotEligibleError):
            api.request_credential(course.pk, expired.user_id)
        assert Credential.objects.count() == 1

    def test_two_requests_at_once_make_one_successor(self, course, expired):
        CredentialConfiguration.objects.update(allow_self_generation=True)
        results = at_once(*[lambda: api.request_credential(course.pk, expired.user_id)] * 3)
        assert_no_errors(results)
        assert len({credential.pk for credential in results}) == 1
        assert_renewed(expired)

    def test_a_request_meets_a_reissue_that_is_being_made(self, course, enrol, world):
        CredentialConfiguration.objects.update(allow_self_generation=True)
        (user,) = enrol("Ada")
        run_all(course)
        old = Credential.objects.get()
        world.set_profile(user.pk, display_name="Ada Later")
        assert api.reissue_credential(old.pk, reason="Name corrected").status == Status.GENERATING
        expire()
        with pytest.raises(NotEligibleError, match="being reissued"):
            api.request_credential(course.pk, user.pk)
        assert run_all(course).total == 0
        Credential.objects.filter(replaces=old).update(user_full_name="Ada Mended")
        issue_chunk(Credential.objects.filter(replaces=old).values_list("pk", flat=True))
        Credential.objects.filter(is_current=True).update(expires_at=old.issued_at + timedelta(days=1))
        assert api.verify_credential(old.verify_uuid).replaced_by

    def test_staff_issue_to_one_learner(self, course, expired):
        assert api.issue_credential(course.pk, expired.user_id).pk == assert_renewed(expired).pk
        assert api.issue_credential(course.pk, expired.user_id).pk == renewal_of(expired).pk


class TestStaff:
    def test_renewing(self, expired):
        staff = UserFactory(is_staff=True)
        new = api.renew_credential(expired.pk, reason="Recertified on paper", actor=staff)
        assert assert_renewed(expired).pk == new.pk
        created = new.events.first()
        assert (created.reason, created.actor, created.detail) == (
            "Recertified on paper",
            staff,
            {"renews": str(expired.pk)},
        )
        with pytest.raises(InvalidTransitionError, match="already renewed"):
            api.renew_credential(expired.pk)
        with pytest.raises(InvalidTransitionError, match="not expired"):
            api.renew_credential(new.pk)

    def test_of_a_learner_who_does_not_meet_the_criteria_now(self, course, expired, world):
        world.unenrol(expired.user_id, course.learning_context_key)
        new = api.renew_credential(expired.pk)
        assert new.evidence == expired.evidence
        assert_renewed(expired)

    def test_not_of_who_is_restricted_or_blocked_or_revoked(self, course, expired, world):
        world.set_profile(expired.user_id, certificates_allowed=False)
        with pytest.raises(NotEligibleError):
            api.renew_credential(expired.pk)
        world.set_profile(expired.user_id, certificates_allowed=True)
        api.invalidate_credential(expired.pk, reason="Plagiarism")
        with pytest.raises(InvalidTransitionError, match="Revoked"):
            api.renew_credential(expired.pk)

    def test_a_cancelled_renewal_blocks_until_the_block_is_lifted(self, course, expired, world):
        world.set_profile(expired.user_id, display_name="Ada Faulty")
        with pytest.raises(GenerationError):
            api.renew_credential(expired.pk)
        cancelled = api.invalidate_credential(renewal_of(expired).pk, reason="Not this year")
        assert cancelled.blocks_reissue
        world.set_profile(expired.user_id, display_name="Ada Tester")
        assert run_all(course).total == 0
        with pytest.raises(ReissueBlockedError):
            api.renew_credential(expired.pk)
        api.lift_reissue_block(cancelled.pk, reason="This year after all")
        assert run_all(course).done == 1
        assert_renewed(expired)

    def test_a_renewed_one_can_be_revoked_for_itself(self, course, expired):
        new = api.renew_credential(expired.pk)
        revoked = api.invalidate_credential(expired.pk, reason="Plagiarism")
        assert revoked.blocks_reissue is False
        assert api.verify_credential(new.verify_uuid).is_valid
        expire()
        assert run_all(course).done == 1

    def test_reissuing_an_expired_one_keeps_its_dates(self, course, expired):
        new = api.reissue_credential(expired.pk, reason="Name corrected")
        assert (new.issued_at, new.expires_at, new.is_renewal) == (expired.issued_at, expired.expires_at, False)
        assert not api.verify_credential(new.verify_uuid).is_valid
        assert api.verify_credential(expired.verify_uuid).replaced_by == new.verify_uuid
        run_all(course)
        assert_renewed(new)

    def test_reissuing_a_renewed_one_is_refused(self, expired):
        new = api.renew_credential(expired.pk)
        with pytest.raises(InvalidTransitionError, match="Reissue its renewal"):
            api.reissue_credential(expired.pk, reason="Name corrected")
        again = api.reissue_credential(new.pk, reason="Name corrected")
        assert again.expires_at == new.expires_at

    def test_reissuing_one_whose_renewal_failed_is_refused(self, expired, world):
        world.set_profile(expired.user_id, display_name="Ada Faulty")
        with pytest.raises(GenerationError):
            api.renew_credential(expired.pk)
        with pytest.raises(InvalidTransitionError, match="being renewed"):
            api.reissue_credential(expired.pk, reason="Name corrected")


class TestExpiry:
    def test_changing_it(self, client, expired):
        staff = UserFactory(is_staff=True)
        later = timezone.now() + timedelta(days=90)
        api.change_expiry(expired.pk, later, reason="A late exam", actor=staff)
        assert api.verify_credential(expired.verify_uuid).is_valid
        answer = client.get(f"/api/learning_credentials/v1/metadata/{expired.verify_uuid}/").json()
        assert (answer["is_valid"], answer["expires_at"][:10]) == (True, later.date().isoformat())
        event = expired.events.last()
        assert (event.action, event.reason, event.actor) == ("expiry_changed", "A late exam", staff)
        assert event.detail == {"from": expired.expires_at.isoformat(), "to": later.isoformat()}
        api.change_expiry(expired.pk, later, reason="Again")
        assert expired.events.last() == event
        api.change_expiry(expired.pk, None, reason="For life")
        assert api.verify_credential(expired.verify_uuid).expires_at is None

    def test_out_of_bounds(self, expired):
        for moment in (
            expired.issued_at,
            expired.issued_at - timedelta(days=5),
            expired.issued_at + timedelta(days=36_600),
        ):
            with pytest.raises(ValidityError):
                api.change_expiry(expired.pk, moment, reason="A slip")
        with pytest.raises(ReasonRequiredError):
            api.change_expiry(expired.pk, None, reason=" ")

    def test_not_of_one_that_was_renewed_or_revoked(self, expired):
        new = api.renew_credential(expired.pk)
        with pytest.raises(InvalidTransitionError):
            api.change_expiry(expired.pk, None, reason="A slip")
        api.invalidate_credential(new.pk, reason="Plagiarism")
        with pytest.raises(InvalidTransitionError):
            api.change_expiry(new.pk, None, reason="A slip")


class TestCourseCertificates:
    @pytest.fixture
    def course(self, world):
        configuration = CredentialConfigurationFactory(credential_type__retrieval_func=RETRIEVAL_FUNC)
        world.add_course_run(configuration.learning_context_key, "Introduction to Tests")
        return configuration

    @pytest.fixture
    def learner(self, world, course):
        user = UserFactory(first_name="Ada", last_name="Tester")
        world.enrol(user.pk, course.learning_context_key)
        world.set_grade(user.pk, course.learning_context_key, {"Homework": 0.9, "Exam": 0.9})
        run_all(course)
        expire()
        return user

    def status_of(self, user, course) -> LearnerRunStatus:
        query = LearnerQuery(username=user.username, course_runs=(course.learning_context_key,), include_unearned=True)
        return api.list_learner_statuses([query])[0].runs[0].status

    def test_the_schedule_renews_and_only_who_holds_one_is_awarded(self, course, learner):
        assert self.status_of(learner, course) is LearnerRunStatus.UNAVAILABLE
        run_all(course)
        assert_renewed(Credential.objects.get(is_renewal=False))
        assert self.status_of(learner, course) is LearnerRunStatus.AWARDED
        assert LearnerCertificate.objects.get().status == "downloadable"

    def test_so_does_an_event(self, course, learner):
        api.evaluate_course_certificate(course.learning_context_key, learner.pk)
        assert_renewed(Credential.objects.get(is_renewal=False))

    def test_an_invalidated_learner_gets_none(self, course, learner):
        old = Credential.objects.get()
        api.invalidate_certificate(learner.pk, course.learning_context_key, notes="Plagiarism")
        assert run_all(course).total == 0
        with pytest.raises(InvalidTransitionError):
            api.renew_credential(old.pk)

    def test_an_invalidation_meets_a_renewal_in_the_making(self, course, learner):
        waiting: list = []
        runs.evaluate_run(runs.create_run(course.pk).pk, waiting.extend)
        api.invalidate_certificate(learner.pk, course.learning_context_key, notes="Plagiarism")
        assert issue_chunk(waiting).issued == []
        assert not Credential.objects.filter(is_current=True).exists()
        assert set(Credential.objects.values_list("status", flat=True)) == {Status.INVALIDATED}

    def test_a_learner_who_lost_the_standing_is_not_renewed_by_staff(self, course, learner, world):
        old = Credential.objects.get()
        LearnerCertificate.objects.update(status="notpassing")
        world.set_grade(learner.pk, course.learning_context_key, {"Homework": 0.1, "Exam": 0.1})
        with pytest.raises(NotEligibleError):
            api.renew_credential(old.pk)


class TestMails:
    def test_a_renewal_is_told_as_such(self, course, expired):
        run_all(course)
        (message,) = mail.outbox
        new = renewal_of(expired)
        assert message.subject == f"Your credential was renewed: {new.credential_type_name}, Introduction to Tests"
        assert "earned" not in message.body
        assert "is valid until" in message.body
        assert str(new.verify_uuid) in message.body

    def test_one_that_never_expires_any_more(self, course, expired):
        CredentialType.objects.update(valid_for=None)
        run_all(course)
        (message,) = mail.outbox
        assert "earned" not in message.body
        assert "until" not in message.body

    def test_first_ones_are_told_as_before(self, course, enrol):
        enrol("Ada")
        run_all(course)
        assert "You have earned a credential" in mail.outbox[0].body
