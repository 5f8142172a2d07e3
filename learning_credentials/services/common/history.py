"""Writes the history of credentials: who changed a credential, when and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser

from learning_credentials.models import CredentialEvent
from learning_credentials.services.common.database import insert_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

#: Who acts: a user, a user's id, or None for the app itself.
Actor = AbstractBaseUser | int | None


def get_actor_id(actor: Actor) -> int | None:
    """Return the id of a user, of a user id, or of None. Ids have the type of the host's user model, which need not be a number."""
    unknown: Any = actor
    actor_id: int | None = getattr(unknown, "pk", unknown)
    return actor_id


def find_actor_id(actor: Actor) -> int | None:
    """Return the id of the account that acts, or None if the account was deleted since."""
    actor_id = get_actor_id(actor)
    if actor_id is None or not get_user_model().objects.filter(pk=actor_id).exists():
        return None
    return actor_id


def new_event(
    credential_uuid: UUID,
    action: CredentialEvent.Action,
    *,
    from_status: str = "",
    to_status: str = "",
    actor: Actor = None,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> CredentialEvent:
    """Return a new event, not saved yet."""
    return CredentialEvent(
        credential_id=credential_uuid,
        action=action,
        from_status=from_status,
        to_status=to_status,
        actor_id=get_actor_id(actor),
        reason=reason,
        detail=detail or {},
    )


def record_events(events: Iterable[CredentialEvent]) -> None:
    """Save events. Call it in the transaction that makes the change."""
    insert_rows(list(events))
