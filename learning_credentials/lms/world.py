"""Provide the data of `FakeLMS`: a small LMS in memory that tests fill."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from threading import RLock
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
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
from learning_credentials.lms.scopes import Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from learning_credentials.lms.acts import Act

DEFAULT_CATEGORIES: Mapping[str, float] = {"Homework": 0.4, "Exam": 0.6}
DEFAULT_CUTOFFS: Mapping[str, float] = {"Pass": 0.5}
_NAMESPACE = UUID("6f0f6f5e-4b0f-4d0c-8a52-6d1c4f2f6c11")


class Fact(StrEnum):
    """A kind of fact about a learner that tests can hide from the fake."""

    GRADE = "grade"
    COMPLETION = "completion"
    IDENTITY = "identity"
    PROFILE = "profile"


class GradeOverrides(TypedDict, total=False):
    """Values of a grade that a test can set instead of the calculated ones."""

    percent: float | None
    letter: str
    is_passed: bool | None


@dataclass
class Run:
    """A course run with its grading policy: ``weights`` by category and ``cutoffs`` by letter."""

    context: LearningContext
    weights: dict[str, float]
    cutoffs: dict[str, float]

    def grade(self, user_id: int, scores: Mapping[str, float | None]) -> Grade:
        """Calculate a learner's grade. A category without a score was never attempted."""
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
    """The data of a `FakeLMS`. Every method can be called from any thread. `reset` deletes all data.

    Learners are ids of the host's user model. An id is *known* after a test set anything about it here. The facts about a known learner
    default to "nothing done yet". `hide` makes one fact unknown. A mistake in a test (an unknown context or category) raises
    ``ValueError``.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self.reset()

    def reset(self) -> None:
        """Delete all data and end all failures."""
        with self.lock:
            #: While True, every method of the backend raises `LMSUnavailableError`.
            self.outage = False
            #: While True, the backend knows no grade, completion or identity of any learner.
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
            self.learner_fields: dict[tuple[int, str], dict[str, Any]] = {}
            self.profiles: dict[int, dict[str, str | bool]] = {}
            self.staff: set[tuple[int, str]] = set()
            self.permissions: set[tuple[int, Act, str | None]] = set()
            #: The contexts that accounts administer, by user id. Other accounts are not limited.
            self.scopes: dict[int, Scope] = {}
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
        organisation: str = "",
        effort: str = "",
        names: Mapping[str, str] | None = None,
    ) -> LearningContext:
        """Add a course run, or replace the one with that key.

        Args:
            key: the run's key.
            name: the name for people. If empty, the key.
            categories: weight of each assignment category. The sum of the weights is 1.
            cutoffs: lowest percent of each letter, between 0 and 1. The lowest cutoff is the pass mark.
            uuid: the run's UUID. If None, it is made from the key.
            parent_course_key: key of the course that the run belongs to.
            parent_course_uuid: UUID of that course, if the LMS has UUIDs.
            pacing: who sets the pace.
            shows_certificates_early: whether certificates are visible before the run ends.
            starts_at: in UTC.
            ends_at: in UTC.
            organisation: the name of the organisation that offers the run.
            effort: how much work it is, as a text.
            names: the name in other languages, by language tag.
        """
        if categories and abs(sum(categories.values()) - 1) > 1e-6:  # noqa: PLR2004
            msg = f"the weights of {key} add up to {sum(categories.values())}. They must add up to 1"
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
            organisation=organisation,
            effort=effort,
            names=dict(names or {}),
        )
        with self.lock:
            self.runs[key] = Run(context, dict(categories), dict(cutoffs))
        return context

    def add_learning_path(
        self,
        key: str,
        name: str = "",
        *,
        steps: Iterable[str | Step] = (),
        uuid: UUID | None = None,
        names: Mapping[str, str] | None = None,
    ) -> LearningContext:
        """Add a learning path, or replace the one with that key. A step is a run's key. To exclude a run, pass a `Step`."""
        context = LearningContext(
            key=key,
            name=name or key,
            kind=ContextKind.LEARNING_PATH,
            uuid=uuid or uuid5(_NAMESPACE, key),
            steps=tuple(step if isinstance(step, Step) else Step(step) for step in steps),
            names=dict(names or {}),
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
                msg = f"there is no context {context_key}. Add it first"
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
        """Make an account staff of a context. Staff have access to it."""
        with self.lock:
            self.learners.add(user_id)
            self.staff.add((user_id, context_key))

    def permit(self, user_id: int, act: Act, context_key: str | None = None) -> None:
        """Let an account do something that concerns others: in one context, or in all of them by default."""
        with self.lock:
            self.learners.add(user_id)
            self.permissions.add((user_id, act, context_key))

    def limit(self, user_id: int, *context_keys: str, prefixes: Collection[str] = ()) -> None:
        """Limit an account to contexts. Without arguments it administers none."""
        with self.lock:
            self.learners.add(user_id)
            self.scopes[user_id] = Scope(frozenset(context_keys), tuple(prefixes))

    def set_profile(self, user_id: int, **values: str | bool) -> None:
        """Set fields of a person's `LearnerProfile`. Other fields come from the host's user row."""
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
            scores: scores between 0 and 1 by category. None or a missing category means that the learner never attempted it.
            overrides: ``percent``, ``letter`` or ``is_passed``, to use instead of the value that follows from the scores.
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
        """Set how much of a run a learner has completed, between 0 and 1."""
        with self.lock:
            self.get_run(context_key)
            self.learners.add(user_id)
            self.hidden.discard((Fact.COMPLETION, user_id, context_key))
            self.completions[user_id, context_key] = share

    def set_learner_fields(self, user_id: int, context_key: str, **values: Any) -> None:
        """Set a learner's own values of custom fields in a context. The earlier ones are deleted."""
        with self.lock:
            self.learners.add(user_id)
            self.learner_fields[user_id, context_key] = values

    def set_identity(self, user_id: int, is_verified: bool) -> None:
        """Set whether a learner's identity is verified."""
        with self.lock:
            self.learners.add(user_id)
            self.hidden.discard((Fact.IDENTITY, user_id, ""))
            self.identities[user_id] = is_verified

    # Failures

    def hide(self, fact: Fact, user_id: int, context_key: str = "") -> None:
        """Make one fact unknown. It is absent from answers until a test sets it again.

        Args:
            fact: the kind of fact.
            user_id: the learner.
            context_key: the course run. Empty for a fact that belongs to no run.
        """
        with self.lock:
            self.learners.add(user_id)
            self.hidden.add((fact, user_id, context_key))

    def knows(self, fact: Fact, user_id: int, context_key: str = "") -> bool:
        """Return whether the fake knows a fact about a learner."""
        if self.silence and fact is not Fact.PROFILE:
            return False
        return user_id in self.learners and (fact, user_id, context_key) not in self.hidden

    def get_run(self, key: str) -> Run:
        """Return a course run or raise ``ValueError``."""
        try:
            return self.runs[key]
        except KeyError:
            msg = f"there is no course run {key}. Add it first"
            raise ValueError(msg) from None

    def contexts(self) -> list[LearningContext]:
        """Return all contexts."""
        return [run.context for run in self.runs.values()] + list(self.paths.values())
