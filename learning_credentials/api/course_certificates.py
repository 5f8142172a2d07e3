"""Course certificates: how learners stand in a run, who is barred, and from when the run's credentials may be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.services import course_runs, staff, standings
from learning_credentials.services.standings import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime
    from typing import Any

    from learning_credentials.models import CertificateInvalidation, CourseCertificate
    from learning_credentials.services.common import Actor


def evaluate_course_certificate(
    course_key: str, user_id: int, *, cause: Cause = Cause.STAFF, actor: Actor = None, reason: str = ""
) -> str | None:
    """Evaluate one learner's standing in a course run and bring the credential in line; return the status, None: no record.

    Raises:
        ContextNotFoundError, TransientError.
    """
    return standings.evaluate_standings(compose(course_key), [user_id], cause=cause, actor=actor, reason=reason).get(
        user_id
    )


def evaluate_course_certificates(
    course_key: str, user_ids: Collection[int], *, cause: Cause = Cause.STAFF, actor: Actor = None, reason: str = ""
) -> dict[int, str]:
    """Evaluate many learners of one run at once; return the status by user id of those who have a record.

    Raises:
        ContextNotFoundError, TransientError.
    """
    return standings.evaluate_standings(compose(course_key), user_ids, cause=cause, actor=actor, reason=reason)


def evaluate_learner(user_id: int, *, cause: Cause) -> None:
    """Have one learner evaluated by workers in every run where there is a record."""
    standings.tell_learner_outdated(user_id, cause=cause)


def regenerate_certificates(course_key: str, *, statuses: Collection[str], actor: Actor = None) -> int:
    """Have all learners of a run whose standing is one of these evaluated again by workers; return how many."""
    return standings.regenerate_certificates(compose(course_key), statuses, actor=actor)


def invalidate_certificate(
    user_id: int, course_key: str, *, notes: str, actor: Actor = None
) -> CertificateInvalidation:
    """Bar a learner from a run's course certificate; a record becomes ``unavailable`` and its credential is invalidated.

    Raises:
        ContextNotFoundError, LearnerNotFoundError, ReasonRequiredError, TransientError.
        InvalidTransitionError: the learner is barred already.
    """
    return staff.invalidate_certificate(user_id, compose(course_key), notes=notes, actor=actor)


def withdraw_certificate_invalidation(
    invalidation_id: int, *, notes: str, actor: Actor = None
) -> CertificateInvalidation:
    """Let a learner in again: the standing is evaluated, and a new credential issued to who earned it.

    Raises:
        EntryNotFoundError, ReasonRequiredError.
        InvalidTransitionError: it was withdrawn already.
    """
    return staff.withdraw_certificate_invalidation(invalidation_id, notes=notes, actor=actor)


def get_course_certificate(course_key: str) -> CourseCertificate:
    """Return a run's course certificate.

    Raises:
        CourseCertificateNotFoundError: the run has none.
    """
    return course_runs.get_course_certificate(compose(course_key))


def change_course_certificate(
    course_key: str,
    *,
    actor: Actor = None,
    reason: str = "",
    require: Callable[[CourseCertificate | None], object] | None = None,
    **changes: Any,
) -> tuple[CourseCertificate, bool]:
    """Change ``certificate_type``, ``available_date``, ``is_active`` or ``allows_self_generation`` of a run; make the row if need be.

    ``require`` is called with the locked row before anything is changed, or with None if there is none. Raise an error in it to change
    nothing.

    Raises:
        ContextNotFoundError, TransientError.
    """
    return course_runs.change_course_certificate(
        compose(course_key), actor=actor, reason=reason, require=require, **changes
    )


def set_certificate_available_date(
    course_key: str, available_date: datetime | None, *, actor: Actor = None, reason: str = ""
) -> CourseCertificate:
    """Set or clear the date from which credentials of a run may be seen; it takes effect at once and rewrites no credential.

    Raises:
        ContextNotFoundError, TransientError.
        ValueError: the date has no time zone.
        DateOutOfRangeError: the date is before 1900 or after 2200.
    """
    return course_runs.set_certificate_available_date(compose(course_key), available_date, actor=actor, reason=reason)


def refresh_course_certificates(course_keys: Sequence[str] | None = None) -> int:
    """Take over from the LMS what decides when credentials may be seen, for some runs or all; return how many changed.

    Raises:
        TransientError: the LMS could not answer.
    """
    return course_runs.refresh_course_certificates(
        None if course_keys is None else [compose(key) for key in course_keys]
    )


def find_opening(course_certificate: CourseCertificate) -> datetime | None:
    """Return when the credentials of a run may be seen at last; None: they may be seen now."""
    return course_runs.find_opening(course_certificate)
