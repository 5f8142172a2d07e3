"""Reads what a learner has and needs from the result of a processor, and says which changes would be enough.

The changes are minimal: if one of them is one point smaller, they are not enough. This holds for what is known: the requirements, the
grades by category and their weights. If the total does not follow from the categories, because the LMS drops or overrides scores, the
change is about the total itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from learning_credentials.processors.criteria import DECIMALS
from learning_credentials.processors.fields import TOTAL, fold
from learning_credentials.services.desk.story_values import Change, ChangeKind, Need, NeedKind, RunNeeds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from learning_credentials.lms import Grade

#: Keys of a result that are read here or shown elsewhere. Other keys come from functions of the host.
_READ = frozenset(
    {
        "steps",
        "reason",
        "problems",
        "is_unknown",
        "is_allowlisted",
        "is_met",
        "categories",
        "certificate_status",
        "required_certificate_status",
        "mode",
        "letter_grade",
        "facts",
    }
)
_CURRENT, _REQUIRED = "current_", "required_"
#: Sums of weighted scores that differ by less are equal.
_NOISE = 10**-DECIMALS
#: A category with less weight cannot change the total by a visible part of a point.
_LEAST_WEIGHT = 0.001
_POINTS = 100
_ORDER = (NeedKind.TOTAL, NeedKind.CATEGORY, NeedKind.COMPLETION, NeedKind.OTHER)


def read_needs(progress: Mapping[str, Any], context_key: str, context_name: str) -> tuple[RunNeeds, ...]:
    """Return what the learner has and needs, by course run. Return nothing if the processor says nothing that can be compared."""
    steps = progress.get("steps")
    if isinstance(steps, Mapping):
        return tuple(
            _read_run(str(key), str(step.get("name") or key), step, is_step=True)
            for key, step in steps.items()
            if isinstance(step, Mapping)
        )
    run = _read_run(context_key, context_name, progress, is_step=False)
    return (run,) if run.needs else ()


def read_extra(progress: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a result that have no words here: those of a host's own function."""
    compared = {name for name in progress if name.startswith((_CURRENT, _REQUIRED))}
    return {key: value for key, value in progress.items() if key not in _READ | compared}


def read_problems(progress: Mapping[str, Any]) -> tuple[str, ...]:
    """Return mistakes of the options that the processor found, such as a category that the course run lacks."""
    said = progress.get("problems")
    return tuple(map(str, said)) if isinstance(said, list) else ()


def _read_run(key: str, name: str, values: Mapping[str, Any], *, is_step: bool) -> RunNeeds:
    # Databases do not keep the order of options: the total comes first, and then the categories by name.
    needs = tuple(sorted(_iter_needs(values), key=lambda need: (_ORDER.index(need.kind), need.name)))
    return RunNeeds(key, name, needs, all(need.is_met for need in needs), values.get("is_unknown") is True, is_step)


def _iter_needs(values: Mapping[str, Any]) -> Iterator[Need]:
    for name, required in values.items():
        if not name.startswith(_REQUIRED):
            continue
        subject = name.removeprefix(_REQUIRED)
        current = values.get(_CURRENT + subject)
        if subject == "completion" and _is_number(required):
            yield _make_need(NeedKind.COMPLETION, "", current, required)
        elif subject == "grades" and isinstance(required, Mapping):
            grades = current if isinstance(current, Mapping) else {}
            for category, grade in required.items():
                if _is_number(grade):
                    kind = NeedKind.TOTAL if fold(str(category)) == fold(TOTAL) else NeedKind.CATEGORY
                    yield _make_need(kind, str(category), grades.get(category), grade)
        elif _is_number(required):
            yield _make_need(NeedKind.OTHER, subject.replace("_", " "), current, required)


def _make_need(kind: NeedKind, name: str, current: object, required: float) -> Need:
    have = float(current) if _is_number(current) else None  # type: ignore[arg-type]
    return Need(kind, name, have, float(required), is_met=have is not None and _meets(have, required))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _meets(have: float, need: float) -> bool:
    return round(have, DECIMALS) >= round(need, DECIMALS)


