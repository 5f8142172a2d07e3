"""Accounts that are deleted at the moment in which rows are inserted that refer to them: both must succeed, in either order."""

from __future__ import annotations

import io
import threading
from contextlib import contextmanager
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.db.models.signals import post_delete
from django.test import Client
from django.urls import reverse

from learning_credentials import api, receivers
from learning_credentials.exceptions import LearnerNotFoundError
from learning_credentials.models import (
    AllowlistEntry,
    CertificateEvent,
    CertificateInvalidation,
    Credential,
    CredentialEvent,
    GenerationRun,
    HostMessage,
    LearnerCertificate,
)
from learning_credentials.services.issuing import create_run, evaluate_run, issue_chunk
from learning_credentials.services.standings import take_host_message
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
#: Seconds that one side is given to come as far as it can while the other one pauses. On SQLite the first statement waits for the other.
A_WHILE = 0.15 if connection.vendor == "sqlite" else 0.6
COURSE_CERTIFICATES = "learning_credentials.processors.retrieve_course_certificates"


class Paused:
    """A function that runs in a thread of its own and pauses once, before or after a statement that has all of some words."""

    def __init__(self, function, *words: str, is_after: bool = False):
        self._words = words
        self._is_after = is_after
        self._goes_on = threading.Event()
        self.stands = threading.Event()
        self.result: object = None
        self._thread = threading.Thread(target=self._run, args=(function,))
        self._thread.start()

    def _run(self, function) -> None:
        try:
            with connection.execute_wrapper(self._watch):
                self.result = function()
        except Exception as error:
            self.result = error
        finally:
            self.stands.set()
            connections.close_all()

    def _watch(self, execute, sql, params, many, context):
        is_here = self._words and not self.stands.is_set() and all(word in sql for word in self._words)
        if is_here and not self._is_after:
            self._pause()
        result = execute(sql, params, many, context)
        if is_here and self._is_after:
            self._pause()
        return result

    def _pause(self) -> None:
        self.stands.set()
        assert self._goes_on.wait(60)

    def come_far(self) -> None:
        """Wait until it ended, or can come no further without the other side."""
        self._thread.join(A_WHILE)

    def end(self):
        """Let it go on; return its result, or raise what it raised."""
        self._goes_on.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def meet(first: Paused, second) -> tuple[object, object]:
    """Start a function while another one pauses; return both results."""
    assert first.stands.wait(60)
    assert first.result is None, first.result
    other = Paused(second)
    other.come_far()
    result = first.end()
    return result, other.end()


#: Where the deletion pauses while rows are inserted; where the insertion pauses while the account is deleted.
ORDERS = {
    "rows are inserted before other rows give up the account": ("UPDATE", "lcred_credential"),
    "rows are inserted before the account is deleted": ("DELETE", "auth_user"),
    "the account is deleted before the rows are committed": (),
}


@pytest.fixture(params=ORDERS, ids=str)
def both(request):
    """Do two things in one of the orders: delete accounts, and insert rows; return what the insertion returned."""
    words = ORDERS[request.param]

    def do(delete, insert, *inserted: str):
        if words:
            return meet(Paused(delete, *words), insert)[1]
        return meet(Paused(insert, *(inserted or ("INSERT", "event")), is_after=True), delete)[0]

    return do


@pytest.fixture
def certificates(course, world):
    """The course certificates of the run, which everyone enrolled earns."""
    course.credential_type.retrieval_func = COURSE_CERTIFICATES
    course.credential_type.save()
    return course


def grade(world, users, key, share: float) -> None:
    for user in users:
        world.set_grade(user.pk, key, {"Homework": share, "Exam": share})


def delete(user):
    """Delete an account as a page of the admin does: read first, then deleted."""
    return get_user_model().objects.get(pk=user.pk).delete()


def delete_many(*users):
    return get_user_model().objects.filter(pk__in=[user.pk for user in users]).delete()


def assert_gone(*users) -> None:
    keys = [user.pk for user in users]
    assert not get_user_model().objects.filter(pk__in=keys).exists()
    for model, column in (
        (Credential, "user_id"),
        (CredentialEvent, "actor_id"),
        (CertificateEvent, "user_id"),
        (CertificateEvent, "actor_id"),
        (LearnerCertificate, "user_id"),
        (AllowlistEntry, "user_id"),
        (AllowlistEntry, "created_by_id"),
        (CertificateInvalidation, "user_id"),
        (GenerationRun, "requested_by_id"),
    ):
        assert not model.objects.filter(**{f"{column}__in": keys}).exists(), (model, column)


