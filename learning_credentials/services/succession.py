"""The swap at the end of a reissue: the successor becomes live in the moment in which its predecessor stops being so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.services import history, status_lists
from learning_credentials.services.database import retry_on_contention

if TYPE_CHECKING:
    from uuid import UUID

    from learning_credentials.services.rendering import Outcome

Status = Credential.Status
Action = CredentialEvent.Action


@retry_on_contention
def succeed(token: str, outcome: Outcome) -> bool:
    """Swap a rendered successor in, if the claim still owns it and the old credential is still AVAILABLE.

    Otherwise the successor is discarded: it was never shown to anyone. Returns whether the swap happened.
    """
    successor = outcome.credential
    old_pk = successor.replaces_id
    if old_pk is None:
        return False
    asked = successor.events.filter(action=Action.CREATED).first()
    reason = asked.reason if asked else ""
    actor_id = asked.actor_id if asked else None
    now = timezone.now()
    with transaction.atomic():
        owned = Credential.objects.filter(pk=successor.pk, status=Status.GENERATING, generation_task_id=token)
        if not owned.select_for_update().exists():
            return False
        # Old row first: the unique constraint allows one live credential at every moment.
        is_replaced = Credential.objects.filter(pk=old_pk, status=Status.AVAILABLE).update(
            status=Status.INVALIDATED, is_current=None, invalidated_at=now, invalidation_reason=reason
        )
        if not is_replaced:
            owned.delete()
            history.record([history.new_event(old_pk, Action.REISSUE_DISCARDED, actor=actor_id, reason=reason)])
            return False
        status_lists.note_revoked([old_pk])
        owned.update(
            status=Status.AVAILABLE,
            is_current=True,
            generation_task_id="",
            error_code="",
            error_message="",
            artifact_name=outcome.name,
            artifact_media_type=outcome.media_type,
            artifact_sha256=outcome.sha256,
            expires_at=successor.expires_at,
            **({} if get_settings().NOTIFY_LEARNERS else {"notified_at": now}),
        )
        history.record(
            [
                history.new_event(
                    old_pk,
                    Action.REPLACED,
                    from_status=Status.AVAILABLE,
                    to_status=Status.INVALIDATED,
                    actor=actor_id,
                    reason=reason,
                    detail={"successor": str(successor.pk)},
                ),
                history.new_event(
                    successor.pk,
                    Action.ISSUED,
                    from_status=Status.GENERATING,
                    to_status=Status.AVAILABLE,
                    actor=actor_id,
                    reason=reason,
                    detail={"warnings": list(outcome.warnings)} if outcome.warnings else {},
                ),
            ]
        )
        transaction.on_commit(lambda: _tell(old_pk, successor.pk, reason), robust=True)
    return True


def _tell(old_pk: UUID, new_pk: UUID, reason: str) -> None:
    signals.send(signals.credential_reissued, old_uuid=str(old_pk), new_uuid=str(new_pk), reason=reason)
    signals.send(signals.credentials_invalidated, credential_uuids=[str(old_pk)], reason=reason)
