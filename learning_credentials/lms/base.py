"""The contract between this app and an LMS: everything that it asks, bulk first.

Rules that hold for every method:

- User ids and context keys that the LMS does not know are absent from the answer. For facts about a learner (grades,
  completion, identity), *absent means unknown*: nothing is concluded from it, nobody is issued or loses anything. A
  learner of whom the LMS knows that nothing was done yet is not absent: the answer says "nothing".
- A backend that cannot answer raises `LMSUnavailableError` (or another `TransientError`); it never answers with
  guesses.
- The number of queries or requests behind one call does not grow with the number of ids in it (SQLite may need one for
  each 999); callers pass up to ``ELIGIBILITY_BATCH_SIZE`` ids.
- Ids are the primary keys of the host's user model.

`learning_credentials.lms.contract` holds tests of all this that every backend has to pass.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from django.core.checks import CheckMessage
    from django.db.models import Model

    from learning_credentials.lms.acts import Act


class ContextKind(StrEnum):
    """What a learning context is."""

    COURSE_RUN = "course_run"
    LEARNING_PATH = "learning_path"


class Pacing(StrEnum):
    """Who sets the pace of a course run."""

    SELF = "self"
    INSTRUCTOR = "instructor"


class Capability(StrEnum):
    """What a backend can tell. The app does not ask for what is not flagged."""

    GRADES = "grades"
    COMPLETION = "completion"
    LEARNING_PATHS = "learning_paths"
    IDENTITY_VERIFICATION = "identity_verification"


@dataclass(frozen=True, slots=True)
class Step:
    """One course run of a learning path. An excluded run belongs to the path and does not count towards it."""

    context_key: str
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class LearningContext:
    """A course run or a learning path (program). Times are UTC; ``steps`` is empty for a course run."""

    key: str
    name: str
    kind: ContextKind = ContextKind.COURSE_RUN
    uuid: UUID | None = None
    parent_course_key: str = ""
    parent_course_uuid: UUID | None = None
    pacing: Pacing = Pacing.INSTRUCTOR
    shows_certificates_early: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    steps: tuple[Step, ...] = ()

    @property
    def required_step_keys(self) -> tuple[str, ...]:
        """Keys of the runs that count towards a learning path."""
        return tuple(step.context_key for step in self.steps if not step.is_excluded)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A learner's active enrolment in a context. ``mode`` is the LMS's word: ``honor``, ``verified``, ``audit``."""

    user_id: int
    context_key: str
    mode: str = "honor"


@dataclass(frozen=True, slots=True)
class CategoryGrade:
    """A learner's grade in one assignment category. ``score`` and ``weight`` are in [0, 1].

    A category never attempted (``is_attempted`` False) counts as 0 towards the whole and meets no requirement.
    """

    name: str
    score: float
    weight: float
    is_attempted: bool = True


@dataclass(frozen=True, slots=True)
class Grade:
    """A learner's grade in a course run. ``percent`` is in [0, 1], weighted over all categories; None: not known."""

    user_id: int
    percent: float | None = None
    letter: str = ""
    is_passed: bool | None = None
    categories: tuple[CategoryGrade, ...] = ()


@dataclass(frozen=True, slots=True)
class LearnerProfile:
    """What the LMS says of a person. ``language`` is a language code such as ``ar`` or empty.

    ``display_name`` is the person's own name, as credentials publish it. It is empty if the LMS knows none: never put the user name or
    an e-mail address there. A learner without a name is issued nothing until there is one.
    """

    user_id: int
    username: str
    display_name: str
    email: str = ""
    language: str = ""
    is_active: bool = True
    certificates_allowed: bool = True


class LMSBackend(ABC):
    """What a host implements once. `learning_credentials.lms.fake.FakeLMS` is a complete example in memory."""

    #: What this backend can tell.
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)

    def check(self) -> list[CheckMessage]:
        """Return system check messages about the backend's own set-up."""
        return []

    # Learning contexts

    @abstractmethod
    def find_contexts(self, keys: Collection[str]) -> Mapping[str, LearningContext]:
        """Return the contexts with these keys; unknown keys are absent."""

    @abstractmethod
    def find_contexts_by_uuid(self, uuids: Collection[UUID]) -> Mapping[UUID, LearningContext]:
        """Return the contexts with these UUIDs, course runs and learning paths alike."""

    @abstractmethod
    def list_course_runs(self, course_keys: Collection[str]) -> Mapping[str, list[LearningContext]]:
        """Return the runs of each parent course (named by key or, as text, by UUID)."""

    @abstractmethod
    def search_contexts(self, text: str = "", limit: int = 50) -> list[LearningContext]:
        """Return contexts whose key or name holds the text, without regard to case, ordered by name: for pickers."""

    # Learners

    @abstractmethod
    def iter_enrolments(self, context_key: str, *, batch_size: int) -> Iterator[list[Enrolment]]:
        """Stream all active enrolments of a context in batches, ordered by user id, without holding them all in memory.

        A learner enrolled in a learning path appears once, under the path's own key.
        """

    @abstractmethod
    def get_enrolments(
        self, context_keys: Collection[str], user_ids: Collection[int]
    ) -> Mapping[tuple[int, str], Enrolment]:
        """Return active enrolments by (user id, context key)."""

    @abstractmethod
    def get_profiles(self, user_ids: Collection[int]) -> Mapping[int, LearnerProfile]:
        """Return profiles by user id."""

    @abstractmethod
    def has_access(self, user_id: int, context_key: str) -> bool:
        """Whether the learner may see the context (enrolled, or staff of it)."""

    # Permissions

    def has_permission(self, user: Any, act: Act, context_key: str | None = None, subject: Model | None = None) -> bool:  # noqa: ARG002
        """Return whether somebody may do something to what is not theirs. A learner's own affairs are never asked about.

        By default it needs one of the model permissions in ``act.permissions``, for the model or, where the host has an authentication
        backend that knows permissions for single objects, for the subject. Override it to map roles of the LMS, such as the staff of a
        course run, and call ``super()`` to keep the model permissions. Raise `LMSUnavailableError` if the LMS does not answer.

        Args:
            user: the account that asks, signed in and active.
            act: what they want to do.
            context_key: the course run or learning path that it is about; None means any of them. The LMS need not know it.
            subject: the row that it is about (a credential, or the course certificate of a run), or None.
        """
        has_perm = getattr(user, "has_perm", None)
        if has_perm is None:  # a user model without Django's permissions
            return False
        return any(has_perm(name) or (subject is not None and has_perm(name, subject)) for name in act.permissions)

    # Facts about learners in a course run

    @abstractmethod
    def get_grades(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, Grade]:
        """Return grades in a course run by user id.

        Every category of the run's grading policy is listed, attempted or not.
        """

    @abstractmethod
    def get_completions(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, float]:
        """Return the completed share of a course run, in [0, 1], by user id. A learner who has not begun has 0.0."""

    @abstractmethod
    def get_identity_verifications(self, user_ids: Collection[int]) -> Mapping[int, bool]:
        """Whether each learner holds an approved, unexpired identity verification."""

    # What the app tells

    def take_standings(self, course_key: str, statuses: Mapping[int, str]) -> None:  # noqa: B027  a hook, to be left alone
        """Called by a task after certificate statuses changed: the status of that moment by user id.

        The place to fulfil prerequisite milestones when a learner becomes ``downloadable``. It may be called late or twice, and is called
        again if it raises. One worker at a time calls it for a run, so that the last call has the latest status.
        """
