"""Invalidates the course certificate of a learner in a course run, and lifts the invalidation, when staff ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import EntryNotFoundError, InvalidTransitionError
from learning_credentials.folding import compose
from learning_credentials.models import CertificateInvalidation
from learning_credentials.services.common import require_account
from learning_credentials.services.credentials import require_reason
from learning_credentials.services.staff import allowlist, blocking

if TYPE_CHECKING:
    from learning_credentials.services.common import Actor


def invalidate_certificate(
    user_id: int, course_key: str, *, notes: str, actor: Actor = None
) -> CertificateInvalidation:
    """Block a learner from the course certificate of a course run. Return the invalidation.

    If the learner has a standing, it becomes ``unavailable`` at once, and the credential is invalidated.

    Raises:
        ContextNotFoundError, LearnerNotFoundError, TransientError.
        InvalidTransitionError: the learner is blocked already.
        ReasonRequiredError: the notes are blank.
    """
    course_key = compose(course_key)
    notes = require_reason(notes)
    target = allowlist.get_target(course_key)
    require_account(user_id)
    row, is_created = blocking.ensure_blocked(user_id, target.context_key, notes=notes, actor=actor)
    if not is_created:
        raise InvalidTransitionError("the learner is already barred from the certificate")
    return row


def lift_certificate_invalidation(invalidation_id: int, *, notes: str, actor: Actor = None) -> CertificateInvalidation:
    """Lift an invalidation. Return it. If the learner qualifies, a new credential is issued; the old one stays invalidated.

    Blocks on the learner's course certificates of that course run are lifted too.

    Raises:
        EntryNotFoundError: there is no such invalidation.
        InvalidTransitionError: it was already lifted.
        ReasonRequiredError: the notes are blank.
    """
    notes = require_reason(notes)
    row = CertificateInvalidation.objects.filter(pk=invalidation_id).first()
    if row is None:
        msg = f"there is no certificate invalidation with the id {invalidation_id}"
        raise EntryNotFoundError(msg)
    if not blocking.lift_block(row, notes=notes, actor=actor):
        raise InvalidTransitionError("the bar was already lifted")
    row.refresh_from_db()
    return row
