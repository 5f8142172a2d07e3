"""Define the contract between this app and an LMS.

The app asks for many learners at once wherever it can. These rules hold for every method:

- The answer leaves out user ids and context keys that the LMS does not know. For facts about a learner (grades, completion, identity),
  *absent means unknown*: the app concludes nothing, issues nothing and takes nothing away. If the LMS knows that a learner has done nothing
  yet, the answer contains the learner with the value for "nothing".
- A backend that cannot answer raises `LMSUnavailableError` (or another `TransientError`). It never guesses.
- The number of queries or requests for one call does not grow with the number of ids in it. (SQLite may need one query for each 999 ids.)
  Callers pass up to ``ELIGIBILITY_BATCH_SIZE`` ids.
- User ids are the primary keys of the host's user model.

`learning_credentials.lms.contract` contains tests of these rules. Every backend has to pass them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from django.core.checks import CheckMessage
    from django.db.models import Model

    from learning_credentials.lms.acts import Act
    from learning_credentials.lms.scopes import Scope


class ContextKind(StrEnum):
    """Kind of a learning context."""

    COURSE_RUN = "course_run"
    LEARNING_PATH = "learning_path"


class Pacing(StrEnum):
    """Who sets the pace of a course run: the learner or the instructor."""

    SELF = "self"
    INSTRUCTOR = "instructor"


class Capability(StrEnum):
    """A kind of fact that a backend can provide. The app does not ask a backend for facts without the flag."""

    GRADES = "grades"
    COMPLETION = "completion"
    LEARNING_PATHS = "learning_paths"
    IDENTITY_VERIFICATION = "identity_verification"
    #: ``organisation`` and ``effort`` of contexts.
    CONTEXT_DETAILS = "context_details"
    #: ``given_name`` and ``family_name`` of profiles.
    NAME_PARTS = "name_parts"
    #: Learners' own values of custom fields.
    LEARNER_FIELDS = "learner_fields"


#: How many learners' grades are read to find the categories of a course run.
_POLICY_SAMPLE = 5

#: The facts that were added later. A backend that provides them says so in ``capabilities``.
_ADDED = {Capability.CONTEXT_DETAILS, Capability.NAME_PARTS, Capability.LEARNER_FIELDS}


@dataclass(frozen=True, slots=True)
class Step:
    """One course run of a learning path. An excluded run is part of the path but does not count towards it."""

    context_key: str
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class LearningContext:
    """A course run or a learning path (program). Times are in UTC. ``steps`` is empty for a course run.

    ``organisation`` is the name of the organisation that offers it. ``effort`` says how much work it is, as a text to print, such as
    ``4 hours a week``. Both can be empty. ``names`` are the name in other languages, by language tag such as ``fr`` or ``pt-br``. A backend
    can leave it out.
    """

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
    organisation: str = ""
    effort: str = ""
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def required_step_keys(self) -> tuple[str, ...]:
        """Return the keys of the runs that count towards a learning path."""
        return tuple(step.context_key for step in self.steps if not step.is_excluded)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A learner's active enrolment in a context. ``mode`` is the LMS's own word, such as ``honor``, ``verified`` or ``audit``."""

    user_id: int
    context_key: str
    mode: str = "honor"


@dataclass(frozen=True, slots=True)
class CategoryGrade:
    """A learner's grade in one assignment category. ``score`` and ``weight`` are between 0 and 1.

    If the learner never attempted the category (``is_attempted`` is False), it counts as 0 in the whole grade and meets no requirement.
    """

    name: str
    score: float
    weight: float
    is_attempted: bool = True


@dataclass(frozen=True, slots=True)
class Grade:
    """A learner's grade in a course run.

    ``percent`` is between 0 and 1 and weighted over all categories. It is None if the LMS does not know it.
    """

    user_id: int
    percent: float | None = None
    letter: str = ""
    is_passed: bool | None = None
    categories: tuple[CategoryGrade, ...] = ()


@dataclass(frozen=True, slots=True)
class LearnerProfile:
    """What the LMS says about a person. ``language`` is a language code such as ``ar``, or empty.

    ``display_name`` is the person's own name. Credentials publish it. Leave it empty if the LMS knows no name: never use the user name or
    an e-mail address. A learner without a name receives no credential until the LMS knows a name.

    ``given_name`` and ``family_name`` are parts of the name, for certificates that print them alone. Leave them empty if the LMS does not
    have them. Never cut the name into parts: many names cannot be divided.
    """

    user_id: int
    username: str
    display_name: str
    email: str = ""
    language: str = ""
    is_active: bool = True
    certificates_allowed: bool = True
    given_name: str = ""
    family_name: str = ""


