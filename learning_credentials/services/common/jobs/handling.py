"""Defines what a kind of job brings along: the function that does its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from learning_credentials.models import Job, JobRow
    from learning_credentials.services.common.jobs.leases import JobLease
    from learning_credentials.services.common.jobs.values import JobFile, Outcome


def _permit(_job: Job) -> None:
    pass


@dataclass(frozen=True)
class JobHandler:
    """How workers do the jobs of one kind. Exactly one of ``together``, ``batch``, ``each`` and ``whole`` is set.

    Args:
        together: changes a piece of the rows. It is called in a transaction, which also stores the outcomes, so that a row is never done
            twice. If it raises, the rows are tried one by one. It returns an outcome for each row, by primary key.
        batch: changes a piece of the rows, outside any transaction. What is said of ``each`` holds for it too.
        each: changes one row, outside any transaction. If a worker dies between the change and its record, the row is tried again with
            ``attempts`` above 1.
        whole: does all rows at once and returns the file that it made. After a dead worker it begins again. It calls the lease's
            ``record`` and ``renew_if_due``.
        piece: how many rows are claimed at once.
        require: raises an error if the job must not be done any more.
    """

    together: Callable[[Job, Sequence[JobRow]], Mapping[int, Outcome]] | None = None
    batch: Callable[[Job, Sequence[JobRow]], Mapping[int, Outcome]] | None = None
    each: Callable[[Job, JobRow], Outcome] | None = None
    whole: Callable[[Job, JobLease], JobFile] | None = None
    piece: int = 100
    require: Callable[[Job], None] = _permit
