"""Writes the history of standings, allowlist entries, invalidations and certificate settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.models import CertificateEvent
from learning_credentials.services.common import get_actor_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from learning_credentials.models import AllowlistEntry, CertificateInvalidation
    from learning_credentials.services.common import Actor

#: The value in the history for an entry or an invalidation that is in force.
ACTIVE = "active"


def new_activity_event(
    subject: CertificateEvent.Subject,
    row: AllowlistEntry | CertificateInvalidation,
    *,
    from_value: str = "",
    to_value: str = ACTIVE,
    actor: Actor = None,
    reason: str = "",
) -> CertificateEvent:
    """Return the event of an entry or invalidation that begins or ends, not saved yet."""
    return CertificateEvent(
        subject=subject,
        subject_id=row.pk,
        user_id=row.user_id,
        learning_context_key=row.learning_context_key,
        field="is_active",
        from_value=from_value,
        to_value=to_value,
        actor_id=get_actor_id(actor),
        reason=reason,
    )


def record_certificate_event(events: Iterable[CertificateEvent]) -> None:
    """Save events. Call it in the transaction that makes the change."""
    CertificateEvent.objects.bulk_create(events)
