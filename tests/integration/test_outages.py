"""An error that a retry may mend ends nothing for good, and every error that does end something says what it was."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from learning_credentials import api, receivers, signals
from learning_credentials.exceptions import LMSUnavailableError, TransientError, UnexpectedError
from learning_credentials.failures import Failure, classify
from learning_credentials.lms.world import Fact
from learning_credentials.models import Credential, ExampleCredential, GenerationRun
from learning_credentials.services.issuing import (
    create_examples,
    create_run,
    evaluate_run,
    issue_chunk,
    runs,
    sweep_stale_credentials,
)
from learning_credentials.storages import get_storage
from tests.factories import CredentialAssetFactory
from tests.integration import failing

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
MODULE = "tests.integration.failing"
OUTAGES = [
    OperationalError("server closed the connection unexpectedly"),
    OperationalError(2013, "Lost connection to server during query"),
    InterfaceError("connection already closed"),
    ConnectionResetError("connection reset by peer"),
    TimeoutError("timed out"),
    LMSUnavailableError("the LMS does not answer"),
]


@pytest.fixture
def failing_course(app_settings, course, tmp_path):
    """A course whose processor, generator, LMS and storage fail when they are told to."""
    failing.clear()
    app_settings(
        PROCESSOR_MODULES=["tests.plugins", MODULE],
        GENERATOR_MODULES=["tests.plugins", MODULE],
        LMS_BACKEND=f"{MODULE}.FailingLMS",
        STORAGE={"BACKEND": f"{MODULE}.FailingStorage", "OPTIONS": {"location": str(tmp_path)}},
    )
    course.credential_type.retrieval_func = f"{MODULE}.retrieve_failing"
    course.credential_type.generation_func = f"{MODULE}.generate_failing"
    course.credential_type.save()
    yield course
    failing.clear()


@pytest.fixture
def without_tasks():
    """Nobody works but the test."""
    uid = "learning_credentials.credentials_pending"
    signals.credentials_pending.disconnect(dispatch_uid=uid)
    yield
    signals.credentials_pending.connect(receivers.issue_chunks, dispatch_uid=uid)


def let_time_pass() -> None:
    """Make everything look as if it had been left alone for some hours."""
    past = timezone.now() - timedelta(hours=3)
    Credential.objects.exclude(generation_started_at=None).update(generation_started_at=past)
    GenerationRun.objects.update(created=past)
    GenerationRun.objects.exclude(lease_renewed_at=None).update(lease_renewed_at=past)
    GenerationRun.objects.exclude(resume_after=None).update(resume_after=past)


def run_once(configuration) -> GenerationRun:
    """Run a configuration by the tasks and return the run."""
    run = api.start_run(configuration.pk)
    run.refresh_from_db()
    return run


def run_through(configuration) -> GenerationRun:
    """Run a configuration, and sweep: here it is the sweep that makes up for tasks that are to be tried again later."""
    run = run_once(configuration)
    let_time_pass()
    sweep_stale_credentials()
    run.refresh_from_db()
    return run


@contextmanager
def cut(word: str, times: int = 1) -> Iterator[list[str]]:
    """Cut the connection at the next statements that hold a word."""
    hit: list[str] = []

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if word in sql and len(hit) < times:
            hit.append(sql)
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield hit


class TestRuns:
    @pytest.mark.parametrize("error", OUTAGES, ids=repr)
    @pytest.mark.parametrize("where", ["PROCESSOR_ERRORS", "LMS_ERRORS"])
    def test_an_outage_while_learners_are_looked_for_passes_nobody_over(self, failing_course, enrol, where, error):
        enrol(count=12)
        getattr(failing, where).append(error)
        run = run_through(failing_course)
        assert (run.done, run.failed, run.error_code) == (12, 0, "")
        assert run.finished_at is not None

    def test_a_cut_while_a_batch_is_inserted(self, failing_course, enrol):
        enrol(count=12)
        with cut('INTO "lcred_credential"' if connection.vendor != "mysql" else "INTO `lcred_credential`") as hit:
            run = run_through(failing_course)
        assert hit
        assert (run.done, run.error_code) == (12, "")

    @pytest.mark.parametrize("word", ["evaluated_at", "lcred_event", "lcred_status_list"])
    def test_a_cut_at_any_other_statement(self, failing_course, enrol, word):
        enrol(count=5)
        with cut(word), suppress(OperationalError):  # such as where the run itself could not be created
            run_once(failing_course)
        let_time_pass()
        sweep_stale_credentials()
        for _ in range(2):
            let_time_pass()
            sweep_stale_credentials()
        if not GenerationRun.objects.exists():
            run_once(failing_course)
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 5
        assert not GenerationRun.objects.filter(finished_at=None).exists()

    def test_an_error_that_nobody_knows_is_tried_again_and_then_final_with_its_reason(
        self, failing_course, enrol, app_settings
    ):
        app_settings(MAX_ATTEMPTS=3)
        enrol(count=3)
        run = create_run(failing_course.pk)
        failing.PROCESSOR_ERRORS += [RuntimeError("a bug")] * 100
        for attempt in (1, 2):
            with pytest.raises(UnexpectedError):
                evaluate_run(run.pk)
            run.refresh_from_db()
            assert (run.attempts, run.finished_at, run.lease_renewed_at) == (attempt, None, None)
            assert "a bug" in run.error_message
        assert evaluate_run(run.pk) is True
        run.refresh_from_db()
        assert run.finished_at is not None
        assert run.error_code == "unexpected_error"
        assert run.error_message.startswith("given up after 3 attempts")
        assert "RuntimeError: a bug" in run.error_message

    def test_an_error_that_nobody_knows_and_that_passes(self, failing_course, enrol):
        enrol(count=3)
        failing.PROCESSOR_ERRORS += [RuntimeError("HTTP 502")] * 5  # of all, of the halves, and of each
        assert run_through(failing_course).done == 3

    def test_a_long_outage_ends_the_run_with_its_reason(self, failing_course, enrol, app_settings):
        app_settings(MAX_ATTEMPTS=2, OUTAGE_TIMEOUT=3600)
        enrol(count=3)
        failing.LMS_ERRORS += [OperationalError("gone away")] * 100
        run = create_run(failing_course.pk)
        for _ in range(4):
            with pytest.raises(TransientError):
                evaluate_run(run.pk)
        GenerationRun.objects.update(created=timezone.now() - timedelta(hours=2))
        evaluate_run(run.pk)
        run.refresh_from_db()
        assert (run.error_code, run.attempts) == ("database_unavailable", 5)
        assert run.error_message == "given up after 5 attempts. The last error was OperationalError: gone away"
        assert run.finished_at is not None

    def test_the_sweep_asks_less_and_less_often(self, failing_course, enrol):
        enrol(count=3)
        run = create_run(failing_course.pk)
        failing.LMS_ERRORS += [OperationalError("gone away")] * runs.ATTEMPTS_OF_TASK
        for _ in range(runs.ATTEMPTS_OF_TASK):
            with pytest.raises(TransientError):
                evaluate_run(run.pk)
        failing.LMS_ERRORS.append(OperationalError("gone away"))
        with pytest.raises(TransientError):
            evaluate_run(run.pk)
        GenerationRun.objects.update(created=timezone.now() - timedelta(hours=1))
        assert sweep_stale_credentials().runs_resumed == 0
        let_time_pass()
        assert sweep_stale_credentials().runs_resumed == 1
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 3

    def test_the_command_leaves_the_run_to_the_sweep(self, failing_course, enrol):
        enrol(count=3)
        failing.PROCESSOR_ERRORS.append(OperationalError("gone away"))
        with pytest.raises(CommandError, match="1 failed"):
            call_command("generate_credentials", "--configuration", str(failing_course.pk))
        let_time_pass()
        assert sweep_stale_credentials().runs_resumed == 1
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 3


class TestChunks:
    @pytest.mark.parametrize("error", [*OUTAGES, MemoryError(), RuntimeError("HTTP 502")], ids=repr)
    def test_an_outage_while_rendering_fails_nobody(self, failing_course, enrol, error):
        enrol(count=6)
        failing.GENERATOR_ERRORS.append(error)
        run = run_through(failing_course)
        assert (run.done, run.failed) == (6, 0)
        assert run.finished_at is not None

    def test_an_error_that_nobody_knows_is_final_after_as_many_attempts_as_others(
        self, failing_course, enrol, app_settings, without_tasks
    ):
        app_settings(MAX_ATTEMPTS=3)
        enrol(count=1)
        run_once(failing_course)
        [uuid] = Credential.objects.values_list("pk", flat=True)
        failing.GENERATOR_ERRORS += [RuntimeError("HTTP 502")] * 3
        assert issue_chunk([uuid]).released == [uuid]
        assert issue_chunk([uuid]).released == [uuid]
        assert issue_chunk([uuid]).failed == [uuid]
        failed = Credential.objects.get()
        assert (failed.error_code, failed.error_message) == ("unexpected_error", "RuntimeError: HTTP 502")
        assert api.issue_pending_credentials(failing_course.pk).done == 1  # the next run tries it again

    @pytest.mark.parametrize("word", ["lcred_asset", "lcred_type", "SET `artifact_name`", 'SET "artifact_name"'])
    def test_a_cut_connection_within_a_chunk(self, failing_course, enrol, without_tasks, word):
        failing_course.credential_type.generation_func = "learning_credentials.generators.generate_pdf_credential"
        failing_course.credential_type.save()
        failing_course.custom_options = {"template": "", "logo": CredentialAssetFactory().slug}
        enrol(count=3)
        run_once(failing_course)
        waiting = list(Credential.objects.values_list("pk", flat=True))
        with cut(word), suppress(OperationalError):
            issue_chunk(waiting)
        assert not Credential.objects.filter(status=Status.ERROR).exists()
        for _ in range(3):
            let_time_pass()
            sweep_stale_credentials()
            issue_chunk(waiting)
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 3
        files = [path for path in get_storage_root().rglob("*") if path.is_file() and "assets" not in str(path)]
        assert len(files) == 3

    def test_an_asset_in_a_storage_with_errors_of_its_own(self, failing_course, enrol, without_tasks, monkeypatch):
        failing_course.credential_type.generation_func = "learning_credentials.generators.generate_pdf_credential"
        failing_course.credential_type.save()
        failing_course.custom_options = {"template": CredentialAssetFactory(kind="pdf_template").slug}
        failing_course.save()

        class ClientError(Exception):
            """What a client of a remote storage raises."""

        def refuse(*_args):
            raise ClientError("SlowDown")

        enrol(count=1)
        run_once(failing_course)
        monkeypatch.setattr(failing.FailingStorage, "_open", refuse, raising=False)
        [uuid] = Credential.objects.values_list("pk", flat=True)
        assert issue_chunk([uuid]).released == [uuid]
        assert Credential.objects.get().error_code == "storage_unavailable"

    def test_whoever_fails_for_another_reason_is_not_said_to_have_lost_workers(
        self, failing_course, enrol, app_settings, without_tasks
    ):
        app_settings(MAX_ATTEMPTS=2, OUTAGE_TIMEOUT=0)
        enrol(count=1)
        run_once(failing_course)
        [uuid] = Credential.objects.values_list("pk", flat=True)
        quote = connection.ops.quote_name
        for _ in range(2):
            with cut(f"SET {quote('status')} = "):
                assert issue_chunk([uuid]).released == [uuid]
        let_time_pass()
        assert sweep_stale_credentials().exhausted == 1
        message = Credential.objects.get().error_message
        assert "lost" not in message
        assert "database_unavailable: OperationalError: server closed the connection" in message

    def test_a_name_too_long_for_a_row_is_said_so(self, failing_course, enrol, app_settings, tmp_path):
        storage = {"BACKEND": f"{MODULE}.VerboseStorage", "OPTIONS": {"location": str(tmp_path)}}
        app_settings(STORAGE=storage)
        enrol(count=2)
        run = run_once(failing_course)
        assert (run.done, run.failed) == (0, 2)
        for failed in Credential.objects.all():
            assert (failed.status, failed.error_code) == (Status.ERROR, "configuration_error")
            assert "At most 255 can be stored" in failed.error_message
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_a_worker_lost_after_an_outage_is_told_apart(self, failing_course, enrol, app_settings, without_tasks):
        app_settings(MAX_ATTEMPTS=2)
        enrol(count=1)
        run_once(failing_course)
        Credential.objects.update(
            attempts=2, generation_task_id="lost", error_code="storage_unavailable", error_message="no answer"
        )
        let_time_pass()
        sweep_stale_credentials()
        assert Credential.objects.get().error_message == (
            "given up after 2 attempts. The worker stopped during the last one. "
            "An earlier one failed with storage_unavailable: no answer"
        )


class TestOthers:
    def test_an_example_says_that_the_database_failed(self, failing_course):
        failing.GENERATOR_ERRORS.append(OperationalError("gone away"))
        create_examples(failing_course.learning_context_key)
        assert ExampleCredential.objects.get().error_code == "database_unavailable"

    def test_a_reissue_waits_for_the_sweep(self, failing_course, enrol):
        enrol(count=1)
        run_once(failing_course)
        old = Credential.objects.get()
        failing.GENERATOR_ERRORS.append(ConnectionResetError("reset"))
        successor = api.reissue_credential(old.pk, reason="Name corrected")
        assert successor.status == Status.GENERATING
        let_time_pass()
        sweep_stale_credentials()
        successor.refresh_from_db()
        assert successor.status == Status.AVAILABLE

    def test_a_request_during_an_outage_says_so(self, failing_course, enrol):
        (user,) = enrol("Ada")
        failing.PROCESSOR_ERRORS.append(OperationalError("gone away"))
        with pytest.raises(TransientError):
            api.issue_credential(failing_course.pk, user.pk)
        failing.PROCESSOR_ERRORS.append(RuntimeError("a bug"))
        with pytest.raises(UnexpectedError):
            api.issue_credential(failing_course.pk, user.pk)
        assert api.issue_credential(failing_course.pk, user.pk).status == Status.AVAILABLE

    def test_one_step_of_a_sweep_that_fails_stops_no_other(self, failing_course, enrol):
        enrol(count=2)
        failing.LMS_ERRORS.append(OperationalError("gone away"))
        with pytest.raises(TransientError):
            evaluate_run(create_run(failing_course.pk).pk)
        let_time_pass()
        quote = connection.ops.quote_name
        with cut(f"UPDATE {quote('lcred_example')}"), pytest.raises(OperationalError):
            sweep_stale_credentials()
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 2

    def test_a_profile_that_the_lms_does_not_tell_is_no_restriction(self, course, enrol, world):
        (user,) = enrol("Ada")
        world.hide(Fact.PROFILE, user.pk)
        found = api.get_eligibility(course.pk, user.pk)
        assert (found.is_eligible, found.progress["reason"]) == (False, "profile_unknown")
        course.allow_self_generation = True
        course.save()
        for ask in (api.issue_credential, api.request_credential):
            with pytest.raises(LMSUnavailableError, match="profile"):
                ask(course.pk, user.pk)
        assert not Credential.objects.exists()
        world.set_profile(user.pk, certificates_allowed=False)
        assert api.get_eligibility(course.pk, user.pk).progress["reason"] == "restricted"


def get_storage_root():
    """Where the storage of these tests keeps its files."""
    return Path(get_storage().location)


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (OperationalError(1366, "Incorrect string value"), Failure.UNKNOWN),
        (OperationalError(1927, "Connection was killed"), Failure.OUTAGE),
        (FileNotFoundError("a font"), Failure.UNKNOWN),
        (OSError(24, "Too many open files"), Failure.OUTAGE),
        (KeyError("a bug"), Failure.UNKNOWN),
    ],
    ids=repr,
)
def test_what_a_retry_can_do(error, failure):
    assert classify(error) is failure
