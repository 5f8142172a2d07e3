"""Finds eligible learners and issues credentials to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import course_runs, credentials, issuing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from uuid import UUID

    from learning_credentials.data import Eligibility
    from learning_credentials.models import Credential, GenerationRun
    from learning_credentials.services.common import Actor


def list_eligible_learners(configuration_id: int) -> Iterator[Eligibility]:
    """Yield the learners to whom a generation run would issue a credential now.

    They are eligible and not blocked, and have no live credential that is valid or being made.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    for batch in credentials.iter_batches(issuing.get_configuration(configuration_id)):
        for candidate in batch.candidates:
            yield candidate.eligibility


def get_eligibility(configuration_id: int, user_id: int) -> Eligibility:
    """Return whether one learner is eligible. Its ``progress`` has the current and the required values.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    return credentials.evaluate_learner(issuing.get_configuration(configuration_id), user_id)


def issue_credential(configuration_id: int, user_id: int, *, actor: Actor = None) -> Credential:
    """Issue a credential to one eligible learner, in this process; return it. If the learner has the credential already, return that one.

    Raises:
        ConfigurationError, NotEligibleError, ReissueBlockedError, TransientError.
        GenerationError: the generator failed; the credential is in ERROR and can be retried.
    """
    return issuing.issue_credential(configuration_id, user_id, actor=actor)


def issue_pending_credentials(
    configuration_id: int,
    *,
    actor: Actor = None,
    on_progress: Callable[[GenerationRun], None] | None = None,
) -> GenerationRun:
    """Issue all credentials of a configuration in this process, without workers; return the generation run with its counts.

    Args:
        configuration_id: the configuration.
        actor: who asks.
        on_progress: called with the generation run after every chunk.

    Raises:
        ConfigurationError: there is no such configuration.
        TransientError: the LMS could not answer.
    """
    return issuing.issue_pending_credentials(
        issuing.get_configuration(configuration_id).pk, actor=actor, on_progress=on_progress
    )


def create_run(configuration_id: int, *, actor: Actor = None) -> GenerationRun:
    """Create a generation run for the caller to evaluate with `evaluate_run`; return it. If the caller dies, the sweep resumes the run.

    Raises:
        ConfigurationError: there is no such configuration.
    """
    return issuing.create_run(issuing.get_configuration(configuration_id).pk, actor=actor)


def start_run(configuration_id: int, *, actor: Actor = None) -> GenerationRun:
    """Create a generation run and enqueue it for the workers; return it.

    Raises:
        ConfigurationError: there is no such configuration.
    """
    return issuing.start_run(issuing.get_configuration(configuration_id).pk, actor=actor)


def request_credential(configuration_id: int, user_id: int) -> Credential:
    """Request a credential for a learner who asks for it; return it. A worker issues it. Asking again changes nothing.

    Raises:
        ConfigurationError, SelfGenerationDisabledError, NotEligibleError, ReissueBlockedError, TransientError.
    """
    return issuing.request_credential(configuration_id, user_id)


def find_requestable(configuration_ids: Collection[int]) -> set[int]:
    """Return the ids of those of the configurations whose credential learners can request themselves.

    The setting ``ALLOW_SELF_GENERATION`` must be on, and the switch of the configuration. For a course certificate, the switch of the
    course run is enough. Whether a learner qualifies is not checked. The number of queries is constant.
    """
    return course_runs.find_self_generating(issuing.find_configurations(configuration_ids))


def retry_credentials(credential_uuids: Collection[UUID], *, actor: Actor = None) -> int:
    """Enqueue credentials in ERROR again; return how many were in ERROR and are now GENERATING.

    Raises:
        TransientError: a credential failed because the learner had no name, and the LMS could not answer.
    """
    waiting = credentials.retry_failed(list(credential_uuids), actor=actor)
    credentials.announce_pending(waiting)
    return len(waiting)
