"""Who should hold a credential, worked out by plain arithmetic over the demo's own tables.

This shares nothing with the app's processors, on purpose: the demo and its tests compare what was issued with what is found here.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from demo.lms.models import AssignmentCategory, Completion, Enrolment, LearningPath, PathEnrolment, Score
from learning_credentials.options import merge

if TYPE_CHECKING:
    from collections.abc import Callable

    from learning_credentials.models import CredentialConfiguration

DEFAULT_COMPLETION = 0.9
DEFAULT_DAYS_BEFORE_END = 14


def list_expected_holders(configuration: CredentialConfiguration) -> set[int]:
    """Return the ids of the learners who are enrolled, not restricted, and meet the configuration's criteria."""
    candidates = _list_candidates(configuration.learning_context_key)
    test = TESTS[configuration.credential_type.retrieval_func.rpartition(".")[2]]
    options = merge(configuration.credential_type.custom_options, configuration.custom_options)
    for run_key, run_options in _list_required_runs(configuration.learning_context_key, options):
        candidates &= test(run_key, run_options)
    return candidates


def _list_candidates(context_key: str) -> set[int]:
    enrolments = Enrolment.objects.filter(run__key=context_key)
    if LearningPath.objects.filter(key=context_key).exists():
        enrolments = PathEnrolment.objects.filter(path__key=context_key)
    entitled = enrolments.filter(is_active=True, user__is_active=True, user__learner_profile__certificates_allowed=True)
    return set(entitled.order_by().values_list("user_id", flat=True))


def _list_required_runs(context_key: str, options: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    path = LearningPath.objects.filter(key=context_key).first()
    if path is None:
        return [(context_key, options)]
    overrides = options.get("steps", {})
    keys = path.steps.filter(is_excluded=False).values_list("run__key", flat=True)
    return [(key, merge(options, overrides.get(key, {}))) for key in keys]


def _meet_grades(run_key: str, options: dict[str, Any]) -> set[int]:
    """Every category that is asked for was attempted and reaches its minimum; the total weighs a missing score as nothing."""
    weights = dict(AssignmentCategory.objects.filter(run__key=run_key).values_list("name", "weight"))
    names = {name.casefold(): name for name in weights}
    scores: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Score.objects.filter(category__run__key=run_key, percent__isnull=False).order_by()
    for user_id, name, percent in rows.values_list("user_id", "category__name", "percent"):
        scores[user_id][name] = percent
    holders = set()
    for user_id, points in scores.items():
        total = Fraction(sum(points.get(name, 0) * weight for name, weight in weights.items()), 100)
        reached = {folded: points.get(name) for folded, name in names.items()} | {"total": total}
        if all(_reaches(reached[name.casefold()], minimum) for name, minimum in options["required_grades"].items()):
            holders.add(user_id)
    return holders


def _meet_completion(run_key: str, options: dict[str, Any]) -> set[int]:
    minimum = options.get("required_completion", DEFAULT_COMPLETION)
    rows = Completion.objects.filter(run__key=run_key).values_list("user_id", "percent")
    return {user_id for user_id, percent in rows if _reaches(percent, minimum)}


def _meet_both(run_key: str, options: dict[str, Any]) -> set[int]:
    return _meet_grades(run_key, options) & _meet_completion(run_key, options)


def _finished_early(run_key: str, options: dict[str, Any]) -> set[int]:
    days = timedelta(days=options.get("days_before_end", DEFAULT_DAYS_BEFORE_END))
    rows = Completion.objects.filter(run__key=run_key, finished_at__isnull=False).select_related("run")
    return {row.user_id for row in rows if row.finished_at <= row.run.ends_at - days}


def _reaches(percent: Fraction | int | None, minimum: float) -> bool:
    # Through text: 0.7 as typed, not the binary number next to it.
    return percent is not None and percent >= 100 * Fraction(str(minimum))


TESTS: dict[str, Callable[[str, dict[str, Any]], set[int]]] = {
    "retrieve_subsection_grades": _meet_grades,
    "retrieve_completions": _meet_completion,
    "retrieve_completions_and_grades": _meet_both,
    "retrieve_early_finishers": _finished_early,
}
