"""Runs the app's system checks for the overview and keeps the result for a while, because some checks ask the storage and the LMS."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.cache import cache
from django.core.checks import WARNING, run_checks

#: The tag of the app's checks.
_TAG = "learning_credentials"
_KEY = "learning_credentials:overview:checks"
#: Seconds for which a result is kept.
KEPT_FOR = 15 * 60


class CheckResult(NamedTuple):
    """One message of a system check."""

    id: str
    text: str
    hint: str
    is_error: bool


def find_check_results() -> list[CheckResult] | None:
    """Return the kept result, or None if the checks have to run again."""
    kept: list[tuple[Any, ...]] | None = cache.get(_KEY)
    return None if kept is None else [CheckResult(*each) for each in kept]


def run_app_checks() -> list[CheckResult]:
    """Run the app's checks and keep the result. Call it outside of transactions: checks ask the storage and the LMS."""
    results = [
        CheckResult(str(each.id or ""), str(each.msg), str(each.hint or ""), each.level > WARNING)
        for each in run_checks(tags=[_TAG])
        if each.level >= WARNING and not each.is_silenced()
    ]
    cache.set(_KEY, [tuple(each) for each in results], KEPT_FOR)
    return results
