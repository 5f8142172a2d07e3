"""Blocks a learner from the course certificate of a course run by an invalidation, and lifts it.

An invalidation takes effect in the transaction that stores it, whether or not the LMS answers. Lifting it needs facts from the LMS, so the
learner is evaluated after the commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from learning_credentials.models import CertificateEvent, CertificateInvalidation, Credential, CredentialEvent
from learning_credentials.services.common import (
    find_held_account,
    get_actor_id,
    get_committed,
    hold_accounts,
    hold_learner,
    new_event,
    record_events,
    require_account,
    retry_on_contention,
)
from learning_credentials.services.course_runs import (
    ACTIVE,
    list_course_certificate_configurations,
    new_activity_event,
    record_certificate_event,
)
from learning_credentials.services.credentials import note
from learning_credentials.services.standings import Cause, block_standing, tell_outdated

if TYPE_CHECKING:
    from learning_credentials.services.common import Actor

SUBJECT = CertificateEvent.Subject.INVALIDATION
#: The value is stored in the history.
LIFTED = "withdrawn"


@retry_on_contention
def ensure_blocked(
    user_id: int, course_key: str, *, notes: str, actor: Actor = None
) -> tuple[CertificateInvalidation, bool]:
    """Return the learner's active invalidation in a course run, created if there is none, and whether it was created.

    In the same transaction the learner's standing becomes ``unavailable`` and the live credential is invalidated.

    Raises:
        LearnerNotFoundError: the account was deleted meanwhile.
    """
    found = CertificateInvalidation.objects.filter(user_id=user_id, learning_context_key=course_key, is_active=True)
    existing = found.first()
    if existing is not None:
        return existing, False
    try:
        with transaction.atomic():
            actor = hold_learner(user_id, actor)
            row = CertificateInvalidation.objects.create(
                user_id=user_id, learning_context_key=course_key, notes=notes, created_by_id=get_actor_id(actor)
            )
            record_certificate_event([new_activity_event(SUBJECT, row, actor=actor, reason=notes)])
            block_standing(course_key, user_id, actor=actor, reason=notes)
            # Another transaction may be creating the learner's first standing now. Evaluate it again afterwards.
            tell_outdated(course_key, [user_id], cause=Cause.INVALIDATED, actor=actor, reason=notes)
    except IntegrityError:  # another process was first, or the learner was deleted
        require_account(user_id)
        return get_committed(found), False
    return row, True


@retry_on_contention
def lift_block(row: CertificateInvalidation, *, notes: str, actor: Actor = None) -> bool:
    """Lift an invalidation. Return whether it was active.

    Blocks on the learner's course certificates of the course run are lifted in the same transaction. The learner is evaluated afterwards.
    """
    with transaction.atomic():
        held = hold_accounts([row.user_id, get_actor_id(actor)])
        if row.user_id not in held:
            return False
        actor = find_held_account(actor, held)
        lifted = CertificateInvalidation.objects.filter(pk=row.pk, is_active=True).update(is_active=None)
        if not lifted:
            return False
        record_certificate_event(
            [
                new_activity_event(
                    SUBJECT,
                    row,
                    from_value=ACTIVE,
                    to_value=LIFTED,
                    actor=actor,
                    reason=notes,
                )
            ]
        )
        _lift_blocks(row, notes, actor)
        tell_outdated(
            row.learning_context_key,
            [row.user_id],
            cause=Cause.INVALIDATION_LIFTED,
            actor=actor,
            reason=notes,
        )
    return True


def lift_block_of(user_id: int, course_key: str, *, notes: str, actor: Actor = None) -> None:
    """Lift the learner's active invalidation in a course run, if there is one. Evaluate the learner in any case."""
    row = CertificateInvalidation.objects.filter(
        user_id=user_id, learning_context_key=course_key, is_active=True
    ).first()
    if row is None or not lift_block(row, notes=notes, actor=actor):
        tell_outdated(course_key, [user_id], cause=Cause.STAFF, actor=actor, reason=notes)


def _lift_blocks(row: CertificateInvalidation, notes: str, actor: Actor) -> None:
    blocked = Credential.objects.filter(
        user_id=row.user_id,
        configuration__in=list_course_certificate_configurations(row.learning_context_key),
        blocks_reissue=True,
    )
    uuids = list(blocked.values_list("pk", flat=True))
    Credential.objects.filter(pk__in=uuids).update(blocks_reissue=False)
    record_events(new_event(pk, CredentialEvent.Action.BLOCK_LIFTED, actor=actor, reason=notes) for pk in uuids)
    note(uuids)
