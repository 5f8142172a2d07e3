"""Swaps a reissue or a renewal with its predecessor: one becomes live in the same transaction in which the other stops being live.

A reissue invalidates the predecessor. A renewal leaves it available: the predecessor has expired, and only loses ``is_current``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    find_held_account,
    hold_accounts,
    new_event,
    note_strays_of_claims,
    record_events,
    retry_on_contention,
)
from learning_credentials.services.credentials.transitions import lock_for_transition, make_available, make_invalidated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from learning_credentials.services.credentials.rendering import RenderedClaim

Status = Credential.Status
Action = CredentialEvent.Action


@retry_on_contention
def swap_in_successor(token: str, outcome: RenderedClaim) -> bool:
    """Make a rendered successor live, if the claim still has it and the old credential is AVAILABLE. Return whether that happened.

    Otherwise the successor is deleted. Nobody has seen it.
    """
    successor = outcome.credential
    old_pk = successor.replaces_id
    if old_pk is None:
        return False
    asked = successor.events.filter(action=Action.CREATED).first()
    reason = asked.reason if asked else ""
    actor_id = asked.actor_id if asked else None
    with transaction.atomic():
        actor_id = find_held_account(actor_id, hold_accounts([successor.user_id, actor_id]))
        owned = Credential.objects.filter(pk=successor.pk, status=Status.GENERATING, generation_task_id=token)
        if not owned.select_for_update().exists():
            note_strays_of_claims([token])
            return False
        # The old row first, because the unique constraint never allows two live credentials.
        old = lock_for_transition(Credential.objects.filter(pk=old_pk, status=Status.AVAILABLE, is_current=True))
        detail = {"successor": str(successor.pk)}
        if not make_invalidated(old, reason=reason, actor=actor_id, action=Action.REPLACED, detail=detail):
            owned.delete()
            note_strays_of_claims([token])
            record_events([new_event(old_pk, Action.REISSUE_DISCARDED, actor=actor_id, reason=reason)])
            return False
        make_available(token, [outcome], becomes_current=True, actor=actor_id, reason=reason)
        uuids = {"old_uuid": str(old_pk), "new_uuid": str(successor.pk)}
        transaction.on_commit(lambda: signals.send(signals.credential_reissued, **uuids, reason=reason), robust=True)
    return True


def make_room(predecessors: Sequence[UUID]) -> None:
    """Detach cancelled successors, and cancel and detach failed reissues, so that other successors can replace these credentials.

    Call it in the transaction that inserts the other successors.
    """
    for batch in in_batches(sorted(predecessors)):
        successors = Credential.objects.filter(replaces__in=batch).order_by("pk")
        failed = successors.filter(status=Status.ERROR, is_renewal=False)
        make_invalidated(lock_for_transition(failed), reason="the credential is renewed instead")
        # One that was issued and then revoked stays linked. The credential that it succeeded cannot be renewed any more.
        successors.filter(status=Status.INVALIDATED, artifact_name="").order_by().update(replaces=None)


def hand_over_to_renewals(predecessors: Sequence[UUID]) -> bool:
    """Clear ``is_current`` of credentials that are being renewed. Return whether all of them could still be renewed.

    Call it in the transaction that finishes the renewals, before they become current.
    """
    changed = sum(_renewable(batch).update(is_current=None) for batch in in_batches(sorted(predecessors)))
    return changed == len(predecessors)


def lock_renewable(predecessors: Sequence[UUID]) -> set[UUID]:
    """Lock and return those of the credentials that can still be renewed: not revoked, replaced or given another expiry meanwhile."""
    found: set[UUID] = set()
    for batch in in_batches(sorted(predecessors)):
        found.update(_renewable(batch).select_for_update().order_by("pk").values_list("pk", flat=True))
    return found


def _renewable(keys: Sequence[UUID]) -> QuerySet[Credential]:
    return Credential.objects.filter(
        pk__in=keys, status=Status.AVAILABLE, is_current=True, expires_at__lte=timezone.now()
    )
