"""Artifacts in the private storage: store, open, archive, and find strays.

Each claim has a directory of its own, so that what a lost worker left behind can be found by listing one small directory.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from django.core.files.base import ContentFile

from learning_credentials.exceptions import StorageUnavailableError
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.storages import DiskFolder, find_disk_folder, get_prefix, get_storage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.files.base import File

    from learning_credentials.data import Artifact

logger = logging.getLogger(__name__)


def get_claim_dir(token: str) -> str:
    """The directory for the artifacts of one claim."""
    return f"{get_prefix()}artifacts/{token[:2]}/{token}"


class Folder:
    """A directory of the storage into which artifacts are put, each under a private random name.

    The storage itself saves the first, and with it makes the directory; on disk the others are simply written beside it.
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._disk: DiskFolder | None = None
        self._is_begun = False

    def store(self, artifact: Artifact) -> str:
        """Store an artifact and return its name in the storage.

        Raises:
            StorageUnavailableError: the storage refused it.
        """
        file = f"{uuid4().hex}.{artifact.extension}"
        try:
            if self._disk:
                with suppress(FileNotFoundError):  # somebody tidied the directory away: the storage makes it again
                    return self._disk.write(file, artifact.content)
            stored = get_storage().save(f"{self._directory}/{file}", ContentFile(artifact.content))
            if not self._is_begun:
                self._is_begun = True
                self._disk = find_disk_folder(self._directory)
        except Exception as error:
            msg = f"the artifact could not be stored: {type(error).__name__}: {error}"
            raise StorageUnavailableError(msg) from error
        return stored


def store_in(directory: str, artifact: Artifact) -> str:
    """Store one artifact in a directory; returns and raises as `Folder.store`."""
    return Folder(directory).store(artifact)


def open_file(name: str) -> File[bytes]:
    """Open a stored file.

    Raises:
        StorageUnavailableError: it could not be opened.
    """
    try:
        return get_storage().open(name, "rb")
    except Exception as error:
        msg = f"the file could not be opened: {type(error).__name__}: {error}"
        raise StorageUnavailableError(msg) from error


def delete_files(names: Iterable[str]) -> None:
    """Delete files; one that cannot be deleted now is logged and left to an operator."""
    for name in names:
        try:
            get_storage().delete(name)
        except Exception:
            logger.exception("A file that nothing refers to could not be deleted: %s", name)


def list_files(directory: str) -> list[str]:
    """Return the names of the files in a directory; none where nothing was stored or the storage cannot list."""
    try:
        _directories, files = get_storage().listdir(directory)
    except (FileNotFoundError, NotImplementedError):
        return []
    except Exception:  # a host's storage may refuse in any way; strays are no reason to leave other things undone
        logger.warning("The files in %s could not be listed", directory, exc_info=True)
        return []
    return [f"{directory}/{file}" for file in files]


def delete_strays(tokens: Iterable[str]) -> int:
    """Delete what ended claims left in their directories and no credential refers to; return how many files.

    A claim that still holds a credential is passed over: its worker may be about to finish. No claim ever gets its token back, so one
    that has ended stays so, and the names that it did finish are read after that was seen.
    """
    ended = {token for token in tokens if token}
    for batch in in_batches(sorted(ended)):
        held = Credential.objects.filter(status=Credential.Status.GENERATING, generation_task_id__in=batch)
        ended.difference_update(held.values_list("generation_task_id", flat=True))
    names: list[str] = []
    for token in ended:
        names += list_files(get_claim_dir(token))
    known: set[str] = set()
    for batch in in_batches(names):
        known.update(Credential.objects.filter(artifact_name__in=batch).values_list("artifact_name", flat=True))
    strays = [name for name in names if name not in known]
    delete_files(strays)
    return len(strays)


def get_archive_name(name: str) -> str:
    """Where the archived copy of a file is kept."""
    prefix = get_prefix()
    return f"{prefix}archive/{name.removeprefix(prefix)}"


def archive(name: str, sha256: str) -> str:
    """Move a file into the archive and return its new name. Safe to repeat after a crash at any point, but not to do twice at once.

    The original goes only after the copy was read back and has the right hash.

    Raises:
        StorageUnavailableError: the storage could not be read or written, or holds neither file whole.
    """
    target = get_archive_name(name)
    try:
        is_whole = _hash(target) == sha256
        if not is_whole:
            target = _copy(name, target)
            is_whole = _hash(target) == sha256
        get_storage().delete(name if is_whole else target)
    except Exception as error:
        msg = f"the file could not be archived: {type(error).__name__}: {error}"
        raise StorageUnavailableError(msg) from error
    if not is_whole:
        msg = f"the archived copy of {name} is not whole"
        raise StorageUnavailableError(msg)
    return target


def _copy(name: str, target: str) -> str:
    """Copy a file in the place of a broken copy, and return the name that the storage gave it."""
    storage = get_storage()
    if storage.exists(target):
        storage.delete(target)
    with storage.open(name, "rb") as file:
        return storage.save(target, file)


def _hash(name: str) -> str:
    storage = get_storage()
    if not storage.exists(name):
        return ""
    with storage.open(name, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
