"""Leases a job to one worker, hands out its rows, and records what came of them."""

from __future__ import annotations

import time
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from learning_credentials.conf import get_settings
from learning_credentials.models import Job, JobRow
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common.database import as_text, retry_on_contention
from learning_credentials.services.common.leases import get_claim_timeout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from learning_credentials.services.common.jobs.values import JobFile, Outcome

State = Job.State
#: A row whose worker was lost so many times is refused, and one that something outside prevented so many times.
MAX_ATTEMPTS = 3
MAX_OUTAGES = 8
WORKER_LOST = "worker_lost"


class LeaseLostError(Exception):
    """Raised when another worker has the job, or somebody stopped it."""


@retry_on_contention
def take_lease(job_id: int) -> JobLease | None:
    """Lease a job that waits or whose worker was lost. Return None if another worker has it, or if it has ended."""
    now, token = timezone.now(), str(uuid4())
    is_free = Q(lease_renewed_at=None) | Q(lease_renewed_at__lt=now - get_claim_timeout())
    free = Job.objects.filter(is_free, pk=job_id, state__in=(State.WAITING, State.WORKING))
    taken = free.update(
        state=State.WORKING,
        lease_token=token,
        lease_renewed_at=now,
        started_at=Coalesce("started_at", Value(now)),
        resume_after=None,
    )
    return JobLease(Job.objects.get(pk=job_id), token) if taken else None


class JobLease:
    """A worker's lease of a job."""

    def __init__(self, job: Job, token: str) -> None:
        self.job = job
        self._token = token
        self._renewed = time.monotonic()

    @property
    def _mine(self) -> Any:
        return Job.objects.filter(pk=self.job.pk, lease_token=self._token)

    def renew_if_due(self) -> None:
        """Renew the lease if a third of it has passed.

        Raises:
            LeaseLostError: another worker has the job, or it was stopped.
        """
        if time.monotonic() - self._renewed >= get_settings().CLAIM_TIMEOUT / 3:
            self.renew()

    def renew(self) -> None:
        """Renew the lease.

        Raises:
            LeaseLostError: another worker has the job, or it was stopped.
        """
        if not self._mine.filter(state=State.WORKING).update(lease_renewed_at=timezone.now()):
            raise LeaseLostError
        self._renewed = time.monotonic()

    @retry_on_contention
    def claim_rows(self, piece: int) -> list[JobRow]:
        """Return the next rows, and count the attempt. Rows whose worker was lost come last, one by one.

        Raises:
            LeaseLostError: another worker has the job, or it was stopped.
        """
        with transaction.atomic():
            self.renew()
            waiting = JobRow.objects.filter(job_id=self.job.pk, state=JobRow.State.WAITING)
            while rows := list(waiting.order_by("attempts", "position")[:piece]):
                if not _is_given_up(rows[0]):
                    break
                self._give_up(rows[0])
            rows = [row for row in rows if not row.attempts] or rows[:1]
            for batch in in_batches([row.pk for row in rows]):
                JobRow.objects.filter(pk__in=batch).update(attempts=F("attempts") + 1)
        for row in rows:
            row.attempts += 1
        return rows

    def _give_up(self, row: JobRow) -> None:
        cause = row.message if row.code else "the worker stopped each time: it was killed or ran out of memory"
        JobRow.objects.filter(pk=row.pk, state=JobRow.State.WAITING).update(
            state=JobRow.State.REFUSED,
            code=row.code or WORKER_LOST,
            message=as_text(f"given up after {row.attempts} attempts: {cause}", 2000),
        )
        self._mine.update(failed=F("failed") + 1)

    def note_outage(self, row: JobRow, code: str, message: str) -> None:
        """Store on a row that something outside prevented it. The row is tried again after all others."""
        noted = {"code": code[:64], "message": as_text(message, 2000)}
        JobRow.objects.filter(pk=row.pk, state=JobRow.State.WAITING).update(**noted)

    def record(self, outcomes: Mapping[int, Outcome], *, must_work: bool = True) -> None:
        """Store what came of rows, by primary key, and count it.

        Args:
            outcomes: by the primary key of the row.
            must_work: whether to refuse if the job was stopped meanwhile. If False, only another worker's lease is refused.

        Raises:
            LeaseLostError: another worker has the job, or it was stopped.
        """
        mine = self._mine.filter(state=State.WORKING) if must_work else self._mine
        done = sum(outcome.is_done for outcome in outcomes.values())
        changes = {"done": F("done") + done, "failed": F("failed") + len(outcomes) - done}
        if not mine.update(lease_renewed_at=timezone.now(), attempts=0, error_code="", error_message="", **changes):
            raise LeaseLostError
        self._renewed = time.monotonic()
        by_outcome = sorted(outcomes, key=lambda pk: _get_key(outcomes[pk]))
        for key, group in groupby(by_outcome, key=lambda pk: _get_key(outcomes[pk])):
            is_done, code, message = key
            for batch in in_batches(list(group)):
                JobRow.objects.filter(pk__in=batch, state=JobRow.State.WAITING).update(
                    state=JobRow.State.DONE if is_done else JobRow.State.REFUSED,
                    code=code[:64],
                    message=as_text(message, 2000),
                )

    def is_stopped(self) -> bool:
        """Return whether somebody stopped the job."""
        return not self._mine.filter(state=State.WORKING).exists()

    def put_back(self, rows: Iterable[JobRow]) -> None:
        """Do not count the attempt for rows that something outside prevented."""
        for batch in in_batches([row.pk for row in rows]):
            JobRow.objects.filter(pk__in=batch, state=JobRow.State.WAITING).update(attempts=F("attempts") - 1)

    @retry_on_contention
    def finish(self, made: JobFile | None = None) -> None:
        """End the job. Its counts are taken from the rows.

        Raises:
            LeaseLostError: another worker has the job, or it was stopped.
        """
        file = {} if made is None else {"file_name": made.name, "file_label": made.label, "file_size": made.size}
        with transaction.atomic():
            ended = {"state": State.FINISHED, "finished_at": timezone.now()}
            if not self._mine.filter(state=State.WORKING).update(**ended, **_RELEASED, **self._count(), **file):
                raise LeaseLostError

    def release(self, **changes: Any) -> bool:
        """Give the job back, with other changes. Return whether the lease was still ours."""
        return bool(self._mine.filter(state=State.WORKING).update(**{**_RELEASED, **changes}))

    def _count(self) -> dict[str, int]:
        rows = JobRow.objects.filter(job_id=self.job.pk)
        return rows.aggregate(
            done=Count("pk", filter=Q(state=JobRow.State.DONE)),
            failed=Count("pk", filter=Q(state=JobRow.State.REFUSED)),
        )


_RELEASED: dict[str, Any] = {"lease_token": "", "lease_renewed_at": None}


def _is_given_up(row: JobRow) -> bool:
    return row.attempts >= (MAX_OUTAGES if row.code else MAX_ATTEMPTS)


def _get_key(outcome: Outcome) -> tuple[bool, str, str]:
    return outcome.is_done, outcome.code, outcome.message
