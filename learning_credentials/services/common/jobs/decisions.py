"""Lets people decide about jobs: confirm, approve, decline, stop, continue. Each decision is one compare-and-set on the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.exceptions import ChangedMeanwhileError, InvalidTransitionError
from learning_credentials.models import Job, JobRow
from learning_credentials.services.common.database import as_text, retry_on_contention
from learning_credentials.services.common.history import find_actor_id, get_actor_id
from learning_credentials.services.common.leases import get_claim_timeout

if TYPE_CHECKING:
    from learning_credentials.services.common.history import Actor

State = Job.State


@retry_on_contention
def confirm_job(job_id: int, *, plan: str, actor: Actor, needs_second: bool = False) -> Job:
    """Confirm a draft as its page showed it. The workers begin, or the job waits for a second person. Return the job.

    Raises:
        ChangedMeanwhileError: the draft was confirmed or planned again since the page was shown, or it is somebody else's.
        InvalidTransitionError: no row is left to do.
    """
    now = timezone.now()
    with transaction.atomic():
        mine = Job.objects.filter(pk=job_id, state=State.DRAFT, plan=plan, requested_by_id=get_actor_id(actor))
        if mine.filter(total=0).exists():
            raise InvalidTransitionError("there is nothing to do: every row is left out")
        state = State.HELD if needs_second else State.WAITING
        if not mine.exclude(parameters=None).update(state=state, confirmed_at=now, resume_after=_get_deadline()):
            msg = "the job was confirmed or changed after you read it. Nothing was done. Read it again"
            raise ChangedMeanwhileError(msg)
        if not needs_second:
            _send(job_id)
    return Job.objects.get(pk=job_id)


@retry_on_contention
def approve_job(job_id: int, *, actor: Actor, note: str = "") -> Job:
    """Let the workers begin a job that waits for a second person. Return it.

    Raises:
        InvalidTransitionError: it does not wait, or the same person asked for it.
    """
    with transaction.atomic():
        _decide(job_id, actor, note, state=State.WAITING, resume_after=_get_deadline())
        _send(job_id)
    return Job.objects.get(pk=job_id)


@retry_on_contention
def decline_job(job_id: int, *, actor: Actor, note: str = "") -> Job:
    """End a job that waits for a second person. Nothing of it is done. Return it.

    Raises:
        InvalidTransitionError: it does not wait, or the same person asked for it.
    """
    _decide(job_id, actor, note, state=State.DECLINED, finished_at=timezone.now())
    return Job.objects.get(pk=job_id)


@retry_on_contention
def stop_job(job_id: int) -> Job:
    """Stop a job. What was done stays done. A worker finishes at most the row that it is changing. Return the job.

    Raises:
        InvalidTransitionError: it has ended already.
    """
    running = Job.objects.filter(pk=job_id, state__in=(State.HELD, State.WAITING, State.WORKING))
    if not running.update(state=State.STOPPED, finished_at=timezone.now()):
        raise InvalidTransitionError("the job has ended already")
    return Job.objects.get(pk=job_id)


@retry_on_contention
def continue_job(job_id: int) -> Job:
    """Let the workers continue a job that was stopped or failed, with the rows that are left. Return it.

    Raises:
        InvalidTransitionError: it did not stop or fail, nobody confirmed it, or nothing is left.
    """
    with transaction.atomic():
        ended = Job.objects.filter(pk=job_id, state__in=(State.STOPPED, State.FAILED))
        is_left = JobRow.objects.filter(job_id=job_id, state=JobRow.State.WAITING).exists()
        # One that was stopped while it waited for a second person must wait again.
        job = ended.first()
        if job is None or not is_left:
            raise InvalidTransitionError("the job cannot be continued: it did not stop or fail, or nothing is left")
        was_held = job.started_at is None and job.decided_at is None and job.error_code == ""
        if was_held:
            raise InvalidTransitionError("the job was stopped before it began. Make a new one")
        JobRow.objects.filter(job_id=job_id, state=JobRow.State.WAITING).update(attempts=0)
        changed = ended.update(
            state=State.WAITING,
            finished_at=None,
            lease_token="",
            lease_renewed_at=None,
            attempts=0,
            error_code="",
            error_message="",
            resume_after=_get_deadline(),
        )
        if not changed:
            raise InvalidTransitionError("somebody else continued the job")
        _send(job_id)
    return Job.objects.get(pk=job_id)


def discard_draft(job_id: int, *, actor: Actor) -> None:
    """Delete a draft of one's own. Do nothing if it was confirmed."""
    Job.objects.filter(pk=job_id, state=State.DRAFT, requested_by_id=get_actor_id(actor)).delete()


def _decide(job_id: int, actor: Actor, note: str, **changes: Any) -> None:
    person = find_actor_id(actor)
    held = Job.objects.filter(pk=job_id, state=State.HELD)
    if person is None or held.filter(requested_by_id=person).exists():
        raise InvalidTransitionError("another person must decide: not the one who asked for it")
    decision = {"decided_by_id": person, "decided_at": timezone.now(), "decision_note": as_text(note.strip(), 2000)}
    if not held.update(**decision, **changes):
        raise InvalidTransitionError("the job does not wait for a second person any more")


def _get_deadline() -> Any:
    """Return when the sweep looks for the job if no worker has begun."""
    return timezone.now() + get_claim_timeout()


def _send(job_id: int) -> None:
    transaction.on_commit(lambda: signals.send(signals.jobs_waiting, job_ids=[job_id]), robust=True)