def find_changes(run: RunNeeds, grade: Grade | None) -> tuple[Change, ...] | None:
    """Return the changes that would be enough in a course run. Return None if it cannot be said.

    Args:
        run: what the learner has and needs there.
        grade: of the learner in the course run, with the categories and weights, or None if it is not known.
    """
    unmet = [need for need in run.needs if not need.is_met]
    if any(need.kind is NeedKind.OTHER for need in unmet):
        return None
    changes = [
        Change(ChangeKind.COMPLETION, run.run_key, run.name, have=need.have, need=need.need)
        for need in unmet
        if need.kind is NeedKind.COMPLETION
    ]
    grades = [need for need in unmet if need.kind in {NeedKind.TOTAL, NeedKind.CATEGORY}]
    if not grades:
        return tuple(changes)
    found = _Scores(run, grade).find_changes(grades)
    return None if found is None else (*changes, *found)


class _Scores:
    """The scores of one learner by category, and how they have to change."""

    def __init__(self, run: RunNeeds, grade: Grade | None) -> None:
        self._run = run
        self._percent = grade.percent if grade else None
        self._categories = {fold(each.name): each for each in (grade.categories if grade else ())}
        self._scores = {name: each.score if each.is_attempted else 0.0 for name, each in self._categories.items()}
        self._changed: dict[str, float] = {}

    def find_changes(self, unmet: list[Need]) -> list[Change] | None:
        total: Need | None = None
        for need in unmet:
            if need.kind is NeedKind.TOTAL:
                total = need
            elif fold(need.name) in self._categories:
                self._changed[fold(need.name)] = need.need
            else:
                return None  # nobody can reach a grade in a category that does not exist
        if total is None:
            return list(self._describe())
        if not self._is_total_known():
            change = Change(ChangeKind.TOTAL, self._run.run_key, self._run.name, have=total.have, need=total.need)
            return [*self._describe(), change]
        self._raise_total(total.need)
        return list(self._describe())

    def _is_total_known(self) -> bool:
        """Return whether the total follows from the categories."""
        return self._percent is not None and abs(self._sum_up(self._scores) - self._percent) < _NOISE

    def _sum_up(self, scores: Mapping[str, float]) -> float:
        return sum(scores[name] * each.weight for name, each in self._categories.items())

    def _raise_total(self, need: float) -> None:
        """Raise one category so far that the total is enough. If one is not enough, raise those with the most weight first."""
        lacking = round(need, DECIMALS) - _NOISE / 2 - self._sum_up({**self._scores, **self._changed})
        if lacking <= 0:
            return
        usable = sorted(
            (name for name, each in self._categories.items() if each.weight >= _LEAST_WEIGHT),
            key=lambda name: (name not in self._changed, -self._categories[name].weight),
        )
        for name in usable:
            reached = self._reach(name, lacking)
            if reached <= 1:
                self._changed[name] = reached
                return
        for name in sorted(usable, key=lambda name: -self._categories[name].weight):
            if lacking <= 0:
                return
            before = self._changed.get(name, self._scores[name])
            after = min(1.0, self._reach(name, lacking))
            if after > before:
                self._changed[name] = after
                lacking -= (after - before) * self._categories[name].weight

    def _reach(self, name: str, lacking: float) -> float:
        """Return the score with which the category alone makes up for what the total lacks, rounded up to a whole point."""
        exact = self._changed.get(name, self._scores[name]) + lacking / self._categories[name].weight
        return ceil(round(exact * _POINTS, DECIMALS)) / _POINTS

    def _describe(self) -> Iterator[Change]:
        for name, need in self._changed.items():
            category = self._categories[name]
            have = category.score if category.is_attempted else None
            kind = ChangeKind.ATTEMPT if need <= 0 else ChangeKind.CATEGORY
            yield Change(kind, self._run.run_key, self._run.name, category.name, have=have, need=need)
