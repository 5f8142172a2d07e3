"""Replaces an available credential with a new one for the same award, for example with a corrected name or a new template."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from learning_credentials.exceptions import GenerationError, InvalidTransitionError
from learning_credentials.models import Credential, CredentialEvent, MailHold
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    find_actor_id,
    find_held_account,
    find_known_accounts,
    get_actor_id,
    get_committed,
    hold_accounts,
    is_printable,
    new_event,
    record_events,
    retry_on_contention,
)
from learning_credentials.services.credentials import (
    Allocator,
    find_announced,
    find_profile,
    get_awarded_type,
    get_credential,
    give_new_codes,
    make_successor_snapshot,
    open_mail_hold,
    replace_taken_codes,
    require_reason,
    retry_failed,
)
from learning_credentials.services.issuing.chunks import issue_chunk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from learning_credentials.services.common import Actor

Status = Credential.Status

#: The longest name that a credential can show, in characters.
MAX_LENGTH = 255
NAME_UNUSABLE = "name_unusable"
INVALIDATED_MEANWHILE = "the credential was revoked while it was being reissued"


class ReissueObstacle(StrEnum):
    """Why a credential cannot be reissued."""

    NOT_AVAILABLE = "not_available"
    RENEWED = "renewed"
    BEING_RENEWED = "being_renewed"


OBSTACLES = {
    ReissueObstacle.NOT_AVAILABLE: (
        "only a credential that was issued and not revoked can be reissued. The status of this one is “%(status)s”"
    ),
    ReissueObstacle.RENEWED: "the credential has expired and was renewed. Reissue its renewal instead",
    ReissueObstacle.BEING_RENEWED: (
        "the credential is being renewed, or its renewal failed. Retry or cancel the renewal first"
    ),
}


def _find_obstacle(old: Credential, *, is_being_renewed: bool) -> ReissueObstacle | None:
    if old.status != Status.AVAILABLE:
        return ReissueObstacle.NOT_AVAILABLE
    if old.is_current is None:
        return ReissueObstacle.RENEWED
    return ReissueObstacle.BEING_RENEWED if is_being_renewed else None


def find_reissue_obstacles(credentials: Sequence[Credential]) -> dict[UUID, ReissueObstacle | None]:
    """Return for each credential why it cannot be reissued, or None if it can be. The number of queries is constant."""
    renewals: set[UUID | None] = set()
    for batch in in_batches(sorted(credential.pk for credential in credentials)):
        rows = Credential.objects.filter(replaces__in=batch, is_renewal=True).exclude(status=Status.INVALIDATED)
        renewals.update(rows.order_by().values_list("replaces", flat=True))
    return {old.pk: _find_obstacle(old, is_being_renewed=old.pk in renewals) for old in credentials}


def reissue_credential(
    credential_uuid: UUID | str,
    *,
    reason: str,
    actor: Actor = None,
    notify: bool = True,
    mail_hold_id: int | None = None,
    full_name: str = "",
) -> Credential:
    """Create a successor, render it and make it live. Return it. The old credential is invalidated and links to it.

    The successor keeps the type, the context with its name, the evidence, description, criteria, values of custom fields, award date and
    expiry. The learner's name and language come from the LMS again. Issuer, signatories, options and files are the present ones of the
    credential's type, which also decides where custom fields are shown. Until the successor is ready, the old credential stays as it is,
    also if rendering fails.

    The learner is e-mailed that the credential was replaced, and why, unless ``notify`` is False. If the learner was never e-mailed about
    the old credential, the successor is announced as a new one in any case.

    If an actor is named, the e-mail waits, so that staff can call it back. ``mail_hold_id`` is the act that it belongs to, if one act
    reissues several credentials.

    With a ``full_name`` the successor shows this name instead of the one in the LMS. Correct the name in the LMS too: a later reissue
    without a name shows the name that the LMS has then.

    Because the expiry stays, the successor of an expired credential is expired too. To make it valid, renew it or change its expiry.

    Returns:
        The successor: AVAILABLE, or GENERATING if an error needs a retry by the sweep.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        InvalidTransitionError: the credential is not AVAILABLE.
        ConfigurationError: the type of the credential is gone, see `get_awarded_type`.
        LMSUnavailableError: the LMS could not give the present name.
        GenerationError: ``full_name`` cannot be published, the successor could not be rendered, or the learner has no name (see
            `read_name`); the old credential stays valid.
    """
    reason = require_reason(reason)
    full_name = _require_name(full_name)
    old = get_credential(credential_uuid)
    successor = Credential.objects.filter(replaces=old).exclude(status=Status.INVALIDATED).first()
    obstacle = _find_obstacle(old, is_being_renewed=successor is not None and successor.is_renewal)
    if obstacle is not None:
        raise InvalidTransitionError(OBSTACLES[obstacle] % {"status": old.get_status_display()})
    if successor is None:
        successor = _create_successor(old, reason, actor, mail_hold_id, full_name)
    elif full_name and successor.user_full_name != full_name:
        msg = "the credential is being reissued with another name, or that failed. Retry or cancel that first"
        raise InvalidTransitionError(msg)
    elif successor.status == Status.ERROR:
        hold_id = mail_hold_id or open_mail_hold(MailHold.Act.REISSUE, actor, old.learning_context_key)
        retry_failed([successor.pk], actor=actor, mail_hold_id=hold_id)
    if old.pk in find_announced([old.pk]):
        _decide_email(successor, notify=notify)
    issue_chunk([successor.pk])
    finished = Credential.objects.filter(pk=successor.pk).first()
    if finished is None or finished.status == Status.INVALIDATED:
        raise InvalidTransitionError(INVALIDATED_MEANWHILE)
    if finished.status == Status.ERROR:
        raise GenerationError(finished.error_message, code=finished.error_code)
    return finished


@retry_on_contention
def _decide_email(successor: Credential, *, notify: bool) -> None:
    """Set whether to e-mail the learner. The last request decides, but a finished successor keeps the earlier decision."""
    waiting = Credential.objects.filter(pk=successor.pk, status=Status.GENERATING)
    waiting.update(notified_at=None if notify else timezone.now())


def _require_name(full_name: str) -> str:
    name = full_name.strip()
    if name and not (len(name) <= MAX_LENGTH and is_printable(name)):
        msg = f"a name needs a visible character, no e-mail address, and at most {MAX_LENGTH} characters"
        raise GenerationError(msg, code=NAME_UNUSABLE)
    return name


def _create_successor(
    old: Credential, reason: str, actor: Actor, mail_hold_id: int | None, full_name: str
) -> Credential:
    profile = find_profile(old.user_id) if old.user_id is not None else None
    credential_type = get_awarded_type(old)
    [place] = Allocator().allocate(1)
    successor = Credential(
        user_id=old.user_id,
        configuration_id=old.configuration_id,
        status_list_id=place[0],
        status_list_index=place[1],
        is_current=None,
        issued_at=old.issued_at,
        expires_at=old.expires_at,
        date_override=old.date_override,
        is_indexable=old.is_indexable,
        generation_started_at=timezone.now(),
        replaces=old,
        mail_hold_id=mail_hold_id or open_mail_hold(MailHold.Act.REISSUE, actor, old.learning_context_key),
        **make_successor_snapshot(old, credential_type, profile, full_name=full_name).as_columns(),
    )
    give_new_codes([successor])
    return _insert(successor, reason, actor)


@retry_on_contention
def _insert(successor: Credential, reason: str, actor: Actor) -> Credential:
    try:
        with transaction.atomic():
            held = hold_accounts([successor.user_id, get_actor_id(actor)])
            if successor.user_id not in held:  # deleted meanwhile, or earlier
                successor.user_id = None
            actor = find_held_account(actor, held)
            # Detach a cancelled successor, because only one credential can replace another. One that was issued stays linked.
            cancelled = Credential.objects.filter(
                replaces=successor.replaces_id, status=Status.INVALIDATED, artifact_name=""
            )
            cancelled.update(replaces=None)
            successor.save(force_insert=True)
            record_events(
                [
                    new_event(
                        successor.pk,
                        CredentialEvent.Action.CREATED,
                        to_status=Status.GENERATING,
                        actor=actor,
                        reason=reason,
                        detail={"replaces": str(successor.replaces_id)},
                    )
                ]
            )
    except IntegrityError:
        if successor.user_id is not None and not find_known_accounts([successor.user_id]):
            successor.user_id = None
            return _insert(successor, reason, find_actor_id(actor))
        if replace_taken_codes([successor]):
            return _insert(successor, reason, actor)
        # Another process is reissuing it. Use that successor, unless it was discarded already.
        try:
            return get_committed(Credential.objects.filter(replaces=successor.replaces_id))
        except Credential.DoesNotExist:
            raise InvalidTransitionError(INVALIDATED_MEANWHILE) from None
    return successor
