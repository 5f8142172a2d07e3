"""For whom staff waive the grade."""

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
    """Waive the grade for a learner, in a run's course certificate or in the configuration named; an entry that holds is kept as it is.

    Raises:
        ConfigurationError, ContextNotFoundError, LearnerNotFoundError, TransientError.
        NotEligibleError: the learner's certificate was invalidated; withdraw that first.
    """
    return staff.add_allowlist_entry(
        user_id, compose(context_key), configuration_id=configuration_id, notes=notes, actor=actor
    )


def find_allowlist_obstacles(
    context_key: str, user_ids: Sequence[int], *, configuration_id: int | None = None
) -> dict[int, list[Obstacle]]:
    """Return what still bars learners who are on the allowlist, such as a missing enrolment; nothing for those whom nothing bars.

    Nothing bars a learner who holds the credential already.
    The number of questions to the LMS does not depend on the number of learners. If it does not answer, the obstacle is ``not_checked``.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    return staff.find_allowlist_obstacles(staff.get_target_run(compose(context_key), configuration_id), user_ids)


def describe_allowlist_obstacles(obstacles: Sequence[Obstacle]) -> str:
    """Return the obstacles as a sentence for staff; empty if there is none."""
    return staff.describe_allowlist_obstacles(obstacles)


def remove_allowlist_entry(entry_id: int, *, notes: str, actor: Actor = None) -> AllowlistEntry:
    """End an allowlist entry; the learner is evaluated again and keeps a certificate only by a passing grade.

    Raises:
        EntryNotFoundError, ReasonRequiredError.
        InvalidTransitionError: it was removed already.
    """
    return staff.remove_allowlist_entry(entry_id, notes=notes, actor=actor)


def import_allowlist(
    context_key: str, file: IO[bytes] | IO[str], *, configuration_id: int | None = None, actor: Actor = None
) -> list[RowResult]:
    """Add the learners of a CSV file (user name or e-mail, notes) to the allowlist; return one result for each row.

    A row that cannot be added stops no other. Importing the same file again completes what was broken off.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
        ImportFileError: the file cannot be read or is too large; nothing was imported.
    """
    return staff.import_allowlist(compose(context_key), file, configuration_id=configuration_id, actor=actor)


def write_allowlist_results(results: Iterable[RowResult], stream: TextSink) -> None:
    """Write the results of an import as CSV, one line for each row."""
    staff.write_allowlist_results(results, stream)
