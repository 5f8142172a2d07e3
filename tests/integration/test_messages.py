"""What a host tells, and what the app owes others, outlasts whatever is down meanwhile."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import ClassVar

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from learning_credentials import api, signals
from learning_credentials.exceptions import LMSUnavailableError
from learning_credentials.lms.fake import FakeLMS
from learning_credentials.models import Credential, HostMessage, LearnerCertificate
from learning_credentials.services.common import messages, retry_messages
from learning_credentials.services.common.messages import work
from learning_credentials.services.issuing import issue_chunk, sweep_stale_credentials
from learning_credentials.services.notices import announce_pending_credentials, work_off_messages
from learning_credentials.services.standings import regenerate_certificates
from tests.brokers import find_closed_port
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)

RETRIEVAL_FUNC = "learning_credentials.processors.retrieve_course_certificates"
PASSING, FAILING = {"Homework": 0.9, "Exam": 0.9}, {"Homework": 0.1, "Exam": 0.1}


@pytest.fixture
def key(world):
    """The key of a run with a course-certificate configuration, without a schedule that would make up for anything."""
    configuration = CredentialConfigurationFactory(credential_type__retrieval_func=RETRIEVAL_FUNC)
    world.add_course_run(configuration.learning_context_key, "Introduction to Tests")
    return configuration.learning_context_key


@pytest.fixture
def enrol(world, key):
    def enrol_learners(count=1, scores=PASSING):
        users = UserFactory.create_batch(count)
        for user in users:
            world.enrol(user.pk, key)
            world.set_grade(user.pk, key, scores)
        return users

    return enrol_learners


@pytest.fixture
def learner(enrol):
    return enrol()[0]


@pytest.fixture
def holder(learner, key):
    """A learner who holds the certificate."""
    assert api.evaluate_course_certificate(key, learner.pk) == "downloadable"
    return learner


@pytest.fixture
def broker(settings):
    """A broker that can be stopped: nothing listens at its address then. Otherwise tasks run at once."""

    class Broker:
        def stop(self):
            settings.CELERY_BROKER_URL = f"amqp://guest@127.0.0.1:{find_closed_port()}//"
            settings.CELERY_TASK_ALWAYS_EAGER = False

        def start(self):
            settings.CELERY_TASK_ALWAYS_EAGER = True

    return Broker()


class ListeningLMS(FakeLMS):
    """An LMS that wants to be told of standings, and answers wrongly when a test says so."""

    told: ClassVar[list[tuple[str, dict[int, str]]]] = []
    error: ClassVar[Exception | None] = None
    poison: ClassVar[set[int]] = set()
    poison_error: ClassVar[Exception] = ZeroDivisionError("a grade that cannot be computed")

    def take_standings(self, course_key, statuses):
        if self.error is not None:
            raise self.error
        self.told.append((course_key, dict(statuses)))

    def get_grades(self, context_key, user_ids):
        if self.poison.intersection(user_ids):
            raise self.poison_error
        return super().get_grades(context_key, user_ids)


@pytest.fixture
def lms(world, app_settings, monkeypatch):
    monkeypatch.setattr(ListeningLMS, "told", [])
    monkeypatch.setattr(ListeningLMS, "error", None)
    monkeypatch.setattr(ListeningLMS, "poison", set())
    monkeypatch.setattr(ListeningLMS, "poison_error", ListeningLMS.poison_error)
    app_settings(LMS_BACKEND=f"{__name__}.ListeningLMS")
    return ListeningLMS


def standing(user):
    return LearnerCertificate.objects.filter(user=user).values_list("status", flat=True).first()


def is_live(user):
    return Credential.objects.filter(user=user, is_current=True, status="available").exists()


def make_due(**changes):
    """Let the time pass that messages wait before they are tried again."""
    HostMessage.objects.exclude(next_attempt_at=None).update(next_attempt_at=timezone.now(), **changes)


class TestWithoutBroker:
    """Each thing that a host or staff tells while the broker is down ends, after it is back and one sweep, as it would have."""

    def test_a_failing_grade(self, world, broker, holder, key):
        world.set_grade(holder.pk, key, FAILING)
        broker.stop()
        signals.grade_now_failing.send(None, user_id=holder.pk, course_key=key)
        assert standing(holder) == "downloadable"
        broker.start()
        sweep_stale_credentials()
        assert (standing(holder), is_live(holder)) == ("notpassing", False)
        assert not HostMessage.objects.exists()

    def test_a_passing_grade(self, broker, learner, key):
        broker.stop()
        signals.grade_now_passing.send(None, user_id=learner.pk, course_key=key)
        broker.start()
        sweep_stale_credentials()
        assert (standing(learner), is_live(learner)) == ("downloadable", True)

    def test_a_mode(self, world, broker, learner, key):
        world.enrol(learner.pk, key, mode="audit")
        assert api.evaluate_course_certificate(key, learner.pk) is None
        world.enrol(learner.pk, key, mode="verified")
        broker.stop()
        signals.enrolment_mode_changed.send(None, user_id=learner.pk, course_key=key)
        broker.start()
        sweep_stale_credentials()
        assert (standing(learner), is_live(learner)) == ("downloadable", True)

    def test_an_identity(self, world, broker, learner, key, app_settings):
        app_settings(IDENTITY_REQUIRED=True)
        world.enrol(learner.pk, key, mode="verified")
        assert api.evaluate_course_certificate(key, learner.pk) == "unverified"
        world.set_identity(learner.pk, True)
        broker.stop()
        signals.identity_verified.send(None, user_id=learner.pk)
        broker.start()
        sweep_stale_credentials()
        assert (standing(learner), is_live(learner)) == ("downloadable", True)

    def test_an_entry_of_the_allowlist_and_its_removal(self, broker, enrol, key):
        [learner] = enrol(scores=FAILING)
        broker.stop()
        entry = api.add_allowlist_entry(learner.pk, key, notes="Ill on the day")
        broker.start()
        sweep_stale_credentials()
        assert (standing(learner), is_live(learner)) == ("downloadable", True)
        broker.stop()
        api.remove_allowlist_entry(entry.pk, notes="A mistake")
        broker.start()
        sweep_stale_credentials()
        assert (standing(learner), is_live(learner)) == ("notpassing", False)

    def test_an_invalidation_that_is_withdrawn(self, broker, holder, key):
        invalidation = api.invalidate_certificate(holder.pk, key, notes="Plagiarism")
        broker.stop()
        api.lift_certificate_invalidation(invalidation.pk, notes="Appeal upheld")
        broker.start()
        sweep_stale_credentials()
        assert (standing(holder), is_live(holder)) == ("downloadable", True)

    def test_a_regeneration(self, world, broker, holder, enrol, key):
        [other] = enrol(scores=FAILING)
        LearnerCertificate.objects.filter(user=holder).update(status="notpassing")
        Credential.objects.filter(user=holder).delete()
        broker.stop()
        assert regenerate_certificates(key, statuses=["notpassing"]) == 1
        broker.start()
        sweep_stale_credentials()
        assert (standing(holder), standing(other)) == ("downloadable", None)

    def test_what_the_lms_is_owed(self, lms, broker, learner, key):
        broker.stop()
        api.evaluate_course_certificate(key, learner.pk)
        assert lms.told == []
        broker.start()
        sweep_stale_credentials()
        assert lms.told == [(key, {learner.pk: "downloadable"})]
        assert not HostMessage.objects.exists()

    def test_the_log_says_what_finds_the_work(self, broker, learner, key, caplog):
        broker.stop()
        with caplog.at_level(logging.ERROR, "learning_credentials"):
            signals.grade_now_passing.send(None, user_id=learner.pk, course_key=key)
        [record] = caplog.records
        assert "work_off_messages_task could not be enqueued. A periodic task will do the work" in record.getMessage()


class TestOtherWorkWithoutBroker:
    """What is enqueued and is no message is found by the periodic jobs."""

    @pytest.fixture(autouse=True)
    def _swept_at_once(self, app_settings):
        app_settings(CLAIM_TIMEOUT=0)

    def test_a_run_its_credentials_and_their_mails(self, broker, course, world, mailoutbox):
        learner = UserFactory()
        world.enrol(learner.pk, course.learning_context_key)
        broker.stop()
        run = api.start_run(course.pk)
        assert run.evaluated_at is None
        broker.start()
        sweep_stale_credentials()
        run.refresh_from_db()
        assert (run.done, run.finished_at is None) == (1, False)
        assert len(mailoutbox) == 1

    def test_a_request_and_its_mail(self, broker, course, world, mailoutbox):
        learner = UserFactory()
        world.enrol(learner.pk, course.learning_context_key)
        type(course).objects.update(allow_self_generation=True)
        broker.stop()
        credential = api.request_credential(course.pk, learner.pk)
        assert credential.status == "generating"
        issue_chunk([credential.pk])  # a worker made it, and could not enqueue the mail
        assert mailoutbox == []
        broker.start()
        assert announce_pending_credentials() == 1

    def test_the_files_of_invalidated_credentials(self, broker, course, world):
        learner = UserFactory()
        world.enrol(learner.pk, course.learning_context_key)
        credential = api.issue_credential(course.pk, learner.pk)
        broker.stop()
        api.invalidate_credential(credential.pk, reason="Plagiarism")
        credential.refresh_from_db()
        assert credential.archived_at is None
        broker.start()
        assert sweep_stale_credentials().archived == 1


class TestInTheHostsTransaction:
    def test_nothing_is_kept_of_one_that_is_rolled_back(self, learner, key):
        with transaction.atomic():
            signals.grade_now_passing.send(None, user_id=learner.pk, course_key=key)
            assert HostMessage.objects.count() == 1
            transaction.set_rollback(True)
        assert not HostMessage.objects.exists()
        assert standing(learner) is None

    def test_a_signal_costs_one_statement(self, broker, learner, key):
        broker.stop()
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            signals.grade_now_passing.send(None, user_id=learner.pk, course_key=key)
        statements = [query["sql"] for query in captured if query["sql"].startswith(("SELECT", "INSERT", "UPDATE"))]
        assert len(statements) == 1

    @pytest.mark.parametrize(
        "signal", [signals.grade_now_passing, signals.grade_now_failing, signals.enrolment_mode_changed]
    )
    @pytest.mark.parametrize("course_key", ["k" * 256, "", None, 7, "run:\0", "run:\ud800", b"run:a"])
    def test_a_key_that_cannot_be_is_logged(self, signal, course_key, learner, caplog):
        with transaction.atomic():
            signal.send(None, user_id=learner.pk, course_key=course_key)
            assert get_user_model().objects.filter(pk=learner.pk).exists()  # the transaction goes on
            learner.last_name = "Changed"
            learner.save()
        learner.refresh_from_db()
        assert learner.last_name == "Changed"
        assert not HostMessage.objects.exists()
        [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert "was ignored" in record.getMessage()

    @pytest.mark.parametrize("user_id", [None, "ada", 1.5, True, 10**30, -(10**30), [1], object()])
    def test_a_learner_that_cannot_be_is_logged(self, user_id, learner, key, caplog):
        with transaction.atomic():
            signals.grade_now_failing.send(None, user_id=user_id, course_key=key)
            signals.identity_verified.send(None, user_id=user_id)
            assert get_user_model().objects.filter(pk=learner.pk).exists()
        assert not HostMessage.objects.exists()
        assert sum("was ignored" in record.getMessage() for record in caplog.records) == 2

    def test_arguments_that_are_missing_are_logged(self, learner, caplog):
        with transaction.atomic():
            signals.grade_now_passing.send(None)
            signals.identity_verified.send(None)
        assert sum("was ignored" in record.getMessage() for record in caplog.records) == 2

    def test_a_learner_who_is_not_there_leaves_nothing_behind(self, learner, key, caplog):
        with transaction.atomic():
            signals.grade_now_failing.send(None, user_id=learner.pk + 1000, course_key=key)
            signals.identity_verified.send(None, user_id=learner.pk + 1000)
        assert not HostMessage.objects.exists()
        assert not LearnerCertificate.objects.exists()
        assert any(
            f"1 learners who have no account. They were ignored: [{learner.pk + 1000}]" in record.getMessage()
            for record in caplog.records
        )

    def test_a_database_that_refuses_is_the_hosts_to_know(self, learner, key):
        """A host that is told nothing would commit what it believes to be whole."""

        def refuse(execute, sql, params, many, context):
            if "lcred_host_message" in sql:
                raise DatabaseError("the server shut the connection")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(refuse), pytest.raises(DatabaseError), transaction.atomic():
            signals.grade_now_passing.send(None, user_id=learner.pk, course_key=key)


class TestCauses:
    @pytest.mark.parametrize("order", [("failing", "passing"), ("passing", "failing")])
    def test_a_failing_grade_counts_beside_a_passing_message(self, world, broker, holder, key, order):
        """Both wait; the grade of now is failing, and only the failing message may take the certificate."""
        world.set_grade(holder.pk, key, FAILING)
        broker.stop()
        for name in order:
            getattr(signals, f"grade_now_{name}").send(None, user_id=holder.pk, course_key=key)
        broker.start()
        sweep_stale_credentials()
        assert standing(holder) == "notpassing"

    def test_a_grade_that_passes_again_keeps_the_certificate(self, broker, holder, key):
        broker.stop()
        signals.grade_now_failing.send(None, user_id=holder.pk, course_key=key)
        signals.grade_now_passing.send(None, user_id=holder.pk, course_key=key)
        broker.start()
        sweep_stale_credentials()
        assert (standing(holder), is_live(holder)) == ("downloadable", True)

    def test_an_outage_of_the_lms_is_outlasted(self, world, holder, key):
        world.set_grade(holder.pk, key, FAILING)
        world.outage = True
        signals.grade_now_failing.send(None, user_id=holder.pk, course_key=key)
        for _attempt in range(10):
            make_due()
            result = sweep_stale_credentials()
        assert (result.messages_waiting, result.messages_failing, result.messages_given_up) == (1, 1, 0)
        assert standing(holder) == "downloadable"
        world.outage = False
        make_due()
        sweep_stale_credentials()
        assert standing(holder) == "notpassing"

    def test_the_pause_grows_to_an_hour(self, world, learner, key):
        world.outage = True
        signals.grade_now_passing.send(None, user_id=learner.pk, course_key=key)
        pauses = []
        for _attempt in range(12):
            row = HostMessage.objects.get()
            pauses.append(round((row.next_attempt_at - timezone.now()).total_seconds() / 10))
            make_due()
            work_off_messages("grade_passing", key)
        assert pauses[:5] == [1, 2, 4, 8, 16]
        assert pauses[-1] == 360


class TestBatches:
    def test_the_number_of_queries_does_not_grow_with_learners(self, broker, enrol, key):
        def count(users):
            broker.stop()
            for user in users:
                signals.grade_now_failing.send(None, user_id=user.pk, course_key=key)
            broker.start()
            with CaptureQueriesContext(connection) as captured:
                work_off_messages("grade_failing", key)
            assert not HostMessage.objects.exists()
            return len(captured)

        count(enrol(1, FAILING))
        assert count(enrol(3, FAILING)) == count(enrol(60, FAILING))

    def test_more_than_one_claim_takes(self, monkeypatch, broker, enrol, key):
        monkeypatch.setattr(signals, "MAX_IDS", 4)
        users = enrol(10)
        broker.stop()
        for user in users:
            signals.grade_now_passing.send(None, user_id=user.pk, course_key=key)
        broker.start()
        result = work_off_messages("grade_passing", key)
        assert (result.done, result.failed, result.retry_in) == (10, 0, None)
        assert {standing(user) for user in users} == {"downloadable"}

    def test_one_poisonous_learner_stops_no_other(self, lms, broker, enrol, key):
        users = enrol(40)
        lms.poison.add(users[20].pk)
        broker.stop()
        for user in users:
            signals.grade_now_passing.send(None, user_id=user.pk, course_key=key)
        broker.start()
        sweep_stale_credentials()
        assert [user for user in users if standing(user) is None] == [users[20]]
        row = HostMessage.objects.get()
        assert row.payload["user_ids"] == [users[20].pk]
        assert (row.error_code, row.attempts) == ("unexpected_error", 1)
        assert "a grade that cannot be computed" in row.error_message

    def test_one_learner_of_whom_the_lms_never_answers_stops_no_other_for_long(self, lms, broker, enrol, key):
        users = enrol(20)
        lms.poison.add(users[7].pk)
        lms.poison_error = LMSUnavailableError("timeout")
        broker.stop()
        for user in users:
            signals.grade_now_passing.send(None, user_id=user.pk, course_key=key)
        broker.start()
        for _attempt in range(3):  # at first it is taken for an outage
            assert not LearnerCertificate.objects.exists()
            sweep_stale_credentials()
            make_due()
        assert [user for user in users if standing(user) is None] == [users[7]]
        assert HostMessage.objects.get().error_code == "lms_unavailable"

    def test_one_poisonous_learner_of_a_large_message_stops_no_other(self, lms, broker, enrol, key):
        users = enrol(40)
        lms.poison.update({users[3].pk, users[33].pk})
        messages.put_message("staff", key, [user.pk for user in users])
        assert {user for user in users if standing(user) is None} == {users[3], users[33]}
        assert HostMessage.objects.get().payload["user_ids"] == [users[3].pk, users[33].pk]
        lms.poison.clear()
        make_due()
        sweep_stale_credentials()
        assert {standing(user) for user in users} == {"downloadable"}

    def test_what_one_run_lacks_stops_no_other(self, broker, learner, key):
        CredentialConfigurationFactory(
            learning_context_key="run:unknown-to-the-lms", credential_type__retrieval_func=RETRIEVAL_FUNC
        )
        broker.stop()
        signals.grade_now_passing.send(None, user_id=learner.pk, course_key="run:unknown-to-the-lms")
        signals.grade_now_passing.send(None, user_id=learner.pk, course_key=key)
        broker.start()
        result = sweep_stale_credentials()
        assert standing(learner) == "downloadable"
        assert result.messages_waiting == 2  # as the sweep met them
        assert HostMessage.objects.get().error_code == "context_not_found"

    def test_what_a_killed_worker_held_is_taken_up_alone(self, learner, enrol, key):
        users = enrol(3)
        rows = [HostMessage(kind="grade_passing", context_key=key, payload={"user_ids": [user.pk]}) for user in users]
        HostMessage.objects.bulk_create(rows)
        assert len(messages.claim_messages("grade_passing", key).messages) == 3
        assert messages.claim_messages("grade_passing", key) is None
        make_due()  # the lease has lapsed
        assert len(messages.claim_messages("grade_passing", key).messages) == 1

    def lose(self, key, kind="grade_passing"):
        """Claim as a worker that is killed at once, and let its lease lapse."""
        claimed = messages.claim_messages(kind, key)
        make_due()
        return [list(message.user_ids) for message in claimed.messages] if claimed else None

    def test_what_is_lost_alone_is_divided_until_one_learner_is_left(self, broker, enrol, key):
        poisonous = 77
        HostMessage.objects.create(kind="grade_passing", context_key=key, payload={"user_ids": list(range(100, 140))})
        HostMessage.objects.create(kind="grade_passing", context_key=key, payload={"user_ids": list(range(60, 100))})
        kills = 0
        while HostMessage.objects.exclude(payload={"user_ids": [poisonous]}).exists():
            claimed = messages.claim_messages("grade_passing", key)
            if any(poisonous in message.user_ids for message in claimed.messages):
                kills += 1
                make_due()
            else:
                messages.delete_done_messages(claimed, claimed.messages)
        assert kills == 4  # with the other message, then of 40, 5 and 1 learners
        row = HostMessage.objects.get()
        assert (row.payload["user_ids"], row.error_code) == ([poisonous], "worker_lost")
        assert "worker stopped" in row.error_message

    def test_others_come_before_one_that_is_lost_again_and_again(self, broker, key):
        for number in range(3):
            HostMessage.objects.create(kind="staff", context_key=key, payload={"user_ids": [number]})
        assert self.lose(key, "staff") == [[0], [1], [2]]
        assert [self.lose(key, "staff") for _claim in range(3)] == [[[0]], [[1]], [[2]]]

    def test_one_learner_who_is_lost_for_too_long_is_given_up(self, world, broker, key, caplog):
        HostMessage.objects.create(kind="staff", context_key=key, payload={"user_ids": [5]})
        for _attempt in range(6):
            assert self.lose(key, "staff") == [[5]]
        HostMessage.objects.update(created=timezone.now() - timedelta(days=8))
        assert self.lose(key, "staff") is None
        row = HostMessage.objects.get()
        assert (row.next_attempt_at, row.error_code) == (None, "worker_lost")
        assert "was given up after 6 attempts" in caplog.text

    def test_a_division_costs_the_same_for_few_and_many(self, broker, key):
        def count(learners):
            HostMessage.objects.all().delete()
            HostMessage.objects.create(
                kind="staff",
                context_key=key,
                attempts=2,
                lease_token="lost",
                payload={"user_ids": list(range(learners))},
            )
            with CaptureQueriesContext(connection) as captured:
                messages.claim_messages("staff", key)
            assert HostMessage.objects.count() == 8
            return len(captured)

        assert count(8) == count(500)

    def test_a_lease_is_renewed_between_the_parts_of_long_work(
        self, lms, monkeypatch, app_settings, broker, enrol, key
    ):
        app_settings(CLAIM_TIMEOUT=2)
        monkeypatch.setattr(work, "PART", 2)
        users = enrol(8)
        asked: list[tuple[float, object]] = []

        def take_slowly(_self, context_key, user_ids):
            time.sleep(0.8)
            asked.append((len(user_ids), messages.claim_messages("staff", context_key)))
            return FakeLMS.get_grades(_self, context_key, user_ids)

        monkeypatch.setattr(lms, "get_grades", take_slowly)
        messages.put_message("staff", key, [user.pk for user in users])
        assert asked == [(2, None)] * 4
        assert {standing(user) for user in users} == {"downloadable"}
        assert not HostMessage.objects.exists()

    def test_work_that_somebody_else_took_over_is_left_to_them(
        self, lms, monkeypatch, app_settings, broker, enrol, key
    ):
        app_settings(CLAIM_TIMEOUT=1)
        monkeypatch.setattr(work, "PART", 2)
        users = enrol(6)
        others: list[object] = []

        def hang(_self, context_key, user_ids):
            if not others:
                time.sleep(1.2)
                others.append(messages.claim_messages("staff", context_key))
            return FakeLMS.get_grades(_self, context_key, user_ids)

        monkeypatch.setattr(lms, "get_grades", hang)
        messages.put_message("staff", key, [user.pk for user in users])
        assert [standing(user) for user in users] == ["downloadable"] * 2 + [None] * 4
        assert HostMessage.objects.get().lease_token == others[0].token

    def test_two_workers_never_hold_the_same(self, enrol, key):
        rows = [HostMessage(kind="staff", context_key=key, payload={"user_ids": [n]}) for n in range(40)]
        HostMessage.objects.bulk_create(rows)
        claims = at_once(*[lambda: messages.claim_messages("staff", key)] * 4)
        assert_no_errors(claims)
        held = [message.pk for claimed in claims if claimed for message in claimed.messages]
        assert len(held) == len(set(held)) == 40

    def test_a_lease_that_lapsed_settles_nothing(self, learner, key):
        HostMessage.objects.create(kind="staff", context_key=key, payload={"user_ids": [learner.pk]})
        late = messages.claim_messages("staff", key)
        make_due()
        assert messages.claim_messages("staff", key) is not None
        messages.delete_done_messages(late, late.messages)
        messages.postpone_messages(late, late.messages, RuntimeError("late"), {learner.pk})
        assert HostMessage.objects.get().error_code == ""


class TestTellingTheLMS:
    def test_the_last_status_wins(self, world, lms, broker, holder, key):
        lms.told.clear()
        broker.stop()
        world.set_grade(holder.pk, key, FAILING)
        api.evaluate_course_certificate(key, holder.pk, cause=api.Cause.GRADE_FAILING)
        world.set_grade(holder.pk, key, PASSING)
        api.evaluate_course_certificate(key, holder.pk)
        world.set_grade(holder.pk, key, FAILING)
        api.evaluate_course_certificate(key, holder.pk, cause=api.Cause.GRADE_FAILING)
        assert HostMessage.objects.count() == 3
        broker.start()
        sweep_stale_credentials()
        assert lms.told == [(key, {holder.pk: "notpassing"})]

    def test_one_worker_at_a_time_tells_of_a_run(self, broker, lms, learner, key):
        broker.stop()
        api.evaluate_course_certificate(key, learner.pk)
        held = messages.claim_messages("tell_standings", key, is_exclusive=True)
        api.invalidate_certificate(learner.pk, key, notes="Plagiarism")
        assert messages.claim_messages("tell_standings", key, is_exclusive=True) is None
        messages.delete_done_messages(held, held.messages)
        assert messages.claim_messages("tell_standings", key, is_exclusive=True) is not None

    def test_only_one_of_many_workers_gets_to_tell(self, key):
        rows = [HostMessage(kind="tell_standings", context_key=key, payload={"user_ids": [n]}) for n in range(30)]
        HostMessage.objects.bulk_create(rows)
        claims = at_once(*[lambda: messages.claim_messages("tell_standings", key, is_exclusive=True)] * 4)
        assert_no_errors(claims)
        assert sum(claimed is not None for claimed in claims) == 1

    @pytest.mark.parametrize("error", [LMSUnavailableError("down for maintenance"), KeyError("milestone")])
    def test_an_lms_that_cannot_be_told_is_told_later(self, lms, learner, key, error):
        lms.error = error
        api.evaluate_course_certificate(key, learner.pk)
        assert standing(learner) == "downloadable"
        assert HostMessage.objects.get().error_code == getattr(error, "code", "unexpected_error")
        lms.error = None
        make_due()
        sweep_stale_credentials()
        assert lms.told == [(key, {learner.pk: "downloadable"})]

    def test_learners_who_were_deleted_are_left_out(self, lms, broker, enrol, key):
        first, second = enrol(2)
        broker.stop()
        api.evaluate_course_certificates(key, [first.pk, second.pk])
        LearnerCertificate.objects.filter(user=first).delete()
        broker.start()
        sweep_stale_credentials()
        assert lms.told == [(key, {second.pk: "downloadable"})]

    def test_nothing_is_kept_for_an_lms_that_does_not_want_to_know(self, broker, learner, key):
        broker.stop()
        api.evaluate_course_certificate(key, learner.pk)
        assert not HostMessage.objects.exists()


class TestGivingUp:
    def test_is_said_and_waits_for_a_person(self, world, learner, key, caplog):
        world.outage = True
        signals.grade_now_passing.send(None, user_id=learner.pk, course_key=key)
        HostMessage.objects.update(created=timezone.now() - timedelta(days=8))
        for _attempt in range(5):
            make_due()
            work_off_messages("grade_passing", key)
        row = HostMessage.objects.get()
        assert row.next_attempt_at is None
        assert any(
            "was given up after 5 attempts" in record.getMessage() and str(learner.pk) in record.getMessage()
            for record in caplog.records
        )
        caplog.clear()
        result = sweep_stale_credentials()
        assert (result.messages_waiting, result.messages_failing, result.messages_given_up) == (1, 1, 1)
        assert any(
            "1 messages have failed and are kept. The app has given up 1 of them" in record.getMessage()
            for record in caplog.records
        )

        world.outage = False
        assert retry_messages([row.pk]) == 1
        assert standing(learner) == "downloadable"
        assert not HostMessage.objects.exists()

    def test_one_that_waited_for_workers_is_not_given_up_at_its_first_failure(self, world, broker, learner, key):
        broker.stop()
        signals.grade_now_passing.send(None, user_id=learner.pk, course_key=key)
        HostMessage.objects.update(created=timezone.now() - timedelta(days=30))
        broker.start()
        world.outage = True
        sweep_stale_credentials()
        assert HostMessage.objects.get().next_attempt_at is not None

    def test_a_kind_that_nobody_knows_is_kept(self, learner, key):
        HostMessage.objects.create(kind="of_a_later_version", context_key=key, payload={"user_ids": [learner.pk]})
        sweep_stale_credentials()
        assert "of_a_later_version" in HostMessage.objects.get().error_message
