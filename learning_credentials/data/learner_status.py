"""Define questions about the certificate status of learners, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class LearnerRunStatus(StrEnum):
    """A learner's status in a course run, as clients see it.

    Only `AWARDED` means that the learner has a valid and visible certificate.
    """

    AWARDED = "awarded"
    NOTPASSING = "notpassing"
    UNVERIFIED = "unverified"
    UNAVAILABLE = "unavailable"
    NOT_YET_AVAILABLE = "not_yet_available"
    NOT_EARNED = "not_earned"
    UNKNOWN_COURSE = "unknown_course"


@dataclass(frozen=True, slots=True)
class LearnerQuery:
    """A question about one learner. Set either ``username`` or ``lms_user_id``, never both.

    ``courses`` are keys or UUIDs of courses and stand for all their runs. ``course_runs`` are keys or UUIDs of runs.
    """

    username: str | None = None
    lms_user_id: int | None = None
    courses: tuple[str, ...] = ()
    course_runs: tuple[str, ...] = ()
    include_unearned: bool = False


@dataclass(frozen=True, slots=True)
class RunGrade:
    """A learner's grade in a run at the last evaluation of the standing.

    ``percent`` is between 0 and 1. ``is_verified`` is True if the learner's mode requires an identity verification and the standing is not
    ``unverified``.
    """

    percent: float
    letter: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class RunStatus:
    """One learner's status in one course run.

    For an unknown run, only the caller's identifier is set. ``mode`` is None if the learner has none. ``is_excluded`` is set only in
    answers about a program.
    """

    status: LearnerRunStatus
    run_key: str | None = None
    run_uuid: UUID | None = None
    course_uuid: UUID | None = None
    mode: str | None = None
    available_date: datetime | None = None
    grade: RunGrade | None = None
    is_excluded: bool | None = None


@dataclass(frozen=True, slots=True)
class LearnerStatus:
    """One learner's statuses in the requested runs.

    For an unknown learner, one of the identifiers is None and ``runs`` is empty.
    """

    lms_user_id: int | None
    username: str | None
    runs: tuple[RunStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgramStatus:
    """One learner's statuses in every run of a program, including the runs that the program excludes."""

    learner: LearnerStatus
    program_uuid: UUID | None
    program_name: str
