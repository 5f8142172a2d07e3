"""Define the Celery tasks. Each takes ids, calls a room of `services` and can be repeated.

A lost task delays a credential but loses none: the sweep finds the work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery import shared_task

from learning_credentials.exceptions import TransientError
from learning_credentials.failures import DATABASE_OUTAGES
from learning_credentials.services import common, course_runs, credentials, desk, issuing, notices

if TYPE_CHECKING:
    from celery import Task

#: Seconds before the first retry. The pause doubles with each retry, up to `RETRY_LIMIT`.
RETRY_FIRST = 10
RETRY_LIMIT = 600
MAX_RETRIES = 3
#: For how many accounts one sweep writes the words that are searched. ``manage.py index_learners`` has no limit.
LEARNERS_A_SWEEP = 5000

#: Options of tasks that retry when the LMS cannot answer. This is a mapping and not a base class, because Celery before 5.7 has no task
#: class that can be subclassed with type arguments at run time.
RETRY_TRANSIENT: dict[str, Any] = {
    "autoretry_for": (TransientError, *DATABASE_OUTAGES),
    "retry_backoff": RETRY_FIRST,
    "retry_backoff_max": RETRY_LIMIT,
    "max_retries": MAX_RETRIES,
}


def _pause(task: Task[Any, Any]) -> int:
    retries: int = task.request.retries or 0
    return min(RETRY_FIRST << retries, RETRY_LIMIT)


@shared_task
def generate_all_credentials_task() -> list[int]:
    """Start a run for each configuration that is due. The beat calls this task."""
    return issuing.start_due_runs()


@shared_task(bind=True, acks_late=True, max_retries=MAX_RETRIES)
def generate_credentials_for_config_task(self: Task[Any, Any], configuration_id: int, run_id: int | None = None) -> int:
    """Evaluate a run of a configuration. If no run is named, create one. Return the run's id."""
    try:
        if run_id is None:
            run_id = issuing.create_run(configuration_id).pk
        issuing.evaluate_run(run_id)
    except (TransientError, *DATABASE_OUTAGES) as error:  # retry the same run and do not create another
        raise self.retry(args=(configuration_id, run_id), kwargs={}, exc=error, countdown=_pause(self)) from error
    return run_id


@shared_task(bind=True, acks_late=True, max_retries=MAX_RETRIES)
def generate_credential_chunk_task(self: Task[Any, Any], credential_uuids: list[str]) -> dict[str, int]:
    """Issue those of the credentials that wait.

    If some fail only for now, the task is retried soon. After that, the sweep continues.
    """
    try:
        result = issuing.issue_chunk(credential_uuids)
    except DATABASE_OUTAGES as error:
        raise self.retry(args=(credential_uuids,), exc=error, countdown=_pause(self)) from error
    if result.released and (self.request.retries or 0) < MAX_RETRIES:
        raise self.retry(args=([str(pk) for pk in result.released],), countdown=_pause(self))
    return {"issued": len(result.issued), "failed": len(result.failed), "released": len(result.released)}


@shared_task(**RETRY_TRANSIENT, acks_late=True)
def generate_credential_for_user_task(configuration_id: int, user_id: int) -> str:
    """Issue a configuration's credential to one eligible learner. Return its internal UUID.

    This task is for hosts. The app does not enqueue it, and nothing finds it if it is lost. A host that must be sure calls
    `api.request_credential`.
    """
    return str(issuing.issue_credential(configuration_id, user_id).pk)


@shared_task
def sweep_stale_credentials_task() -> dict[str, int]:
    """Find unfinished work and continue it. The beat calls this task."""
    notices.delete_old_deliveries()
    result = issuing.sweep_stale_credentials()
    days_counted = desk.count_finished_days()
    return {
        "learners_found": common.refresh_missing_learners(LEARNERS_A_SWEEP),
        "learners_renamed": common.refresh_named_learners(),
        "redispatched": result.redispatched,
        "exhausted": result.exhausted,
        "runs_resumed": result.runs_resumed,
        "archived": result.archived,
        "strays_deleted": result.strays_deleted,
        "stray_places_unsettled": result.stray_places_unsettled,
        "places_given": result.places_given,
        "codes_given": result.codes_given,
        "jobs_resumed": result.jobs_resumed,
        "messages_waiting": result.messages_waiting,
        "messages_failing": result.messages_failing,
        "messages_given_up": result.messages_given_up,
        "days_counted": days_counted,
    }


@shared_task(acks_late=True)
def archive_artifacts_task(credential_uuids: list[str]) -> int:
    """Archive the files of invalidated credentials."""
    return credentials.archive_artifacts(credential_uuids)


@shared_task(acks_late=True)
def send_credential_notification_task(credential_uuids: list[str] | str) -> int:
    """E-mail learners about their credentials, one or many. Return the number of e-mails sent."""
    return notices.announce_credentials([credential_uuids] if isinstance(credential_uuids, str) else credential_uuids)


@shared_task
def announce_visible_credentials_task() -> int:
    """Announce credentials that were issued and not yet announced. The beat calls this task."""
    return notices.announce_pending_credentials()


@shared_task(bind=True, acks_late=True, max_retries=MAX_RETRIES)
def work_off_messages_task(self: Task[Any, Any], kind: str, context_key: str) -> dict[str, int]:
    """Process the messages of one kind for one course run.

    If some fail, the task is retried soon. After that, the sweep continues.
    """
    result = notices.work_off_messages(kind, context_key)
    if result.retry_in is not None and (self.request.retries or 0) < MAX_RETRIES:
        raise self.retry(countdown=result.retry_in)
    return {"done": result.done, "failed": result.failed}


@shared_task
def deliver_webhooks_task() -> dict[str, int]:
    """Tell other systems about new events, and try again what did not arrive. The beat calls this task."""
    result = notices.deliver_webhooks()
    return {"fed": result.fed, "delivered": result.delivered, "failed": result.failed}


@shared_task(bind=True, acks_late=True, max_retries=MAX_RETRIES)
def work_off_job_task(self: Task[Any, Any], job_id: int) -> dict[str, int]:
    """Do the rows of a job that are left.

    If something outside fails, the task is retried soon. After that, the sweep continues.
    """
    try:
        result = desk.work_off_job(job_id)
    except DATABASE_OUTAGES as error:
        raise self.retry(exc=error, countdown=_pause(self)) from error
    if result.retry_in is not None and (self.request.retries or 0) < MAX_RETRIES:
        raise self.retry(countdown=result.retry_in)
    return {"done": result.done, "failed": result.failed}


@shared_task(**RETRY_TRANSIENT, acks_late=True)
def refresh_course_certificates_task() -> int:
    """Copy from the LMS the values that decide when credentials are visible. The beat calls this task."""
    return course_runs.refresh_course_certificates()
