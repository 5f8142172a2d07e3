"""Deletes stray files, which no row refers to, from the places that were noted.

The note of a place is kept until the place could be listed, is empty, and nobody stores files there any more. Late workers, and storages
whose answer was lost, can still write for a while.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from posixpath import dirname
from typing import TYPE_CHECKING

from django.core.files.storage import FileSystemStorage
from django.db.models import Q
from django.utils import timezone

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import StorageUnavailableError
from learning_credentials.models import Credential, CredentialAsset, ExampleCredential, Job, StrayPlace
from learning_credentials.models.assets import ASSETS_FOLDER
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import strays
from learning_credentials.services.common.database import as_text
from learning_credentials.storages import get_prefix, get_storage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

logger = logging.getLogger(__name__)

#: Places that one sweep looks at. The next one looks at the rest.
PLACES_LIMIT = 1000
#: If so many places in a row fail, the storage is treated as down, and the next sweep continues.
MAX_FAILURES = 5
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
MAX_ATTEMPTS_COUNTED = 1000


@dataclass(frozen=True)
class ClearedStrays:
    """How many stray files were deleted, and how many places must wait because the storage failed there."""

    deleted: int = 0
    unsettled: int = 0


def clear_strays() -> ClearedStrays:
    """Delete the stray files of the places that are due. Return how many were deleted."""
    now = timezone.now()
    due = list(StrayPlace.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at", "pk")[:PLACES_LIMIT])
    held = _find_claims_at_work(due)
    deleted = failures = 0
    for place in due:
        if place.name in held:
            _wait_for_holder(place, now)
            continue
        looked = _Look()
        try:
            looked.clear(place)
        except Exception as error:  # a host's storage can raise any error
            failures += 1
            _postpone(place, error, now, looked.deleted)
        else:
            failures = 0
            if looked.is_held:
                _wait_for_holder(place, now)
            else:
                _close_or_look_again(place, now, looked.deleted)
        deleted += looked.deleted
        if failures >= MAX_FAILURES:
            break
    unsettled = StrayPlace.objects.filter(attempts__gt=0).count()
    if unsettled:
        logger.warning("%s places in the storage may have stray files and cannot be cleared at the moment", unsettled)
    return ClearedStrays(deleted, unsettled)


class _Look:
    """One look at a place. ``deleted`` counts the deleted files, also if the look ends with an error."""

    def __init__(self) -> None:
        self.deleted = 0
        self.is_held = False

    def clear(self, place: StrayPlace) -> None:
        """Delete the files of the place that no row refers to.

        Raises:
            Exception: any error of the storage: it could not list the directory or could not delete a file.
        """
        names, problem = _list_names(place)
        # This order matters: after the listing, either a worker still uses the directory, or the rows name the files that they need.
        self.is_held = place.is_directory and _is_held(place.name)
        if self.is_held:
            return
        known = _find_known(names)
        for name in names:
            if name in known:
                continue
            try:
                self.deleted += delete_if_there(name)
            except Exception as error:
                problem = error
        if problem is not None:
            raise problem


def delete_if_there(name: str) -> bool:
    """Delete a file. Return whether there was one. Errors of the storage are not caught."""
    storage = get_storage()
    if not storage.exists(name):
        return False
    with suppress(FileNotFoundError):  # another process deleted it first
        storage.delete(name)
    return True


def _list_names(place: StrayPlace) -> tuple[list[str], Exception | None]:
    """Return the names of the files in a place, and the error because of which there may be more files."""
    if not place.is_directory:
        return [place.name], None
    found: set[str] = set(place.file_names)
    problem: Exception | None = None
    for directory in _list_directories(place.name):
        try:
            _directories, files = get_storage().listdir(directory)
        except (FileNotFoundError, NotImplementedError):
            continue  # nothing was stored, or the names were noted before anything was
        except Exception as error:
            problem = error
        else:
            found.update(f"{directory}/{file}" for file in files)
    return sorted(found), problem


def _list_directories(name: str) -> list[str]:
    """Return a directory, and the directory that the storage uses instead if it renames files."""
    storage = get_storage()
    renamed = dirname(storage.get_available_name(f"{name}/file"))
    return list(dict.fromkeys((name, renamed)))


def _find_claims_at_work(places: Sequence[StrayPlace]) -> set[str]:
    """Return the directories of claims that still have a credential. A claim that ended never gets its token back."""
    root = strays.get_claims_root()
    tokens = sorted({place.name.rpartition("/")[2] for place in places if place.name.startswith(root)})
    found: set[str] = set()
    for batch in in_batches(tokens):
        held = Credential.objects.filter(status=Credential.Status.GENERATING, generation_task_id__in=batch)
        found.update(map(strays.get_claim_dir, held.order_by().values_list("generation_task_id", flat=True).distinct()))
    return found


def _is_held(directory: str) -> bool:
    """Return whether a worker that archives or makes an example may soon store the name of a file of the directory in a row."""
    if directory.startswith(root := strays.get_archive_root()):
        source = directory.removeprefix(root)
        comes_from = Q(artifact_name__startswith=f"{source}/") | Q(artifact_name__startswith=f"{get_prefix()}{source}/")
        waiting = Credential.objects.filter(comes_from, status=Credential.Status.INVALIDATED, archived_at=None)
        return waiting.exists()
    if directory.startswith(root := strays.get_examples_root()):
        set_id = directory.removeprefix(root)
        started = ExampleCredential.objects.filter(status=ExampleCredential.Status.STARTED)
        return set_id.isdecimal() and started.filter(example_set_id=int(set_id)).exists()
    return False


def _find_known(names: Sequence[str]) -> set[str]:
    """Return those of the names that a row refers to."""
    known: set[str] = set()
    for batch in in_batches(names):
        known.update(Credential.objects.filter(artifact_name__in=batch).values_list("artifact_name", flat=True))
        known.update(ExampleCredential.objects.filter(artifact_name__in=batch).values_list("artifact_name", flat=True))
        known.update(Job.objects.filter(file_name__in=batch).values_list("file_name", flat=True))
        known.update(CredentialAsset.objects.filter(file__in=batch).values_list("file", flat=True))
    return known


def find_stray_files() -> list[str]:
    """Return the names of files of credentials, examples and assets in the storage that no row refers to now.

    Files that a worker is about to refer to are among them.

    Raises:
        StorageUnavailableError: the storage cannot list its files.
    """
    found: list[str] = []
    roots = (
        strays.get_claims_root(),
        strays.get_archive_root(),
        strays.get_examples_root(),
        strays.get_jobs_root(),
        ASSETS_FOLDER,
    )
    left = [root.rstrip("/") for root in roots]
    while left:
        directory = left.pop()
        try:
            directories, files = get_storage().listdir(directory)
        except FileNotFoundError:
            continue
        except Exception as error:
            msg = f"the files in {directory} could not be listed: {type(error).__name__}: {error}"
            raise StorageUnavailableError(msg) from error
        left += [f"{directory}/{name}" for name in directories]
        found += [f"{directory}/{name}" for name in files]
    return sorted(set(found) - _find_known(found))


def _wait_for_holder(place: StrayPlace, now: datetime) -> None:
    timeout = timedelta(seconds=get_settings().CLAIM_TIMEOUT)
    _update(place, begun_at=now, next_attempt_at=now + timeout)


def _postpone(place: StrayPlace, error: Exception, now: datetime, deleted: int) -> None:
    logger.warning("The storage failed while stray files of %s were cleared", place.name, exc_info=error)
    pause = min(FIRST_PAUSE * 2 ** min(place.attempts, 20), LONGEST_PAUSE)
    _update(
        place,
        attempts=min(place.attempts + 1, MAX_ATTEMPTS_COUNTED),
        next_attempt_at=now + pause,
        last_error=as_text(f"{type(error).__name__}: {error}", 2000),
        deleted=place.deleted + deleted,
    )


def _close_or_look_again(place: StrayPlace, now: datetime, deleted: int) -> None:
    age = now - place.begun_at
    if age < strays.STRAY_GRACE:
        # Look often at first, and then with longer pauses.
        pause = min(max(age, timedelta(minutes=1)), LONGEST_PAUSE * 6)
        _update(place, attempts=0, last_error="", next_attempt_at=now + pause, deleted=place.deleted + deleted)
        return
    StrayPlace.objects.filter(pk=place.pk).delete()
    if place.is_directory and isinstance(get_storage(), FileSystemStorage):
        with suppress(OSError):  # not empty, or not there
            get_storage().delete(place.name)


def _update(place: StrayPlace, **values: object) -> None:
    StrayPlace.objects.filter(pk=place.pk).update(**values, modified=timezone.now())
