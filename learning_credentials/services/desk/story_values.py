"""Defines what the page of one learner says: values and codes. The admin writes the sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from learning_credentials.data import CredentialVisibility
    from learning_credentials.models import (
        AllowlistEntry,
        CertificateInvalidation,
        Credential,
        CredentialConfiguration,
        LearnerCertificate,
    )


class ReasonCode(StrEnum):
    """Why a learner has a credential of a configuration or has none."""

    # What the learner has
    HELD = "held"
    HIDDEN = "hidden"
    EXPIRED = "expired"
    GENERATING = "generating"
    FAILED = "failed"
    # What staff decided
    BARRED = "barred"
    BLOCKED = "blocked"
    ALLOWED = "allowed"
    # What the LMS says
    NOT_ENROLLED = "not_enrolled"
    MODE = "mode"
    RESTRICTED = "restricted"
    PROFILE_UNKNOWN = "profile_unknown"
    NAME_MISSING = "name_missing"
    IDENTITY = "identity"
    IDENTITY_UNKNOWN = "identity_unknown"
    GRADE = "grade"
    GRADE_UNKNOWN = "grade_unknown"
    CRITERIA = "criteria"
    CRITERIA_UNKNOWN = "criteria_unknown"
    # What could not be found out
    EVALUATION_FAILED = "evaluation_failed"
    MISCONFIGURED = "misconfigured"
    NOT_ASKED = "not_asked"
    # How the credential is issued
    NO_COURSE_CERTIFICATES = "no_course_certificates"
    NOT_ENABLED = "not_enabled"
    KEPT = "kept"
    PASSED_OVER = "passed_over"
    READY = "ready"


#: Reasons that do not prevent a credential. They explain.
NOTES = frozenset(
    {
        ReasonCode.HELD,
        ReasonCode.HIDDEN,
        ReasonCode.EXPIRED,
        ReasonCode.GENERATING,
        ReasonCode.FAILED,
        ReasonCode.ALLOWED,
        ReasonCode.KEPT,
        ReasonCode.NOT_ENABLED,
        ReasonCode.PASSED_OVER,
        ReasonCode.READY,
    }
)
#: Reasons that say that nothing is known, so that nobody can say what would be enough.
UNKNOWN = frozenset(
    {
        ReasonCode.PROFILE_UNKNOWN,
        ReasonCode.IDENTITY_UNKNOWN,
        ReasonCode.GRADE_UNKNOWN,
        ReasonCode.CRITERIA_UNKNOWN,
        ReasonCode.EVALUATION_FAILED,
        ReasonCode.MISCONFIGURED,
        ReasonCode.NOT_ASKED,
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. ``by``, ``at`` and ``text`` say who decided it, when, and with which notes, if that is known.

    ``row_id`` is the id of the invalidation, allowlist entry, run or credential that the reason is about.
    """

    code: ReasonCode
    by: str = ""
    at: datetime | None = None
    text: str = ""
    row_id: int | UUID | None = None

    @property
    def prevents(self) -> bool:
        """Return whether the reason prevents a credential."""
        return self.code not in NOTES


class NeedKind(StrEnum):
    """What is compared with a requirement."""

    TOTAL = "total"
    CATEGORY = "category"
    COMPLETION = "completion"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Need:
    """What a learner has and needs: fractions for grades and completion. ``have`` is None if there is nothing yet or it is unknown."""

    kind: NeedKind
    name: str
    have: float | None
    need: float
    is_met: bool


@dataclass(frozen=True, slots=True)
class RunNeeds:
    """What a learner has and needs in one course run: the context itself, or a step of a learning path (``is_step``)."""

    run_key: str
    name: str
    needs: tuple[Need, ...]
    is_met: bool
    is_unknown: bool = False
    is_step: bool = False


