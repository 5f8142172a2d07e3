"""Provide a storage, a processor, a generator and an LMS that fail when a test says so."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from django.core.files.storage import FileSystemStorage, Storage

from learning_credentials.lms.fake import FakeLMS
from tests import plugins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from learning_credentials.data import Artifact, CredentialData
    from learning_credentials.lms import Enrolment

#: The next errors of the processor, the generator and the LMS, in order. Tests clear it.
PROCESSOR_ERRORS: list[Exception] = []
GENERATOR_ERRORS: list[Exception] = []
LMS_ERRORS: list[Exception] = []
#: How many calls of the storage will fail, by fault. Tests clear it.
FAULTS: dict[str, int] = {}
#: How often the storage was asked to save.
SAVES: list[str] = []

FOREVER = 10**9


def retrieve_failing(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Find everyone who is enrolled, or raise the next error."""
    if PROCESSOR_ERRORS:
        raise PROCESSOR_ERRORS.pop(0)
    return plugins.retrieve_everyone(learning_context_key, options, user_id, user_ids)


def generate_failing(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """Make plain text, or raise the next error."""
    if GENERATOR_ERRORS:
        raise GENERATOR_ERRORS.pop(0)
    return plugins.generate_text_credential(credential, options)


class FailingLMS(FakeLMS):
    """The fake LMS with its own connection that can be cut."""

    def iter_enrolments(self, context_key: str, *, batch_size: int) -> Iterator[list[Enrolment]]:
        """Raise the next error, or answer."""
        if LMS_ERRORS:
            raise LMS_ERRORS.pop(0)
        return super().iter_enrolments(context_key, batch_size=batch_size)


def _fails(fault: str) -> bool:
    left = FAULTS.get(fault, 0)
    FAULTS[fault] = max(left - 1, 0)
    return left > 0


class FailingStorage(FileSystemStorage):
    """A storage on disk whose server fails."""

    def _save(self, name: str, content: Any) -> str:
        SAVES.append(name)
        if _fails("refuses"):
            raise ConnectionError("no answer")
        if _fails("full"):
            from django.core.files.base import ContentFile

            super()._save(name, ContentFile(content.read(5)))
            raise OSError(errno.ENOSPC, "No space left on device")
        stored = super()._save(name, content)
        if _fails("killed after saving"):
            raise SystemExit
        if _fails("answer lost"):
            raise TimeoutError("the answer was lost")
        return stored

    def delete(self, name: str) -> None:
        """Delete, or fail."""
        if _fails("killed at delete"):
            raise SystemExit
        if _fails("delete"):
            raise ConnectionError("no answer to a delete")
        super().delete(name)

    def listdir(self, path: str) -> Any:
        """List, or fail."""
        if _fails("killed at list"):
            raise SystemExit
        if _fails("list"):
            raise ConnectionError("no answer to a list")
        return super().listdir(path)


class RenamingStorage(FailingStorage):
    """A storage that puts every file into the host's folder."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Add the folder."""
        return super().get_available_name(f"host/{name}", max_length)


class SecretiveStorage(FailingStorage):
    """A storage that cannot list its files."""

    listdir = Storage.listdir


class VerboseStorage(FailingStorage):
    """A storage whose names are too long for a row."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Add one folder after the other."""
        return "/".join([*["x" * 50] * 6, name])


def clear() -> None:
    """End all failures."""
    for waiting in (PROCESSOR_ERRORS, GENERATOR_ERRORS, LMS_ERRORS, SAVES):
        waiting.clear()
    FAULTS.clear()
