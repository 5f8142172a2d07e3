"""Tells who is eligible for the credential of a configuration, and which credentials learners can request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services.course_runs import find_self_generating
from learning_credentials.services.credentials import evaluate_learner, iter_batches
from learning_credentials.services.issuing.configurations import find_configurations, get_configuration

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from learning_credentials.data import Eligibility


def list_eligible_learners(configuration_id: int) -> Iterator[Eligibility]:
    """Yield the learners to whom a generation run would issue a credential now.

    They are eligible and not blocked, and have no live credential that is valid or being made.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    for batch in iter_batches(get_configuration(configuration_id)):
        for candidate in batch.candidates:
            yield candidate.eligibility


def get_eligibility(configuration_id: int, user_id: int) -> Eligibility:
    """Return whether one learner is eligible. Its ``progress`` has the current and the required values.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    return evaluate_learner(get_configuration(configuration_id), user_id)


def find_requestable(configuration_ids: Collection[int]) -> set[int]:
    """Return the ids of those of the configurations whose credential learners can request themselves.

    The setting ``ALLOW_SELF_GENERATION`` must be on, and the switch of the configuration. For a course certificate, the switch of the
    course run is enough. Whether a learner qualifies is not checked. The number of queries is constant.
    """
    return find_self_generating(find_configurations(configuration_ids))