def assert_run_is_complete(run, *, gone: int) -> None:
    """Everyone is accounted for: issued a credential, or skipped because the account is gone."""
    run.refresh_from_db()
    assert (run.error_code, run.failed) == ("", 0)
    assert run.finished_at is not None
    counts, not_eligible = run.skipped_detail["counts"], run.skipped_detail["not_eligible"]
    assert run.done + run.skipped + not_eligible == run.checked
    assert run.skipped + not_eligible <= gone
    # Where the run began again after the deletion, it is the LMS that knows nothing of the learner, or no standing is found.
    assert run.skipped == counts.get("no_account", 0) + counts.get("profile_unknown", 0)
    assert not Credential.objects.exclude(status=Status.AVAILABLE).exists()


class TestOfLearners:
    def test_in_a_run(self, course, enrol, both):
        users = enrol(count=6)
        both(partial(delete, users[2]), lambda: api.issue_pending_credentials(course.pk))
        assert_gone(users[2])
        run = GenerationRun.objects.get()
        assert run.checked == 6
        assert_run_is_complete(run, gone=1)
        assert Credential.objects.exclude(user=None).count() == 5

    def test_many_in_a_run(self, course, enrol, both):
        users = enrol(count=12)
        leaving = [users[9], users[1], users[4]]
        both(partial(delete_many, *leaving), lambda: api.issue_pending_credentials(course.pk))
        assert_gone(*leaving)
        assert_run_is_complete(GenerationRun.objects.get(), gone=3)
        assert Credential.objects.exclude(user=None).count() == 9

    def test_in_a_run_of_course_certificates(self, certificates, enrol, world, both):
        users = enrol(count=6)
        grade(world, users, certificates.learning_context_key, 0.9)
        both(partial(delete, users[2]), lambda: api.issue_pending_credentials(certificates.pk), "INSERT", "lcred_event")
        assert_gone(users[2])
        assert_run_is_complete(GenerationRun.objects.get(), gone=1)
        assert Credential.objects.exclude(user=None).count() == 5
        assert LearnerCertificate.objects.count() == 5

    def test_whose_standings_are_made(self, certificates, enrol, world, both):
        users = enrol(count=6)
        key = certificates.learning_context_key
        grade(world, users, key, 0.9)
        evaluate = partial(api.evaluate_course_certificates, key, [user.pk for user in users])
        both(partial(delete, users[2]), evaluate, "INSERT", "lcred_certificate_event")
        assert_gone(users[2])
        assert set(LearnerCertificate.objects.values_list("user_id", "status")) == {
            (user.pk, "downloadable") for user in users if user is not users[2]
        }

    def test_whose_standings_change(self, certificates, enrol, world, both):
        users = enrol(count=6)
        key = certificates.learning_context_key
        keys = [user.pk for user in users]
        grade(world, users, key, 0.9)
        api.evaluate_course_certificates(key, keys)
        grade(world, users, key, 0.1)
        fail = partial(api.evaluate_course_certificates, key, keys, cause=api.Cause.GRADE_FAILING)
        both(partial(delete, users[2]), fail, "INSERT", "lcred_certificate_event")
        assert_gone(users[2])
        assert set(LearnerCertificate.objects.values_list("user_id", "status")) == {
            (user.pk, "notpassing") for user in users if user is not users[2]
        }

    def test_added_to_the_allowlist(self, course, enrol, both):
        user = UserFactory()
        key = course.learning_context_key

        def add():
            try:
                return api.add_allowlist_entry(user.pk, key, configuration_id=course.pk)
            except LearnerNotFoundError:
                return None

        both(partial(delete, user), add, "INSERT", "lcred_certificate_event")
        assert_gone(user)

    def test_in_an_imported_allowlist(self, course, enrol, both):
        users = [UserFactory() for _ in range(5)]
        file = io.StringIO("".join(f"{user.username},\n" for user in users))
        results = both(
            partial(delete, users[2]),
            lambda: api.import_allowlist(course.learning_context_key, file, configuration_id=course.pk),
            "INSERT",
            "lcred_certificate_event",
        )
        assert_gone(users[2])
        assert {result.line: result.status for result in results if result.line != 3} == dict.fromkeys(
            (1, 2, 4, 5), api.RowStatus.ADDED
        )
        assert results[2].status in {api.RowStatus.ADDED, api.RowStatus.UNKNOWN_USER}
        assert AllowlistEntry.objects.count() == 4

    def test_of_whom_the_host_tells(self, certificates, enrol, world, both):
        users = enrol(count=6)
        key = certificates.learning_context_key
        grade(world, users, key, 0.9)

        def tell():
            for user in users:
                take_host_message(api.Cause.GRADE_PASSING, user.pk, key)

        both(partial(delete, users[2]), tell, "INSERT", "lcred_certificate_event")
        assert_gone(users[2])
        assert not HostMessage.objects.exists()
        assert LearnerCertificate.objects.count() == 5

    def test_barred_from_a_run(self, certificates, enrol, world, both):
        (user,) = enrol(count=1)
        key = certificates.learning_context_key
        grade(world, [user], key, 0.9)
        api.evaluate_course_certificates(key, [user.pk])

        def bar():
            try:
                api.invalidate_certificate(user.pk, key, notes="Plagiarism")
            except LearnerNotFoundError:
                return

        both(partial(delete, user), bar, "INSERT", "lcred_certificate_event")
        assert_gone(user)

    def test_whose_credential_is_reissued(self, course, enrol, both):
        (user,) = enrol("Ada")
        old = api.issue_credential(course.pk, user.pk)
        new = both(
            partial(delete, user),
            partial(api.reissue_credential, old.pk, reason="Name corrected"),
            "INSERT",
            "lcred_event",
        )
        assert_gone(user)
        new.refresh_from_db()
        assert (new.status, new.replaces_id) == (Status.AVAILABLE, old.pk)

    def test_whose_deletion_others_listen_to(self, certificates, enrol, world, both):
        """Django then loads what it will delete before it asks for any lock."""
        users = enrol(count=4)
        grade(world, users, certificates.learning_context_key, 0.9)
        with listening():
            both(
                partial(delete, users[2]),
                lambda: api.issue_pending_credentials(certificates.pk),
                "INSERT",
                "lcred_certificate_event",
            )
        assert_gone(users[2])
        assert_run_is_complete(GenerationRun.objects.get(), gone=1)


