"""Undoes a revocation: lifts the block, and issues a successor of the revoked credential.

A revocation itself is final, because verifiers may have read it. So the revoked credential stays revoked, and its page links to the
successor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from learning_credentials.exceptions import GenerationError, InvalidTransitionError
from learning_credentials.models import Credential, CredentialEvent, MailHold
from learning_credentials.services.common import (
    find_held_account,
    get_actor_id,
    hold_accounts,
    new_event,
    record_events,
    retry_on_contention,
)
from learning_credentials.services.course_runs import issues_course_certificates
from learning_credentials.services.credentials import (
    Allocator,
    find_profile,
    get_awarded_type,
    get_credential,
    give_new_codes,
    make_successor_snapshot,
    note,
    open_mail_hold,
    replace_taken_codes,
    require_reason,
)
from learning_credentials.services.issuing.chunks import issue_chunk

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from learning_credentials.services.common import Actor

Status = Credential.Status
Action = CredentialEvent.Action

HAS_ANOTHER = "the learner has another credential of this configuration, or one is being made"


def restore_credential(
    credential_uuid: UUID | str, *, reason: str, actor: Actor = None, mail_hold_id: int | None = None
) -> Credential:
    """Undo the revocation of a credential. Return the successor. The learner can receive credentials again.

    The successor keeps what was awarded, as a reissue does (see `reissue_credential`). The learner is e-mailed as about a new credential.

    Returns:
        The successor: AVAILABLE, or GENERATING if an error needs a retry by the sweep.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        InvalidTransitionError: the credential is not revoked, was replaced, or the learner has another one. Or it is a course certificate:
            then the block is lifted and the certificate status decides.
        LMSUnavailableError: the LMS could not give the present name.
        GenerationError: the successor could not be rendered. It is in ERROR and can be tried again.
    """
    reason = require_reason(reason)
    old = get_credential(credential_uuid)
    require_restorable(old)
    if issues_course_certificates(old.configuration):
        msg = "the certificate status decides about a course certificate. Lift the block instead"
        raise InvalidTransitionError(msg)
    successor = _make(old, mail_hold_id or open_mail_hold(MailHold.Act.RESTORATION, actor, old.learning_context_key))
    _insert(old, successor, reason, actor)
    issue_chunk([successor.pk])
    successor.refresh_from_db()
    if successor.status == Status.ERROR:
        raise GenerationError(successor.error_message, code=successor.error_code)
    return successor


def require_restorable(credential: Credential) -> None:
    """Raise an InvalidTransitionError unless the credential is revoked and nothing took its place."""
    if credential.status != Status.INVALIDATED or not credential.artifact_name:
        raise InvalidTransitionError("only a revoked credential can be restored")
    if _successors(credential).exclude(_is_cancelled()).exists():
        raise InvalidTransitionError("the credential was replaced by another one")
    live = Credential.objects.filter(
        configuration=credential.configuration_id, user=credential.user_id, is_current=True
    )
    if credential.user_id is not None and live.exists():
        raise InvalidTransitionError(HAS_ANOTHER)


def _successors(credential: Credential) -> QuerySet[Credential]:
    return Credential.objects.filter(replaces=credential.pk)


def _is_cancelled() -> Q:
    return Q(status=Status.INVALIDATED, artifact_name="")


def _make(old: Credential, mail_hold_id: int | None) -> Credential:
    profile = find_profile(old.user_id) if old.user_id is not None else None
    [place] = Allocator().allocate(1)
    successor = Credential(
        user_id=old.user_id,
        configuration_id=old.configuration_id,
        status_list_id=place[0],
        status_list_index=place[1],
        issued_at=old.issued_at,
        expires_at=old.expires_at,
        date_override=old.date_override,
        is_indexable=old.is_indexable,
        generation_started_at=timezone.now(),
        replaces=old,
        mail_hold_id=mail_hold_id,
        **make_successor_snapshot(old, get_awarded_type(old), profile).as_columns(),
    )
    give_new_codes([successor])
    return successor


@retry_on_contention
def _insert(old: Credential, successor: Credential, reason: str, actor: Actor) -> None:
    try:
        with transaction.atomic():
            held = hold_accounts([successor.user_id, get_actor_id(actor)])
            if successor.user_id not in held:  # deleted meanwhile, or earlier
                successor.user_id = None
            actor = find_held_account(actor, held)
            Credential.objects.select_for_update().get(pk=old.pk)
            _successors(old).filter(_is_cancelled()).update(replaces=None)
            successor.save(force_insert=True)
            is_blocked = Credential.objects.filter(pk=old.pk, blocks_reissue=True).update(blocks_reissue=False)
            detail = {"successor": str(successor.pk)}
            events = [
                new_event(old.pk, Action.RESTORED, actor=actor, reason=reason, detail=detail),
                new_event(
                    successor.pk,
                    Action.CREATED,
                    to_status=Status.GENERATING,
                    actor=actor,
                    reason=reason,
                    detail={"replaces": str(old.pk)},
                ),
            ]
            if is_blocked:
                events.insert(0, new_event(old.pk, Action.BLOCK_LIFTED, actor=actor, reason=reason))
            record_events(events)
            note([old.pk])
    except IntegrityError:
        require_restorable(old)
        if not replace_taken_codes([successor]):
            raise
        _insert(old, successor, reason, actor)
