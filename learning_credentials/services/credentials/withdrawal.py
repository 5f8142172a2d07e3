"""Withdraws live credentials of many learners at once, in the caller's transaction: their standing no longer grants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import new_event, note_strays_of_claims, record_events
from learning_credentials.services.credentials import status_lists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.services.common import Actor

Status = Credential.Status
Action = CredentialEvent.Action


def withdraw_live(
    configuration_ids: Sequence[int], user_ids: Sequence[int], *, reason: str, cause: str, actor: Actor = None
) -> int:
    """Invalidate the learners' live credentials of these configurations, whatever their status; return how many.

    The reason is a code that the public may see. No block is set: whoever regains the standing is issued a new credential.
    """
    withdrawn: list[str] = []
    for batch in in_batches(user_ids):
        live = Credential.objects.filter(configuration_id__in=configuration_ids, user_id__in=batch, is_current=True)
        found = list(live.select_for_update().order_by("pk").values_list("pk", "status", "generation_task_id"))
        if not found:
            continue
        Credential.objects.filter(pk__in=[pk for pk, _status, _token in found]).update(
            status=Status.INVALIDATED, is_current=None, invalidated_at=timezone.now(), invalidation_reason=reason
        )
        record_events(
            new_event(
                pk,
                Action.INVALIDATED if status == Status.AVAILABLE else Action.CANCELLED,
                from_status=status,
                to_status=Status.INVALIDATED,
                actor=actor,
                reason=reason,
                detail={"cause": cause},
            )
            for pk, status, _token in found
        )
        note_strays_of_claims(token for _pk, _status, token in found)
        withdrawn += [str(pk) for pk, _status, _token in found]
    if withdrawn:
        status_lists.note_revoked(withdrawn)
        transaction.on_commit(
            lambda: signals.send(signals.credentials_invalidated, credential_uuids=withdrawn, reason=reason),
            robust=True,
        )
    return len(withdrawn)
