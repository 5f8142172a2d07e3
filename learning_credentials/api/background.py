"""Does the work of the background tasks. Host projects do not need these functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import common, credentials, issuing, notices

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from learning_credentials.services.issuing import ChunkResult, SweepResult


def start_due_runs() -> list[int]:
    """Create a generation run for each configuration that is due; return the ids of the runs."""
    return issuing.start_due_runs()


def evaluate_run(run_id: int) -> bool:
    """Evaluate the learners of a generation run and enqueue their credentials; return whether this call did it.

    Returns:
        False if the run was evaluated already, or another worker is evaluating it.

    Raises:
        TransientError: the LMS could not answer.
    """
    return issuing.evaluate_run(run_id, credentials.announce_pending)


def issue_chunk(credential_uuids: Collection[UUID | str]) -> ChunkResult:
    """Issue those of the credentials that are GENERATING and that no worker has claimed; return what became of each."""
    return issuing.issue_chunk(credential_uuids)


def sweep_stale_credentials() -> SweepResult:
    """Find unfinished work and continue it; return what was done, in counts."""
    return issuing.sweep_stale_credentials()


def archive_artifacts(credential_uuids: Sequence[UUID | str]) -> int:
    """Move the files of invalidated credentials into the archive; return how many credentials are done."""
    return credentials.archive_artifacts(credential_uuids)


def announce_credentials(credential_uuids: Sequence[UUID | str]) -> int:
    """E-mail the learners of these credentials, once for each credential; return how many e-mails were sent."""
    return notices.announce_credentials(credential_uuids)


def announce_pending_credentials() -> int:
    """E-mail learners whose announcement was lost; return how many e-mails were sent."""
    return notices.announce_pending_credentials()


def find_stray_files() -> list[str]:
    """Return the names of the files of credentials, examples and assets in the storage that no row refers to.

    Files that a worker is about to refer to are among them.

    Raises:
        StorageUnavailableError: the storage cannot list its files.
    """
    return common.find_stray_files()


def delete_stray_files(names: Sequence[str]) -> None:
    """Have the sweep delete files after one day, unless a row refers to them by then."""
    common.note_stray_files(names, delay=common.STRAY_GRACE)
