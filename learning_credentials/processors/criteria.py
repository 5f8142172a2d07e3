"""Define the criteria that learners can have to meet in one course run, and measure them with one call to the LMS for each batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from learning_credentials.lms import Capability, get_lms
from learning_credentials.processors.fields import TOTAL, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from learning_credentials.lms import Grade

# Rounding errors in sums of weighted scores are much smaller than the last of these decimals.
DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Measure:
    """One learner's result for one criterion. ``values`` contains current and required values that can be written as JSON."""

    is_met: bool
    values: Mapping[str, Any]
    is_unknown: bool = False
    problems: tuple[str, ...] = ()


class Criterion(Protocol):
    """Something that a course run requires of learners."""

    capability: ClassVar[Capability]

    def measure(self, run_key: str, user_ids: Collection[int]) -> dict[int, Measure]:
        """Measure all of the learners."""
        ...


@dataclass(frozen=True)
class RequiredGrades:
    """Required grades by category. ``Total`` is the weighted grade over all categories.

    ``records_categories`` says whether the values contain the grade and the weight of every category of the course run.
    """

    capability: ClassVar[Capability] = Capability.GRADES

    required: Mapping[str, float]
    records_categories: bool = False

    def measure(self, run_key: str, user_ids: Collection[int]) -> dict[int, Measure]:
        """Measure all of the learners with one call to the LMS."""
        grades = get_lms().get_grades(run_key, user_ids)
        return {user_id: self._measure(run_key, grades.get(user_id)) for user_id in user_ids}

    def _measure(self, run_key: str, grade: Grade | None) -> Measure:
        current: dict[str, float | None] = dict.fromkeys(self.required)
        if grade is None:
            return Measure(is_met=False, is_unknown=True, values=self._values(current))
        categories = {fold(category.name): category for category in grade.categories}
        categories |= {category.name: category for category in grade.categories}
        missing = []
        is_unknown = False
        for name in self.required:
            if fold(name) == fold(TOTAL):
                current[name] = _rounded(grade.percent)
                is_unknown = is_unknown or grade.percent is None
                continue
            category = categories.get(name) or categories.get(fold(name))
            if category is None:
                missing.append(name)
            elif category.is_attempted:
                current[name] = _rounded(category.score)
        return Measure(
            is_met=all(_meets(current[name], required) for name, required in self.required.items()),
            is_unknown=is_unknown,
            values={**self._values(current), **self._record(grade)},
            problems=tuple(f"required_grades.{name}: {run_key} has no such assignment category" for name in missing),
        )

    def _record(self, grade: Grade) -> dict[str, Any]:
        if not self.records_categories:
            return {}
        categories = [
            {
                "name": category.name,
                "grade": _rounded(category.score) if category.is_attempted else None,
                "weight": _rounded(category.weight),
            }
            for category in grade.categories
        ]
        return {"categories": categories}

    def _values(self, current: Mapping[str, float | None]) -> dict[str, Any]:
        return {"current_grades": dict(current), "required_grades": dict(self.required)}


@dataclass(frozen=True)
class RequiredCompletion:
    """Required share of the run that learners must complete."""

    capability: ClassVar[Capability] = Capability.COMPLETION

    required: float

    def measure(self, run_key: str, user_ids: Collection[int]) -> dict[int, Measure]:
        """Measure all of the learners with one call to the LMS."""
        shares = get_lms().get_completions(run_key, user_ids)
        return {user_id: self._measure(shares.get(user_id)) for user_id in user_ids}

    def _measure(self, share: float | None) -> Measure:
        return Measure(
            is_met=_meets(share, self.required),
            is_unknown=share is None,
            values={"current_completion": _rounded(share), "required_completion": self.required},
        )


@dataclass(frozen=True, slots=True)
class CriteriaResult:
    """One learner's result for all criteria of one course run."""

    is_met: bool
    is_unknown: bool
    values: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def measure_all(criteria: Collection[Criterion], run_key: str, user_ids: Collection[int]) -> dict[int, CriteriaResult]:
    """Measure learners against every criterion. A learner must meet all of them."""
    measures = [criterion.measure(run_key, user_ids) for criterion in criteria]
    return {user_id: _combine([measure[user_id] for measure in measures]) for user_id in user_ids}


def _combine(measures: Collection[Measure]) -> CriteriaResult:
    values: dict[str, Any] = {}
    for measure in measures:
        values.update(measure.values)
    return CriteriaResult(
        is_met=all(measure.is_met for measure in measures),
        is_unknown=any(measure.is_unknown for measure in measures),
        values=values,
        problems=tuple(problem for measure in measures for problem in measure.problems),
    )


def _meets(current: float | None, required: float) -> bool:
    return current is not None and round(current, DECIMALS) >= round(required, DECIMALS)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
