"""Runs: one pass over the learners of a configuration, resumable at any point.

A run is evaluated under a lease, so that a repeated message does not do the work twice. What a lost evaluation already put into
GENERATING is live, and drops out when the next one starts from the beginning.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.failures import Failure, as_credentials_error, classify
from learning_credentials.models import Credential, GenerationRun
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    as_text,
    drop_broken_connection,
    get_actor_id,
    get_claim_timeout,
    retry_on_contention,
)
from learning_credentials.services.course_runs import issues_course_certificates
from learning_credentials.services.credentials import PassedOver, PendingFactory, get_context, iter_batches
from learning_credentials.services.standings import evaluate_and_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from learning_credentials.models import CredentialConfiguration
    from learning_credentials.services.common import Actor

logger = logging.getLogger(__name__)

#: Seconds between two times that a run's progress is saved: often enough for people and for the lease.
PROGRESS_PAUSE = 1.0
#: A message that fails is repeated by its task so often; after that the sweep asks for the run again, with pauses that grow.
ATTEMPTS_OF_TASK = 4
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=2)


def create_run(configuration_id: int, *, actor: Actor = None) -> GenerationRun:
    """Create a run that the caller works on."""
    return GenerationRun.objects.create(configuration_id=configuration_id, requested_by_id=get_actor_id(actor))


def start_run(configuration_id: int, *, actor: Actor = None) -> GenerationRun:
    """Create a run; whoever listens to `signals.runs_requested` works on it, or else the sweep."""
    with transaction.atomic():
        run = create_run(configuration_id, actor=actor)
        request_runs([run.pk])
    return run


def request_runs(run_ids: list[int]) -> None:
    """Ask after commit that these runs be worked on."""
    if run_ids:
        transaction.on_commit(lambda: signals.send(signals.runs_requested, run_ids=run_ids), robust=True)


def evaluate_run(run_id: int, dispatch: Callable[[list[UUID]], None]) -> bool:
    """Look at every learner of a run; put those to be issued into GENERATING and hand their uuids to ``dispatch``, batch by batch.

    Returns:
        Whether this call did it: False when the run is done, or somebody else is at it.

    Raises:
        TransientError: the LMS could not answer, the database cut the connection, or an error came that nobody knows. The run is left
            for another try: for ``OUTAGE_TIMEOUT`` where something outside fails, ``MAX_ATTEMPTS`` times where nobody knows.
    """
    token = _take_lease(run_id)
    if not token:
        return False
    run = GenerationRun.objects.select_related("configuration__credential_type__issuer__logo").get(pk=run_id)
    configuration = run.configuration
    progress = _Progress(run_id, token)
    passed_over = progress.passed_over
    try:
        context = get_context(configuration.learning_context_key)
        factory = PendingFactory(configuration, context, run_id, passed_over)
        for batch in iter_batches(configuration, before=_get_preparation(configuration)):
            waiting = factory.put(batch.candidates, actor=run.requested_by_id) if batch.candidates else []
            for reason, user_ids in batch.passed_over.items():
                passed_over.add(reason, user_ids)
            passed_over.already_held += batch.already_held
            passed_over.not_eligible += batch.not_eligible
            is_held = progress.add(batch.checked, len(waiting))
            dispatch(waiting)
            if not is_held:
                logger.warning("Run %s was taken over by another worker", run_id)
                return False
        progress.save(evaluated_at=timezone.now(), lease_renewed_at=None, error_code="", error_message="")
    except Exception as error:
        _fail(run, progress, error)
    close_complete([run_id])
    return True


class _Progress:
    """What a run has done, saved from time to time."""

    def __init__(self, run_id: int, token: str) -> None:
        self._mine = GenerationRun.objects.filter(pk=run_id, lease_token=token, evaluated_at=None)
        self.passed_over = PassedOver()
        self._checked = self._total = 0
        self._saved = 0.0

    def add(self, checked: int, waiting: int) -> bool:
        """Count a batch, and renew the lease if it is time to; return whether it is still ours, as far as is known."""
        self._checked += checked
        self._total += waiting
        return time.monotonic() - self._saved < PROGRESS_PAUSE or self.save(lease_renewed_at=timezone.now())

    def save(self, **also: Any) -> bool:
        """Save what was counted, and what else is to be changed; return whether the lease is still ours."""
        counts = {"checked": F("checked") + self._checked, "total": F("total") + self._total}
        self._checked = self._total = 0
        self._saved = time.monotonic()
        return bool(self._mine.update(**counts, **self.passed_over.dump(), **also))


def _get_preparation(configuration: CredentialConfiguration) -> Callable[[Sequence[int]], object] | None:
    """Standings are evaluated before the processor of course certificates reads them."""
    if not issues_course_certificates(configuration):
        return None
    return partial(evaluate_and_store, configuration.learning_context_key)


def _take_lease(run_id: int) -> str:
    token = str(uuid4())
    now = timezone.now()
    is_free = Q(lease_renewed_at=None) | Q(lease_renewed_at__lt=now - get_claim_timeout())
    taken = GenerationRun.objects.filter(is_free, pk=run_id, evaluated_at=None, finished_at=None).update(
        lease_token=token, lease_renewed_at=now, started_at=Coalesce("started_at", Value(now)), checked=0
    )
    return token if taken else ""


def _fail(run: GenerationRun, progress: _Progress, error: Exception) -> None:
    """Note why an evaluation failed. Release the run, or end it if a retry cannot mend the error or was tried often enough.

    Raises:
        TransientError: the run is to be tried again.
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
        "which was the last" if is_final else "and will be tried again",
        exc_info=error,
    )
    message = str(known)
    if is_final and failure is not Failure.PERMANENT:
        message = f"given up after {attempts} attempts; the last failed with {message}"
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
    """How long the sweep leaves a run alone that failed so often. The task itself makes the first attempts."""
    return (
        min(FIRST_PAUSE * 2 ** min(attempts - ATTEMPTS_OF_TASK, 10), LONGEST_PAUSE)
        if attempts > ATTEMPTS_OF_TASK
        else timedelta()
    )


