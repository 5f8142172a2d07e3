"""Invalidates credentials, lifts blocks, and changes the date that a credential shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from learning_credentials.dates import require_in_range
from learning_credentials.exceptions import (
    ChangedMeanwhileError,
    CredentialNotFoundError,
    InvalidTransitionError,
)
from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.models.batches import in_batches
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
    get_credential,
    lock_for_transition,
    make_invalidated,
    note,
    require_reason,
)
from learning_credentials.services.staff import blocking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from types import EllipsisType
    from uuid import UUID

    from learning_credentials.services.common import Actor
    from learning_credentials.services.credentials import LockedRow

Status = Credential.Status
Action = CredentialEvent.Action


@retry_on_contention
def invalidate_credential(
    credential_uuid: UUID | str, *, reason: str, actor: Actor = None, blocks_reissue: bool = True
) -> Credential:
    """Invalidate an available credential, or cancel an unfinished one. Return it. Its file is archived afterwards.

    Cancelling the unfinished successor of a reissue blocks nothing, because the old credential stays valid. Invalidating a credential that
    was renewed blocks nothing either, because the renewal has replaced it.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        InvalidTransitionError: it is invalidated already.
    """
    reason = require_reason(reason)
    credential = get_credential(credential_uuid)
    with transaction.atomic():
        actor = _hold_accounts(credential, actor)
        rows = Credential.objects.filter(pk=credential.pk)
        locked = lock_for_transition(rows)
        if not locked:
            msg = "the unfinished reissue was discarded meanwhile"
            raise CredentialNotFoundError(msg)
        is_current = rows.select_for_update().values_list("is_current", flat=True).get()
        is_issued = locked[0].status == Status.AVAILABLE
        blocks_reissue = blocks_reissue and _can_block(credential, locked[0], is_current)
        detail = {"blocks_reissue": blocks_reissue}
        if not make_invalidated(locked, reason=reason, actor=actor, blocks_reissue=blocks_reissue, detail=detail):
            msg = "the credential is already revoked"
            raise InvalidTransitionError(msg)
        if blocks_reissue and (is_issued or not credential.is_renewal):
            _bar_from_course_certificate(credential, reason, actor)
    return get_credential(credential.pk)


def invalidate_credentials(
    reasons: Mapping[UUID, str],
    *,
    actor: Actor = None,
    blocks_reissue: bool = True,
    detail: Mapping[str, Any] | None = None,
) -> dict[UUID, tuple[str, str]]:
    """Invalidate many credentials, like `invalidate_credential`, in a transaction of the caller. Return the refusals.

    The number of statements does not grow with the credentials, but with the different reasons, and with the learners of course
    certificates, who are blocked one by one.

    Args:
        reasons: the reason by credential. The public can see it.
        actor: who asks.
        blocks_reissue: whether to block new credentials.
        detail: stored in the history besides.

    Returns:
        The code and the message by credential, for each one that was not invalidated.

    Raises:
        ReasonRequiredError.
    """
    reasons = {pk: require_reason(reason) for pk, reason in reasons.items()}
    known: dict[UUID, Credential] = {}
    for batch in in_batches(sorted(reasons)):
        rows = Credential.objects.filter(pk__in=batch).select_related("configuration__credential_type")
        known.update({row.pk: row for row in rows.only(*_READ)})
    held = hold_accounts([*(row.user_id for row in known.values()), get_actor_id(actor)])
    actor = find_held_account(actor, held)
    locked: dict[UUID, LockedRow] = {}
    current: dict[UUID, bool | None] = {}
    for batch in in_batches(sorted(known)):
        locked.update({row.pk: row for row in lock_for_transition(Credential.objects.filter(pk__in=batch))})
        current.update(Credential.objects.filter(pk__in=batch).values_list("pk", "is_current"))
    groups: dict[tuple[str, bool], list[LockedRow]] = {}
    for pk, row in locked.items():
        blocks = blocks_reissue and _can_block(known[pk], row, current[pk])
        groups.setdefault((reasons[pk], blocks), []).append(row)
    changed: dict[UUID, bool] = {}
    for (reason, blocks), group in groups.items():
        said = {"blocks_reissue": blocks, **(detail or {})}
        done = make_invalidated(group, reason=reason, actor=actor, blocks_reissue=blocks, detail=said)
        changed |= dict.fromkeys(done, blocks)
    for pk, blocks in changed.items():
        credential = known[pk]
        if (
            blocks
            and credential.user_id in held
            and (locked[pk].status == Status.AVAILABLE or not credential.is_renewal)
        ):
            _bar_from_course_certificate(credential, reasons[pk], actor)
    refused = dict.fromkeys(locked.keys() - changed, (InvalidTransitionError.code, "the credential is already revoked"))
    gone = (CredentialNotFoundError.code, "the unfinished credential was discarded meanwhile")
    return refused | dict.fromkeys(reasons.keys() - locked.keys(), gone)


#: The columns that `invalidate_credentials` reads.
_READ = (
    "pk", "user_id", "replaces_id", "is_renewal", "learning_context_key", "configuration__learning_context_key",
    "configuration__credential_type__retrieval_func",
)  # fmt: skip


def _can_block(credential: Credential, row: LockedRow, is_current: bool | None) -> bool:
    """Return whether the invalidation can block a new credential.

    Cancelling the unfinished successor of a reissue cannot, and invalidating a credential that was renewed cannot either.
    """
    is_issued = row.status == Status.AVAILABLE
    is_unfinished_reissue = not is_issued and credential.replaces_id is not None and not credential.is_renewal
    return not (is_unfinished_reissue or (is_issued and is_current is None))


@retry_on_contention
def lift_reissue_block(credential_uuid: UUID | str, *, reason: str, actor: Actor = None) -> Credential:
    """Lift the block of an invalidated credential. Return the credential, which stays invalidated. The learner can receive a new one.

    For a course certificate this lifts the learner's invalidation in the course run, and the learner is evaluated again.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        InvalidTransitionError: it blocks nothing.
    """
    reason = require_reason(reason)
    credential = get_credential(credential_uuid)
    with transaction.atomic():
        actor = _hold_accounts(credential, actor)
        if not Credential.objects.filter(pk=credential.pk, blocks_reissue=True).update(blocks_reissue=False):
            msg = "the credential has no block to lift"
            raise InvalidTransitionError(msg)
        record_events([new_event(credential.pk, Action.BLOCK_LIFTED, actor=actor, reason=reason)])
        note([credential.pk])
        if issues_course_certificates(credential.configuration) and credential.user_id is not None:
            blocking.lift_block_of(credential.user_id, credential.learning_context_key, notes=reason, actor=actor)
    return get_credential(credential.pk)


@retry_on_contention
def override_issue_date(
    credential_uuid: UUID | str,
    date_override: date | None,
    *,
    reason: str,
    actor: Actor = None,
    expected: date | EllipsisType | None = ...,
) -> Credential:
    """Set another date for a credential to show, or with None restore the issue date. Return the credential.

    The artifact is not rendered again. Reissue the credential for that.

    Args:
        credential_uuid: the internal id of the credential.
        date_override: the date to show. None: the issue date.
        reason: why, for the history.
        actor: who asks.
        expected: the override that the caller read. If it is left out, any present override is replaced.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        ChangedMeanwhileError: the override is not the ``expected`` one.
        DateOutOfRangeError: the date is before 1900 or after 2200.
    """
    reason = require_reason(reason)
    require_in_range(date_override)
    credential = get_credential(credential_uuid)
    with transaction.atomic():
        before = Credential.objects.select_for_update().values_list("date_override", flat=True).get(pk=credential.pk)
        if before != date_override:
            # Compare-and-set, because not every database has row locks.
            same = Credential.objects.filter(pk=credential.pk, date_override=before if expected is ... else expected)
            if not same.update(date_override=date_override):
                msg = (
                    f"somebody else changed the date to {before or 'none'} after you read it. Nothing was "
                    "changed. Read it again"
                )
                raise ChangedMeanwhileError(msg)
            detail = {"from": str(before or ""), "to": str(date_override or "")}
            record_events([new_event(credential.pk, Action.DATE_OVERRIDDEN, actor=actor, reason=reason, detail=detail)])
    return get_credential(credential.pk)


def _hold_accounts(credential: Credential, actor: Actor) -> Actor:
    """Lock the accounts of the learner and the actor. Return the actor. If the learner's account is gone, clear it on the object."""
    held = hold_accounts([credential.user_id, get_actor_id(actor)])
    if credential.user_id not in held:
        credential.user_id = None
    present_actor: Actor = find_held_account(actor, held)
    return present_actor


def _bar_from_course_certificate(credential: Credential, reason: str, actor: Actor) -> None:
    """Block the learner from the course certificate if the credential is one, so that standing and credential agree."""
    if issues_course_certificates(credential.configuration) and credential.user_id is not None:
        blocking.ensure_blocked(credential.user_id, credential.learning_context_key, notes=reason, actor=actor)
