"""A connection to the database that is cut while a run is at work delays credentials and loses none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from learning_credentials import api, receivers, signals
from learning_credentials.exceptions import TransientError
from learning_credentials.failures import DATABASE_OUTAGES
from learning_credentials.models import Credential, GenerationRun, StrayPlace
from learning_credentials.services.credentials import archive_artifacts
from learning_credentials.services.issuing import (
    create_examples,
    create_run,
    evaluate_run,
    issue_chunk,
    sweep_stale_credentials,
)
from learning_credentials.services.notices import announce_pending_credentials
from learning_credentials.storages import get_storage
from tests.services.world import enrol_learners, make_configuration

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

LEARNERS = 12
TEXT = "tests.plugins.generate_text_credential"
Status = Credential.Status

#: What is under way when the connection is cut: a word of the statement.
PLACES = {
    "while a run is begun": "lease_token",
    "while learners are looked for": "allowlist",
    "while a batch is inserted": "lcred_credential",
    "while events are inserted": "lcred_event",
    "while rows are claimed": "attempts",
    "while rows are finished": "artifact_sha256",
    "while a run is closed": "finished_at",
}


def get_connection_id() -> int:
    """The id by which the server knows the connection of this thread."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()" if connection.vendor == "postgresql" else "SELECT CONNECTION_ID()")
        return int(cursor.fetchone()[0])


def end_connection(number: int) -> None:
    """Have the server end a connection, over another one."""

    def end() -> None:
        with connections["default"].cursor() as cursor:
            statement = "SELECT pg_terminate_backend(%s)" if connection.vendor == "postgresql" else "KILL %s"
            cursor.execute(statement, [number])
        connections["default"].close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(end).result()


def cut_at(word: str, function: Callable[[], object]) -> bool:
    """Call a function and cut its connection at the first change of rows that holds a word; return whether there was one."""
    cut: list[str] = []

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        is_asked = word == "allowlist" and "lcred_allowlist" in sql
        if not cut and (is_asked or (word in sql and sql.startswith(("INSERT", "UPDATE")))):
            cut.append(sql)
            end_connection(number)
        return execute(sql, params, many, context)

    number = get_connection_id()
    with connection.execute_wrapper(wrapper), suppress(TransientError, *DATABASE_OUTAGES):
        function()
    # As Celery and Django do between two tasks or requests.
    connection.close_if_unusable_or_obsolete()
    return bool(cut)


def let_time_pass() -> None:
    """Make everything look as if it had been left alone for an hour."""
    past = timezone.now() - timedelta(hours=1)
    Credential.objects.exclude(generation_started_at=None).update(generation_started_at=past)
    GenerationRun.objects.update(created=past)
    GenerationRun.objects.exclude(lease_renewed_at=None).update(lease_renewed_at=past)
    StrayPlace.objects.update(next_attempt_at=past)


@pytest.fixture
def without_tasks() -> Any:
    """Nobody works but the test: the sweep asks for what is left, and the test does it."""
    connected = (
        (signals.runs_requested, receivers.evaluate_runs, "learning_credentials.runs_requested"),
        (signals.credentials_pending, receivers.issue_chunks, "learning_credentials.credentials_pending"),
    )
    for signal, _receiver, uid in connected:
        signal.disconnect(dispatch_uid=uid)
    yield
    for signal, receiver, uid in connected:
        signal.connect(receiver, dispatch_uid=uid)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="it has no connections that a server could cut")
@pytest.mark.parametrize("word", PLACES.values(), ids=PLACES)
def test_nobody_is_lost(without_tasks: None, word: str) -> None:
    enrol_learners(LEARNERS)
    configuration = make_configuration(TEXT)
    run = create_run(configuration.pk)

    def work() -> None:
        evaluate_run(run.pk)
        issue_chunk(list(Credential.objects.filter(status=Status.GENERATING).values_list("pk", flat=True)))

    assert cut_at(word, work)

    assert not Credential.objects.filter(status=Status.ERROR).exists()
    for _ in range(2):
        let_time_pass()
        sweep_stale_credentials()
        work()
    run.refresh_from_db()
    assert (run.done, run.failed, run.error_code) == (LEARNERS, 0, "")
    assert run.finished_at is not None
    assert Credential.objects.filter(status=Status.AVAILABLE).count() == LEARNERS
    referred = set(Credential.objects.values_list("artifact_name", flat=True))
    directories = {name.rpartition("/")[0] for name in referred}
    stored = {f"{folder}/{name}" for folder in directories for name in get_storage().listdir(folder)[1]}
    assert stored == referred


@pytest.mark.skipif(connection.vendor == "sqlite", reason="it has no connections that a server could cut")
@pytest.mark.parametrize("act", ["reissue", "archive", "examples", "announce"])
def test_what_else_is_cut_can_be_done_again(without_tasks: None, act: str) -> None:
    enrol_learners(1)
    configuration = make_configuration(TEXT)
    api.issue_pending_credentials(configuration.pk)
    old = Credential.objects.get()
    acts: dict[str, tuple[str, Callable[[], object]]] = {
        "reissue": ("artifact_name", lambda: api.reissue_credential(old.pk, reason="Name corrected")),
        "archive": ("archived_at", lambda: archive_artifacts([old.pk])),
        "examples": ("artifact_name", lambda: create_examples(configuration.learning_context_key)),
        "announce": ("UPDATE", announce_pending_credentials),
    }
    if act == "archive":
        uid = "learning_credentials.credentials_invalidated"
        signals.credentials_invalidated.disconnect(dispatch_uid=uid)
        api.invalidate_credential(old.pk, reason="Issued in error")
        signals.credentials_invalidated.connect(receivers.archive_files, dispatch_uid=uid)
    if act == "announce":
        Credential.objects.update(notified_at=None)
    word, function = acts[act]

    assert cut_at(word, function)

    let_time_pass()
    sweep_stale_credentials()
    issue_chunk(list(Credential.objects.filter(status=Status.GENERATING).values_list("pk", flat=True)))
    function() if act in {"examples", "announce"} else None
    assert not Credential.objects.filter(status__in=[Status.GENERATING, Status.ERROR]).exists()
    if act == "archive":
        old.refresh_from_db()
        assert old.archived_at is not None
        get_storage().open(old.artifact_name).close()
    if act == "announce":
        assert not Credential.objects.filter(notified_at=None).exists()