@contextmanager
def listening():
    """Somebody listens to the deletion of rows of whatever model."""

    def listen(**_kwargs):
        pass

    post_delete.connect(listen)
    yield
    post_delete.disconnect(listen)


class TestOfOperators:
    def test_who_started_the_run(self, course, enrol, both):
        operator = UserFactory(superuser=True)
        enrol(count=12)
        run = create_run(course.pk, actor=operator)
        both(partial(delete, operator), partial(evaluate_run, run.pk), "INSERT", "lcred_event")
        assert_gone(operator)
        issue_chunk(list(Credential.objects.values_list("pk", flat=True)))
        assert_run_is_complete(run, gone=0)
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 12

    def test_who_started_the_run_while_a_chunk_is_finished(self, course, enrol, both, monkeypatch):
        operator = UserFactory(superuser=True)
        enrol(count=12)
        run = create_run(course.pk, actor=operator)
        with monkeypatch.context() as without_tasks:
            without_tasks.setattr(receivers, "enqueue", lambda *_args: None)
            evaluate_run(run.pk)
        waiting = list(Credential.objects.values_list("pk", flat=True))
        both(partial(delete, operator), partial(issue_chunk, waiting), "UPDATE", "artifact_sha256")
        assert_gone(operator)
        assert_run_is_complete(run, gone=0)

    def test_in_the_admin(self, course, enrol, both):
        """As a person deletes an account: with the page that asks for confirmation."""
        users = enrol(count=4)
        browser = Client()
        browser.force_login(UserFactory(superuser=True))

        def delete_by_form():
            answer = browser.post(reverse("admin:auth_user_delete", args=[users[1].pk]), {"post": "yes"})
            assert answer.status_code == 302, answer.content

        both(delete_by_form, lambda: api.issue_pending_credentials(course.pk))
        assert_gone(users[1])
        assert_run_is_complete(GenerationRun.objects.get(), gone=1)
