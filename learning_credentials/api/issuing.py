"""Who is eligible, and issuing to them."""

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
    """Stream the learners to whom a run would issue now: eligible, without a live credential, not blocked.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    for batch in credentials.iter_batches(issuing.get_configuration(configuration_id)):
        for candidate in batch.candidates:
            yield candidate.eligibility


def get_eligibility(configuration_id: int, user_id: int) -> Eligibility:
    """Return one learner's eligibility; ``progress`` holds current and required values.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    return credentials.evaluate_learner(issuing.get_configuration(configuration_id), user_id)


def issue_credential(configuration_id: int, user_id: int, *, actor: Actor = None) -> Credential:
    """Issue to one eligible learner at once; whoever holds the credential keeps it as it is.

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
    """Run a whole configuration in this process, without workers; return the run with its counts.

    Args:
        configuration_id: what to run.
        actor: who asks.
        on_progress: called with the run after every chunk.

    Raises:
        ConfigurationError: there is no such configuration.
        TransientError: the LMS could not answer.
    """
    return issuing.issue_pending_credentials(
        issuing.get_configuration(configuration_id).pk, actor=actor, on_progress=on_progress
    )


def create_run(configuration_id: int, *, actor: Actor = None) -> GenerationRun:
    """Create a run for the caller to evaluate with `evaluate_run`; if the caller is lost, the sweep takes it up.

    Raises:
        ConfigurationError: there is no such configuration.
    """
    return issuing.create_run(issuing.get_configuration(configuration_id).pk, actor=actor)


def start_run(configuration_id: int, *, actor: Actor = None) -> GenerationRun:
    """Have a configuration run by workers, now.

    Raises:
        ConfigurationError: there is no such configuration.
    """
    return issuing.start_run(issuing.get_configuration(configuration_id).pk, actor=actor)


def request_credential(configuration_id: int, user_id: int) -> Credential:
    """A learner asks for the credential; a worker issues it. Asking again changes nothing.

    Raises:
        ConfigurationError, SelfGenerationDisabledError, NotEligibleError, ReissueBlockedError, TransientError.
    """
    return issuing.request_credential(configuration_id, user_id)


def find_requestable(configuration_ids: Collection[int]) -> set[int]:
    """Of some configurations return those whose credential learners may request themselves, once they earned it.

    The global switch ``ALLOW_SELF_GENERATION`` comes first; then the configuration's own switch or, for a course certificate, that of its
    run. A constant number of queries.
    """
    return course_runs.find_self_generating(issuing.find_configurations(configuration_ids))


def retry_credentials(credential_uuids: Collection[UUID], *, actor: Actor = None) -> int:
    """Have failed credentials tried again by workers; return how many were in ERROR and now wait.

    Raises:
        TransientError: some failed because the learner had no name, and the LMS could not tell the name.
    """
    waiting = credentials.retry_failed(list(credential_uuids), actor=actor)
    credentials.announce_pending(waiting)
    return len(waiting)
