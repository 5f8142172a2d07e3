"""The private storage of artifacts and assets, as the settings name it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.signals import setting_changed
from django.utils.deconstruct import deconstructible
from django.utils.module_loading import import_string

from learning_credentials.conf import SETTING_NAME, get_settings

if TYPE_CHECKING:
    from django.core.files.storage import Storage


def get_output_dir() -> Path:
    """The directory of the default storage: ``OUTPUT_DIR``, relative to ``BASE_DIR`` where the project has one."""
    return Path(getattr(django_settings, "BASE_DIR", "")) / get_settings().OUTPUT_DIR


@lru_cache(maxsize=1)
def get_storage() -> Storage:
    """Return the storage that ``STORAGE`` names, or files on disk that no web server serves."""
    choice = get_settings().STORAGE
    if choice is None:
        # No base_url: asking this storage for a public URL is an error, as it should be.
        return FileSystemStorage(
            location=get_output_dir(), file_permissions_mode=0o600, directory_permissions_mode=0o700
        )
    if isinstance(choice, str):
        return storages[choice]
    storage: Storage = import_string(choice["BACKEND"])(**choice.get("OPTIONS", {}))
    return storage


@deconstructible(path="learning_credentials.storages.PrivateStorage")
class PrivateStorage:
    """The private storage for a model's file field: resolved at each use.

    A field is made when models are imported, which is too early to ask for the host's choice, and in a migration nothing of that choice
    may stand.
    """

    def __getattr__(self, name: str) -> Any:
        """Hand everything to the storage of the moment."""
        return getattr(get_storage(), name)


def get_prefix() -> str:
    """The folder inside the storage under which this app keeps its files, with a trailing slash, or empty."""
    settings = get_settings()
    return "" if settings.STORAGE is None else f"{str(settings.OUTPUT_DIR).strip('/')}/"


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {SETTING_NAME, "BASE_DIR", "STORAGES"}:
        get_storage.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.storages")
