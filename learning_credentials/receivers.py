"""Turns the app's signals into tasks. A broker that cannot be reached is logged: the sweep will find the work."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.dispatch import receiver

from learning_credentials import signals, tasks
from learning_credentials.conf import get_settings
from learning_credentials.lms import LMSBackend, get_lms

if TYPE_CHECKING:
    from celery import Task

logger = logging.getLogger(__name__)


@receiver(signals.runs_requested, dispatch_uid="learning_credentials.runs_requested")
def evaluate_runs(run_ids: list[int], **_kwargs: object) -> None:
    """Have each run evaluated."""
    from learning_credentials.models import GenerationRun

    configurations = dict(GenerationRun.objects.filter(pk__in=run_ids).values_list("pk", "configuration_id"))
    for run_id in run_ids:
        if run_id in configurations:
            _enqueue(tasks.generate_credentials_for_config_task, configurations[run_id], run_id)


@receiver(signals.credentials_pending, dispatch_uid="learning_credentials.credentials_pending")
def issue_chunks(chunks: list[list[str]], **_kwargs: object) -> None:
    """Have each chunk issued."""
    for chunk in chunks:
        _enqueue(tasks.generate_credential_chunk_task, chunk)


@receiver(signals.credentials_issued, dispatch_uid="learning_credentials.credentials_issued")
def notify_learners(credential_uuids: list[str], **_kwargs: object) -> None:
    """Have the learners told."""
    if get_settings().NOTIFY_LEARNERS:
        _enqueue(tasks.send_credential_notification_task, credential_uuids)


@receiver(signals.credentials_invalidated, dispatch_uid="learning_credentials.credentials_invalidated")
def archive_files(credential_uuids: list[str], **_kwargs: object) -> None:
    """Have the files taken out of reach."""
    _enqueue(tasks.archive_artifacts_task, credential_uuids)


@receiver(signals.standings_outdated, dispatch_uid="learning_credentials.standings_outdated")
def evaluate_standings(
    course_key: str, user_ids: list[int], cause: str, actor_id: int | None = None, reason: str = "", **_kwargs: object
) -> None:
    """Have the standings evaluated."""
    _enqueue(tasks.evaluate_course_certificates_task, course_key, user_ids, cause, actor_id, reason)


@receiver(signals.standings_changed, dispatch_uid="learning_credentials.standings_changed")
def tell_lms(course_key: str, statuses: dict[int, str], **_kwargs: object) -> None:
    """Have the LMS told, if it wants to know."""
    if type(get_lms()).take_standings is not LMSBackend.take_standings:
        # Keys of JSON objects are text, so pairs are sent.
        _enqueue(tasks.tell_lms_standings_task, course_key, sorted(statuses.items()))


@receiver(signals.grade_now_passing, dispatch_uid="learning_credentials.grade_now_passing")
def take_passing_grade(user_id: int, course_key: str, **_kwargs: object) -> None:
    """Evaluate a learner whose grade is passing now."""
    _evaluate_after_commit(course_key, user_id, "grade_passing")


@receiver(signals.grade_now_failing, dispatch_uid="learning_credentials.grade_now_failing")
def take_failing_grade(user_id: int, course_key: str, **_kwargs: object) -> None:
    """Evaluate a learner whose grade is failing now."""
    _evaluate_after_commit(course_key, user_id, "grade_failing")


@receiver(signals.enrolment_mode_changed, dispatch_uid="learning_credentials.enrolment_mode_changed")
def take_mode_change(user_id: int, course_key: str, **_kwargs: object) -> None:
    """Evaluate a learner whose enrolment mode changed."""
    _evaluate_after_commit(course_key, user_id, "mode_changed")


@receiver(signals.identity_verified, dispatch_uid="learning_credentials.identity_verified")
def take_identity(user_id: int, **_kwargs: object) -> None:
    """Evaluate a learner whose identity was verified, wherever there is a record."""
    transaction.on_commit(lambda: _enqueue(tasks.evaluate_learner_task, user_id, "identity_verified"), robust=True)


def _evaluate_after_commit(course_key: str, user_id: int, cause: str) -> None:
    """A host sends its signals in the transaction that changes the facts; the task must see them changed."""
    arguments = (tasks.evaluate_course_certificates_task, course_key, [user_id], cause)
    transaction.on_commit(lambda: _enqueue(*arguments), robust=True)


def _enqueue(task: Task[Any, Any], *args: object) -> None:
    try:
        task.delay(*args)
    except Exception:
        logger.exception("%s could not be enqueued; the sweep will take it up", task.name)
