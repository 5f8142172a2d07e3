"""Say in words and numbers how far a job is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning_credentials.admin.durations import describe_duration
from learning_credentials.models import Job

if TYPE_CHECKING:
    from collections.abc import Mapping

State = Job.State

#: The colours of the states, from `admin.css`.
COLOURS: Mapping[State, str] = {
    State.DRAFT: "waiting",
    State.HELD: "waiting",
    State.WAITING: "waiting",
    State.WORKING: "issuing",
    State.FINISHED: "finished",
    State.FAILED: "failed",
    State.STOPPED: "failed",
    State.DECLINED: "failed",
}
#: After so many rows, the speed of a job is known well enough.
LEAST_TRIED = 20
#: The states in which a worker does something or will soon.
RUNNING = (State.WAITING, State.WORKING)


def get_percent(job: Job) -> int:
    """Return how much of the work was tried, in whole per cent, rounded down."""
    if not job.total:
        return 100 if job.state == State.FINISHED else 0
    return min(100, (job.done + job.failed) * 100 // job.total)


def describe_state(job: Job) -> str:
    """Return the state in words. A job with refused rows says how many there are."""
    words = str(State(job.state).label)
    if job.failed:
        words = f"{words}, {ngettext('%d refused', '%d refused', job.failed) % job.failed}"
    return words


def get_colour(job: Job) -> str:
    """Return the colour of the state. A job with refused rows does not get the colour of success."""
    if job.state == State.FINISHED and job.failed:
        return "waiting"
    return COLOURS[State(job.state)]


def get_progress(job: Job) -> dict[str, Any]:
    """Return the values for the page that watches a job. ``state`` is the colour and ``label`` the state in words."""
    tried = job.done + job.failed
    seconds = (timezone.now() - job.started_at).total_seconds() if job.started_at else 0.0
    is_known = job.state == State.WORKING and tried >= LEAST_TRIED and seconds > 0
    return {
        "state": get_colour(job),
        "label": describe_state(job),
        "is_finished": job.state not in RUNNING,
        "percent": get_percent(job),
        "total": job.total,
        "done": job.done,
        "failed": job.failed,
        "rest": max(job.total - tried, 0),
        "rate": _("%d a minute") % round(tried / seconds * 60) if is_known else "",
        "left": describe_duration(seconds / tried * max(job.total - tried, 0)) if is_known else "",
        "error_message": job.error_message,
    }
