"""Changes the status of credentials. Only this module writes `Credential.status`, and what must change with it.

Each function moves many credentials from one status to the next, by compare-and-set, in a transaction of the caller. In that transaction
it also writes the history, the block, the status lists, the revocation log, and notes of files that a worker may have left. A signal
follows after the commit. New credentials start in GENERATING (`creation`). After that, the status changes only here.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import new_event, note_strays_of_claims, record_events
from learning_credentials.services.credentials.claimed_rows import RowsLostError, update_claimed
from learning_credentials.services.credentials.mail_holds import find_mail_time
from learning_credentials.services.credentials.openings import ATTEMPTS_EXHAUSTED
from learning_credentials.services.credentials.repeated_failures import count_repeated
from learning_credentials.services.credentials.status_lists import note_revoked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from learning_credentials.services.common import Actor
    from learning_credentials.services.credentials.rendering import RenderedClaim

Status = Credential.Status
Action = CredentialEvent.Action


class LockedRow(NamedTuple):
    """A credential as it was when its row was locked. ``token`` is that of the worker's claim, or empty."""

    pk: UUID
    status: str
    token: str


def lock_for_transition(rows: QuerySet[Credential]) -> list[LockedRow]:
    """Lock credentials for a transition, in the order of their keys. Return them as they are now."""
    locked = rows.select_for_update().order_by("pk").values_list("pk", "status", "generation_task_id")
    return [LockedRow(*row) for row in locked]


def make_available(
    token: str,
    outcomes: Sequence[RenderedClaim],
    *,
    becomes_current: bool = False,
    actor: Actor = None,
    reason: str = "",
) -> None:
    """Move claimed credentials from GENERATING to AVAILABLE, each with its artifact.

    Args:
        token: the claim's token.
        outcomes: the stored artifacts, one for each credential.
        becomes_current: whether they succeed other credentials, whose ``is_current`` was cleared in the same transaction.
        actor: who asked, for the history.
        reason: why, for the history.

    Raises:
        RowsLostError: a credential no longer belongs to the claim. Roll the transaction back.
    """
    now = timezone.now()
    pages = [outcome.pages for outcome in outcomes]
    expiries = [outcome.credential.expires_at for outcome in outcomes]
    mail_times = [find_mail_time(outcome.credential, now) for outcome in outcomes]
    update_claimed(
        token,
        outcomes,
        {
            "artifact_name": [outcome.name for outcome in outcomes],
            "artifact_sha256": [outcome.sha256 for outcome in outcomes],
            "artifact_media_type": [outcome.media_type for outcome in outcomes],
            **({"artifact_pages": pages} if any(pages) else {}),
            **({"expires_at": expiries} if any(expiries) else {}),
            **({"notification_held_until": mail_times} if any(mail_times) else {}),
        },
        status=Status.AVAILABLE,
        generation_task_id="",
        error_code="",
        error_message="",
        **({} if get_settings().NOTIFY_LEARNERS else {"notified_at": now}),
        **({"is_current": True} if becomes_current else {}),
    )
    record_events(
        new_event(
            outcome.credential.pk,
            Action.ISSUED,
            from_status=Status.GENERATING,
            to_status=Status.AVAILABLE,
            actor=actor,
            reason=reason,
            detail={"warnings": list(outcome.warnings)} if outcome.warnings else {},
        )
        for outcome in outcomes
    )


def make_failed(token: str, outcomes: Sequence[RenderedClaim]) -> None:
    """Move claimed credentials from GENERATING to ERROR, each with its error. A repeated error is counted on its history entry.

    Raises:
        RowsLostError: a credential no longer belongs to the claim. Roll the transaction back.
    """
    errors = {
        "error_code": [outcome.error_code for outcome in outcomes],
        "error_message": [outcome.error_message for outcome in outcomes],
    }
    update_claimed(token, outcomes, errors, status=Status.ERROR, generation_task_id="")
    record_events(
        _failed_event(outcome.credential.pk, outcome.error_code, outcome.error_message)
        for outcome in count_repeated(outcomes)
    )


