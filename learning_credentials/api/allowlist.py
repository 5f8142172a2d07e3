"""Adds learners to the allowlist, for whom staff waive a requirement, and removes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.services import staff

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import IO

    from learning_credentials.models import AllowlistEntry
    from learning_credentials.services.common import Actor, TextSink
    from learning_credentials.services.staff import Obstacle, RowResult


def add_allowlist_entry(
    user_id: int, context_key: str, *, configuration_id: int | None = None, notes: str = "", actor: Actor = None
) -> AllowlistEntry:
    """Add a learner to the allowlist; return the entry. If there is an active entry already, return that one unchanged.

    The entry waives the passing grade for the course certificate of a course run, or the criteria of one configuration.

    Args:
        user_id: the learner.
        context_key: the course run, or the learning context of the configuration.
        configuration_id: the configuration to waive the criteria of. None: the course certificate of the course run.
        notes: why the requirement is waived.
        actor: who adds the entry.

    Raises:
        ConfigurationError, ContextNotFoundError, LearnerNotFoundError, TransientError.
        NotEligibleError: an invalidation blocks the learner; withdraw it first.
    """
    return staff.add_allowlist_entry(
        user_id, compose(context_key), configuration_id=configuration_id, notes=notes, actor=actor
    )


def find_allowlist_obstacles(
    context_key: str, user_ids: Sequence[int], *, configuration_id: int | None = None
) -> dict[int, list[Obstacle]]:
    """Return what still prevents a credential for learners on the allowlist, such as a missing enrolment, by user id.

    Learners without an obstacle are not in the result. A learner who has the credential already has no obstacle.
    The number of calls to the LMS does not depend on the number of learners. If the LMS does not answer, the obstacle is ``not_checked``.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    return staff.find_allowlist_obstacles(staff.get_target_run(compose(context_key), configuration_id), user_ids)


def describe_allowlist_obstacles(obstacles: Sequence[Obstacle]) -> str:
    """Return the obstacles as one sentence for staff, or an empty string if there are none."""
    return staff.describe_allowlist_obstacles(obstacles)


def remove_allowlist_entry(entry_id: int, *, notes: str, actor: Actor = None) -> AllowlistEntry:
    """End an allowlist entry; return it.

    If the entry was for a course certificate, the learner is evaluated again, and keeps the certificate only with a passing grade.

    Raises:
        EntryNotFoundError, ReasonRequiredError.
        InvalidTransitionError: the entry was removed already.
    """
    return staff.remove_allowlist_entry(entry_id, notes=notes, actor=actor)


def import_allowlist(
    context_key: str, file: IO[bytes] | IO[str], *, configuration_id: int | None = None, actor: Actor = None
) -> list[RowResult]:
    """Add the learners of a CSV file (user name or e-mail, notes) to the allowlist; return one result for each row.

    A row that cannot be added does not stop the others. Importing the same file again completes an import that was interrupted.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
        ImportFileError: the file cannot be read or is too large; nothing was imported.
    """
    return staff.import_allowlist(compose(context_key), file, configuration_id=configuration_id, actor=actor)


def write_allowlist_results(results: Iterable[RowResult], stream: TextSink) -> None:
    """Write the results of an import as CSV, one line for each row."""
    staff.write_allowlist_results(results, stream)