class ChangeKind(StrEnum):
    """Something that has to change before a learner can receive a credential."""

    LIFT_BAR = "lift_bar"
    LIFT_BLOCK = "lift_block"
    SWITCH_ON = "switch_on"
    ENROL = "enrol"
    MODE = "mode"
    UNRESTRICT = "unrestrict"
    NAME = "name"
    IDENTITY = "identity"
    PASS = "pass"  # noqa: S105  a passing grade
    TOTAL = "total"
    CATEGORY = "category"
    ATTEMPT = "attempt"
    COMPLETION = "completion"


#: Changes that an entry on the allowlist makes unnecessary.
WAIVED = frozenset({ChangeKind.PASS, ChangeKind.TOTAL, ChangeKind.CATEGORY, ChangeKind.ATTEMPT, ChangeKind.COMPLETION})


@dataclass(frozen=True, slots=True)
class Change:
    """One change. For grades and completion, ``have`` and ``need`` are fractions of a course run. ``modes`` are enrolment modes."""

    kind: ChangeKind
    run_key: str = ""
    run_name: str = ""
    name: str = ""
    have: float | None = None
    need: float | None = None
    modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What would be enough for a credential.

    ``changes`` together are enough. If ``can_be_allowed``, an entry on the allowlist replaces those of `WAIVED`. ``is_known`` is False if
    the app cannot say what is missing, for example because the LMS did not answer or a function of the host gives no reasons.
    """

    changes: tuple[Change, ...] = ()
    is_known: bool = True
    can_be_allowed: bool = False


@dataclass(frozen=True)
class HeldCredential:
    """One credential of the learner, with what the public sees of it."""

    credential: Credential
    visibility: CredentialVisibility
    public_url: str = ""

    @property
    def issue_date(self) -> date | None:
        """Return the date that is shown."""
        return self.visibility.issue_date


@dataclass(frozen=True)
class Award:
    """What a learner has or could have from one configuration, and why.

    ``configuration`` is None for a context without one in which the learner has a standing or an entry. ``facts`` are those of
    `describe_facts`, for course certificates. ``extra`` are other values that a function of the host returned.
    """

    configuration: CredentialConfiguration | None
    context_key: str
    context_name: str
    is_course_certificate: bool = False
    course_certificate_id: int | None = None
    credentials: tuple[HeldCredential, ...] = ()
    standing: LearnerCertificate | None = None
    entry: AllowlistEntry | None = None
    invalidation: CertificateInvalidation | None = None
    reasons: tuple[Reason, ...] = ()
    needs: tuple[RunNeeds, ...] = ()
    problems: tuple[str, ...] = ()
    enough: Counterfactual | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def current(self) -> Credential | None:
        """Return the live credential."""
        return next((each.credential for each in self.credentials if each.credential.is_current), None)

    def has(self, *codes: ReasonCode) -> bool:
        """Return whether one of the reasons applies."""
        return any(reason.code in codes for reason in self.reasons)


class EventKind(StrEnum):
    """What an entry of the time line is about."""

    CREDENTIAL = "credential"
    MAIL = "mail"
    MAIL_FAILED = "mail_failed"
    STANDING = "standing"
    ALLOWLIST = "allowlist"
    INVALIDATION = "invalidation"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened: ``action`` is the action of an event, or the field that changed. ``by`` is empty for the app itself."""

    kind: EventKind
    at: datetime
    action: str
    subject: str
    by: str = ""
    reason: str = ""
    before: str = ""
    after: str = ""
    credential_uuid: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Timeline:
    """The latest entries, newest first. ``is_cut`` says whether there are older ones."""

    entries: Sequence[TimelineEntry]
    is_cut: bool = False


@dataclass(frozen=True)
class Story:
    """What the app knows about one learner. ``problems`` say what the LMS could not be asked.

    ``names`` are the names on the learner's credentials, newest first. ``lms_name`` is the name for new credentials, or empty.
    ``number`` counts all awards of which ``awards`` are one page.
    """

    user: Any
    awards: Sequence[Award]
    number: int
    is_cut: bool
    names: Sequence[str]
    lms_name: str
    is_profile_known: bool
    problems: Sequence[str]
