"""Define how the tests of an LMS backend create their data. `learning_credentials.lms.contract` uses it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model

from learning_credentials.lms.base import Pacing, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from learning_credentials.lms.base import LMSBackend


@dataclass(frozen=True)
class RunToArrange:
    """A course run that a test needs.

    ``weights`` are by category and their sum is 1. ``pass_mark`` is between 0 and 1. Times are in UTC. The tests look at ``organisation``
    and ``effort`` only with `Capability.CONTEXT_DETAILS`. ``names`` are the name in other languages. A backend that has none ignores them.
    """

    key: str
    name: str
    uuid: UUID = field(default_factory=uuid4)
    parent_course_key: str = "Contract+Course"
    parent_course_uuid: UUID = field(default_factory=uuid4)
    pacing: Pacing = Pacing.INSTRUCTOR
    shows_certificates_early: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    organisation: str = "Contract University"
    effort: str = "4 hours a week"
    names: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=lambda: {"Homework": 0.4, "Exam": 0.6})
    pass_mark: float = 0.5


@dataclass(frozen=True)
class PathToArrange:
    """A learning path that a test needs. The test has arranged its runs already."""

    key: str
    name: str
    steps: Sequence[Step]
    uuid: UUID = field(default_factory=uuid4)


class Arrangement(ABC):
    """Base of tests that create rows in the LMS of a backend. Scores and shares have at most two decimals."""

    @abstractmethod
    def make_backend(self) -> LMSBackend:
        """Return the backend under test."""

    @abstractmethod
    def arrange_course_run(self, run: RunToArrange) -> None:
        """Add a course run."""

    @abstractmethod
    def arrange_learning_path(self, path: PathToArrange) -> None:
        """Add a learning path of runs that exist already. Called only with `Capability.LEARNING_PATHS`."""

    @abstractmethod
    def arrange_enrolments(
        self, user_ids: Sequence[int], context_key: str, *, mode: str = "honor", is_active: bool = True
    ) -> None:
        """Enrol learners in a course run or a learning path. Modes are ``honor``, ``verified`` and ``audit``."""

    @abstractmethod
    def arrange_grade(self, user_id: int, run_key: str, scores: Mapping[str, float]) -> None:
        """Give an enrolled learner a score between 0 and 1 in each category of ``scores``.

        The learner never attempted the other categories.
        """

    @abstractmethod
    def arrange_completion(self, user_id: int, run_key: str, share: float) -> None:
        """Set how much of a run an enrolled learner completed, between 0 and 1."""

    @abstractmethod
    def arrange_identity(self, user_id: int, *, is_verified: bool) -> None:
        """Set whether a learner's identity is verified. Called only with `Capability.IDENTITY_VERIFICATION`."""

    @abstractmethod
    def arrange_profile(
        self, user_id: int, *, display_name: str, language: str, is_active: bool, certificates_allowed: bool
    ) -> None:
        """Set what the LMS says about a person."""

    def arrange_name_parts(self, user_id: int, *, given_name: str, family_name: str) -> None:
        """Set the parts of a person's name. Called only with `Capability.NAME_PARTS`."""
        raise NotImplementedError

    def arrange_learner_fields(self, user_id: int, context_key: str, values: Mapping[str, str]) -> None:
        """Set a learner's own values of custom fields. Called only with `Capability.LEARNER_FIELDS`."""
        raise NotImplementedError

    def arrange_administrator(self, user_id: int, context_key: str) -> None:
        """Let an account administer a course run in the LMS. Called only if the backend has its own ``get_scope``."""
        raise NotImplementedError

    def arrange_learners(self, count: int) -> list[int]:
        """Add learners to the host's user model and return their ids in ascending order."""
        users = get_user_model().objects
        marker = uuid4().hex[:8]
        users.bulk_create(
            [users.model(**{users.model.USERNAME_FIELD: f"c{marker}-{number}@example.com"}) for number in range(count)],
            batch_size=500,
        )
        return sorted(
            users.filter(**{f"{users.model.USERNAME_FIELD}__startswith": f"c{marker}-"}).values_list("pk", flat=True)
        )
