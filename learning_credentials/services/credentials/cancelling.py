"""Cancels the waiting credentials of cancelled generation runs, and withdraws awards that staff undo."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone

from learning_credentials.models import Credential, CredentialEvent, GenerationRun
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    find_held_account,
    get_actor_id,
    hold_accounts,
    retry_on_contention,
)
from learning_credentials.services.credentials.mail_notes import is_noted
from learning_credentials.services.credentials.transitions import LockedRow, lock_for_transition, make_invalidated

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from learning_credentials.services.common import Actor

Status = Credential.Status

CANCELLED = "the run was cancelled"
#: How many credentials one transaction changes.
BATCH = 500


def cancel_unclaimed(run_ids: Collection[int]) -> int:
    """Cancel those credentials of cancelled runs that wait for a worker. Return how many. Workers finish those that they have claimed.

    Runs that are not cancelled are left alone. It is safe to repeat and to run twice at once.
    """
    cancelled = GenerationRun.objects.filter(pk__in=list(run_ids), cancelled_at__isnull=False)
    count = 0
    for run_id, actor in list(cancelled.order_by("pk").values_list("pk", "cancelled_by")):
        while number := _cancel_some(run_id, actor):
            count += number
    return count


@retry_on_contention
def _cancel_some(run_id: int, actor: Actor) -> int:
    waiting = Credential.objects.filter(generation_run=run_id, status=Status.GENERATING, generation_task_id="")
    keys = list(waiting.order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not keys:
        return 0
    with transaction.atomic():
        actor = find_held_account(actor, hold_accounts([get_actor_id(actor)]))
        return len(make_invalidated(lock_for_transition(waiting.filter(pk__in=keys)), reason=CANCELLED, actor=actor))


def list_unfinished_cancellations() -> list[int]:
    """Return the cancelled runs that still have credentials that wait for a worker."""
    waiting = Credential.objects.filter(generation_run=OuterRef("pk"), status=Status.GENERATING, generation_task_id="")
    cancelled = GenerationRun.objects.filter(Exists(waiting), cancelled_at__isnull=False)
    return list(cancelled.order_by("pk").values_list("pk", flat=True))


class Obstacle(StrEnum):
    """Why an award cannot be undone."""

    MAILED = "mailed"
    ENDED = "ended"
    REISSUE = "reissue"
    RENEWED = "renewed"
    GONE = "gone"


class _Award(NamedTuple):
    pk: UUID
    status: str
    token: str
    is_current: bool | None
    replaces_id: UUID | None
    is_renewal: bool
    is_mailed: bool

    def find_obstacle(self) -> Obstacle | None:
        """Return why the award cannot be undone, or None."""
        if self.status == Status.INVALIDATED:
            return Obstacle.ENDED
        if self.status != Status.AVAILABLE:
            return None
        if self.is_mailed:
            return Obstacle.MAILED
        if self.replaces_id is not None and not self.is_renewal:
            return Obstacle.REISSUE
        return Obstacle.RENEWED if self.is_current is None else None


def find_undo_obstacles(credential_uuids: Sequence[UUID]) -> dict[UUID, Obstacle | None]:
    """Return for each credential why its award cannot be undone now, or None if it can be."""
    found: dict[UUID, Obstacle | None] = dict.fromkeys(credential_uuids, Obstacle.GONE)
    for batch in in_batches(sorted(set(credential_uuids))):
        found.update({award.pk: award.find_obstacle() for award in _read(batch)})
    return found


def _read(keys: Sequence[UUID]) -> list[_Award]:
    rows = Credential.objects.filter(pk__in=keys).order_by("pk")
    fields = ("pk", "status", "generation_task_id", "is_current", "replaces", "is_renewal")
    is_mailed = ExpressionWrapper(Q(notified_at__isnull=False) | Q(is_noted()), output_field=BooleanField())
    return [_Award(*values) for values in rows.annotate(is_mailed=is_mailed).values_list(*fields, "is_mailed")]


def withdraw_awards(
    credential_uuids: Sequence[UUID], *, reason: str, actor: Actor = None
) -> dict[UUID, Obstacle | None]:
    """Undo awards whose learners were not e-mailed. Return for each credential why it was left alone, or None if it was withdrawn.

    A withdrawn credential is invalidated, but blocks nothing: a learner who still meets the criteria can receive a new one. An unfinished
    credential is cancelled. If a renewal is withdrawn, the expired credential is the learner's current one again.
    """
    found: dict[UUID, Obstacle | None] = dict.fromkeys(credential_uuids, Obstacle.GONE)
    keys = sorted(set(credential_uuids))
    for start in range(0, len(keys), BATCH):
        for batch in in_batches(keys[start : start + BATCH]):
            found.update(_withdraw(batch, reason, actor))
    return found


@retry_on_contention
def _withdraw(keys: Sequence[UUID], reason: str, actor: Actor) -> dict[UUID, Obstacle | None]:
    with transaction.atomic():
        renewals = Credential.objects.filter(pk__in=keys, is_renewal=True)
        # A renewal changes two rows of a learner. Lock the account, so that its deletion cannot change them in the other order.
        users = list(renewals.order_by().values_list("user", flat=True))
        actor = find_held_account(actor, hold_accounts([*users, get_actor_id(actor)]))
        locked = {row.pk for row in lock_for_transition(Credential.objects.filter(pk__in=keys))}
        # No worker begins an e-mail about a locked credential, so what is read now is final.
        awards = [award for award in _read(keys) if award.pk in locked]
        obstacles = {award.pk: award.find_obstacle() for award in awards}
        undone = [award for award in awards if obstacles[award.pk] is None]
        for is_issued, action in ((True, CredentialEvent.Action.UNDONE), (False, CredentialEvent.Action.CANCELLED)):
            rows = [
                LockedRow(award.pk, award.status, award.token)
                for award in undone
                if (award.status == Status.AVAILABLE) is is_issued
            ]
            make_invalidated(rows, reason=reason, actor=actor, action=action)
        _restore_expired([award for award in undone if award.is_renewal])
    return obstacles


def _restore_expired(renewals: Sequence[_Award]) -> None:
    """Detach withdrawn renewals, and make the credentials that they renewed current again."""
    if not renewals:
        return
    Credential.objects.filter(pk__in=[award.pk for award in renewals]).update(replaces=None, modified=timezone.now())
    expired = [award.replaces_id for award in renewals if award.replaces_id and award.status == Status.AVAILABLE]
    Credential.objects.filter(pk__in=expired, status=Status.AVAILABLE, is_current=None).update(is_current=True)
