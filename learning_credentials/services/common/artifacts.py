"""Stores, opens, deletes and archives artifacts in the private storage.

Each claim has its own directory, so that the files of a lost worker can be found by listing one small directory.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import Storage

from learning_credentials.exceptions import ConfigurationError, StorageUnavailableError
from learning_credentials.services.common import strays
from learning_credentials.storages import DiskFolder, find_disk_folder, get_prefix, get_storage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.files.base import File

    from learning_credentials.data import Artifact

logger = logging.getLogger(__name__)

#: The longest name of a file that a row can store: the length of `Credential.artifact_name`.
MAX_NAME = 255


class Folder:
    """A directory of the storage for artifacts, each under a private random name.

    The storage saves the first file and so makes the directory. On disk, the other files are then written directly into it. Names are
    chosen before anything is stored. If the storage cannot list its files, the names are noted first.

    Args:
        directory: the name in the storage.
        room: how many artifacts there can be at most.
    """

    def __init__(self, directory: str, room: int = 1) -> None:
        self._directory = directory
        self._stems = [uuid4().hex for _ in range(room)]
        self._noted: set[str] = set()
        self._disk: DiskFolder | None = None
        self._is_begun = False
        self._doubtful: list[str] = []

    def take_doubtful(self) -> list[str]:
        """Return the names of files that may be stored although storing failed. Each name is returned once."""
        doubtful, self._doubtful = self._doubtful, []
        return doubtful

    def store(self, artifact: Artifact) -> str:
        """Store an artifact and return its name in the storage.

        Raises:
            StorageUnavailableError: the storage refused it.
            ConfigurationError: the storage gave it a name that is too long for the row.
        """
        name = f"{self._directory}/{self._choose_name(artifact.extension)}"
        try:
            stored = self._write(name, artifact.content)
        except Exception as error:
            self._doubtful.append(name)
            _delete_quietly(name)  # on a full disk, a part of the file was stored
            msg = f"the artifact could not be stored: {type(error).__name__}: {error}"
            raise StorageUnavailableError(msg) from error
        if len(stored) > MAX_NAME:
            self._doubtful.append(stored)
            _delete_quietly(stored)
            msg = (
                f"the storage gave the file a name of {len(stored)} characters. At most {MAX_NAME} can be "
                f"stored: {stored}"
            )
            raise ConfigurationError(msg)
        return stored

    def _choose_name(self, extension: str) -> str:
        if not _can_list() and extension not in self._noted:
            names = [f"{self._directory}/{stem}.{extension}" for stem in self._stems]
            strays.note_strays([self._directory], file_names=names)
            self._noted.add(extension)
        return f"{self._stems.pop()}.{extension}"

    def _write(self, name: str, content: bytes) -> str:
        if self._disk:
            with suppress(FileNotFoundError):  # the directory was deleted: the storage makes it again
                return self._disk.write(name.rpartition("/")[2], content)
        stored = get_storage().save(name, ContentFile(content))
        if not self._is_begun:
            self._is_begun = True
            self._disk = find_disk_folder(self._directory)
        return stored


def _can_list() -> bool:
    """Return whether the storage can list a directory."""
    return getattr(type(get_storage()), "listdir", None) is not Storage.listdir


def _delete_quietly(name: str) -> None:
    with suppress(Exception):  # the file's place is noted, so the sweep deletes it
        get_storage().delete(name)


def open_file(name: str) -> File[bytes]:
    """Open a stored file for reading. Return it.

    Raises:
        StorageUnavailableError: it could not be opened.
    """
    try:
        return get_storage().open(name, "rb")
    except Exception as error:
        msg = f"the file could not be opened: {type(error).__name__}: {error}"
        raise StorageUnavailableError(msg) from error


def delete_files(names: Iterable[str]) -> None:
    """Delete files whose place is noted. If one cannot be deleted now, the sweep deletes it later."""
    for name in names:
        try:
            get_storage().delete(name)
        except Exception:
            logger.warning("A stray file could not be deleted. The sweep will try again: %s", name, exc_info=True)


def list_files(directory: str) -> list[str]:
    """Return the names of the files in a directory. The list is empty if nothing was stored, or if the storage cannot list files now."""
    try:
        _directories, files = get_storage().listdir(directory)
    except (FileNotFoundError, NotImplementedError):
        return []
    except Exception:  # a host's storage can raise any error
        logger.warning("The files in %s could not be listed", directory, exc_info=True)
        return []
    return [f"{directory}/{file}" for file in files]


def get_archive_name(name: str) -> str:
    """Return the name of the archived copy of a file."""
    prefix = get_prefix()
    return f"{strays.get_archive_root()}{name.removeprefix(prefix)}"


def archive_file(name: str, sha256: str) -> str:
    """Move a file into the archive and return its new name.

    It is safe to repeat after a crash at any point, but not to run twice at once. The original is deleted only after the copy was read back
    and has the right hash.

    Args:
        name: the file's name in the storage.
        sha256: the hash of its content, in hexadecimal.

    Raises:
        StorageUnavailableError: the storage could not be read or written, or both the file and its copy are missing or damaged.
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
        msg = f"the archived copy of {name} is incomplete"
        raise StorageUnavailableError(msg)
    return target


def _copy(name: str, target: str) -> str:
    """Copy a file to a name, replacing a damaged copy. Return the name that the storage gave the new copy."""
    storage = get_storage()
    if storage.exists(target):
        storage.delete(target)
    with storage.open(name, "rb") as file:
        copy = storage.save(target, file)
    if len(copy) > MAX_NAME:
        _delete_quietly(copy)
        msg = f"the storage gave the copy a name of {len(copy)} characters. At most {MAX_NAME} can be stored"
        raise ValueError(msg)
    return copy


def _hash(name: str) -> str:
    storage = get_storage()
    if not storage.exists(name):
        return ""
    with storage.open(name, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
