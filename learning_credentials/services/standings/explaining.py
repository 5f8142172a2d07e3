"""Explains which fact decides about a learner's course certificate. Staff see it in the admin, and the REST API returns it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from learning_credentials.services.standings.facts import gather_facts
from learning_credentials.services.standings.rules import find_rule

if TYPE_CHECKING:
    from learning_credentials.lms import Grade
    from learning_credentials.services.standings.facts import Gathered
    from learning_credentials.services.standings.rules import CertificateFacts


class DecidingFact(StrEnum):
    """The fact that decides about a course certificate. The values never change."""

    INVALIDATED = "invalidated"
    RESTRICTED = "restricted"
    PROFILE = "profile"
    ENROLMENT = "enrolment"
    MODE = "mode"
    IDENTITY = "identity"
    ALLOWLIST = "allowlist"
    GRADE = "grade"


#: The fact that decides for each rule of the table. `find_deciding_fact` divides the rules with several facts.
_BY_RULE = {
    "1u": DecidingFact.PROFILE,
    "3": DecidingFact.IDENTITY,
    "3u": DecidingFact.IDENTITY,
    "5e": DecidingFact.GRADE,
    "5": DecidingFact.GRADE,
    "6": DecidingFact.GRADE,
}


def find_deciding_fact(facts: CertificateFacts) -> DecidingFact:
    """Return the fact that decides: the one that prevents the certificate, or else the one that grants it."""
    number = find_rule(facts).number
    if number == "1":
        return DecidingFact.INVALIDATED if facts.is_invalidated else DecidingFact.RESTRICTED
    if number == "2":
        return DecidingFact.MODE if facts.mode else DecidingFact.ENROLMENT
    if number == "4":
        return DecidingFact.GRADE if facts.is_passing is True else DecidingFact.ALLOWLIST
    return _BY_RULE[number]


def is_granted(facts: CertificateFacts) -> bool:
    """Return whether the facts earn the certificate, whatever the present standing is."""
    return find_rule(facts).number == "4"


def explain_course_certificate(course_key: str, user_id: int) -> dict[str, Any]:
    """Return the facts about one learner's course certificate as JSON, and which of them decides. See `describe_facts`.

    Raises:
        TransientError: the LMS could not answer.
    """
    gathered = gather_facts(course_key, [user_id])
    return describe_facts(gathered, user_id)


def describe_facts(gathered: Gathered, user_id: int) -> dict[str, Any]:
    """Return the facts about one learner as JSON. None means that the LMS could not tell.

    ``grade`` is a fraction. ``is_earning`` says whether the facts earn the certificate, and ``deciding_fact`` is a `DecidingFact`.
    """
    facts = gathered.facts[user_id]
    grade: Grade | None = gathered.grades.get(user_id)
    percent = grade.percent if grade else None
    return {
        "grade": percent if isinstance(percent, int | float) else None,
        "letter_grade": (grade.letter or "") if grade else "",
        "is_passing": facts.is_passing,
        "mode": facts.mode,
        "is_earning_mode": facts.is_earning_mode,
        "is_identity_required": facts.is_identity_required,
        "is_identity_verified": facts.is_identity_verified,
        "is_restricted": facts.is_restricted,
        "is_allowlisted": facts.is_allowlisted,
        "is_invalidated": facts.is_invalidated,
        "is_earning": is_granted(facts),
        "deciding_fact": find_deciding_fact(facts).value,
    }
