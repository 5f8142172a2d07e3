"""Stores the rows of a job before anybody confirms it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Q

from learning_credentials.exceptions import ChangedMeanwhileError, ImportFileError
from learning_credentials.models import Job, JobRow
from learning_credentials.services.common.database import as_text, insert_rows, retry_on_contention
from learning_credentials.services.common.history import find_actor_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from learning_credentials.services.common.history import Actor

#: How many rows one job can have. Their plan is made in one request.
MAX_ROWS = 20_000
#: How many rows are read, planned or inserted at once.
BATCH = 500


def create_job(
    kind: str,
    rows: Iterable[JobRow],
    *,
    source: str = "",
    parameters: Mapping[str, Any] | None = None,
    actor: Actor = None,
) -> Job:
    """Store a draft with its rows. Return it.

    Args:
        kind: what to do.
        rows: unsaved rows with their positions and plans. Their job is set here.
        source: where the rows came from, in words.
        parameters: what the operator entered, or None if nobody was asked yet.
        actor: who asks.

    Raises:
        ImportFileError: there are more than `MAX_ROWS` rows.
    """
    job = Job(
        kind=kind,
        source=as_text(source, 255),
        parameters=None if parameters is None else dict(parameters),
        plan=str(uuid4()),
        requested_by_id=find_actor_id(actor),
    )
    planned = _limit(rows)
    with transaction.atomic():
        job.save(force_insert=True)
        _insert(job, planned)
    job.refresh_from_db()
    return job


@retry_on_contention
def replace_rows(job: Job, rows: Iterable[JobRow], parameters: Mapping[str, Any]) -> None:
    """Replace the rows and the parameters of a draft after it was planned again.

    Raises:
        ChangedMeanwhileError: the draft was confirmed or planned again meanwhile.
    """
    planned = _limit(rows)
    with transaction.atomic():
        mine = Job.objects.filter(pk=job.pk, state=Job.State.DRAFT, plan=job.plan)
        if not mine.update(plan=str(uuid4()), parameters=dict(parameters)):
            msg = "the job was confirmed or changed meanwhile. Nothing was changed. Read it again"
            raise ChangedMeanwhileError(msg)
        JobRow.objects.filter(job_id=job.pk).delete()
        _insert(job, planned)
    job.refresh_from_db()


def iter_rows(job: Job, *, state: str = "", batch: int = BATCH) -> Iterator[list[JobRow]]:
    """Yield the rows of a job in batches, in their order."""
    rows = JobRow.objects.filter(job_id=job.pk, **({"state": state} if state else {})).order_by("position")
    last = 0
    while found := list(rows.filter(position__gt=last)[:batch]):
        yield found
        last = found[-1].position


def _limit(rows: Iterable[JobRow]) -> list[JobRow]:
    planned = list(islice(rows, MAX_ROWS + 1))
    if len(planned) > MAX_ROWS:
        msg = f"there are more than {MAX_ROWS:,} rows. Divide them"
        raise ImportFileError(msg)
    return planned


def _insert(job: Job, rows: Sequence[JobRow]) -> None:
    for row in rows:
        row.pk, row.job_id = None, job.pk
    for start in range(0, len(rows), BATCH):
        insert_rows(rows[start : start + BATCH])
    is_left_out = Q(state=JobRow.State.LEFT_OUT)
    counts = JobRow.objects.filter(job_id=job.pk).aggregate(
        total=Count("pk", filter=~is_left_out), left_out=Count("pk", filter=is_left_out)
    )
    Job.objects.filter(pk=job.pk).update(**counts)
