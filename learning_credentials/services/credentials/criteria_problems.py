"""Finds criteria that nobody can meet, such as an assignment category that the course run does not have."""

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

#: The message of the built-in processors about an assignment category that a course run lacks.
_MISSING_CATEGORY = re.compile(r"required_grades\.(?P<name>.+): (?P<run>\S+) has no such assignment category")
#: How many learners are evaluated. A problem of the criteria shows for every learner.
SAMPLE = 5


def find_criteria_problems(configuration: CredentialConfiguration) -> list[str]:
    """Return the criteria that nobody can meet at present, such as an assignment category that the course run lacks, as sentences.

    The criteria are tried with the first enrolled learners. Without any enrolled learner the result is empty. The function never raises.
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
        # This runs while a page is made, and the page must not fail because of it.
        logger.warning("The criteria of %s could not be checked", configuration, exc_info=True)
        return []


def _suggest(problem: str, learners: Sequence[int]) -> str:
    """Return a suggestion: the category that was perhaps meant, or the categories that exist."""
    matched = _MISSING_CATEGORY.fullmatch(problem)
    if matched is None:
        return ""
    grades = get_lms().get_grades(matched["run"], learners).values()
    known = {fold(category.name): category.name for grade in grades for category in grade.categories}
    close = get_close_matches(fold(matched["name"]), [*known, fold(TOTAL)], n=1)
    if close:
        return f". Did you mean “{known.get(close[0], TOTAL)}”?"
    return f". It has {', '.join(known.values())}" if known else ""
