"""Moves the files of invalidated credentials into the archive, where no download reaches them."""

from __future__ import annotations

import logging
from posixpath import dirname
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from learning_credentials.exceptions import StorageUnavailableError
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    archive_file,
    get_archive_name,
    get_claim_timeout,
    note_strays,
    note_strays_of_claims,
    retry_on_contention,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

logger = logging.getLogger(__name__)

Status = Credential.Status

#: Files that one sweep archives. The next one takes the rest.
ARCHIVE_LIMIT = 1000
#: If so many files in a row fail, the storage is treated as down.
MAX_FAILURES = 5


def archive_artifacts(credential_uuids: Sequence[UUID | str]) -> int:
    """Move the files of invalidated credentials into the archive. Return how many credentials are done.

    It is safe to repeat and to run twice at once.
    """
    done = failures = 0
    for batch in in_batches(list(credential_uuids)):
        rows = Credential.objects.filter(pk__in=batch, status=Status.INVALIDATED, archived_at=None)
        for pk, name, sha256, token in rows.values_list("pk", "artifact_name", "artifact_sha256", "generation_task_id"):
            if not name:
                done += _archive_nothing(pk, token)
                continue
            is_done = _archive_file(pk, name, sha256, token)
            failures = 0 if is_done is not False else failures + 1
            done += bool(is_done)
            if failures >= MAX_FAILURES:
                logger.warning("The storage fails. The sweep archives the rest later")
                return done
    return done


def archive_pending_artifacts() -> int:
    """Archive the files of invalidated credentials whose archive task was lost. Return how many credentials are done."""
    left = Credential.objects.filter(status=Status.INVALIDATED, archived_at=None).order_by(
        F("generation_started_at").asc(nulls_first=True),
        "pk",  # the most recent failures come last
    )
    return archive_artifacts(list(left.values_list("pk", flat=True)[:ARCHIVE_LIMIT]))


def _archive_file(pk: UUID, name: str, sha256: str, old_token: str) -> bool | None:
    """Move one file. Return whether it was moved, or None if another worker is moving it.

    Two workers must not move the same file: one would delete the file that the other still needs.
    """
    token, now = str(uuid4()), timezone.now()
    is_free = Q(generation_task_id="") | Q(generation_started_at__lt=now - get_claim_timeout())
    waiting = Credential.objects.filter(is_free, pk=pk, artifact_name=name, archived_at=None)
    copy = get_archive_name(name)
    with transaction.atomic():
        if not waiting.update(generation_task_id=token, generation_started_at=now):
            return None
        if old_token:  # the worker that had claimed it was lost
            note_strays([dirname(copy)], file_names=[copy])
    mine = Credential.objects.filter(pk=pk, generation_task_id=token)
    try:
        archived_name = archive_file(name, sha256)
    except StorageUnavailableError:
        logger.exception("The file of credential %s is not archived yet", pk)
        with transaction.atomic():
            if mine.update(generation_task_id=""):
                note_strays([dirname(copy)], file_names=[copy])
        return False
    return bool(mine.update(artifact_name=archived_name, archived_at=timezone.now(), generation_task_id="")) or None


@retry_on_contention
def _archive_nothing(pk: UUID, token: str) -> int:
    """Mark a cancelled credential as archived. It has no file, except one that a lost worker may have stored, which is noted."""
    with transaction.atomic():
        note_strays_of_claims([token])
        return Credential.objects.filter(pk=pk, archived_at=None).update(archived_at=timezone.now())
