"""Does the rows of a job piece by piece, and postpones a job that something outside prevents."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationError, CredentialsError, TransientError
from learning_credentials.failures import Failure, as_credentials_error, classify
from learning_credentials.models import Job
from learning_credentials.services.common.database import as_text, drop_broken_connection, retry_on_contention
from learning_credentials.services.common.jobs.leases import JobLease, LeaseLostError, take_lease
from learning_credentials.services.common.jobs.values import Outcome
from learning_credentials.services.common.leases import get_claim_timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from learning_credentials.models import JobRow
    from learning_credentials.services.common.jobs.handling import JobHandler

logger = logging.getLogger(__name__)

#: How many pieces one task does. Then it asks for another task, because one task must not occupy a worker for hours.
MAX_PIECES = 20
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class JobResult:
    """What one call did. ``retry_in`` is set if something outside failed: seconds until the next attempt."""

    done: int = 0
    failed: int = 0
    retry_in: int | None = None


class _Interrupted(Exception):  # noqa: N818  it is no error
    """Raised when the rest of a piece cannot be done now. ``left`` are its rows."""

    def __init__(self, left: Sequence[JobRow]) -> None:
        super().__init__()
        self.left = left


def work_off_job(job_id: int, handlers: Mapping[str, JobHandler]) -> JobResult:
    """Do the rows of a job that are left. Safe to call at any time, also twice at once: one worker has the job.

    Args:
        job_id: the job.
        handlers: by kind of job.
    """
    lease = take_lease(job_id)
    if lease is None:
        return JobResult()
    before = lease.job
    retry_in = None
    try:
        _work(lease, handlers)
    except LeaseLostError:
        logger.info("Job %s was stopped, or another worker took it over", job_id)
    except Exception as error:
        retry_in = _postpone(lease, error)
    now = Job.objects.filter(pk=job_id).values_list("done", "failed").first() or (before.done, before.failed)
    return JobResult(now[0] - before.done, now[1] - before.failed, retry_in)


def _work(lease: JobLease, handlers: Mapping[str, JobHandler]) -> None:
    handler = handlers.get(lease.job.kind)
    if handler is None:
        msg = f"no worker of this version knows the job “{lease.job.kind}”"
        raise ConfigurationError(msg)
    handler.require(lease.job)
    if handler.whole is not None:
        lease.finish(handler.whole(lease.job, lease))
        return
    for _piece in range(MAX_PIECES):
        rows = lease.claim_rows(handler.piece)
        if not rows:
            lease.finish()
            return
        try:
            _do(lease, handler, rows)
        except _Interrupted as stop:
            lease.put_back(stop.left)
            raise stop.__cause__ or stop from None
    # The sweep finds the job after the deadline if the message is lost.
    if lease.release(resume_after=timezone.now() + get_claim_timeout()):
        signals.send(signals.jobs_waiting, job_ids=[lease.job.pk])


def _do(lease: JobLease, handler: JobHandler, rows: Sequence[JobRow]) -> None:
    if handler.each is not None:
        _do_each(lease, handler.each, rows)
        return
    try:
        if handler.batch is not None:
            _record(lease, rows, handler.batch(lease.job, rows))
        else:
            _do_together(lease, handler, rows)
    except (LeaseLostError, _Interrupted):
        raise
    except Exception as error:
        outcome = _refuse(error, rows)
        if len(rows) == 1:
            _record(lease, rows, {rows[0].pk: outcome})
            return
        for number, row in enumerate(rows):
            try:
                _do(lease, handler, [row])
            except _Interrupted as stop:
                raise _Interrupted([*stop.left, *rows[number + 1 :]]) from stop.__cause__


def _do_each(lease: JobLease, change: Callable[[Job, JobRow], Outcome], rows: Sequence[JobRow]) -> None:
    for number, row in enumerate(rows):
        rest = rows[number + 1 :]
        try:
            outcome = change(lease.job, row)
        except Exception as error:
            try:
                outcome = _refuse(error, rest)
            except _Interrupted:
                # The attempt counts for this row alone, so that the others come first: it may be the cause.
                known = as_credentials_error(error)
                lease.note_outage(row, known.code, str(known))
                raise
        try:
            _record(lease, [row], {row.pk: outcome})
        except LeaseLostError:
            lease.put_back(rest)
            raise


@retry_on_contention
def _do_together(lease: JobLease, handler: JobHandler, rows: Sequence[JobRow]) -> None:
    """Change the rows and record the outcomes in one transaction. If the job was stopped meanwhile, nothing is changed."""
    if handler.together is None:
        msg = f"the job “{lease.job.kind}” has no function for its rows"
        raise ConfigurationError(msg)
    with transaction.atomic():
        lease.record(handler.together(lease.job, rows))


def _record(lease: JobLease, rows: Sequence[JobRow], outcomes: Mapping[int, Outcome]) -> None:
    """Store outcomes after the changes were made, also if the job was stopped meanwhile.

    Raises:
        LeaseLostError: another worker has the job, or it was stopped.
        _Interrupted: something outside failed for some of the rows.
    """
    settled = {pk: outcome for pk, outcome in outcomes.items() if not outcome.is_transient}
    _store(lease, settled)
    waiting = [row for row in rows if row.pk in outcomes and outcomes[row.pk].is_transient]
    if waiting:
        for row in waiting:
            lease.note_outage(row, outcomes[row.pk].code, outcomes[row.pk].message)
        raise _Interrupted([]) from TransientError(outcomes[waiting[0].pk].message)
    if lease.is_stopped():
        raise LeaseLostError


@retry_on_contention
def _store(lease: JobLease, outcomes: Mapping[int, Outcome]) -> None:
    with transaction.atomic():
        lease.record(outcomes, must_work=False)


def _refuse(error: Exception, rows: Sequence[JobRow]) -> Outcome:
    """Return the outcome of an error that concerns the first row alone.

    Raises:
        _Interrupted: something outside failed, so that the other rows would fail too.
    """
    drop_broken_connection()
    if classify(error) is Failure.OUTAGE:
        raise _Interrupted(rows) from error
    if isinstance(error, CredentialsError):
        return Outcome(is_done=False, code=error.code, message=str(error))
    logger.error("A row of a job failed unexpectedly", exc_info=error)
    return Outcome(is_done=False, code="unexpected_error", message=f"{type(error).__name__}: {error}")


def _postpone(lease: JobLease, error: Exception) -> int | None:
    """Store why a job cannot continue now. Return seconds until the next attempt, or None if the job failed for good."""
    drop_broken_connection()
    known = as_credentials_error(error)
    failure = classify(known)
    now = timezone.now()
    job = Job.objects.filter(pk=lease.job.pk).first() or lease.job
    attempts = job.attempts + 1
    settings = get_settings()
    is_old = now - (job.started_at or now) >= timedelta(seconds=settings.OUTAGE_TIMEOUT)
    is_tried_enough = attempts >= settings.MAX_ATTEMPTS and (failure is Failure.UNKNOWN or is_old)
    is_final = failure is Failure.PERMANENT or is_tried_enough
    logger.log(
        logging.ERROR if is_final else logging.WARNING,
        "Job %s failed at attempt %s, %s",
        job.pk,
        attempts,
        "and was given up" if is_final else "and will be continued",
        exc_info=error,
    )
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)
    ending = {"state": Job.State.FAILED, "finished_at": now} if is_final else {"resume_after": now + pause}
    lease.release(attempts=attempts, error_code=known.code[:64], error_message=as_text(known, 2000), **ending)
    return None if is_final else int(pause.total_seconds())
