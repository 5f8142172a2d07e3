"""Notes the places in the storage where stray files may be: files that no row refers to.

A note is written in the transaction that makes stray files possible. `stray_clearing` checks the noted places until nothing is left there.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from learning_credentials.models import StrayPlace
from learning_credentials.storages import get_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: How long a place is watched after the last time that a worker may have begun to store files there.
STRAY_GRACE = timedelta(days=1)


def get_claim_dir(token: str) -> str:
    """Return the directory for the artifacts of one claim."""
    return f"{get_claims_root()}{token[:2]}/{token}"


def get_claims_root() -> str:
    """Return the directory under which each claim has its own, with a trailing slash."""
    return f"{get_prefix()}artifacts/"


def get_archive_root() -> str:
    """Return the directory under which archived files keep their names, with a trailing slash."""
    return f"{get_prefix()}archive/"


def get_examples_root() -> str:
    """Return the directory under which each set of examples has its own, with a trailing slash."""
    return f"{get_prefix()}examples/"


def get_jobs_root() -> str:
    """Return the directory under which each job has its own for the file that it makes, with a trailing slash."""
    return f"{get_prefix()}jobs/"


def note_strays(directories: Iterable[str], *, file_names: Sequence[str] = (), delay: timedelta = timedelta()) -> None:
    """Note directories in which stray files may be, in one statement. Without directories, do nothing.

    Args:
        directories: names in the storage.
        file_names: full names of files that may be there, for a storage that cannot list a directory.
        delay: how long the sweep waits before its first look.
    """
    _insert(directories, is_directory=True, file_names=file_names, delay=delay)


def note_strays_of_claims(tokens: Iterable[str]) -> None:
    """Note the directories of claims that ended or lost a row. Empty tokens are ignored."""
    note_strays(get_claim_dir(token) for token in sorted({token for token in tokens if token}))


def delete_stray_files(names: Sequence[str]) -> None:
    """Have the sweep delete files after one day, unless a row refers to them by then."""
    note_stray_files(names, delay=STRAY_GRACE)


def note_stray_files(names: Iterable[str], *, delay: timedelta = timedelta()) -> None:
    """Note single files that no row refers to, now or after this transaction."""
    _insert(names, is_directory=False, file_names=(), delay=delay)


def forget(directory: str) -> None:
    """Stop watching a directory, because a row refers to its file, or because nothing was stored."""
    StrayPlace.objects.filter(name=directory, is_directory=True).delete()


def _insert(names: Iterable[str], *, is_directory: bool, file_names: Sequence[str], delay: timedelta) -> None:
    now = timezone.now()
    StrayPlace.objects.bulk_create(
        StrayPlace(
            name=name,
            is_directory=is_directory,
            file_names=list(file_names),
            begun_at=now,
            next_attempt_at=now + delay,
        )
        for name in names
    )
