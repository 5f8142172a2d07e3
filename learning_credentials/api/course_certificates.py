"""Evaluates standings in course runs, blocks learners, and changes the certificate settings of course runs."""

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
    """Evaluate one learner in a course run and issue or invalidate the course certificate to match.

    Returns:
        The certificate status, or None if the learner has no standing.

    Raises:
        ContextNotFoundError, TransientError.
    """
    return standings.evaluate_standings(compose(course_key), [user_id], cause=cause, actor=actor, reason=reason).get(
        user_id
    )


def evaluate_course_certificates(
    course_key: str, user_ids: Collection[int], *, cause: Cause = Cause.STAFF, actor: Actor = None, reason: str = ""
) -> dict[int, str]:
    """Evaluate many learners of one course run and issue or invalidate their course certificates to match.

    Returns:
        The certificate status by user id, for learners who have a standing.

    Raises:
        ContextNotFoundError, TransientError.
    """
    return standings.evaluate_standings(compose(course_key), user_ids, cause=cause, actor=actor, reason=reason)


def evaluate_learner(user_id: int, *, cause: Cause) -> None:
    """Have workers evaluate one learner in every course run where the learner has a standing or an allowlist entry."""
    standings.tell_learner_outdated(user_id, cause=cause)


def regenerate_certificates(course_key: str, *, statuses: Collection[str], actor: Actor = None) -> int:
    """Have workers evaluate again all learners of a course run who have one of these certificate statuses; return how many."""
    return standings.regenerate_certificates(compose(course_key), statuses, actor=actor)


def invalidate_certificate(
    user_id: int, course_key: str, *, notes: str, actor: Actor = None
) -> CertificateInvalidation:
    """Block a learner from the course certificate of a course run; return the invalidation.

    If the learner has a standing, it becomes ``unavailable`` and the credential is invalidated.

    Raises:
        ContextNotFoundError, LearnerNotFoundError, ReasonRequiredError, TransientError.
        InvalidTransitionError: the learner is blocked already.
    """
    return staff.invalidate_certificate(user_id, compose(course_key), notes=notes, actor=actor)


def withdraw_certificate_invalidation(
    invalidation_id: int, *, notes: str, actor: Actor = None
) -> CertificateInvalidation:
    """Lift an invalidation; return it. The learner is evaluated, and a new credential is issued if the learner qualifies.

    Raises:
        EntryNotFoundError, ReasonRequiredError.
        InvalidTransitionError: the invalidation was withdrawn already.
    """
    return staff.withdraw_certificate_invalidation(invalidation_id, notes=notes, actor=actor)


def get_course_certificate(course_key: str) -> CourseCertificate:
    """Return the certificate settings of a course run.

    Raises:
        CourseCertificateNotFoundError: the course run has none.
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
    """Change the certificate settings of a course run, which are created if there are none.

    Args:
        course_key: the course run.
        actor: who changes them.
        reason: why, for the history.
        require: called with the locked row before anything is changed, or with None if there is none. If it raises, nothing is changed.
        **changes: any of ``certificate_type``, ``available_date``, ``is_active`` and ``allows_self_generation``.

    Returns:
        The certificate settings, and whether they were created.

    Raises:
        ContextNotFoundError, TransientError.
        ValueError: one of the names cannot be changed.
        DateOutOfRangeError: the available date is before 1900 or after 2200.
    """
    return course_runs.change_course_certificate(
        compose(course_key), actor=actor, reason=reason, require=require, **changes
    )


def set_certificate_available_date(
    course_key: str, available_date: datetime | None, *, actor: Actor = None, reason: str = ""
) -> CourseCertificate:
    """Set the available date of a course run, or clear it with None; return the certificate settings.

    The date takes effect at once. No credential is changed.

    Raises:
        ContextNotFoundError, TransientError.
        ValueError: the date has no time zone.
        DateOutOfRangeError: the date is before 1900 or after 2200.
    """
    return course_runs.set_certificate_available_date(compose(course_key), available_date, actor=actor, reason=reason)


def refresh_course_certificates(course_keys: Sequence[str] | None = None) -> int:
    """Update what the app stores about course runs from the LMS, such as pacing; return how many course runs changed.

    Args:
        course_keys: the course runs. None: all that have certificate settings.

    Raises:
        TransientError: the LMS could not answer.
    """
    return course_runs.refresh_course_certificates(
        None if course_keys is None else [compose(key) for key in course_keys]
    )


def find_opening(course_certificate: CourseCertificate) -> datetime | None:
    """Return when the credentials of a course run become visible, or None if they are visible now."""
    return course_runs.find_opening(course_certificate)
