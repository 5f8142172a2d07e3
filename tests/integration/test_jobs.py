"""Jobs are done to the end exactly once: after dead workers, with several workers, after outages, and until somebody stops them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning_credentials import api, signals
from learning_credentials.exceptions import InvalidTransitionError, LMSUnavailableError, NotEligibleError
from learning_credentials.models import Credential, Job, JobRow, StrayPlace
from learning_credentials.receivers import archive_files
from learning_credentials.services import desk, issuing
from learning_credentials.services.common import (
    JobHandler,
    Outcome,
    approve_job,
    confirm_job,
    continue_job,
    create_job,
    stop_job,
    work_off_job,
)
from learning_credentials.services.desk import BulkAct
from tests.factories import CredentialFactory, UserFactory
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)

DONE = Outcome(is_done=True)


class KilledError(BaseException):
    """What ends a worker at once."""


@pytest.fixture
def person(db):
    return UserFactory(superuser=True)


def make_job(person, number=6, kind="test", **values):
    """Store and confirm a job. No worker of the app knows its kind, so only the test's workers do it."""
    rows = [JobRow(position=position, given=str(position)) for position in range(1, number + 1)]
    job = create_job(kind, rows, parameters={}, actor=person, **values)
    Job.objects.filter(pk=job.pk).update(state="waiting")
    return job


def work(job, handler):
    return work_off_job(job.pk, {"test": handler})


def lose_worker(job):
    """Let the lease of a worker expire."""
    Job.objects.filter(pk=job.pk).update(lease_renewed_at=timezone.now() - timedelta(days=1))


def states(job):
    return list(JobRow.objects.filter(job=job).values_list("state", flat=True))


class TestWork:
    def test_rows_are_done_in_their_order(self, person):
        job, seen = make_job(person, 7), []

        def change(_job, rows):
            seen.append([row.position for row in rows])
            return {row.pk: DONE for row in rows}

        result = work(job, JobHandler(together=change, piece=3))
        job.refresh_from_db()
        assert seen == [[1, 2, 3], [4, 5, 6], [7]]
        assert (job.state, job.done, job.failed, result.done) == ("finished", 7, 0, 7)
        assert job.finished_at >= job.started_at

    def test_a_piece_and_its_outcomes_are_one_transaction(self, person):
        job, seen = make_job(person, 4), []

        def change(_job, rows):
            CredentialFactory()
            seen.extend(row.position for row in rows)
            if rows[0].position == 3:
                raise KilledError
            return {row.pk: DONE for row in rows}

        with pytest.raises(KilledError):
            work(job, JobHandler(together=change, piece=2))
        assert states(job) == ["done", "done", "waiting", "waiting"]
        assert Credential.objects.count() == 1  # that of the second piece was rolled back
        assert work(job, JobHandler(together=change, piece=2)).done == 0  # the lease is still held
        lose_worker(job)
        seen.clear()
        with pytest.raises(KilledError):
            work(job, JobHandler(together=change, piece=2))
        assert seen == [3]  # a row that may kill workers is alone

    def test_a_row_that_kills_workers_is_given_up(self, person):
        job = make_job(person, 3)

        def change(_job, row):
            if row.position == 2:
                raise KilledError
            return DONE

        for _attempt in range(3):
            with pytest.raises(KilledError):
                work(job, JobHandler(each=change, piece=3))
            lose_worker(job)
        work(job, JobHandler(each=change, piece=3))
        job.refresh_from_db()
        assert (job.state, job.done, job.failed) == ("finished", 2, 1)
        row = JobRow.objects.get(job=job, position=2)
        assert (row.state, row.code) == ("refused", "worker_lost")

    def test_one_refusal_stops_nobody(self, person):
        job = make_job(person, 5)

        def change(_job, rows):
            if any(row.position == 3 for row in rows):
                raise NotEligibleError("not this one")
            return {row.pk: DONE for row in rows}

        work(job, JobHandler(together=change, piece=5))
        assert states(job) == ["done", "done", "refused", "done", "done"]
        assert JobRow.objects.get(job=job, position=3).message == "not this one"

    @pytest.mark.parametrize("mode", ["together", "batch", "each"])
    def test_an_outage_only_delays(self, person, mode):
        job, down = make_job(person, 4), [True]

        def one(_job, row):
            if down and row.position >= 3:
                raise LMSUnavailableError("down")
            return DONE

        def many(job, rows):
            return {row.pk: one(job, row) for row in rows}

        handler = JobHandler(each=one, piece=2) if mode == "each" else JobHandler(**{mode: many}, piece=2)
        result = work(job, handler)
        job.refresh_from_db()
        assert (job.state, job.error_code, result.retry_in) == ("working", "lms_unavailable", 10)
        assert states(job) == ["done", "done", "waiting", "waiting"]
        down.clear()
        work(job, handler)
        job.refresh_from_db()
        assert (job.state, job.done, job.error_code) == ("finished", 4, "")

    def test_a_job_that_no_worker_knows_fails_and_says_so(self, person):
        job = make_job(person)
        assert desk.work_off_job(job.pk).retry_in is None
        job.refresh_from_db()
        assert (job.state, job.error_code) == ("failed", "configuration_error")

    def test_statements_do_not_grow_with_the_rows(self, person):
        numbers = []
        for number in (4, 40):
            job = make_job(person, number)
            handler = JobHandler(together=lambda _job, rows: {row.pk: DONE for row in rows}, piece=100)
            with CaptureQueriesContext(connection) as queries:
                work(job, handler)
            numbers.append(len(queries))
        assert numbers[0] == numbers[1] <= 25

    def test_a_task_does_not_occupy_a_worker_for_hours(self, person, monkeypatch):
        monkeypatch.setattr("learning_credentials.services.common.jobs.work.MAX_PIECES", 2)
        job = make_job(person, 5)
        work(job, JobHandler(each=lambda _job, _row: DONE, piece=1))
        # The app's own worker got the message for the rest, and does not know this kind.
        job.refresh_from_db()
        assert (job.state, job.done) == ("failed", 2)


