"""Undoes awards and revocations, one or many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import InvalidTransitionError
from learning_credentials.services.course_runs import issues_course_certificates
from learning_credentials.services.credentials import (
    Obstacle,
    get_credential,
    require_reason,
    withdraw_awards,
)
from learning_credentials.services.issuing import restore_credential
from learning_credentials.services.staff import invalidate_credential, lift_reissue_block

if TYPE_CHECKING:
    from uuid import UUID

    from learning_credentials.models import Credential
    from learning_credentials.services.common import Actor

OBSTACLES = {
    Obstacle.MAILED: "the learner was e-mailed about the credential, so the award cannot be undone. Revoke the credential instead",
    Obstacle.ENDED: "the credential is revoked or cancelled already",
    Obstacle.REISSUE: "the credential replaced another one, which cannot become valid again. Reissue or revoke the credential instead",
    Obstacle.RENEWED: "the credential was renewed. Undo the renewal instead",
    Obstacle.GONE: "the credential does not exist any more",
}


def undo_award(credential_uuid: UUID | str, *, reason: str, actor: Actor = None) -> Credential:
    """Undo the award of a credential whose learner was not e-mailed. Return the credential, which is invalidated and blocks nothing.

    Its e-mail is not sent. A learner who still meets the criteria receives a new credential from the next run.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        InvalidTransitionError: the learner was e-mailed, or the credential is a reissue, was renewed or is invalidated. The message says
            what to do instead.
    """
    reason = require_reason(reason)
    credential = get_credential(credential_uuid)
    obstacle = withdraw_awards([credential.pk], reason=reason, actor=actor)[credential.pk]
    if obstacle is not None:
        raise InvalidTransitionError(OBSTACLES[obstacle])
    return get_credential(credential.pk)


def undo_or_revoke(credential_uuid: UUID | str, *, reason: str, actor: Actor = None) -> Credential:
    """Undo an award. If the learner was e-mailed, revoke the credential without blocking a new one. Raises like `undo_award`."""
    reason = require_reason(reason)
    credential = get_credential(credential_uuid)
    obstacle = withdraw_awards([credential.pk], reason=reason, actor=actor)[credential.pk]
    if obstacle is Obstacle.MAILED:
        return invalidate_credential(credential.pk, reason=reason, actor=actor, blocks_reissue=False)
    if obstacle is not None:
        raise InvalidTransitionError(OBSTACLES[obstacle])
    return get_credential(credential.pk)


def undo_revocation(
    credential_uuid: UUID | str, *, reason: str, actor: Actor = None, mail_hold_id: int | None = None
) -> Credential | None:
    """Undo a revocation: lift the block and issue a successor. Return the successor.

    The certificate status decides about a course certificate. So for one, only the block is lifted, and the learner is evaluated again in
    the background. Then nothing is returned.

    Raises:
        As `restore_credential` and `lift_reissue_block`.
    """
    credential = get_credential(credential_uuid)
    if issues_course_certificates(credential.configuration):
        lift_reissue_block(credential.pk, reason=reason, actor=actor)
        return None
    return restore_credential(credential.pk, reason=reason, actor=actor, mail_hold_id=mail_hold_id)