def give_up_attempts(reasons: Mapping[UUID, str], claimed_before: datetime) -> set[UUID]:
    """Move credentials that were tried often enough from GENERATING to ERROR. Then only staff can have them tried again.

    Args:
        reasons: the error message of each credential.
        claimed_before: credentials that were claimed or released after it are left alone.

    Returns:
        The credentials that changed.
    """
    ended: set[UUID] = set()
    for batch in in_batches(sorted(reasons)):
        stale = Credential.objects.filter(
            pk__in=batch, status=Status.GENERATING, generation_started_at__lt=claimed_before
        )
        rows = lock_for_transition(stale)
        note_strays_of_claims(row.token for row in rows)
        for reason, group in groupby(sorted(rows, key=lambda row: reasons[row.pk]), key=lambda row: reasons[row.pk]):
            Credential.objects.filter(pk__in=[row.pk for row in group], status=Status.GENERATING).update(
                status=Status.ERROR, generation_task_id="", error_code=ATTEMPTS_EXHAUSTED, error_message=reason
            )
        record_events(_failed_event(row.pk, ATTEMPTS_EXHAUSTED, reasons[row.pk]) for row in rows)
        ended.update(row.pk for row in rows)
    return ended


def start_again(
    uuids: Sequence[UUID], *, actor: Actor = None, run_id: int | None = None, mail_hold_id: int | None = None
) -> list[UUID]:
    """Move credentials from ERROR to GENERATING and reset their attempts. Return those that changed.

    They then belong to the run and to the act of staff whose ids are given, or to none.
    """
    waiting: list[UUID] = []
    for batch in in_batches(sorted(uuids)):
        found = [row.pk for row in lock_for_transition(Credential.objects.filter(pk__in=batch, status=Status.ERROR))]
        if not found:
            continue
        Credential.objects.filter(pk__in=found, status=Status.ERROR).update(
            status=Status.GENERATING,
            generation_task_id="",
            generation_started_at=timezone.now(),
            attempts=0,
            error_code="",
            error_message="",
            generation_run_id=run_id,
            mail_hold_id=mail_hold_id,
            mail_called_back_at=None,
        )
        record_events(
            new_event(pk, Action.RETRIED, from_status=Status.ERROR, to_status=Status.GENERATING, actor=actor)
            for pk in found
        )
        waiting += found
    return waiting


def make_invalidated(
    rows: Sequence[LockedRow],
    *,
    reason: str,
    actor: Actor = None,
    blocks_reissue: bool = False,
    action: CredentialEvent.Action | None = None,
    detail: Mapping[str, Any] | None = None,
) -> list[UUID]:
    """Move credentials to INVALIDATED: available ones are revoked, unfinished ones cancelled. Their files are archived after the commit.

    Args:
        rows: from `lock_for_transition`, in the same transaction.
        reason: for the history. The public can see it.
        actor: who asks.
        blocks_reissue: whether to block their learners from a new credential until the block is lifted.
        action: the action in the history. None: INVALIDATED, or CANCELLED for a credential that was never issued.
        detail: stored in the history.

    Returns:
        The credentials that changed: all of them, unless somebody else changed some on a database without row locks.
    """
    changed = _write_invalidated(rows, reason, blocks_reissue=blocks_reissue)
    if not changed:
        return []
    uuids = [row.pk for row in changed]
    note_strays_of_claims(row.token for row in changed)  # the worker may have stored a file
    note_revoked(uuids)
    record_events(
        new_event(
            row.pk,
            action or (Action.INVALIDATED if row.status == Status.AVAILABLE else Action.CANCELLED),
            from_status=row.status,
            to_status=Status.INVALIDATED,
            actor=actor,
            reason=reason,
            detail=dict(detail or {}),
        )
        for row in changed
    )
    names = [str(pk) for pk in uuids]
    transaction.on_commit(
        lambda: signals.send(signals.credentials_invalidated, credential_uuids=names, reason=reason), robust=True
    )
    return uuids


def _write_invalidated(rows: Sequence[LockedRow], reason: str, *, blocks_reissue: bool) -> list[LockedRow]:
    changed: list[LockedRow] = []
    unended = sorted((row for row in rows if row.status != Status.INVALIDATED), key=attrgetter("status", "pk"))
    for status, group in groupby(unended, key=attrgetter("status")):
        for batch in in_batches(list(group)):
            same = Credential.objects.filter(pk__in=[row.pk for row in batch], status=status)
            count = same.update(
                status=Status.INVALIDATED,
                is_current=None,
                invalidated_at=timezone.now(),
                invalidation_reason=reason,
                blocks_reissue=blocks_reissue,
            )
            if count == len(batch):
                changed += batch
            elif count:  # only some changed, on a database without row locks: the caller's transaction must start again
                raise RowsLostError
    return changed


def _failed_event(pk: UUID, code: str, message: str) -> CredentialEvent:
    return new_event(
        pk,
        Action.FAILED,
        from_status=Status.GENERATING,
        to_status=Status.ERROR,
        reason=message,
        detail={"code": code},
    )
