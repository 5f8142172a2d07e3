"""Decides a learner's certificate status in a course run: a pure function of facts, with the rules as a table.

The rules follow Open edX's decision record "Course certificate Status" and its certificates app. Pacing, course end and available date
never decide the status. They decide only visibility.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from learning_credentials.models import LearnerCertificate

if TYPE_CHECKING:
    from collections.abc import Callable

CertificateStatus = LearnerCertificate.Status

#: The only certificate statuses that the app sets.
SETTABLE = (
    CertificateStatus.DOWNLOADABLE,
    CertificateStatus.NOTPASSING,
    CertificateStatus.UNAVAILABLE,
    CertificateStatus.UNVERIFIED,
)


class Cause(StrEnum):
    """Why a learner is evaluated."""

    SCHEDULE = "schedule"
    STAFF = "staff"
    GRADE_PASSING = "grade_passing"
    GRADE_FAILING = "grade_failing"
    MODE_CHANGED = "mode_changed"
    IDENTITY_VERIFIED = "identity_verified"
    ALLOWLIST_ADDED = "allowlist_added"
    ALLOWLIST_REMOVED = "allowlist_removed"
    INVALIDATED = "invalidated"
    INVALIDATION_LIFTED = "invalidation_withdrawn"


#: The causes for which a learner who does not pass stops being downloadable. For other causes, the status stays.
FAILING_CAUSES = frozenset({Cause.GRADE_FAILING, Cause.ALLOWLIST_REMOVED})


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """The facts about one learner in one course run. None means that the LMS could not tell; such a fact changes nothing.

    ``mode`` is the enrolment mode, empty for a learner who is not enrolled. ``is_failing_event`` is True if a failing grade or a removal
    from the allowlist caused this evaluation, and False for other causes such as the schedule.
    """

    is_invalidated: bool = False
    is_restricted: bool | None = False
    mode: str = ""
    is_earning_mode: bool = False
    is_allowlisted: bool = False
    is_passing: bool | None = None
    is_identity_required: bool = False
    is_identity_verified: bool | None = None
    is_failing_event: bool = False

    @property
    def lacks_identity(self) -> bool | None:
        """Return whether a required identity verification is missing, or None if that is not known."""
        if not self.is_identity_required:
            return False
        return None if self.is_identity_verified is None else not self.is_identity_verified

    @property
    def is_granted(self) -> bool:
        """Return whether the grade is passing or waived."""
        return self.is_passing is True or self.is_allowlisted


class NoStatus(Enum):
    """An entry of the table that is not a status."""

    KEEP = "keep what is there, create nothing"


KEEP = NoStatus.KEEP


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: the result without a standing, with a downloadable one, and with any other one."""

    number: str
    when: Callable[[CertificateFacts], bool]
    absent: CertificateStatus | NoStatus
    downloadable: CertificateStatus | NoStatus
    other: CertificateStatus | NoStatus


#: The first rule that applies decides. The numbers are those of the rules in the documentation. "u" means that a deciding fact is not
#: known, "e" means a failing-grade event.
DOWNLOADABLE, NOTPASSING, UNAVAILABLE, UNVERIFIED = SETTABLE
# fmt: off
TABLE: tuple[Rule, ...] = (
    #    no.   if                                                               no standing   downloadable  any other
    Rule("1",  lambda f: f.is_invalidated or f.is_restricted is True,           KEEP,         UNAVAILABLE,  UNAVAILABLE),
    Rule("1u", lambda f: f.is_restricted is None,                               KEEP,         KEEP,         KEEP),
    Rule("2",  lambda f: not f.is_earning_mode,                                 KEEP,         KEEP,         KEEP),
    Rule("3",  lambda f: f.is_granted and f.lacks_identity is True,             UNVERIFIED,   KEEP,         UNVERIFIED),
    Rule("3u", lambda f: f.is_granted and f.lacks_identity is None,             KEEP,         KEEP,         KEEP),
    Rule("4",  lambda f: f.is_granted,                                          DOWNLOADABLE, KEEP,         DOWNLOADABLE),
    Rule("5e", lambda f: f.is_passing is False and f.is_failing_event,          KEEP,         NOTPASSING,   NOTPASSING),
    Rule("5",  lambda f: f.is_passing is False,                                 KEEP,         KEEP,         NOTPASSING),
    Rule("6",  lambda f: f.is_passing is None,                                  KEEP,         KEEP,         KEEP),
)
# fmt: on


def find_rule(facts: CertificateFacts) -> Rule:
    """Return the rule that decides for these facts."""
    return next(rule for rule in TABLE if rule.when(facts))


def decide(facts: CertificateFacts, current: str | None) -> str | None:
    """Return the certificate status for the facts, given the current one. None means "no standing", as argument and as result.

    Historical statuses count like any standing that is not downloadable. If nothing changes, they stay as they are.
    """
    rule = find_rule(facts)
    if current is None:
        outcome = rule.absent
    elif current == CertificateStatus.DOWNLOADABLE:
        outcome = rule.downloadable
    else:
        outcome = rule.other
    return current if isinstance(outcome, NoStatus) else outcome.value
