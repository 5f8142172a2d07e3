"""Bars learners from the course certificate of a run, and lets them in again, at the word of staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import EntryNotFoundError, InvalidTransitionError
from learning_credentials.models import CertificateInvalidation
from learning_credentials.services import accounts, allowlist, barring
from learning_credentials.services.credential_lookup import require_reason

if TYPE_CHECKING:
    from learning_credentials.services.history import Actor


def invalidate(user_id: int, course_key: str, *, notes: str, actor: Actor = None) -> CertificateInvalidation:
    """Bar a learner from the course certificate of a run. A record becomes ``unavailable`` at once, and its credential is invalidated.

    Raises:
        ContextNotFoundError, LearnerNotFoundError, TransientError.
        InvalidTransitionError: the learner is barred already.
        ReasonRequiredError: the notes are blank.
    """
    notes = require_reason(notes)
    target = allowlist.get_target(course_key)
    accounts.require_known(user_id)
    row, is_created = barring.ensure(user_id, target.context_key, notes=notes, actor=actor)
    if not is_created:
        raise InvalidTransitionError("the learner's certificate is invalidated already")
    return row


def withdraw(invalidation_id: int, *, notes: str, actor: Actor = None) -> CertificateInvalidation:
    """Let a learner in again. Whoever stands downloadable then is issued a new credential; the old one stays invalidated.

    Blocks on the learner's course certificates of that run are lifted with it.

    Raises:
        EntryNotFoundError: there is no such invalidation.
        InvalidTransitionError: it was withdrawn already.
        ReasonRequiredError: the notes are blank.
    """
    notes = require_reason(notes)
    row = CertificateInvalidation.objects.filter(pk=invalidation_id).first()
    if row is None:
        msg = f"there is no certificate invalidation {invalidation_id}"
        raise EntryNotFoundError(msg)
    if not barring.withdraw(row, notes=notes, actor=actor):
        raise InvalidTransitionError("the invalidation was withdrawn already")
    row.refresh_from_db()
    return row
