"""Undoes runs: withdraws their credentials whose learners were not e-mailed yet.

Staff ask for it, and a worker does it in batches. Each batch is its own transaction. If the worker dies, the sweep continues.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils import timezone

from learning_credentials.models import Credential, GenerationRun
from learning_credentials.services.credentials import list_unsent, withdraw_awards

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

Status = Credential.Status

BATCH_SIZE = 500


def list_undoable(run_id: int) -> QuerySet[Credential]:
    """Return the issued credentials of a run that can be withdrawn: their learners were not e-mailed, and they were not renewed."""
    return list_unsent().filter(generation_run=run_id, is_current=True)


def work_off(run_id: int) -> bool:
    """Withdraw what a run has issued, if somebody asked for it. Return whether this call did something.

    A credential that a worker has claimed is withdrawn when it is finished: the end of the run asks again. Safe to repeat.
    """
    asked = GenerationRun.objects.filter(pk=run_id, undo_requested_at__isnull=False, undone_at=None)
    run = asked.first()
    if run is None:
        return False
    last: UUID | None = None
    while keys := _list_next(run_id, last):
        last = keys[-1]
        withdraw_awards(keys, reason=run.undo_reason, actor=run.undone_by_id)
    if run.finished_at is not None:
        asked.update(undone_at=timezone.now())
    return True


def _list_next(run_id: int, last: UUID | None) -> list[UUID]:
    rows = list_undoable(run_id)
    rows = rows.filter(pk__gt=last) if last else rows
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE])


def list_unfinished() -> list[int]:
    """Return the runs that are to be undone and still have credentials to withdraw, or are finished and not marked as undone."""
    asked = GenerationRun.objects.filter(undo_requested_at__isnull=False, undone_at=None)
    issued = Credential.objects.filter(generation_run=OuterRef("pk"), status=Status.AVAILABLE, notified_at=None)
    is_left = asked.filter(Exists(issued)) | asked.filter(finished_at__isnull=False)
    return list(is_left.order_by("pk").values_list("pk", flat=True))
