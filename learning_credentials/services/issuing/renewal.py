"""Renews expired credentials when staff ask for it, and changes when a credential expires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from learning_credentials.data import Eligibility
from learning_credentials.dates import require_in_range
from learning_credentials.exceptions import (
    ChangedMeanwhileError,
    CredentialsError,
    GenerationError,
    InvalidTransitionError,
    NotEligibleError,
    ReissueBlockedError,
    ValidityError,
)
from learning_credentials.models import Credential, CredentialEvent, MailHold
from learning_credentials.models.batches import in_batches
from learning_credentials.models.types import MAXIMUM_VALIDITY
from learning_credentials.services.common import (
    ByKey,
    find_held_account,
    get_actor_id,
    hold_accounts,
    new_event,
    record_events,
    retry_on_contention,
)
from learning_credentials.services.course_runs import issues_course_certificates
from learning_credentials.services.credentials import (
    Candidate,
    PendingFactory,
    Predecessor,
    evaluate_learner,
    find_profile,
    find_renewal,
    get_context,
    get_credential,
    open_mail_hold,
    read_own_values,
    require_reason,
    retry_failed,
)
from learning_credentials.services.issuing.chunks import issue_chunk
from learning_credentials.services.standings import Cause, evaluate_and_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from types import EllipsisType
    from uuid import UUID

    from learning_credentials.services.common import Actor

Status = Credential.Status

NOT_ELIGIBLE = (
    "the learner cannot have the credential now: the account is inactive, or the learner is no "
    "longer allowed certificates"
)


def renew_credential(
    credential_uuid: UUID | str, *, reason: str = "", actor: Actor = None, mail_hold_id: int | None = None
) -> Credential:
    """Renew an expired credential. Return the renewal, which has its own period. The expired credential stays and links to it.

    Staff decide, so the criteria are not checked. The evidence is the present one if the learner meets the criteria, else that of the
    expired credential. A course certificate is renewed only for a learner whose certificate status is ``downloadable``.

    If an actor is named, the e-mail waits, so that staff can call it back. ``mail_hold_id`` is the act that it belongs to, if one act
    renews several credentials.

    Returns:
        The renewal: AVAILABLE, or GENERATING if an error needs a retry by the sweep.

    Raises:
        CredentialNotFoundError.
        InvalidTransitionError: the credential is not available, has not expired, or was renewed already.
        ReissueBlockedError: staff blocked the learner and did not lift the block.
        NotEligibleError: the learner's account is gone or restricted, or the certificate status is not ``downloadable``.
        ContextNotFoundError, TransientError: the LMS does not know the context, or could not answer.
        GenerationError: the renewal could not be rendered.
    """
    expired = get_credential(credential_uuid)
    _require_renewable(expired)
    successor = find_renewal(expired)
    if successor is None:
        successor = _create(expired, reason.strip(), actor, mail_hold_id)
    elif successor.status == Status.ERROR:
        hold_id = mail_hold_id or open_mail_hold(MailHold.Act.RENEWAL, actor, expired.learning_context_key)
        retry_failed([successor.pk], actor=actor, mail_hold_id=hold_id)
    issue_chunk([successor.pk])
    successor.refresh_from_db()
    if successor.status == Status.ERROR:
        raise GenerationError(successor.error_message, code=successor.error_code)
    if successor.status == Status.INVALIDATED:
        msg = "the credential was changed while it was being renewed"
        raise InvalidTransitionError(msg)
    return successor


def _require_renewable(credential: Credential) -> None:
    msg = ""
    if credential.status != Status.AVAILABLE:
        msg = (
            "only a credential that was issued and not revoked can be renewed. The status of this one is "
            f"“{credential.get_status_display()}”"
        )
    elif credential.is_current is None:
        msg = "the credential was already renewed"
    elif not credential.is_expired:
        msg = "the credential has not expired. Renew it after it has expired, or change its expiry"
    if msg:
        raise InvalidTransitionError(msg)


def _create(expired: Credential, reason: str, actor: Actor, mail_hold_id: int | None) -> Credential:
    configuration, user_id = expired.configuration, expired.user_id
    if user_id is None:
        raise NotEligibleError("the learner has no account on this site")
    if Credential.objects.filter(configuration=configuration, user_id=user_id, blocks_reissue=True).exists():
        msg = "staff revoked a credential of the learner and blocked a new one. Staff must lift the block first"
        raise ReissueBlockedError(msg)
    if issues_course_certificates(configuration):
        evaluate_and_store(configuration.learning_context_key, [user_id], cause=Cause.STAFF, actor=actor)
    found = evaluate_learner(configuration, user_id)
    profile = find_profile(user_id)
    if profile is None or not (profile.is_active and profile.certificates_allowed):
        raise NotEligibleError(NOT_ELIGIBLE)
    if not found.is_eligible:
        found = Eligibility(
            user_id, is_eligible=True, progress=expired.evidence, fields=read_own_values(expired, configuration)
        )
    context = get_context(configuration.learning_context_key)
    hold_id = mail_hold_id or open_mail_hold(MailHold.Act.RENEWAL, actor, expired.learning_context_key)
    factory = PendingFactory(configuration, context, mail_hold_id=hold_id)
    renews = Predecessor(expired.pk, expired.is_indexable)
    factory.put([Candidate(found, profile, renews=renews)], actor=actor, reason=reason)
    successor = find_renewal(expired)
    if successor is None:
        raise factory.refusal or NotEligibleError(NOT_ELIGIBLE)
    return successor


@retry_on_contention
def change_expiry(
    credential_uuid: UUID | str,
    expires_at: datetime | None,
    *,
    reason: str,
    actor: Actor = None,
    expected: datetime | EllipsisType | None = ...,
) -> Credential:
    """Set when a credential expires, or with None that it never expires. Return the credential.

    The artifact is not rendered again. Reissue the credential for that.

    Args:
        credential_uuid: the internal id of the credential.
        expires_at: the new expiry, an aware datetime. None: the credential never expires.
        reason: why, for the history.
        actor: who asks.
        expected: the expiry that the caller read. If it is left out, any present expiry is replaced.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
        ChangedMeanwhileError: the expiry is not the ``expected`` one.
        ValidityError: the time is not after the award, or more than 100 years after it.
        DateOutOfRangeError: the time is before 1900 or after 2200.
    """
    reason = require_reason(reason)
    credential = get_credential(credential_uuid)
    if expires_at is not None:
        _require_in_bounds(credential, expires_at)
    with transaction.atomic():
        mine = Credential.objects.filter(pk=credential.pk, status=Status.AVAILABLE, is_current=True)
        found = mine.select_for_update().values_list("expires_at", flat=True)
        if not found:
            msg = "the expiry cannot be changed: the credential is not issued, was revoked, or was renewed"
            raise InvalidTransitionError(msg)
        before = found[0]
        if before != expires_at:
            # Compare-and-set, because not every database has row locks.
            if not mine.filter(expires_at=before if expected is ... else expected).update(expires_at=expires_at):
                stored = _write(before) or "never"
                msg = (
                    f"somebody else changed the expiry to {stored} after you read it. Nothing was changed. "
                    "Read it again"
                )
                raise ChangedMeanwhileError(msg)
            detail = {"from": _write(before), "to": _write(expires_at)}
            action = CredentialEvent.Action.EXPIRY_CHANGED
            record_events([new_event(credential.pk, action, actor=actor, reason=reason, detail=detail)])
    return get_credential(credential.pk)


class ExpiryChange(NamedTuple):
    """A new expiry, or None for a credential that never expires, and the reason for it."""

    expires_at: datetime | None
    reason: str


def change_expiries(
    changes: Mapping[UUID, ExpiryChange], *, actor: Actor = None, detail: Mapping[str, Any] | None = None
) -> dict[UUID, tuple[str, str]]:
    """Change the expiry of many credentials, like `change_expiry`, in a transaction of the caller. Return the refusals.

    The number of statements does not grow with the credentials, except on databases that limit the parameters of a statement.

    Args:
        changes: by credential.
        actor: who asks.
        detail: stored in the history besides.

    Returns:
        The code and the message by credential, for each one that was not changed.

    Raises:
        ReasonRequiredError.
    """
    refused: dict[UUID, tuple[str, str]] = {}
    gone = (
        InvalidTransitionError.code,
        "the expiry cannot be changed: the credential is not available, or was renewed",
    )
    actor = find_held_account(actor, hold_accounts([get_actor_id(actor)]))
    for batch in in_batches(sorted(changes), params_each=3):
        mine = Credential.objects.filter(pk__in=batch, status=Status.AVAILABLE, is_current=True)
        found = list(mine.only("pk", "issued_at", "expires_at").order_by("pk").select_for_update())
        refused |= dict.fromkeys(set(batch) - {row.pk for row in found}, gone)
        wanted: dict[UUID, datetime | None] = {}
        events = []
        for row in found:
            expires_at, reason = changes[row.pk]
            try:
                if expires_at is not None:
                    _require_in_bounds(row, expires_at)
            except CredentialsError as error:
                refused[row.pk] = (error.code, str(error))
                continue
            if row.expires_at == expires_at:
                continue
            wanted[row.pk] = expires_at
            said = {"from": _write(row.expires_at), "to": _write(expires_at), **(detail or {})}
            action = CredentialEvent.Action.EXPIRY_CHANGED
            events.append(new_event(row.pk, action, actor=actor, reason=require_reason(reason), detail=said))
        if wanted:
            mine.filter(pk__in=list(wanted)).update(expires_at=ByKey(Credential, "expires_at", wanted))
            record_events(events)
    return refused


def _require_in_bounds(credential: Credential, expires_at: datetime) -> None:
    require_in_range(expires_at)
    issued_at = credential.issued_at
    if issued_at is not None and not issued_at < expires_at <= MAXIMUM_VALIDITY.add_to(issued_at):
        msg = f"the expiry must be after the award, and at most {MAXIMUM_VALIDITY.describe()} after it"
        raise ValidityError(msg)


def _write(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