class LMSBackend(ABC):
    """Base class of LMS backends. A host implements it once.

    `learning_credentials.lms.fake.FakeLMS` is a complete example that works in memory.
    """

    #: The facts that this backend can provide.
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability) - _ADDED

    def check(self) -> list[CheckMessage]:
        """Return system check messages about the backend's own configuration."""
        return []

    # Learning contexts

    @abstractmethod
    def find_contexts(self, keys: Collection[str]) -> Mapping[str, LearningContext]:
        """Return the contexts with these keys. Leave out unknown keys."""

    @abstractmethod
    def find_contexts_by_uuid(self, uuids: Collection[UUID]) -> Mapping[UUID, LearningContext]:
        """Return the contexts with these UUIDs: course runs and learning paths."""

    @abstractmethod
    def list_course_runs(self, course_keys: Collection[str]) -> Mapping[str, list[LearningContext]]:
        """Return the runs of each parent course. A course is named by its key or by its UUID as text."""

    @abstractmethod
    def search_contexts(self, text: str = "", limit: int = 50) -> list[LearningContext]:
        """Return contexts whose key or name contains the text, for pickers.

        Upper and lower case make no difference. The contexts are ordered by name.
        """

    # Learners

    @abstractmethod
    def iter_enrolments(self, context_key: str, *, batch_size: int) -> Iterator[list[Enrolment]]:
        """Yield all active enrolments of a context in batches, ordered by user id, without loading all of them into memory.

        A learner of a learning path appears once, under the key of the path.
        """

    @abstractmethod
    def get_enrolments(
        self, context_keys: Collection[str], user_ids: Collection[int]
    ) -> Mapping[tuple[int, str], Enrolment]:
        """Return active enrolments by user id and context key."""

    @abstractmethod
    def get_profiles(self, user_ids: Collection[int]) -> Mapping[int, LearnerProfile]:
        """Return profiles by user id."""

    @abstractmethod
    def has_access(self, user_id: int, context_key: str) -> bool:
        """Return whether the learner can see the context because they are enrolled in it or are staff of it."""

    # Permissions

    def has_permission(self, user: Any, act: Act, context_key: str | None = None, subject: Model | None = None) -> bool:  # noqa: ARG002
        """Return whether an account can do something that concerns others. The app never asks about a learner's own data.

        By default the account needs one of the model permissions in ``act.permissions``. It can have the permission for the model. It can
        also have it for the subject, if the host has an authentication backend with permissions for single objects. Override this method to
        map roles of the LMS, such as the staff of a course run. Call ``super()`` to keep the model permissions. Raise `LMSUnavailableError`
        if the LMS does not answer.

        Args:
            user: the account that asks. It is signed in and active.
            act: what the account wants to do.
            context_key: the course run or learning path that the act concerns. None means any of them. The LMS may not know the key.
            subject: the row that the act concerns (a credential, or the course certificate of a run), or None.
        """
        has_perm = getattr(user, "has_perm", None)
        if has_perm is None:  # a user model without Django's permissions
            return False
        return any(has_perm(name) or (subject is not None and has_perm(name, subject)) for name in act.permissions)

    def get_scope(self, user: Any) -> Scope | None:  # noqa: ARG002
        """Return the learning contexts that an account administers, or None if the LMS does not limit the account.

        By default nobody is limited: an account sees all contexts, as far as its permissions go. A limited account reaches other contexts
        neither in the admin nor over REST, whatever its permissions. An empty `Scope` limits it to no context at all. Grants in the app
        add contexts.

        The app asks once a request, and never about superusers. Raise `LMSUnavailableError` if the LMS does not answer. The account then
        reaches only what the app itself grants.

        Args:
            user: the account that asks. It is signed in and active.
        """
        return None

    # Facts about learners in a course run

    @abstractmethod
    def get_grades(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, Grade]:
        """Return grades in a course run by user id.

        Each grade lists every category of the run's grading policy, attempted or not.
        """

    def get_grading_policy(self, context_key: str) -> Mapping[str, float]:
        """Return the weight of each assignment category of a course run, in the order of its grading policy.

        Forms use it to suggest categories. The answer is empty if the LMS does not know the run or its policy. By default the backend
        asks for the grades of some enrolled learners, because they list every category. Override this method if the LMS can say it
        directly, also for a run without learners.
        """
        if Capability.GRADES not in self.capabilities:
            return {}
        enrolments = next(iter(self.iter_enrolments(context_key, batch_size=_POLICY_SAMPLE)), [])
        grades = self.get_grades(context_key, [enrolment.user_id for enrolment in enrolments]) if enrolments else {}
        categories = next((grade.categories for grade in grades.values() if grade.categories), ())
        return {category.name: category.weight for category in categories}

    @abstractmethod
    def get_completions(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, float]:
        """Return the completed share of a course run, between 0 and 1, by user id.

        The share of a learner who has not begun is 0.0.
        """

    @abstractmethod
    def get_identity_verifications(self, user_ids: Collection[int]) -> Mapping[int, bool]:
        """Return, by user id, whether each learner has an approved identity verification that has not expired."""

    def get_learner_fields(
        self,
        context_key: str,  # noqa: ARG002
        user_ids: Collection[int],  # noqa: ARG002
        names: Collection[str],  # noqa: ARG002
    ) -> Mapping[int, Mapping[str, Any]]:
        """Return learners' own values of custom fields, such as a licence number, by user id and name of the field.

        Leave out a learner or a value that the LMS does not have. The value of the configuration is then used. Called only with
        `Capability.LEARNER_FIELDS`, and only for types that define custom fields.

        Args:
            context_key: the course run or learning path.
            user_ids: the learners.
            names: the fields of the type. Others are ignored.
        """
        return {}

    # What the app tells the LMS

    def take_standings(self, course_key: str, statuses: Mapping[int, str]) -> None:  # noqa: B027  a hook, to be left alone
        """React to changed certificate statuses. ``statuses`` has the current status by user id.

        A task calls this after the change. Override it, for example, to fulfil prerequisite milestones when a learner becomes
        ``downloadable``. The call may come late or twice, and it is repeated if it raises. For one course run, only one worker at a time
        calls it, so the last call has the latest status.
        """