class TestStopping:
    def test_a_stopped_job_does_no_more(self, person):
        job = make_job(person, 5)

        def change(_job, row):
            if row.position == 2:
                stop_job(job.pk)
            return DONE

        work(job, JobHandler(each=change, piece=5))
        job.refresh_from_db()
        # The row that was being changed is recorded as done.
        assert (job.state, states(job)) == ("stopped", ["done", "done", "waiting", "waiting", "waiting"])
        with pytest.raises(InvalidTransitionError):
            stop_job(job.pk)
        Job.objects.filter(pk=job.pk).update(kind="test")
        continue_job(job.pk)
        Job.objects.filter(pk=job.pk).update(state="waiting", lease_renewed_at=None)
        work(job, JobHandler(each=lambda _job, _row: DONE))
        job.refresh_from_db()
        assert (job.state, job.done) == ("finished", 5)

    def test_a_piece_that_was_stopped_is_rolled_back(self, person):
        job = make_job(person, 3)

        def change(_job, rows):
            CredentialFactory()
            Job.objects.filter(pk=job.pk).update(state="stopped")
            return {row.pk: DONE for row in rows}

        work(job, JobHandler(together=change))
        assert states(job) == ["waiting"] * 3
        assert not Credential.objects.exists()

    def test_a_late_worker_records_nothing(self, person):
        job = make_job(person, 2)

        def change(_job, rows):
            # Another worker takes the job over meanwhile, and does it.
            lose_worker(job)
            work(job, JobHandler(together=lambda _job, found: {row.pk: DONE for row in found}))
            return {row.pk: Outcome(is_done=False, code="late") for row in rows}

        work(job, JobHandler(batch=change))
        job.refresh_from_db()
        # The rows were tried before, so the other worker does them one by one.
        assert (job.state, states(job), job.done, job.failed) == ("finished", ["done", "done"], 2, 0)