def count_for_run(run_id: int, *, done: int, failed: int, is_evaluated: bool) -> bool:
    """Add to a run's progress, in the transaction that finishes the credentials.

    Args:
        run_id: the run.
        done: how many credentials were issued.
        failed: how many failed.
        is_evaluated: whether it is known already that the run was evaluated.

    Returns:
        Whether the run is evaluated, and so may be complete once this transaction is committed.
    """
    run = GenerationRun.objects.filter(pk=run_id)
    progress = {"done": F("done") + done, "failed": F("failed") + failed}
    # An evaluation ends by writing to this row. Either it waits for this transaction, and then sees what was finished by it; or it came
    # first, and is seen here.
    if not is_evaluated and run.filter(evaluated_at=None).update(**progress):
        return False
    run.update(**progress)
    return True


def close_complete(run_ids: Iterable[int | None]) -> None:
    """Finish those of the runs that are evaluated and have nothing left to issue; their counts are then taken from the rows."""
    generating = Credential.objects.filter(generation_run=OuterRef("pk"), status=Credential.Status.GENERATING)
    complete = GenerationRun.objects.filter(evaluated_at__isnull=False, finished_at=None).exclude(Exists(generating))
    # Looked for by a query of its own: MariaDB locks whatever an update looks at, and chunks that end at the same time would meet there.
    # Nothing of an evaluated run starts to wait again.
    for batch in in_batches(sorted({run_id for run_id in run_ids if run_id})):
        for run_id in complete.filter(pk__in=batch).order_by("pk").values_list("pk", flat=True):
            _close(run_id)


@retry_on_contention
def _close(run_id: int) -> None:
    if GenerationRun.objects.filter(pk=run_id, finished_at=None).update(finished_at=timezone.now()):
        is_failed = Q(status=Credential.Status.ERROR)
        rows = Credential.objects.filter(generation_run=run_id).order_by()
        counts = rows.aggregate(
            done=Count("pk", filter=~is_failed), failed=Count("pk", filter=is_failed), total=Count("pk")
        )
        GenerationRun.objects.filter(pk=run_id).update(**counts)


def resume_unfinished() -> list[int]:
    """Take up runs that nobody works on: ask for their evaluation again, finish those that are complete.

    Returns:
        The runs that were asked for again.
    """
    cutoff = timezone.now() - get_claim_timeout()
    unfinished = GenerationRun.objects.filter(finished_at=None)
    close_complete(unfinished.filter(evaluated_at__isnull=False).values_list("pk", flat=True))
    is_left = Q(lease_renewed_at__lt=cutoff) | Q(lease_renewed_at=None, created__lt=cutoff)
    may_resume = Q(resume_after=None) | Q(resume_after__lt=timezone.now())
    left = list(
        unfinished.filter(is_left, may_resume, evaluated_at=None).order_by("pk").values_list("pk", flat=True)[:1000]
    )
    request_runs(left)
    return left
