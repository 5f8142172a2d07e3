"""Whatever the storage does, no file stays that no row refers to, no row loses its file and nobody loses a credential."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from learning_credentials import api, receivers, signals
from learning_credentials.models import (
    CourseCertificate,
    Credential,
    ExampleCredential,
    ExampleCredentialSet,
    GenerationRun,
    StrayPlace,
)
from learning_credentials.services.credentials import archive_artifacts
from learning_credentials.services.issuing import (
    create_examples,
    create_run,
    evaluate_run,
    issue_chunk,
    sweep_stale_credentials,
)
from learning_credentials.services.standings.rules import Cause
from learning_credentials.storages import get_storage
from tests.integration import failing

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
MODULE = "tests.integration.failing"
LEARNERS = 5


@pytest.fixture(params=["FailingStorage"])
def storage_class(request) -> str:
    """The storage behind a test."""
    return request.param


@pytest.fixture
def failing_course(app_settings, course, tmp_path, storage_class):
    """A course whose generator and storage fail when they are told to."""
    failing.clear()
    app_settings(
        PROCESSOR_MODULES=["tests.plugins", MODULE],
        GENERATOR_MODULES=["tests.plugins", MODULE],
        STORAGE={"BACKEND": f"{MODULE}.{storage_class}", "OPTIONS": {"location": str(tmp_path)}},
    )
    course.credential_type.generation_func = f"{MODULE}.generate_failing"
    course.credential_type.save()
    yield course
    failing.clear()


@pytest.fixture
def without_tasks():
    """Nobody issues or archives but the test and the sweep."""
    connected = (
        (signals.credentials_pending, receivers.issue_chunks, "learning_credentials.credentials_pending"),
        (signals.credentials_invalidated, receivers.archive_files, "learning_credentials.credentials_invalidated"),
    )
    for signal, _receiver, uid in connected:
        signal.disconnect(dispatch_uid=uid)
    yield
    for signal, receiver, uid in connected:
        signal.connect(receiver, dispatch_uid=uid)


def let_time_pass(by: timedelta = timedelta(hours=3)) -> None:
    """Make everything look older."""
    past = timezone.now() - by
    Credential.objects.exclude(generation_started_at=None).update(generation_started_at=past)
    GenerationRun.objects.update(created=past)
    GenerationRun.objects.exclude(lease_renewed_at=None).update(lease_renewed_at=past)
    ExampleCredential.objects.update(modified=past)
    for place in StrayPlace.objects.all():
        StrayPlace.objects.filter(pk=place.pk).update(begun_at=place.begun_at - by, next_attempt_at=past)


def list_files() -> set[str]:
    """The files in the storage but for those of assets and checks."""
    root = Path(get_storage().location)
    names = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return {name for name in names if "/assets/" not in name}


def list_referred() -> set[str]:
    """The files that rows refer to."""
    referred = {*Credential.objects.values_list("artifact_name", flat=True)}
    return (referred | {*ExampleCredential.objects.values_list("artifact_name", flat=True)}) - {""}


def pend(course, enrol, count: int = LEARNERS) -> list:
    """Evaluate the course, and return what waits."""
    enrol(count=count)
    evaluate_run(create_run(course.pk).pk)
    return list(Credential.objects.values_list("pk", flat=True))


def issue(waiting) -> None:
    """Issue as a worker does, which may be killed."""
    with suppress(SystemExit):
        issue_chunk(waiting)


def sweep() -> None:
    """Sweep as a beat does, whose worker may be killed."""
    with suppress(SystemExit):
        sweep_stale_credentials()


def settle(waiting=()) -> None:
    """The failure ended: sweep twice, and issue what waits."""
    failing.FAULTS.clear()
    for _ in range(2):
        let_time_pass()
        sweep_stale_credentials()
        if waiting:
            issue_chunk(waiting)
    assert list_files() == list_referred()
    for name in list_referred():
        get_storage().open(name).close()


def assert_all_issued(count: int = LEARNERS) -> None:
    """Nobody was lost, and after a day nothing is watched any more."""
    assert Credential.objects.filter(status=Status.AVAILABLE).count() == count
    let_time_pass(timedelta(days=2))
    sweep_stale_credentials()
    assert not StrayPlace.objects.exists()
    assert list_files() == list_referred()


@pytest.mark.slow
@pytest.mark.parametrize("storage_class", ["FailingStorage", "RenamingStorage", "SecretiveStorage"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "times"),
    [
        ("refuses", 1),
        ("full", failing.FOREVER),
        ("answer lost", failing.FOREVER),
        ("killed after saving", failing.FOREVER),
        ("answer lost and delete", failing.FOREVER),
        ("full and delete", 1),
    ],
)
def test_a_storage_that_fails_to_store(failing_course, enrol, without_tasks, fault, times):
    waiting = pend(failing_course, enrol)
    for part in fault.split(" and "):
        failing.FAULTS[part] = times
    for _ in range(3):
        issue(waiting)
    let_time_pass()
    sweep()
    issue(waiting)
    settle(waiting)
    assert_all_issued()


def test_a_full_disk_is_not_hammered(failing_course, enrol, without_tasks):
    waiting = pend(failing_course, enrol, 30)
    failing.FAULTS["full"] = failing.FOREVER
    attempts = 0
    for _ in range(4):
        for _ in range(4):
            assert len(issue_chunk(waiting).released) == 30
            attempts += 1
        let_time_pass()
        sweep_stale_credentials()
    assert len(failing.SAVES) == attempts
    assert list_files() == set()
    # Nobody's attempts were used up by what was not tried.
    assert sum(Credential.objects.values_list("attempts", flat=True)) == attempts
    settle(waiting)
    assert_all_issued(30)


def test_one_file_that_the_storage_refuses_keeps_no_other_waiting(failing_course, enrol, without_tasks, monkeypatch):
    waiting = sorted(pend(failing_course, enrol))
    poison = str(Credential.objects.get(pk=waiting[0]).user_full_name).encode()
    save = failing.FailingStorage._save

    def refuse(self, name, content):
        if poison in content.read():
            raise OSError("EntityTooLarge")
        content.seek(0)
        return save(self, name, content)

    monkeypatch.setattr(failing.FailingStorage, "_save", refuse)
    issue_chunk(waiting)
    issue_chunk(waiting)
    assert Credential.objects.filter(status=Status.AVAILABLE).count() == LEARNERS - 1


def test_what_failed_waits_longer_and_longer_for_the_sweep(failing_course, enrol, without_tasks):
    [uuid] = pend(failing_course, enrol, 1)
    failing.FAULTS["refuses"] = failing.FOREVER
    for attempts, pause in ((4, 0), (8, 900), (12, 1800), (40, 1800)):
        Credential.objects.update(attempts=attempts - 1)
        before = timezone.now()
        issue_chunk([uuid])
        waited = Credential.objects.get().generation_started_at - before
        assert timedelta(seconds=pause) <= waited < timedelta(seconds=pause + 60)


@pytest.mark.parametrize("fault", ["killed at list", "killed at delete", "list", "delete"])
@pytest.mark.parametrize("times", [2])
def test_a_sweep_that_is_killed_or_fails_half_way(failing_course, enrol, without_tasks, fault, times):
    waiting = pend(failing_course, enrol)
    failing.FAULTS["killed after saving"] = 1
    issue(waiting)
    assert len(list_files()) == 1
    failing.FAULTS[fault] = times
    for _ in range(times):
        let_time_pass()
        sweep()
    issue(waiting)
    settle(waiting)
    assert_all_issued()


def test_a_sweep_that_is_killed_after_it_took_claims_back(failing_course, enrol, without_tasks):
    waiting = pend(failing_course, enrol)
    failing.FAULTS["killed after saving"] = 1
    issue(waiting)

    def die(**_kwargs):
        raise SystemExit

    signals.credentials_pending.connect(die)
    try:
        let_time_pass()
        sweep()
    finally:
        signals.credentials_pending.disconnect(die)
    assert not Credential.objects.exclude(generation_task_id="").exists()
    assert len(list_files()) == 1
    settle(waiting)
    assert_all_issued()


def test_a_row_that_is_given_up(failing_course, enrol, without_tasks, app_settings):
    app_settings(MAX_ATTEMPTS=1)
    waiting = pend(failing_course, enrol, 1)
    failing.FAULTS |= {"killed after saving": 1, "list": 1}
    issue(waiting)
    let_time_pass()
    assert sweep_stale_credentials().exhausted == 1
    assert len(list_files()) == 1
    settle()
    assert list_files() == set()


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["", "delete", "killed at delete", "killed after saving"])
@pytest.mark.parametrize("act", ["invalidate", "withdraw"])
def test_cancelled_while_it_is_rendered(failing_course, enrol, without_tasks, monkeypatch, fault, act):
    waiting = pend(failing_course, enrol)
    victim = Credential.objects.get(pk=min(waiting))
    save = failing.FailingStorage._save

    def cancel_and_save(self, name, content):
        if act == "invalidate":
            with suppress(Exception):
                api.invalidate_credential(victim.pk, reason="Issued in error")
        else:
            from django.db import transaction

            from learning_credentials.services.credentials.live_invalidation import invalidate_live

            with transaction.atomic():
                invalidate_live([failing_course.pk], [victim.user_id], reason="withdrawn", cause=Cause.STAFF)
        return save(self, name, content)

    monkeypatch.setattr(failing.FailingStorage, "_save", cancel_and_save)
    failing.FAULTS[fault] = 1
    issue(waiting)
    monkeypatch.undo()
    archive_artifacts([victim.pk])
    settle(waiting)
    assert_all_issued(LEARNERS - 1)
    victim.refresh_from_db()
    assert (victim.status, victim.artifact_name) == (Status.INVALIDATED, "")


@pytest.mark.parametrize("fault", ["", "delete", "killed at delete", "answer lost and delete"])
def test_a_successor_that_is_discarded(failing_course, enrol, without_tasks, monkeypatch, fault):
    waiting = pend(failing_course, enrol, 1)
    issue(waiting)
    old = Credential.objects.get()
    save = failing.FailingStorage._save

    def invalidate_and_save(self, name, content):
        with suppress(Exception):
            api.invalidate_credential(old.pk, reason="Issued in error")
        return save(self, name, content)

    monkeypatch.setattr(failing.FailingStorage, "_save", invalidate_and_save)
    for part in fault.split(" and "):
        failing.FAULTS[part] = 1
    with suppress(Exception, SystemExit):
        api.reissue_credential(old.pk, reason="Name corrected")
    monkeypatch.undo()
    settle(list(Credential.objects.values_list("pk", flat=True)))
    assert list_files() == {Credential.objects.get(pk=old.pk).artifact_name}
    assert_all_issued(0)


@pytest.mark.slow
@pytest.mark.parametrize("storage_class", ["FailingStorage", "RenamingStorage"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "times"),
    [
        ("refuses", 4),
        ("full", 1),
        ("answer lost", 4),
        ("killed after saving", 2),
        ("delete", 1),
        ("killed at delete", 2),
        ("full and delete", 4),
    ],
)
def test_archiving(failing_course, enrol, without_tasks, fault, times):
    waiting = pend(failing_course, enrol, 3)
    issue(waiting)
    for uuid in waiting[:2]:
        api.invalidate_credential(uuid, reason="Issued in error")
    for part in fault.split(" and "):
        failing.FAULTS[part] = times
    for _ in range(times):
        with suppress(SystemExit):
            archive_artifacts(waiting)
        let_time_pass()
        sweep()
    settle()
    assert Credential.objects.filter(status=Status.INVALIDATED, archived_at=None).count() == 0
    assert_all_issued(1)


def test_a_copy_that_is_being_archived_is_no_stray(failing_course, enrol, without_tasks, monkeypatch):
    [uuid] = pend(failing_course, enrol, 1)
    issue([uuid])
    api.invalidate_credential(uuid, reason="Issued in error")
    failing.FAULTS["refuses"] = 1
    archive_artifacts([uuid])  # the place of the copy is watched from now on
    delete = failing.FailingStorage.delete

    def sweep_and_delete(self, name):
        monkeypatch.undo()
        StrayPlace.objects.update(next_attempt_at=timezone.now() - timedelta(hours=1))
        sweep_stale_credentials()
        return delete(self, name)

    monkeypatch.setattr(failing.FailingStorage, "delete", sweep_and_delete)
    assert archive_artifacts([uuid]) == 1
    settle()
    assert list_files() == {Credential.objects.get().artifact_name}


@pytest.mark.parametrize("fault", ["full", "answer lost", "killed after saving", "answer lost and delete"])
def test_examples(failing_course, enrol, fault):
    for part in fault.split(" and "):
        failing.FAULTS[part] = 1
    with suppress(SystemExit):
        create_examples(failing_course.learning_context_key)
    settle()
    assert ExampleCredential.objects.get().status == "error"
    assert_all_issued(0)


@pytest.mark.parametrize("fault", ["delete", "list", "killed at delete"])
def test_old_examples(failing_course, enrol, fault):
    for _ in range(5):
        create_examples(failing_course.learning_context_key)
    failing.FAULTS[fault] = 9
    with suppress(SystemExit):
        create_examples(failing_course.learning_context_key)
    settle()
    assert ExampleCredentialSet.objects.count() == 5
    assert len(list_files()) == 5
    assert_all_issued(0)


@pytest.mark.parametrize("fault", ["answer lost", "full", "delete"])
def test_the_probe_of_the_system_check(failing_course, fault):
    failing.FAULTS[fault] = 1
    assert any(message.id == "learning_credentials.E006" for message in run_checks())
    failing.FAULTS.clear()
    run_checks()
    assert list_files() == set()


def test_what_stays_unsettled_is_shown(failing_course, enrol, without_tasks, caplog, admin_client):
    waiting = pend(failing_course, enrol)
    failing.FAULTS["killed after saving"] = 1
    issue(waiting)
    failing.FAULTS["list"] = failing.FOREVER
    let_time_pass()
    with caplog.at_level(logging.WARNING):
        result = sweep_stale_credentials()
    assert (result.strays_deleted, result.stray_places_unsettled) == (0, 1)
    assert "1 places in the storage may have stray files" in caplog.text
    place = StrayPlace.objects.get()
    page = admin_client.get("/admin/learning_credentials/strayplace/").content.decode()
    assert place.name in page
    page = admin_client.get(f"/admin/learning_credentials/strayplace/{place.pk}/change/").content.decode()
    assert "no answer to a list" in page
    failing.FAULTS.clear()
    let_time_pass()
    result = sweep_stale_credentials()
    assert (result.strays_deleted, result.stray_places_unsettled) == (1, 0)


def test_a_storage_that_is_down_is_not_asked_about_every_place(failing_course):
    now = timezone.now()
    for number in range(50):
        StrayPlace.objects.create(name=f"x/{number}", begun_at=now, next_attempt_at=now)
    failing.FAULTS["list"] = failing.FOREVER
    assert sweep_stale_credentials().stray_places_unsettled == 5


def test_files_of_before_are_listed_and_deleted_after_a_day(failing_course, enrol, without_tasks, capsys):
    waiting = pend(failing_course, enrol, 2)
    issue(waiting)
    for name in ("artifacts/ab/lost/old.txt", "archive/artifacts/ab/lost/old.txt", "examples/7/old.txt"):
        get_storage().save(f"files/{name}", ContentFile(b"old"))
    strays = list_files() - list_referred()
    call_command("find_stray_files")
    assert set(capsys.readouterr().out.split()) == strays
    assert not StrayPlace.objects.exists()
    call_command("find_stray_files", "--delete")
    sweep_stale_credentials()
    assert list_files() - list_referred() == strays
    settle()
    assert_all_issued(2)
    failing.FAULTS["list"] = 1
    with pytest.raises(CommandError, match="could not be listed"):
        call_command("find_stray_files")


def test_a_chunk_that_goes_well_notes_nothing(failing_course, enrol, without_tasks):
    waiting = pend(failing_course, enrol)
    with CaptureQueriesContext(connection) as queries:
        issue(waiting)
    assert not any("lcred_stray" in query["sql"] for query in queries)
    assert CourseCertificate.objects.count() <= 1
    assert_all_issued()