class TestSweep:
    def test_a_lost_message_is_found(self, person, configuration):
        credential = CredentialFactory(available=True, configuration=configuration)
        job = self.make(person, [credential])
        Job.objects.filter(pk=job.pk).update(state="waiting", resume_after=timezone.now())
        assert issuing.sweep_stale_credentials().jobs_resumed == 1
        credential.refresh_from_db()
        assert credential.status == "invalidated"

    def test_a_lost_worker_is_found(self, person, configuration):
        credential = CredentialFactory(available=True, configuration=configuration)
        job = self.make(person, [credential])
        Job.objects.filter(pk=job.pk).update(
            state="working", lease_token="dead", lease_renewed_at=timezone.now(), started_at=timezone.now()
        )
        assert issuing.sweep_stale_credentials().jobs_resumed == 0
        lose_worker(job)
        assert issuing.sweep_stale_credentials().jobs_resumed == 1
        job.refresh_from_db()
        assert (job.state, job.done) == ("finished", 1)

    def test_what_nobody_confirms_ends(self, person, configuration):
        credentials = CredentialFactory.create_batch(2, available=True, configuration=configuration)
        draft, held = self.make(person, credentials), self.make(person, credentials)
        confirm_job(held.pk, plan=held.plan, actor=person, needs_second=True)
        issuing.sweep_stale_credentials()
        assert Job.objects.count() == 2
        Job.objects.update(created=timezone.now() - timedelta(days=2))
        issuing.sweep_stale_credentials()
        assert list(Job.objects.all()) == [held]
        assert not JobRow.objects.filter(job=draft).exists()
        Job.objects.update(confirmed_at=timezone.now() - timedelta(days=15))
        issuing.sweep_stale_credentials()
        held.refresh_from_db()
        assert held.state == "declined"
        with pytest.raises(InvalidTransitionError):
            approve_job(held.pk, actor=UserFactory())

    def test_rows_and_files_are_kept_for_a_time(self, person):
        job = make_job(person, 2)
        Job.objects.update(
            state="finished",
            finished_at=timezone.now() - timedelta(days=2),
            file_name="jobs/a/x.zip",
            file_label="x.zip",
        )
        issuing.sweep_stale_credentials()
        job.refresh_from_db()
        assert (job.file_name, job.rows.count()) == ("", 2)
        assert StrayPlace.objects.filter(name="jobs/a/x.zip").exists()
        Job.objects.update(finished_at=timezone.now() - timedelta(days=91))
        issuing.sweep_stale_credentials()
        assert job.rows.count() == 0
        assert Job.objects.count() == 1

    @staticmethod
    def make(person, credentials):
        uuids = [row.pk for row in credentials]
        job = desk.draft_from_credentials(
            BulkAct.INVALIDATE, Credential.objects.filter(pk__in=uuids), source="test", actor=person
        )
        desk.plan_again(job, {"reason": "Exam annulled", "blocks_reissue": True}, actor=person)
        return job


class TestAtOnce:
    def test_two_workers_do_every_row_once(self, person):
        job, seen = make_job(person, 30), []

        def change(_job, rows):
            seen.extend(row.position for row in rows)
            return {row.pk: DONE for row in rows}

        handler = JobHandler(batch=change, piece=2)
        assert_no_errors(at_once(*[lambda: work(job, handler)] * 2))
        lose_worker(job)
        while work(job, handler).done:
            lose_worker(job)
        assert sorted(seen) == sorted(set(seen))

    def test_two_people_decide_once(self, person, configuration):
        job = TestSweep.make(person, CredentialFactory.create_batch(2, available=True, configuration=configuration))
        confirm_job(job.pk, plan=job.plan, actor=person, needs_second=True)
        others, refused = UserFactory.create_batch(2), []

        def approve(other):
            try:
                approve_job(job.pk, actor=other)
            except InvalidTransitionError as error:
                refused.append(error)

        assert_no_errors(at_once(*(lambda other=other: approve(other) for other in others)))
        assert len(refused) == 1
        assert Credential.objects.filter(status="invalidated").count() == 2


class TestPieces:
    """The real acts: what a dead worker did is not done twice, and the statements of a piece are bounded."""

    @pytest.mark.parametrize("act", [BulkAct.INVALIDATE, BulkAct.CHANGE_EXPIRY])
    def test_statements_of_a_piece_do_not_grow(self, person, configuration, act):
        # The files are archived by another task, which the settings of the tests would run at once.
        uid = "learning_credentials.credentials_invalidated"
        signals.credentials_invalidated.disconnect(dispatch_uid=uid)
        try:
            numbers = self._count(person, configuration, act)
        finally:
            signals.credentials_invalidated.connect(archive_files, dispatch_uid=uid)
        assert numbers[1] <= numbers[0] <= 45

    def _count(self, person, configuration, act):
        numbers = []
        for number in (2, 20):
            credentials = CredentialFactory.create_batch(number, available=True, configuration=configuration)
            job = self.make(person, act, credentials)
            with CaptureQueriesContext(connection) as queries:
                desk.work_off_job(job.pk)
            job.refresh_from_db()
            assert (job.state, job.done) == ("finished", number)
            numbers.append(len(queries))
        return numbers

    @pytest.mark.parametrize("act", [BulkAct.REISSUE, BulkAct.CHANGE_NAME, BulkAct.RENDER_AGAIN])
    def test_what_a_lost_worker_did_counts_as_done(self, person, course, enrol, act):
        enrol(count=2)
        api.issue_pending_credentials(course.pk)
        job = self.make(person, act, Credential.objects.all())
        desk.work_off_job(job.pk)
        # As if the worker had died before it recorded what it did.
        JobRow.objects.filter(job=job).update(state="waiting", message="")
        Job.objects.filter(pk=job.pk).update(state="working", finished_at=None, done=0)
        number = Credential.objects.count()
        desk.work_off_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.done, job.failed) == ("finished", 2, 0)
        assert Credential.objects.count() == number

    def test_a_learner_to_whom_a_lost_worker_issued_counts_as_done(self, person, course, enrol):
        users = enrol(count=2)
        rows = [JobRow(position=user.pk, learner=str(user.pk), values={"reason": ""}) for user in users]
        job = create_job(BulkAct.ISSUE, rows, parameters={"configuration_id": course.pk}, actor=person)
        Job.objects.update(state="waiting")
        desk.work_off_job(job.pk)
        JobRow.objects.update(state="waiting", message="")
        Job.objects.update(state="working", finished_at=None, done=0)
        desk.work_off_job(job.pk)
        job.refresh_from_db()
        assert (job.done, job.failed) == (2, 0)
        assert Credential.objects.count() == 2

    @staticmethod
    def make(person, act, credentials):
        rows = [
            JobRow(
                position=position,
                credential=row.pk,
                values={
                    "reason": "Because",
                    "name": f"Name {position}",
                    "expires_at": "2100-01-01T00:00:00+00:00",
                    "shown": {
                        "status": row.status,
                        "is_current": row.is_current,
                        "expires_at": None,
                        "user_full_name": row.user_full_name,
                    },
                },
            )
            for position, row in enumerate(credentials, start=1)
        ]
        job = create_job(act, rows, parameters={}, actor=person)
        Job.objects.filter(pk=job.pk).update(state="waiting")
        return job


