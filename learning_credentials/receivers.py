"""Enqueue tasks for the app's signals, store the messages of a host's signals, and note the files of deleted rows.

A task is only a hint. The docstring of each receiver that enqueues one says what finds the work if the broker cannot be reached.
"""

from __future__ import annotations

import atexit
import logging
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.signals import request_finished
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver

from learning_credentials import signals, tasks
from learning_credentials.conf import get_settings
from learning_credentials.enqueueing import enqueue
from learning_credentials.models import CredentialAsset, CredentialConfiguration
from learning_credentials.services.common import lock_for_deletion, note_unused_asset_file, refresh_learners
from learning_credentials.services.desk import retire_learner
from learning_credentials.services.issuing import note_deleted_examples
from learning_credentials.services.public import write_due_visits, write_visits
from learning_credentials.services.standings import Cause, take_host_message

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import Model, QuerySet

logger = logging.getLogger(__name__)


@receiver(signals.runs_requested, dispatch_uid="learning_credentials.runs_requested")
def evaluate_runs(run_ids: list[int], **_kwargs: object) -> None:
    """Enqueue the evaluation of each run. If the task is lost, the sweep resumes runs that no worker evaluates."""
    from learning_credentials.models import GenerationRun

    configurations = dict(GenerationRun.objects.filter(pk__in=run_ids).values_list("pk", "configuration_id"))
    for run_id in run_ids:
        if run_id in configurations:
            enqueue(tasks.generate_credentials_for_config_task, configurations[run_id], run_id)


@receiver(signals.credentials_pending, dispatch_uid="learning_credentials.credentials_pending")
def issue_chunks(chunks: list[list[str]], **_kwargs: object) -> None:
    """Enqueue the issuing of each chunk. If the task is lost, the sweep finds credentials that wait."""
    for chunk in chunks:
        enqueue(tasks.generate_credential_chunk_task, chunk)


@receiver(signals.credentials_issued, dispatch_uid="learning_credentials.credentials_issued")
def notify_learners(credential_uuids: list[str], **_kwargs: object) -> None:
    """Enqueue e-mails to the learners.

    If the task is lost, a periodic task finds credentials that were not announced.
    """
    if get_settings().NOTIFY_LEARNERS:
        enqueue(tasks.send_credential_notification_task, credential_uuids)


@receiver(signals.credentials_invalidated, dispatch_uid="learning_credentials.credentials_invalidated")
def archive_files(credential_uuids: list[str], **_kwargs: object) -> None:
    """Enqueue the archiving of the files. If the task is lost, the sweep finds files that were not archived."""
    enqueue(tasks.archive_artifacts_task, credential_uuids)


@receiver(signals.messages_waiting, dispatch_uid="learning_credentials.messages_waiting")
def work_off_messages(kind: str, context_key: str, **_kwargs: object) -> None:
    """Enqueue the work for messages. If the task is lost, the sweep finds every message that is due."""
    enqueue(tasks.work_off_messages_task, kind, context_key)


@receiver(signals.jobs_waiting, dispatch_uid="learning_credentials.jobs_waiting")
def work_off_jobs(job_ids: list[int], **_kwargs: object) -> None:
    """Enqueue the work of each job. If the task is lost, the sweep finds jobs that no worker has."""
    for job_id in job_ids:
        enqueue(tasks.work_off_job_task, job_id)


@receiver(request_finished, dispatch_uid="learning_credentials.request_finished")
def write_visits_after_request(**_kwargs: object) -> None:
    """Write the counted visits after the response was sent. If the process is killed, they are lost."""
    write_due_visits()


# A server that restarts its processes lets each of them exit.
atexit.register(write_visits)


# Rows can be deleted by a page, a bulk action, a cascade or a host's own code. Django sends these signals for each of them.


