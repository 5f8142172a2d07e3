"""The public Python facade: what views, tasks, commands and hosts call.

Ids and values in; `learning_credentials.data` values or model instances (to be read, not saved) out. ``actor`` is who asks: a user, a
user id, or None for the app itself. Functions that render do so in the calling process, outside any transaction of their own: do not call
them inside one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import (
    eligibility,
    invalidation,
    issuing,
    notifications,
    pending,
    previews,
    reissue,
    requests,
    runs,
    scheduling,
    sweeping,
    verification,
)
from learning_credentials.services.issuing import ChunkResult
from learning_credentials.services.sweeping import SweepResult

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from uuid import UUID

    from django.core.files.base import File

    from learning_credentials.data import Artifact, Eligibility, Verification
    from learning_credentials.models import Credential, GenerationRun
    from learning_credentials.services.history import Actor

__all__ = [
    "ChunkResult",
    "SweepResult",
    "announce_credentials",
    "announce_pending_credentials",
    "archive_artifacts",
    "create_run",
    "evaluate_run",
    "get_eligibility",
    "get_verification_url",
    "invalidate_credential",
    "issue_chunk",
    "issue_credential",
    "issue_pending_credentials",
    "lift_reissue_block",
    "list_credentials",
    "list_eligible_learners",
    "open_artifact",
    "preview_credential",
    "reissue_credential",
    "request_credential",
    "retry_credentials",
    "start_due_runs",
    "start_run",
    "sweep_stale_credentials",
    "verify_credential",
]

# Eligibility and issuing


def list_eligible_learners(configuration_id: int) -> Iterator[Eligibility]:
    """Stream the learners to whom a run would issue now: eligible, without a live credential, not blocked.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    for batch in eligibility.iter_batches(requests.get_configuration(configuration_id)):
        for candidate in batch.candidates:
            yield candidate.eligibility