class TestCommand:
    def test_it_waits_for_a_second_person(self, person, configuration, app_settings, capsys):
        app_settings(CONFIRM_REVOCATIONS_ABOVE=1)
        rows = CredentialFactory.create_batch(2, available=True, configuration=configuration)
        call_command("invalidate_credentials", "--configuration", str(configuration.pk), "--reason", "Annulled")
        job = Job.objects.get()
        assert f"must confirm job {job.pk}" in capsys.readouterr().out
        assert (job.state, job.requested_by, job.total) == ("held", None, 2)
        assert not Credential.objects.filter(status="invalidated").exists()
        approve_job(job.pk, actor=person)
        for row in rows:
            row.refresh_from_db()
            assert (row.status, row.invalidation_reason, row.blocks_reissue) == ("invalidated", "Annulled", True)

    def test_it_invalidates_fewer_at_once(self, configuration, app_settings):
        app_settings(CONFIRM_REVOCATIONS_ABOVE=2)
        CredentialFactory.create_batch(2, available=True, configuration=configuration)
        call_command("invalidate_credentials", "--configuration", str(configuration.pk), "--reason", "Annulled")
        assert Credential.objects.filter(status="invalidated").count() == 2
        assert not Job.objects.exists()
        with pytest.raises(CommandError):
            call_command("invalidate_credentials", "--reason", "Annulled")


class TestRandomWorkers(TestCase):
    """Whatever happens to workers, in any order, each row is done once, or refused with a reason."""

    @settings(max_examples=max(settings().max_examples // 2, 5))
    @given(
        number=st.integers(1, 8),
        piece=st.integers(1, 4),
        fates=st.lists(st.sampled_from(["fine", "killed", "outage", "refused", "bug"]), max_size=12),
        mode=st.sampled_from(["together", "batch", "each"]),
    )
    def test_each_row_ends_once(self, number, piece, fates, mode):
        person = UserFactory(superuser=True)
        job, left, done = make_job(person, number), list(fates), []

        def one(_job, row):
            fate = left.pop(0) if left else "fine"
            if fate == "killed":
                raise KilledError
            if fate == "outage":
                raise LMSUnavailableError("down")
            if fate == "refused":
                raise NotEligibleError("no")
            if fate == "bug":
                raise ValueError("a mistake")
            done.append(row.position)
            return DONE

        def many(job, rows):
            return {row.pk: one(job, row) for row in rows}

        handler = JobHandler(each=one, piece=piece) if mode == "each" else JobHandler(**{mode: many}, piece=piece)
        for _turn in range(100):
            try:
                work(job, handler)
            except KilledError:
                lose_worker(job)
            job.refresh_from_db()
            if job.state not in {"waiting", "working"}:
                break
        assert job.state == "finished"
        rows = list(JobRow.objects.filter(job=job))
        assert all(row.state == "done" or (row.state == "refused" and row.code) for row in rows)
        assert job.done == sum(row.state == "done" for row in rows)
        assert job.failed == number - job.done
        assert {row.position for row in rows if row.state == "done"} <= set(done)
