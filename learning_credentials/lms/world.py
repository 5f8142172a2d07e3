"""What `FakeLMS` knows: a small LMS in memory that tests fill."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from threading import RLock
from typing import TYPE_CHECKING, TypedDict, Unpack
from uuid import UUID, uuid5

from learning_credentials.lms.base import (
    CategoryGrade,
    ContextKind,
    Enrolment,
    Grade,
    LearnerProfile,
    LearningContext,
    Pacing,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from learning_credentials.lms.acts import Act

DEFAULT_CATEGORIES: Mapping[str, float] = {"Homework": 0.4, "Exam": 0.6}
DEFAULT_CUTOFFS: Mapping[str, float] = {"Pass": 0.5}
_NAMESPACE = UUID("6f0f6f5e-4b0f-4d0c-8a52-6d1c4f2f6c11")


class Fact(StrEnum):
    """A kind of fact about a learner that the fake can be told not to know."""

    GRADE = "grade"
    COMPLETION = "completion"
    IDENTITY = "identity"
    PROFILE = "profile"


class GradeOverrides(TypedDict, total=False):
    """What may be said of a grade against its scores."""

    percent: float | None
    letter: str
    is_passed: bool | None


@dataclass
class Run:
    """A course run with its grading policy: ``weights`` by category, ``cutoffs`` by letter."""

    context: LearningContext
    weights: dict[str, float]
    cutoffs: dict[str, float]

    def grade(self, user_id: int, scores: Mapping[str, float | None]) -> Grade:
        """Grade a learner; a category without a score was never attempted."""
        categories = tuple(
            CategoryGrade(name, scores.get(name) or 0.0, weight, is_attempted=scores.get(name) is not None)
            for name, weight in self.weights.items()
        )
        percent = sum(category.score * category.weight for category in categories)
        reached = [(cutoff, letter) for letter, cutoff in self.cutoffs.items() if round(percent - cutoff, 9) >= 0]
        return Grade(
            user_id=user_id,
            percent=percent,
            letter=max(reached)[1] if reached else "",
            is_passed=bool(reached),
            categories=categories,
        )


class World:
    """The data of a `FakeLMS`. Every method may be called from any thread; `reset` empties all.

    Learners are ids of the host's user model. An id is *known* once anything was said of it here; facts about a known
    learner default to "nothing done yet", and `hide` makes one unknown. A mistake in a test (an unknown context or
    category) is a ``ValueError``.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything and end every failure."""
        with self.lock:
            #: While True every method of the backend raises `LMSUnavailableError`.
            self.outage = False
            #: While True the backend knows no fact about any learner: grades, completions, identities are absent.
            self.silence = False
            #: How often each method of the backend was called.
            self.calls: Counter[str] = Counter()
            self.runs: dict[str, Run] = {}
            self.paths: dict[str, LearningContext] = {}
            self.learners: set[int] = set()
            self.enrolments: dict[str, dict[int, Enrolment]] = {}
            self.grades: dict[tuple[int, str], Grade] = {}
            self.completions: dict[tuple[int, str], float] = {}
            self.identities: dict[int, bool] = {}
            self.profiles: dict[int, dict[str, str | bool]] = {}
            self.staff: set[tuple[int, str]] = set()
            self.permissions: set[tuple[int, Act, str | None]] = set()
            self.hidden: set[tuple[Fact, int, str]] = set()

    # Learning contexts

    def add_course_run(
        self,
        key: str,
        name: str = "",
        *,
        categories: Mapping[str, float] = DEFAULT_CATEGORIES,
        cutoffs: Mapping[str, float] = DEFAULT_CUTOFFS,
        uuid: UUID | None = None,
        parent_course_key: str = "",
        parent_course_uuid: UUID | None = None,
        pacing: Pacing = Pacing.INSTRUCTOR,
        shows_certificates_early: bool = False,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> LearningContext:
        """Add a course run, or replace the one with that key.

        Args:
            key: the run's key.
            name: for people; the key if empty.
            categories: weight of each assignment category; the weights sum to 1.
            cutoffs: least percent, in [0, 1], of each letter; the lowest is the pass mark.
            uuid: made from the key if not given.
            parent_course_key: the course of which this is a run.
            parent_course_uuid: the same, where the LMS has UUIDs.
            pacing: who sets the pace.
            shows_certificates_early: whether certificates show before the run's end.
            starts_at: UTC.
            ends_at: UTC.
        """
        if categories and abs(sum(categories.values()) - 1) > 1e-6:  # noqa: PLR2004
            msg = f"the weights of {key} sum to {sum(categories.values())}, not to 1"
            raise ValueError(msg)
        context = LearningContext(
            key=key,
            name=name or key,
            kind=ContextKind.COURSE_RUN,
            uuid=uuid or uuid5(_NAMESPACE, key),
            parent_course_key=parent_course_key,
            parent_course_uuid=parent_course_uuid,
            pacing=pacing,
            shows_certificates_early=shows_certificates_early,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        with self.lock:
            self.runs[key] = Run(context, dict(categories), dict(cutoffs))
        return context

    def add_learning_path(
        self, key: str, name: str = "", *, steps: Iterable[str | Step] = (), uuid: UUID | None = None
    ) -> LearningContext:
        """Add a learning path, or replace the one with that key. A step is a run's key or, to exclude it, a `Step`."""
        context = LearningContext(
            key=key,
            name=name or key,
            kind=ContextKind.LEARNING_PATH,
            uuid=uuid or uuid5(_NAMESPACE, key),
            steps=tuple(step if isinstance(step, Step) else Step(step) for step in steps),
        )
        with self.lock:
            self.paths[key] = context
        return context

    # Learners

    def enrol(self, user_id: int, context_key: str, mode: str = "honor", *, is_active: bool = True) -> None:
        """Enrol a learner in a course run or a learning path, or change the enrolment."""
        self.enrol_many([user_id], context_key, mode, is_active=is_active)

    def enrol_many(
        self, user_ids: Iterable[int], context_key: str, mode: str = "honor", *, is_active: bool = True
    ) -> None:
        """Enrol many learners at once."""
        with self.lock:
            if context_key not in self.runs and context_key not in self.paths:
                msg = f"there is no context {context_key}; add it first"
                raise ValueError(msg)
            enrolled = self.enrolments.setdefault(context_key, {})
            for user_id in user_ids:
                self.learners.add(user_id)
                if is_active:
                    enrolled[user_id] = Enrolment(user_id, context_key, mode)
                else:
                    enrolled.pop(user_id, None)

    def unenrol(self, user_id: int, context_key: str) -> None:
        """End a learner's enrolment."""
        self.enrol(user_id, context_key, is_active=False)

    def add_staff(self, user_id: int, context_key: str) -> None:
        """Make someone staff of a context, with access to it."""
        with self.lock:
            self.learners.add(user_id)
            self.staff.add((user_id, context_key))

    def permit(self, user_id: int, act: Act, context_key: str | None = None) -> None:
        """Let someone do something to what is not theirs: in one context, or by default in all of them."""
        with self.lock:
            self.learners.add(user_id)
            self.permissions.add((user_id, act, context_key))

    def set_profile(self, user_id: int, **values: str | bool) -> None:
        """Say something of a person: any field of `LearnerProfile`. What is not said comes from the host's user row."""
        if unknown := sorted(set(values) - {field.name for field in fields(LearnerProfile)}):
            msg = f"a profile has no {', '.join(unknown)}"
            raise ValueError(msg)
        with self.lock:
            self.learners.add(user_id)
            self.hidden.discard((Fact.PROFILE, user_id, ""))
            self.profiles.setdefault(user_id, {}).update(values)

    # Facts

    def set_grade(
        self,
        user_id: int,
        context_key: str,
        scores: Mapping[str, float | None] | None = None,
        **overrides: Unpack[GradeOverrides],
    ) -> None:
        """Set a learner's score in each category.

        Args:
            user_id: the learner.
            context_key: a course run.
            scores: by category, in [0, 1]; None, or left out, means never attempted.
            overrides: ``percent``, ``letter`` or ``is_passed`` where they are not to follow from the scores.
        """
        scores = scores or {}
        with self.lock:
            run = self.get_run(context_key)
            if unknown := sorted(set(scores) - set(run.weights)):
                msg = f"{context_key} has no category {', '.join(unknown)}"
                raise ValueError(msg)
            self.learners.add(user_id)
            self.hidden.discard((Fact.GRADE, user_id, context_key))
            self.grades[user_id, context_key] = replace(run.grade(user_id, scores), **overrides)

    def set_completion(self, user_id: int, context_key: str, share: float) -> None:
        """Set how much of a run a learner has completed, in [0, 1]."""
        with self.lock:
            self.get_run(context_key)
            self.learners.add(user_id)
            self.hidden.discard((Fact.COMPLETION, user_id, context_key))
            self.completions[user_id, context_key] = share

    def set_identity(self, user_id: int, is_verified: bool) -> None:
        """Set whether a learner's identity is verified."""
        with self.lock:
            self.learners.add(user_id)
            self.hidden.discard((Fact.IDENTITY, user_id, ""))
            self.identities[user_id] = is_verified

    # Failures

    def hide(self, fact: Fact, user_id: int, context_key: str = "") -> None:
        """Make one fact unknown: it is absent from answers until it is set again.

        Args:
            fact: which.
            user_id: about whom.
            context_key: in which run; empty for a fact that belongs to no run.
        """
        with self.lock:
            self.learners.add(user_id)
            self.hidden.add((fact, user_id, context_key))

    def knows(self, fact: Fact, user_id: int, context_key: str = "") -> bool:
        """Whether a fact about a learner can be told."""
        if self.silence and fact is not Fact.PROFILE:
            return False
        return user_id in self.learners and (fact, user_id, context_key) not in self.hidden

    def get_run(self, key: str) -> Run:
        """Return a course run or raise ``ValueError``."""
        try:
            return self.runs[key]
        except KeyError:
            msg = f"there is no course run {key}; add it first"
            raise ValueError(msg) from None

    def contexts(self) -> list[LearningContext]:
        """Return all contexts."""
        return [run.context for run in self.runs.values()] + list(self.paths.values())
