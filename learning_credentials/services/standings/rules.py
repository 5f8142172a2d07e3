"""Decides a learner's certificate status in a course run: a pure function over facts, with the rules as a table.

The rules follow Open edX's decision record "Course certificate Status" and its certificates app. Pacing, course end and available date
never decide status, only visibility.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from learning_credentials.models import LearnerCertificate

if TYPE_CHECKING:
    from collections.abc import Callable

Status = LearnerCertificate.Status

#: The only statuses that are ever set.
SETTABLE = (Status.DOWNLOADABLE, Status.NOTPASSING, Status.UNAVAILABLE, Status.UNVERIFIED)


class Cause(StrEnum):
    """Why an evaluation takes place."""

    SCHEDULE = "schedule"
    STAFF = "staff"
    GRADE_PASSING = "grade_passing"
    GRADE_FAILING = "grade_failing"
    MODE_CHANGED = "mode_changed"
    IDENTITY_VERIFIED = "identity_verified"
    ALLOWLIST_ADDED = "allowlist_added"
    ALLOWLIST_REMOVED = "allowlist_removed"
    INVALIDATED = "invalidated"
    INVALIDATION_WITHDRAWN = "invalidation_withdrawn"


#: Causes by which a learner who does not pass loses the standing; for any other it is kept.
FAILING_CAUSES = frozenset({Cause.GRADE_FAILING, Cause.ALLOWLIST_REMOVED})


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What is known of one learner in one run. None means that the LMS could not tell; such a fact changes nothing.

    ``mode`` is the enrolment mode, empty for a learner who is not enrolled. ``is_failing_event``: a grade that is failing now, or a
    removal from the allowlist, caused this evaluation, rather than a schedule that merely came by.
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
        """Whether a required identity verification is missing."""
        if not self.is_identity_required:
            return False
        return None if self.is_identity_verified is None else not self.is_identity_verified

    @property
    def is_granted(self) -> bool:
        """Whether the grade is passing, or waived."""
        return self.is_passing is True or self.is_allowlisted


class Outcome(Enum):
    """An entry of the table that is no status."""

    KEEP = "keep what is there, create nothing"


KEEP = Outcome.KEEP


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: what follows for a learner without a record, with one that is downloadable, with any other."""

    number: str
    when: Callable[[CertificateFacts], bool]
    absent: Status | Outcome
    downloadable: Status | Outcome
    other: Status | Outcome


#: The first rule that applies decides. Numbers are those of the rules in the documentation; "u": a fact that decides is not
#: known; "e": a failing-grade event.
DOWNLOADABLE, NOTPASSING, UNAVAILABLE, UNVERIFIED = SETTABLE
# fmt: off
TABLE: tuple[Rule, ...] = (
    #    no.   if                                                               no record     downloadable  any other
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
    """Return the rule that decides."""
    return next(rule for rule in TABLE if rule.when(facts))


def decide(facts: CertificateFacts, current: str | None) -> str | None:
    """Return the status that the facts call for, given the current one; None is "no record", both ways.

    Historical statuses count as any record that is not downloadable; where nothing changes they stay as they are.
    """
    rule = find_rule(facts)
    if current is None:
        outcome = rule.absent
    elif current == Status.DOWNLOADABLE:
        outcome = rule.downloadable
    else:
        outcome = rule.other
    return current if isinstance(outcome, Outcome) else outcome.value
