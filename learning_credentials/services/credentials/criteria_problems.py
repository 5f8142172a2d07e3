"""Criteria that nobody can meet, such as a category of grades that the course run does not have."""

from __future__ import annotations

import logging
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from learning_credentials.lms import get_lms
from learning_credentials.processors.fields import TOTAL, fold
from learning_credentials.services.credentials import eligibility

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.models import CredentialConfiguration

logger = logging.getLogger(__name__)

#: What the built-in processors say of a category of grades that a run lacks.
_MISSING_CATEGORY = re.compile(r"required_grades\.(?P<name>.+): (?P<run>\S+) has no such assignment category")
#: Learners whose evaluation is looked at: what is wrong for all of them is said for each.
SAMPLE = 5


def find_criteria_problems(configuration: CredentialConfiguration) -> list[str]:
    """Return what the processor says is wrong with the criteria in the context, by name, for the first learners who are enrolled.

    The LMS may change, so nothing is refused. Without learners, and while the LMS or the processor fails, nothing is known to be wrong.
    """
    try:
        batches = get_lms().iter_enrolments(configuration.learning_context_key, batch_size=SAMPLE)
        learners = [enrolment.user_id for enrolment in next(iter(batches), [])][:SAMPLE]
        found = eligibility.evaluate_learners(configuration, learners)
        problems: dict[str, None] = {}
        for each in found:
            said = each.progress.get("problems")
            problems.update(dict.fromkeys(map(str, said if isinstance(said, list) else ())))
        return [problem + _suggest(problem, learners) for problem in problems]
    except Exception:
        # It is asked for while a page is made, and the page must not depend on it.
        logger.warning("The criteria of %s could not be tried", configuration, exc_info=True)
        return []


def _suggest(problem: str, learners: Sequence[int]) -> str:
    """Return which category was perhaps meant, or which there are."""
    matched = _MISSING_CATEGORY.fullmatch(problem)
    if matched is None:
        return ""
    grades = get_lms().get_grades(matched["run"], learners).values()
    known = {fold(category.name): category.name for grade in grades for category in grade.categories}
    close = get_close_matches(fold(matched["name"]), [*known, fold(TOTAL)], n=1)
    if close:
        return f"; did you mean “{known.get(close[0], TOTAL)}”?"
    return f"; it has {', '.join(known.values())}" if known else ""
