"""Calculate who should have a credential, with simple arithmetic over the demo's own tables.

This module shares no code with the app's processors on purpose. The demo and its tests compare its results with the issued credentials.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from demo.lms.models import (
    AssignmentCategory,
    Completion,
    CourseRun,
    Enrolment,
    IdentityVerification,
    LearningPath,
    Mode,
    PathEnrolment,
    Score,
)
from learning_credentials.models import AllowlistEntry, CertificateInvalidation
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
    """Return the learners who attempted every required category and reached its minimum."""
    weights = _read_weights(run_key)
    names = {name.casefold(): name for name in weights}
    holders = set()
    for user_id, points in _read_scores(run_key).items():
        total = _add_up(points, weights)
        reached = {folded: points.get(name) for folded, name in names.items()} | {"total": total}
        if all(_reaches(reached[name.casefold()], minimum) for name, minimum in options["required_grades"].items()):
            holders.add(user_id)
    return holders


def _read_weights(run_key: str) -> dict[str, int]:
    return dict(AssignmentCategory.objects.filter(run__key=run_key).values_list("name", "weight"))


def _read_scores(run_key: str) -> dict[int, dict[str, int]]:
    """Return the scores by learner and category. Categories that were never attempted are missing."""
    scores: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Score.objects.filter(category__run__key=run_key, percent__isnull=False).order_by()
    for user_id, name, percent in rows.values_list("user_id", "category__name", "percent"):
        scores[user_id][name] = percent
    return scores


def _add_up(points: dict[str, int], weights: dict[str, int]) -> Fraction:
    """Return the total in per cent. A missing score counts as 0."""
    return Fraction(sum(points.get(name, 0) * weight for name, weight in weights.items()), 100)


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


def _stand_downloadable(run_key: str, _options: dict[str, Any]) -> set[int]:
    """Return the learners who should be downloadable.

    They passed or are on the allowlist, their enrolment mode earns certificates, and staff have not invalidated them.
    """
    weights, run = _read_weights(run_key), CourseRun.objects.get(key=run_key)
    passed = {user_id for user_id, points in _read_scores(run_key).items() if _add_up(points, weights) >= run.pass_mark}
    here = {"learning_context_key": run_key, "is_active": True}
    allowlisted = set(
        AllowlistEntry.objects.filter(**here, configuration=None).order_by().values_list("user_id", flat=True)
    )
    barred = set(CertificateInvalidation.objects.filter(**here).order_by().values_list("user_id", flat=True))
    identified = {row.user_id for row in IdentityVerification.objects.all() if row.holds}
    by_mode = {
        mode: set(Enrolment.objects.filter(run=run, is_active=True, mode=mode).values_list("user_id", flat=True))
        for mode in (Mode.HONOR, Mode.VERIFIED)
    }
    entitled = by_mode[Mode.HONOR] | (by_mode[Mode.VERIFIED] & identified)
    return ((passed | allowlisted) & entitled) - barred


def _reaches(percent: Fraction | int | None, minimum: float) -> bool:
    # Convert through text to get 0.7 as typed, and not the nearest binary number.
    return percent is not None and percent >= 100 * Fraction(str(minimum))


TESTS: dict[str, Callable[[str, dict[str, Any]], set[int]]] = {
    "retrieve_subsection_grades": _meet_grades,
    "retrieve_completions": _meet_completion,
    "retrieve_completions_and_grades": _meet_both,
    "retrieve_early_finishers": _finished_early,
    "retrieve_course_certificates": _stand_downloadable,
}