def get_eligibility(configuration_id: int, user_id: int) -> Eligibility:
    """Return one learner's eligibility; ``progress`` holds current and required values.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    return eligibility.evaluate_learner(requests.get_configuration(configuration_id), user_id)


def issue_credential(configuration_id: int, user_id: int, *, actor: Actor = None) -> Credential:
    """Issue to one eligible learner at once; whoever holds the credential keeps it as it is.

    Raises:
        ConfigurationError, NotEligibleError, ReissueBlockedError, TransientError.
        GenerationError: the generator failed; the credential is in ERROR and can be retried.
    """
    return requests.issue(configuration_id, user_id, actor=actor)


def issue_pending_credentials(
    configuration_id: int,
    *,
    actor: Actor = None,
    on_progress: Callable[[GenerationRun], None] | None = None,
) -> GenerationRun:
    """Run a whole configuration in this process, without workers; return the run with its counts.

    Args:
        configuration_id: what to run.
        actor: who asks.
        on_progress: called with the run after every chunk.

    Raises:
        ConfigurationError: there is no such configuration.
        TransientError: the LMS could not answer.
    """
    from learning_credentials.conf import get_settings

    run = create_run(configuration_id, actor=actor)
    size = get_settings().CHUNK_SIZE

    def issue(uuids: list[UUID]) -> None:
        for start in range(0, len(uuids), size):
            issuing.issue_chunk(uuids[start : start + size])
            if on_progress:
                run.refresh_from_db()
                on_progress(run)

    runs.evaluate(run.pk, issue)
    run.refresh_from_db()
    return run


def create_run(configuration_id: int, *, actor: Actor = None) -> GenerationRun:
    """Create a run for the caller to evaluate with `evaluate_run`; if the caller is lost, the sweep takes it up.

    Raises:
        ConfigurationError: there is no such configuration.
    """
    return runs.create(requests.get_configuration(configuration_id).pk, actor=actor)


def start_run(configuration_id: int, *, actor: Actor = None) -> GenerationRun:
    """Have a configuration run by workers, now.

    Raises:
        ConfigurationError: there is no such configuration.
    """
    return runs.start(requests.get_configuration(configuration_id).pk, actor=actor)


def request_credential(configuration_id: int, user_id: int) -> Credential:
    """A learner asks for the credential; a worker issues it. Asking again changes nothing.

    Raises:
        ConfigurationError, SelfGenerationDisabledError, NotEligibleError, ReissueBlockedError, TransientError.
    """
    return requests.request(configuration_id, user_id)


def retry_credentials(credential_uuids: Collection[UUID], *, actor: Actor = None) -> int:
    """Have failed credentials tried again by workers; return how many were in ERROR and now wait."""
    waiting = pending.retry(list(credential_uuids), actor=actor)
    pending.announce_pending(waiting)
    return len(waiting)


def preview_credential(configuration_id: int) -> Artifact:
    """Render a configuration's credential for a made-up learner; nothing is stored.

    Raises:
        ConfigurationError, GenerationError, TransientError.
    """
    return previews.preview(requests.get_configuration(configuration_id))


# What may happen to an issued credential


def invalidate_credential(
    credential_uuid: UUID | str, *, reason: str, actor: Actor = None, blocks_reissue: bool = True
) -> Credential:
    """Invalidate an available credential, or cancel an unfinished one; by default nothing is issued in its place until the block is lifted.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
    """
    return invalidation.invalidate(credential_uuid, reason=reason, actor=actor, blocks_reissue=blocks_reissue)


def lift_reissue_block(credential_uuid: UUID | str, *, reason: str, actor: Actor = None) -> Credential:
    """Let the learner of an invalidated credential be issued another.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
    """
    return invalidation.lift_block(credential_uuid, reason=reason, actor=actor)


def reissue_credential(credential_uuid: UUID | str, *, reason: str, actor: Actor = None) -> Credential:
    """Make a successor and swap it in; return it. The award's date stays.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError, TransientError.
        GenerationError: the successor could not be made; the old credential holds.
    """
    return reissue.reissue(credential_uuid, reason=reason, actor=actor)


# What the world may know


def verify_credential(verify_uuid: UUID | str) -> Verification:
    """Return the public answer for one credential.

    Raises:
        CredentialNotFoundError: unknown, malformed or unfinished: told apart by nothing.
    """
    return verification.verify(verify_uuid)


def open_artifact(verify_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Open an available credential's artifact: the file, its media type, a name to save it under.

    Raises:
        CredentialNotFoundError, CredentialRevokedError, StorageUnavailableError.
    """
    return verification.open_artifact(verify_uuid)


def list_credentials(user_id: int) -> list[Verification]:
    """Return a learner's own credentials, newest first."""
    return verification.list_of_learner(user_id)


def get_verification_url(verify_uuid: UUID | str) -> str:
    """Return the absolute address of a credential's public page."""
    return verification.get_verification_url(verify_uuid)


# What the background tasks do


def start_due_runs() -> list[int]:
    """Start a run for each configuration that is due; return the runs' ids."""
    return scheduling.start_due_runs()


def evaluate_run(run_id: int) -> bool:
    """Find a run's learners and leave their credentials to workers; return whether this call did it.

    Raises:
        TransientError: the LMS could not answer.
    """
    return runs.evaluate(run_id, pending.announce_pending)


def issue_chunk(credential_uuids: Collection[UUID | str]) -> ChunkResult:
    """Issue those of the credentials that wait."""
    return issuing.issue_chunk(credential_uuids)


def sweep_stale_credentials() -> SweepResult:
    """See through what was begun and not ended."""
    return sweeping.sweep()


def archive_artifacts(credential_uuids: Sequence[UUID | str]) -> int:
    """Move the files of invalidated credentials out of reach; return how many are done."""
    return invalidation.archive(credential_uuids)


def announce_credentials(credential_uuids: Sequence[UUID | str]) -> int:
    """Tell learners of their credentials, each once; return how many mails were sent."""
    return notifications.announce(credential_uuids)


def announce_pending_credentials() -> int:
    """Tell learners of credentials whose announcement was lost; return how many mails were sent."""
    return notifications.announce_pending()