@receiver(post_delete, sender=CredentialAsset, dispatch_uid="learning_credentials.asset_deleted")
def note_file_of_asset(instance: CredentialAsset, **_kwargs: object) -> None:
    """Let the sweep delete the file of a deleted asset."""
    note_unused_asset_file(str(instance.file.name or ""))


@receiver(pre_delete, sender=CredentialConfiguration, dispatch_uid="learning_credentials.configuration_deleted")
def note_files_of_examples(instance: CredentialConfiguration, **_kwargs: object) -> None:
    """Let the sweep delete the files of the examples that are deleted with a configuration."""
    note_deleted_examples(instance.pk)


def _list_models_of_accounts() -> list[type[Model]]:
    """Return the user model and its proxies.

    The signal of a deletion names the model with which the deletion began.
    """
    users = get_user_model()
    return [model for model in apps.get_models() if model._meta.concrete_model is users]  # noqa: SLF001


def lock_account(instance: Model, using: str, origin: Model | QuerySet[Model] | None = None, **_kwargs: object) -> None:
    """Lock the account, so that its deletion and the insertion of rows that refer to it wait for each other.

    If the setting says so, erase the learner's data too, in the transaction of the deletion.
    """
    lock_for_deletion(instance, using=using, origin=origin)
    if get_settings().ON_ACCOUNT_DELETED == "retire" and using == DEFAULT_DB_ALIAS:
        retire_learner(instance.pk)


def refresh_words(
    instance: Model, using: str, update_fields: Collection[str] | None = None, raw: bool = False, **_kwargs: object
) -> None:
    """Write the words with which staff find the account, after the commit. The sweep finds new accounts for which this is lost.

    A change of other fields, such as the last log-in, costs nothing.
    """
    users = get_user_model()
    named = {users.USERNAME_FIELD, users.get_email_field_name(), "first_name", "last_name"}
    if raw or (update_fields is not None and not named.intersection(update_fields)):
        return
    transaction.on_commit(lambda: _refresh_words(instance.pk), using=using)


def _refresh_words(user_id: object) -> None:
    try:
        refresh_learners([user_id])
    except Exception:
        # The host has saved the account. It must not fail because of the search.
        logger.exception("The words of account %s could not be written", user_id)


for _model in _list_models_of_accounts():
    post_save.connect(refresh_words, sender=_model, dispatch_uid="learning_credentials.account_saved")
    pre_delete.connect(lock_account, sender=_model, dispatch_uid="learning_credentials.account_deleted")


# Hosts send these signals in the transaction that changes the facts. The message is written in the same transaction, so a broker failure
# loses nothing. All arguments have defaults and are checked: a host's mistake is logged and never raises in its transaction.


@receiver(signals.grade_now_passing, dispatch_uid="learning_credentials.grade_now_passing")
def take_passing_grade(user_id: object = None, course_key: object = None, **_kwargs: object) -> None:
    """Store a message that a learner's grade is now passing."""
    take_host_message(Cause.GRADE_PASSING, user_id, course_key)


@receiver(signals.grade_now_failing, dispatch_uid="learning_credentials.grade_now_failing")
def take_failing_grade(user_id: object = None, course_key: object = None, **_kwargs: object) -> None:
    """Store a message that a learner's grade is now failing."""
    take_host_message(Cause.GRADE_FAILING, user_id, course_key)


@receiver(signals.enrolment_mode_changed, dispatch_uid="learning_credentials.enrolment_mode_changed")
def take_mode_change(user_id: object = None, course_key: object = None, **_kwargs: object) -> None:
    """Store a message that a learner's enrolment mode changed."""
    take_host_message(Cause.MODE_CHANGED, user_id, course_key)


@receiver(signals.identity_verified, dispatch_uid="learning_credentials.identity_verified")
def take_identity(user_id: object = None, **_kwargs: object) -> None:
    """Store a message that a learner's identity was verified. It concerns every run in which the learner has a standing."""
    take_host_message(Cause.IDENTITY_VERIFIED, user_id)
