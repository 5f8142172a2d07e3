"""Pauses, continues, cancels and undoes generation runs.

Each step is one compare-and-set on the run's row. Workers ask for the state when they take a lease, save progress or claim credentials. So
a step takes effect for everything that is not claimed yet. Claimed credentials are finished by their workers.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from learning_credentials.exceptions import InvalidTransitionError
from learning_credentials.models import Credential, GenerationRun
from learning_credentials.services.common import find_actor_id, retry_on_contention
from learning_credentials.services.credentials import (
    call_back_mails,
    cancel_unclaimed,
    require_reason,
    send_pending,
)
from learning_credentials.services.issuing import runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.db.models import QuerySet

    from learning_credentials.services.common import Actor

Status = Credential.Status

#: For how many credentials at once messages are sent when a run is continued.
BATCH_SIZE = 5000


def can_pause(run: GenerationRun) -> bool:
    """Return whether a run can be paused."""
    return not run.is_dry_run and run.finished_at is None and run.paused_at is None and run.cancelled_at is None


def can_continue(run: GenerationRun) -> bool:
    """Return whether a run is paused."""
    return run.finished_at is None and run.paused_at is not None and run.cancelled_at is None


def can_cancel(run: GenerationRun) -> bool:
    """Return whether a run can be cancelled."""
    return run.finished_at is None and run.cancelled_at is None


def can_undo(run: GenerationRun) -> bool:
    """Return whether a run can be undone. Only credentials whose learners were not e-mailed are withdrawn."""
    return not run.is_dry_run and run.undo_requested_at is None


@retry_on_contention
def pause_run(run_id: int) -> None:
    """Pause a run: no worker evaluates it or claims its credentials until it is continued. What was claimed is finished.

    While a run is paused, the schedule starts no other run of its configuration.

    Raises:
        InvalidTransitionError: the run is finished, paused, cancelled or a dry run.
    """
    rows = _unfinished(run_id).filter(paused_at=None, is_dry_run=False)
    # Without the lease, the worker that is evaluating stops, and after a continuation another one need not wait.
    if not rows.update(paused_at=timezone.now(), lease_token="", lease_renewed_at=None):
        raise InvalidTransitionError("the run cannot be paused: it is finished, paused or cancelled already")


@retry_on_contention
def continue_run(run_id: int) -> None:
    """Continue a paused run. Workers evaluate it again from the beginning, and issue what waits.

    Raises:
        InvalidTransitionError: the run is not paused.
    """
    with transaction.atomic():
        if not _unfinished(run_id).filter(paused_at__isnull=False).update(paused_at=None):
            raise InvalidTransitionError("the run is not paused")
        if GenerationRun.objects.filter(pk=run_id, evaluated_at=None).exists():
            runs.request_runs([run_id])
    # If this process dies here, the sweep finds the credentials.
    for keys in _iter_unclaimed(run_id):
        send_pending(keys)
    runs.close_complete([run_id])


@retry_on_contention
def cancel_run(run_id: int, *, actor: Actor = None) -> None:
    """Cancel a run. Credentials that no worker has claimed are cancelled. What was issued stays, and what was claimed is finished.

    Raises:
        InvalidTransitionError: the run is finished or cancelled.
    """
    if not _cancel(run_id, actor):
        raise InvalidTransitionError("the run cannot be cancelled: it is finished or cancelled already")
    # If this process dies here, the sweep does it.
    cancel_unclaimed([run_id])
    runs.close_complete([run_id])


def _cancel(run_id: int, actor: Actor) -> bool:
    now = timezone.now()
    return bool(
        _unfinished(run_id).update(
            cancelled_at=now,
            cancelled_by=find_actor_id(actor),
            paused_at=None,
            started_at=Coalesce("started_at", now),
            evaluated_at=Coalesce("evaluated_at", now),
            lease_token="",
            lease_renewed_at=None,
            error_code="",
            error_message="",
        )
    )


@retry_on_contention
def undo_run(run_id: int, *, reason: str, actor: Actor = None) -> None:
    """Undo a run: cancel it if it is not finished, and withdraw its credentials whose learners were not e-mailed. A worker does that.

    The withdrawn credentials block nothing: the next run issues new ones to learners who still meet the criteria. Credentials whose
    learners were e-mailed stay. They can be revoked.

    Raises:
        ReasonRequiredError.
        InvalidTransitionError: the run is a dry run, or somebody asked for it already.
    """
    reason = require_reason(reason)
    values = {"undo_requested_at": timezone.now(), "undone_by": find_actor_id(actor), "undo_reason": reason}
    with transaction.atomic():
        asked = GenerationRun.objects.filter(pk=run_id, is_dry_run=False, undo_requested_at=None).update(**values)
        if not asked:
            raise InvalidTransitionError("the run is being undone already, or is a dry run")
        _cancel(run_id, actor)
        runs.request_runs([run_id])
    # If this process dies here, the sweep does it.
    hold_id = GenerationRun.objects.filter(pk=run_id).values_list("mail_hold", flat=True).get()
    if hold_id is not None:
        with suppress(InvalidTransitionError):  # called back already
            call_back_mails(hold_id, actor=actor)
    cancel_unclaimed([run_id])
    runs.close_complete([run_id])


def _unfinished(run_id: int) -> QuerySet[GenerationRun]:
    return GenerationRun.objects.filter(pk=run_id, finished_at=None, cancelled_at=None)


def _iter_unclaimed(run_id: int) -> Iterator[list[UUID]]:
    rows = Credential.objects.filter(generation_run=run_id, status=Status.GENERATING, generation_task_id="")
    last: UUID | None = None
    while keys := list(
        (rows.filter(pk__gt=last) if last else rows).order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE]
    ):
        yield keys
        last = keys[-1]
