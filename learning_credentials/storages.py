"""Provide the private storage for artifacts and assets that the settings name."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, storages
from django.core.signals import setting_changed
from django.utils.deconstruct import deconstructible
from django.utils.module_loading import import_string

from learning_credentials.conf import SETTING_NAME, get_settings

if TYPE_CHECKING:
    from django.core.files.storage import Storage

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
#: A storage that overrides one of these methods must see each file that is saved.
_METHODS_OF_SAVING = (
    "save",
    "_save",
    "path",
    "get_available_name",
    "get_alternative_name",
    "get_valid_name",
    "generate_filename",
    "is_name_available",
    "exists",
)


def get_output_dir() -> Path:
    """Return the directory of the default storage: ``OUTPUT_DIR``, relative to ``BASE_DIR`` if the project has one."""
    return Path(getattr(django_settings, "BASE_DIR", "")) / get_settings().OUTPUT_DIR


@lru_cache(maxsize=1)
def get_storage() -> Storage:
    """Return the storage that ``STORAGE`` names. By default, return a storage on disk that no web server serves."""
    choice = get_settings().STORAGE
    if choice is None:
        # There is no base_url, so asking this storage for a public URL raises an error, as it should.
        return FileSystemStorage(
            location=get_output_dir(), file_permissions_mode=0o600, directory_permissions_mode=0o700
        )
    if isinstance(choice, str):
        return storages[choice]
    storage: Storage = import_string(choice["BACKEND"])(**choice.get("OPTIONS", {}))
    return storage


@deconstructible(path="learning_credentials.storages.PrivateStorage")
class PrivateStorage:
    """The private storage for a model's file field. Each use gets the storage from the settings.

    A field is made when Django imports the models. That is too early to read the host's choice, and the choice must not appear in
    migrations.
    """

    def __getattr__(self, name: str) -> Any:
        """Return the attribute of the current storage."""
        return getattr(get_storage(), name)


@dataclass(frozen=True)
class DiskFolder:
    """An existing directory of a storage on disk. New files are opened, written and closed there, and nothing more.

    `Storage.save` asks the disk several questions for each file. They are not needed here: the names are random, so no file has them, and
    the directory exists. The app refers to a file only after it was written completely. A file that a crash leaves is a stray.
    """

    name: str
    path: str
    mode: int | None
    group: int

    def write(self, file: str, content: bytes) -> str:
        """Write a new file with the storage's permissions and group. Return its name in the storage.

        Raises:
            OSError: the disk refused the file. No part of it is left.
            SuspiciousFileOperation: the name leads out of the folder.
        """
        if "/" in file or "\0" in file or file in {"", ".", ".."}:
            msg = f"{file!r} is not a plain file name"
            raise SuspiciousFileOperation(msg)
        target = f"{self.path}/{file}"
        descriptor = os.open(target, _NEW_FILE, 0o666 if self.mode is None else self.mode)
        try:
            try:
                if self.mode is not None:
                    os.fchmod(descriptor, self.mode)  # undo the effect of the process's mask
                if os.fstat(descriptor).st_gid != self.group:
                    with suppress(PermissionError):
                        os.fchown(descriptor, -1, self.group)
                left = memoryview(content)
                while left:
                    left = left[os.write(descriptor, left) :]
            finally:
                os.close(descriptor)
        except BaseException:
            with suppress(OSError):
                Path(target).unlink()
            raise
        return f"{self.name}/{file}"


def find_disk_folder(name: str) -> DiskFolder | None:
    """Return a directory of the storage, if it is on disk and the storage saves files exactly as Django does. Otherwise return None."""
    storage = get_storage()
    kind = type(storage)
    if os.name != "posix" or not isinstance(storage, FileSystemStorage):
        return None
    if any(getattr(kind, method) is not getattr(FileSystemStorage, method) for method in _METHODS_OF_SAVING):
        return None
    path = Path(storage.path(name))
    if not path.is_dir():
        return None
    return DiskFolder(name, str(path), storage.file_permissions_mode, Path(storage.location).stat().st_gid)


def get_prefix() -> str:
    """Return the folder for this app's files inside the storage, with a trailing slash, or an empty text."""
    settings = get_settings()
    return "" if settings.STORAGE is None else f"{str(settings.OUTPUT_DIR).strip('/')}/"


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {SETTING_NAME, "BASE_DIR", "STORAGES"}:
        get_storage.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.storages")
