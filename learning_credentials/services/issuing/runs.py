"""Carries out generation runs: one pass over the learners of a configuration, which can be resumed at any point.

A run is evaluated under a lease, so that a repeated task does not do the work twice. Credentials that a lost evaluation already put into
GENERATING are live, so the next evaluation, which starts from the beginning, skips their learners.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.failures import Failure, as_credentials_error, classify
from learning_credentials.models import Credential, GenerationRun, MailHold
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    as_text,
    drop_broken_connection,
    get_actor_id,
    get_claim_timeout,
    retry_on_contention,
)
from learning_credentials.services.credentials import (
    PendingFactory,
    Skipped,
    cancel_unclaimed,
    get_context,
    iter_batches,
    list_unfinished_cancellations,
    open_mail_hold,
    send_pending,
)
from learning_credentials.services.issuing import undoing
from learning_credentials.services.issuing.configurations import get_configuration
from learning_credentials.services.issuing.forecasts import Forecast, get_preparation, iter_forecast, with_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from uuid import UUID

    from learning_credentials.services.common import Actor
    from learning_credentials.services.credentials import Batch

logger = logging.getLogger(__name__)

#: Seconds between two saves of a run's progress. This is often enough for people and for the lease.
PROGRESS_PAUSE = 1.0
#: How often the task itself tries. After that, the sweep enqueues the run again, with growing pauses.
ATTEMPTS_OF_TASK = 4
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=2)


def create_run(
    configuration_id: int,
    *,
    actor: Actor = None,
    is_dry_run: bool = False,
    changes: Mapping[str, Any] | None = None,
    said: Mapping[str, Any] | None = None,
) -> GenerationRun:
    """Create a generation run for the caller to evaluate with `evaluate_run`. Return it. If the caller dies, the sweep resumes the run.

    The arguments are those of `start_run`.

    Raises:
        ConfigurationError: there is no such configuration.
    """
    configuration = get_configuration(configuration_id)
    with transaction.atomic():
        return GenerationRun.objects.create(
            configuration=configuration,
            requested_by_id=get_actor_id(actor),
            is_dry_run=is_dry_run,
            changes=dict(changes or {}) if is_dry_run else {},
            forecast=dict(said or {}),
            mail_hold_id=None
            if is_dry_run
            else open_mail_hold(MailHold.Act.RUN, actor, configuration.learning_context_key),
        )


def start_run(
    configuration_id: int,
    *,
    actor: Actor = None,
    is_dry_run: bool = False,
    changes: Mapping[str, Any] | None = None,
    said: Mapping[str, Any] | None = None,
) -> GenerationRun:
    """Create a generation run and enqueue it for the workers. Return it. If the message is lost, the sweep enqueues it again.

    Args:
        configuration_id: the configuration.
        actor: who asks for it.
        is_dry_run: whether the run only finds out what it would issue. Its ``forecast`` then says so, and nothing is issued.
        changes: for a dry run, values of the configuration that are not saved, see `with_changes`.
        said: for a real run, the forecast that the actor has read. The page of the run says what differs.

    Raises:
        ConfigurationError: there is no such configuration.
    """
    with transaction.atomic():
        run = create_run(configuration_id, actor=actor, is_dry_run=is_dry_run, changes=changes, said=said)
        request_runs([run.pk])
    return run


def request_runs(run_ids: list[int]) -> None:
    """Send the signal that asks for these runs to be evaluated, after the commit."""
    if run_ids:
        transaction.on_commit(lambda: signals.send(signals.runs_requested, run_ids=run_ids), robust=True)


def evaluate_run(run_id: int, dispatch: Callable[[list[UUID]], None] = send_pending) -> bool:
    """Evaluate every learner of a generation run. Put credentials into GENERATING and enqueue them for the workers, batch by batch.

    Args:
        run_id: the run.
        dispatch: called with the internal ids of each batch, in place of enqueueing them.

    If the run is being undone, withdraw its credentials instead.

    Returns:
        Whether this call did it. False if the run is evaluated already, is paused, or another worker is evaluating it.

    Raises:
        TransientError: the LMS could not answer, the database cut the connection, or an unknown error came. The run will be tried again:
            for ``OUTAGE_TIMEOUT`` after outages, and ``MAX_ATTEMPTS`` times after unknown errors.
    """
    token = _take_lease(run_id)
    if not token:
        return undoing.work_off(run_id)
    run = GenerationRun.objects.select_related("configuration__credential_type__issuer__logo").get(pk=run_id)
    configuration = run.configuration
    progress = _Progress(run_id, token)
    skipped = progress.skipped
    try:
        context = get_context(configuration.learning_context_key)
        if run.is_dry_run:
            return _forecast(run, progress)
        factory = PendingFactory(configuration, context, run_id, skipped, run.mail_hold_id)
        for batch in iter_batches(configuration, before=get_preparation(configuration)):
            waiting = factory.put(batch.candidates, actor=run.requested_by_id) if batch.candidates else []
            progress.skip(batch)
            is_held = progress.add(batch.checked, len(waiting))
            dispatch(waiting)
            if not is_held:
                logger.warning("Another worker took over run %s, or it was paused or cancelled", run_id)
                cancel_unclaimed([run_id])
                close_complete([run_id])
                return False
        progress.save(evaluated_at=timezone.now(), lease_renewed_at=None, error_code="", error_message="")
    except Exception as error:
        _fail(run, progress, error)
    close_complete([run_id])
    return True


class _Progress:
    """The progress of a run, saved from time to time."""

    def __init__(self, run_id: int, token: str) -> None:
        self._mine = GenerationRun.objects.filter(pk=run_id, lease_token=token, evaluated_at=None)
        self.skipped = Skipped()
        self._checked = self._total = 0
        self._saved = 0.0

    def skip(self, batch: Batch) -> None:
        """Count the learners of a batch who receive nothing."""
        batch.count_into(self.skipped)

    def add(self, checked: int, waiting: int) -> bool:
        """Count a batch, and renew the lease if that is due. Return whether the lease is still ours, as far as is known."""
        self._checked += checked
        self._total += waiting
        return time.monotonic() - self._saved < PROGRESS_PAUSE or self.save(lease_renewed_at=timezone.now())

    def save(self, **also: Any) -> bool:
        """Save the counts and other values. Return whether the lease is still ours."""
        counts = {"checked": F("checked") + self._checked, "total": F("total") + self._total}
        self._checked = self._total = 0
        self._saved = time.monotonic()
        return bool(self._mine.update(**counts, **self.skipped.dump(), **also))


def _forecast(run: GenerationRun, progress: _Progress) -> bool:
    """Find out what a dry run would issue. Return whether this call did it to the end."""
    configuration = with_changes(run.configuration, run.changes) if run.changes else run.configuration
    forecast = Forecast(configuration)
    for batch, lost in iter_forecast(configuration):
        forecast.add(batch.candidates, lost)
        progress.skip(batch)
        if not progress.add(batch.checked, len(batch.candidates)):
            logger.warning("Another worker took over run %s, or it was cancelled", run.pk)
            return False
    now = timezone.now()
    done = {"evaluated_at": now, "finished_at": now, "lease_renewed_at": None, "error_code": "", "error_message": ""}
    progress.save(forecast=forecast.dump(), **done)
    return True


def _take_lease(run_id: int) -> str:
    token = str(uuid4())
    now = timezone.now()
    is_free = Q(lease_renewed_at=None) | Q(lease_renewed_at__lt=now - get_claim_timeout())
    taken = GenerationRun.objects.filter(
        is_free, pk=run_id, evaluated_at=None, finished_at=None, paused_at=None
    ).update(lease_token=token, lease_renewed_at=now, started_at=Coalesce("started_at", Value(now)), checked=0)
    return token if taken else ""


def _fail(run: GenerationRun, progress: _Progress, error: Exception) -> None:
    """Store why an evaluation failed. Release the run, or end it if no retry can help or it was tried often enough.

    Raises:
        TransientError: the run will be tried again.
    """
    known = as_credentials_error(error)
    failure = classify(known)
    attempts, now = run.attempts + 1, timezone.now()
    is_tried_enough = attempts >= get_settings().MAX_ATTEMPTS and (
        failure is Failure.UNKNOWN or now - run.created >= timedelta(seconds=get_settings().OUTAGE_TIMEOUT)
    )
    is_final = failure is Failure.PERMANENT or is_tried_enough
    logger.log(
        logging.ERROR if is_final or failure is Failure.UNKNOWN else logging.WARNING,
        "The evaluation of run %s failed at attempt %s, %s",
        run.pk,
        attempts,
        "which was the last attempt" if is_final else "and will be repeated",
        exc_info=error,
    )
    message = str(known)
    if is_final and failure is not Failure.PERMANENT:
        message = f"given up after {attempts} attempts. The last error was {message}"
    drop_broken_connection()
    progress.save(
        lease_renewed_at=None,
        attempts=attempts,
        error_code=known.code[:64],
        error_message=as_text(message, 2000),
        **({"evaluated_at": now} if is_final else {"resume_after": now + _get_pause(attempts)}),
    )
    if not is_final:
        if known is error:
            raise known
        raise known from error


def _get_pause(attempts: int) -> timedelta:
    """Return how long the sweep waits before it tries the run again. The task itself makes the first attempts without this pause."""
    return (
        min(FIRST_PAUSE * 2 ** min(attempts - ATTEMPTS_OF_TASK, 10), LONGEST_PAUSE)
        if attempts > ATTEMPTS_OF_TASK
        else timedelta()
    )


def count_for_run(run_id: int, *, done: int, failed: int, is_evaluated: bool) -> bool:
    """Add to a run's counts, in the transaction that finishes the credentials.

    Args:
        run_id: the run.
        done: how many credentials were issued.
        failed: how many failed.
        is_evaluated: whether the caller knows already that the run was evaluated.

    Returns:
        Whether the run is evaluated, and so may be complete after the commit.
    """
    run = GenerationRun.objects.filter(pk=run_id)
    progress = {"done": F("done") + done, "failed": F("failed") + failed}
    # An evaluation ends by writing to this row. If it comes later, it waits for this transaction and sees what was finished. If it came
    # first, this update sees it.
    if not is_evaluated and run.filter(evaluated_at=None).update(**progress):
        return False
    run.update(**progress)
    return True


def close_complete(run_ids: Iterable[int | None]) -> None:
    """Finish those of the runs that are evaluated and have nothing left to issue. Their counts are then taken from the credentials."""
    generating = Credential.objects.filter(generation_run=OuterRef("pk"), status=Credential.Status.GENERATING)
    complete = GenerationRun.objects.filter(evaluated_at__isnull=False, finished_at=None).exclude(Exists(generating))
    # Use a separate query: MariaDB locks every row that an update reads, so chunks that end at the same time would wait for each other.
    # No credential of an evaluated run starts to wait again.
    for batch in in_batches(sorted({run_id for run_id in run_ids if run_id})):
        for run in complete.filter(pk__in=batch).order_by("pk").only("pk", "undo_requested_at"):
            _close(run.pk)
            if run.undo_requested_at is not None:
                request_runs([run.pk])


@retry_on_contention
def _close(run_id: int) -> None:
    if GenerationRun.objects.filter(pk=run_id, finished_at=None).update(finished_at=timezone.now()):
        is_failed = Q(status=Credential.Status.ERROR)
        is_cancelled = Q(status=Credential.Status.INVALIDATED, artifact_name="")
        rows = Credential.objects.filter(generation_run=run_id).order_by()
        counts = rows.aggregate(
            done=Count("pk", filter=~is_failed & ~is_cancelled),
            failed=Count("pk", filter=is_failed),
            total=Count("pk"),
        )
        GenerationRun.objects.filter(pk=run_id).update(**counts)


def resume_unfinished() -> list[int]:
    """Enqueue runs again that no worker is evaluating, and finish those that are complete. Paused runs are left alone.

    Also cancel what cancelled runs have left, and continue to undo runs.

    Returns:
        The ids of the runs that were enqueued again.
    """
    cutoff = timezone.now() - get_claim_timeout()
    unfinished = GenerationRun.objects.filter(finished_at=None)
    cancel_unclaimed(list_unfinished_cancellations())
    close_complete(unfinished.filter(evaluated_at__isnull=False).values_list("pk", flat=True))
    is_left = Q(lease_renewed_at__lt=cutoff) | Q(lease_renewed_at=None, created__lt=cutoff)
    may_resume = Q(resume_after=None) | Q(resume_after__lt=timezone.now())
    left = list(
        unfinished.filter(is_left, may_resume, evaluated_at=None, paused_at=None)
        .order_by("pk")
        .values_list("pk", flat=True)[:1000]
    )
    left += undoing.list_unfinished()
    request_runs(left)
    return left
