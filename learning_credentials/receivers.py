"""Turns the app's signals into tasks. A broker that cannot be reached is logged: the sweep will find the work."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.dispatch import receiver

from learning_credentials import signals, tasks
from learning_credentials.conf import get_settings

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


def _enqueue(task: Task[Any, Any], *args: object) -> None:
    try:
        task.delay(*args)
    except Exception:
        logger.exception("%s could not be enqueued; the sweep will take it up", task.name)
