"""What the background tasks do. Hosts need not call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import common, credentials, issuing, notices

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from learning_credentials.services.issuing import ChunkResult, SweepResult


def start_due_runs() -> list[int]:
    """Start a run for each configuration that is due; return the runs' ids."""
    return issuing.start_due_runs()


def evaluate_run(run_id: int) -> bool:
    """Find a run's learners and leave their credentials to workers; return whether this call did it.

    Raises:
        TransientError: the LMS could not answer.
    """
    return issuing.evaluate_run(run_id, credentials.announce_pending)


def issue_chunk(credential_uuids: Collection[UUID | str]) -> ChunkResult:
    """Issue those of the credentials that wait."""
    return issuing.issue_chunk(credential_uuids)


def sweep_stale_credentials() -> SweepResult:
    """See through what was begun and not ended."""
    return issuing.sweep_stale_credentials()


def archive_artifacts(credential_uuids: Sequence[UUID | str]) -> int:
    """Move the files of invalidated credentials out of reach; return how many are done."""
    return credentials.archive_artifacts(credential_uuids)


def announce_credentials(credential_uuids: Sequence[UUID | str]) -> int:
    """Tell learners of their credentials, each once; return how many mails were sent."""
    return notices.announce_credentials(credential_uuids)


def announce_pending_credentials() -> int:
    """Tell learners of credentials whose announcement was lost; return how many mails were sent."""
    return notices.announce_pending_credentials()


def find_stray_files() -> list[str]:
    """Return the files of credentials, examples and assets in the storage that no row refers to now, those in the making among them.

    Raises:
        StorageUnavailableError: the storage cannot list its files.
    """
    return common.find_stray_files()


def delete_stray_files(names: Sequence[str]) -> None:
    """Have files deleted by the sweep after one day, unless a row refers to them by then."""
    common.note_stray_files(names, delay=common.STRAY_GRACE)
