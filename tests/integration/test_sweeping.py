"""Whatever message or worker is lost, a credential is delayed and never lost.

A worker's death is a ``SystemExit`` out of the very place where it dies: nothing in the app catches that, so what is left behind is what a
killed process leaves.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from learning_credentials import api, receivers, signals
from learning_credentials.models import Credential, GenerationRun
from learning_credentials.services.common import artifacts
from learning_credentials.services.issuing import (
    evaluate_run,
    issue_chunk,
    runs,
    start_due_runs,
    sweep_stale_credentials,
)
from learning_credentials.services.notices import announce_pending_credentials
from learning_credentials.storages import get_output_dir
from tests import plugins

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status


class Death(SystemExit):
    """The end of a worker."""


@pytest.fixture
def lost_messages():
    """Every message to a worker is lost."""
    lost = (
        (signals.runs_requested, receivers.evaluate_runs, "learning_credentials.runs_requested"),
        (signals.credentials_pending, receivers.issue_chunks, "learning_credentials.credentials_pending"),
    )
    for signal, _receiver, uid in lost:
        signal.disconnect(dispatch_uid=uid)
    yield
    for signal, receiver, uid in lost:
        signal.connect(receiver, dispatch_uid=uid)


def reconnect() -> None:
    """Let messages arrive again."""
    signals.runs_requested.connect(receivers.evaluate_runs, dispatch_uid="learning_credentials.runs_requested")
    signals.credentials_pending.connect(receivers.issue_chunks, dispatch_uid="learning_credentials.credentials_pending")


@contextmanager
def listening() -> Iterator[list[list[str]]]:
    """Note the chunks that are sent out."""
    chunks: list[list[str]] = []

    def note(**arguments):
        chunks.extend(arguments["chunks"])

    signals.credentials_pending.connect(note)
    try:
        yield chunks
    finally:
        signals.credentials_pending.disconnect(note)


def let_time_pass() -> None:
    """Make everything look as if it had been left alone for an hour."""
    hour = timedelta(hours=1)
    for row in Credential.objects.exclude(generation_started_at=None):
        Credential.objects.filter(pk=row.pk).update(generation_started_at=row.generation_started_at - hour)
    GenerationRun.objects.update(created=timezone.now() - hour)
    GenerationRun.objects.exclude(lease_renewed_at=None).update(lease_renewed_at=timezone.now() - hour)


def assert_all_issued(count: int) -> None:
    rows = Credential.objects.all()
    assert [row.status for row in rows] == [Status.AVAILABLE] * count
    for row in rows:
        artifacts.open_file(row.artifact_name).close()
    assert not GenerationRun.objects.filter(finished_at=None).exists()


def stored_files() -> set[str]:
    root = get_output_dir()
    return {str(path.relative_to(root)) for path in (root / "artifacts").rglob("*.txt")}


@pytest.fixture(autouse=True)
def _own_storage(app_settings, tmp_path):
    app_settings(OUTPUT_DIR=str(tmp_path))


def test_message_lost_after_the_tick(course, enrol, lost_messages):
    enrol(count=3)
    assert len(start_due_runs()) == 1
    assert not Credential.objects.exists()
    reconnect()
    assert sweep_stale_credentials().runs_resumed == 0  # it may be on its way
    let_time_pass()
    assert sweep_stale_credentials().runs_resumed == 1
    assert_all_issued(3)


def test_message_lost_after_eligibility(course, enrol, lost_messages):
    enrol(count=3)
    run = api.start_run(course.pk)
    evaluate_run(run.pk)
    assert Credential.objects.filter(status=Status.GENERATING, attempts=0).count() == 3
    reconnect()
    assert sweep_stale_credentials().redispatched == 0
    let_time_pass()
    assert sweep_stale_credentials().redispatched == 3
    assert_all_issued(3)
    run.refresh_from_db()
    assert run.done == 3


def test_worker_lost_in_the_middle_of_eligibility(course, enrol, app_settings):
    app_settings(ELIGIBILITY_BATCH_SIZE=2)
    enrol(count=6)
    run = runs.create_run(course.pk)
    batches: list[list] = []

    def die_at_the_second(uuids):
        batches.append(uuids)
        if len(batches) == 2:
            raise Death

    with pytest.raises(Death):
        runs.evaluate_run(run.pk, die_at_the_second)
    assert Credential.objects.count() == 4
    assert evaluate_run(run.pk) is False  # its lease still holds
    let_time_pass()
    sweep_stale_credentials()
    assert_all_issued(6)
    run.refresh_from_db()
    assert (run.total, run.done) == (6, 6)


def pend(course) -> list:
    """Evaluate the course and return what waits, without sending it anywhere."""
    waiting: list = []
    runs.evaluate_run(runs.create_run(course.pk).pk, waiting.extend)
    return waiting


def test_worker_killed_while_rendering(course, enrol, monkeypatch):
    users = enrol(count=4)
    waiting = pend(course)
    rendered = []

    def generate(credential, options):
        rendered.append(credential)
        if len(rendered) == 3:
            raise Death
        return plugins.generate_text_credential(credential, options)

    monkeypatch.setattr(plugins.generate_flaky, "prepare", lambda options, assets: lambda data: generate(data, options))
    with pytest.raises(Death):
        issue_chunk(waiting)
    monkeypatch.undo()
    assert set(Credential.objects.values_list("status", "attempts")) == {(Status.GENERATING, 1)}
    assert len(stored_files()) == 2

    assert issue_chunk(waiting).issued == []  # the message comes again; the claim still holds
    let_time_pass()
    result = sweep_stale_credentials()

    assert (result.redispatched, result.strays_deleted) == (4, 2)
    assert_all_issued(len(users))
    assert len(stored_files()) == 4


def test_worker_killed_after_storing(course, enrol, monkeypatch):
    enrol(count=3)
    waiting = pend(course)
    saved = FileSystemStorage.save

    def save_and_die(self, name, content, max_length=None):
        saved(self, name, content, max_length)
        raise Death

    monkeypatch.setattr(FileSystemStorage, "save", save_and_die)
    with pytest.raises(Death):
        issue_chunk(waiting)
    monkeypatch.undo()
    assert len(stored_files()) == 1
    let_time_pass()
    assert sweep_stale_credentials().strays_deleted == 1
    assert_all_issued(3)
    assert len(stored_files()) == 3


def test_worker_killed_after_committing(course, enrol):
    enrol(count=3)
    waiting = pend(course)

    def die(**_kwargs):
        raise Death

    signals.credentials_issued.connect(die)
    try:
        with pytest.raises(Death):
            issue_chunk(waiting)
    finally:
        signals.credentials_issued.disconnect(die)
    assert set(Credential.objects.values_list("status", flat=True)) == {Status.AVAILABLE}
    let_time_pass()
    sweep_stale_credentials()
    assert_all_issued(3)
    assert announce_pending_credentials() in {0, 3}
    assert not Credential.objects.filter(notified_at=None).exists()


def test_a_learner_who_kills_workers_spends_only_his_own_attempts(course, enrol, app_settings, monkeypatch):
    app_settings(MAX_ATTEMPTS=3)
    enrol("Fine", "Poison", "Well")
    waiting = pend(course)

    def generate(credential, options):
        if "Poison" in credential.user_full_name:
            raise Death
        return plugins.generate_text_credential(credential, options)

    monkeypatch.setattr(plugins.generate_flaky, "prepare", lambda options, assets: lambda data: generate(data, options))
    for chunk in ([waiting], [[pk] for pk in waiting], [[pk] for pk in waiting], [[pk] for pk in waiting]):
        for uuids in chunk:
            with suppress(Death):
                issue_chunk(uuids)
        let_time_pass()
        signals.credentials_pending.disconnect(dispatch_uid="learning_credentials.credentials_pending")
        sweep_stale_credentials()
        reconnect()

    by_name = {row.user_full_name: row for row in Credential.objects.all()}
    assert by_name["Fine Tester"].status == by_name["Well Tester"].status == Status.AVAILABLE
    poison = by_name["Poison Tester"]
    assert (poison.status, poison.error_code, poison.attempts) == (Status.ERROR, "attempts_exhausted", 3)
    assert "The worker stopped each time" in poison.error_message

    # A schedule leaves it alone from now on; staff may try again.
    run = api.start_run(course.pk)
    run.refresh_from_db()
    assert run.total == 0
    monkeypatch.undo()
    assert api.retry_credentials([poison.pk]) == 1
    assert Credential.objects.filter(status=Status.AVAILABLE).count() == 3


def test_redispatch_is_one_by_one_for_whose_worker_was_lost_and_in_chunks_for_others(course, enrol):
    enrol(count=4)
    waiting = pend(course)
    Credential.objects.filter(pk__in=waiting[:2]).update(attempts=1, generation_task_id="lost")
    let_time_pass()
    with listening() as chunks:
        sweep_stale_credentials()
    assert sorted(len(chunk) for chunk in chunks) == [1, 1, 2]


def test_an_outage_uses_up_no_attempts(course, enrol, app_settings, tmp_path):
    app_settings(MAX_ATTEMPTS=2)
    enrol(count=3)
    waiting = pend(course)
    (tmp_path / "artifacts").write_text("where the directory should be")
    for _attempt in range(4):
        assert sorted(issue_chunk(waiting).released) == sorted(waiting)
        let_time_pass()
        result = sweep_stale_credentials()
        assert (result.redispatched, result.exhausted) == (3, 0)
    assert {row.error_code for row in Credential.objects.all()} == {"storage_unavailable"}
    (tmp_path / "artifacts").unlink()
    let_time_pass()
    with listening() as chunks:
        sweep_stale_credentials()
    assert [len(chunk) for chunk in chunks] == [3]
    assert_all_issued(3)


def test_something_outside_that_fails_for_now_is_tried_again_and_given_up_in_the_end(course, enrol, app_settings):
    app_settings(MAX_ATTEMPTS=2, OUTAGE_TIMEOUT=3600)
    enrol("Later")
    waiting = pend(course)
    assert issue_chunk(waiting).released == waiting
    row = Credential.objects.get()
    assert (row.status, row.generation_task_id, row.error_code) == (Status.GENERATING, "", "transient")
    assert issue_chunk(waiting).released == waiting
    let_time_pass()
    assert sweep_stale_credentials().exhausted == 0
    Credential.objects.update(created=row.created - timedelta(hours=1))
    let_time_pass()
    assert sweep_stale_credentials().exhausted == 1
    row.refresh_from_db()
    assert (row.status, row.error_code) == (Status.ERROR, "attempts_exhausted")
    assert "the printer is busy" in row.error_message
    assert GenerationRun.objects.get().failed == 1


def test_a_late_worker_whose_claim_was_taken_back_changes_nothing(course, enrol, monkeypatch):
    """It renders for longer than its claim lives; meanwhile the sweep gives the learner to another, who is done first."""
    (user,) = enrol("Slow")
    waiting = pend(course)
    entered = []

    def generate(credential, options):
        if not entered:
            entered.append(1)
            let_time_pass()
            sweep_stale_credentials()  # the other worker: issues at once
        return plugins.generate_text_credential(credential, options)

    monkeypatch.setattr(plugins.generate_flaky, "prepare", lambda options, assets: lambda data: generate(data, options))
    result = issue_chunk(waiting)
    assert result.issued == []
    assert_all_issued(1)
    row = Credential.objects.get(user=user)
    assert stored_files() == {row.artifact_name}
    assert list(row.events.values_list("action", flat=True)) == ["created", "issued"]


def test_a_claim_in_use_renews_its_lease(course, enrol, app_settings, monkeypatch):
    app_settings(CLAIM_TIMEOUT=0)
    enrol(count=2)
    waiting = pend(course)
    seen = []

    def generate(credential, options):
        seen.append(set(Credential.objects.values_list("generation_started_at", flat=True)))
        return plugins.generate_text_credential(credential, options)

    monkeypatch.setattr(plugins.generate_flaky, "prepare", lambda options, assets: lambda data: generate(data, options))
    issue_chunk(waiting)
    assert len(seen) == 2
    assert max(seen[1]) > max(seen[0])


def test_cancelled_while_rendering(course, enrol, monkeypatch):
    enrol("Cancelled", "Fine")
    waiting = pend(course)

    def generate(credential, options):
        if "Cancelled" in credential.user_full_name:
            row = Credential.objects.get(verify_uuid=credential.verify_uuid)
            api.invalidate_credential(row.pk, reason="Withdrawn")
        return plugins.generate_text_credential(credential, options)

    monkeypatch.setattr(plugins.generate_flaky, "prepare", lambda options, assets: lambda data: generate(data, options))
    result = issue_chunk(waiting)
    assert len(result.issued) == 1
    rows = {row.user_full_name: row for row in Credential.objects.all()}
    assert rows["Cancelled Tester"].status == Status.INVALIDATED
    assert rows["Fine Tester"].status == Status.AVAILABLE
    assert stored_files() == {rows["Fine Tester"].artifact_name}
