"""Counts a repeated failure on its history entry, so that a credential which every run tries again does not fill its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Max, Q
from django.utils import timezone

from learning_credentials.models import CredentialEvent
from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from learning_credentials.services.credentials.rendering import RenderedClaim

Action = CredentialEvent.Action


def count_repeated(failed: Sequence[RenderedClaim]) -> list[RenderedClaim]:
    """Return the failures that are new. Count the others on the history entries of the earlier failures.

    A failure is counted if a run tried the credential again, and it failed with the same code and message as before. The history entry of
    that retry is deleted, so that the statuses in the history still follow each other. A retry by a person keeps its entry.

    Call it in the transaction that writes the failures. It runs no statement for credentials that were never tried before.
    """
    # Annotated by `claim_credentials`.
    tried = {outcome.credential.pk: outcome for outcome in failed if getattr(outcome.credential, "was_tried", False)}
    retries: dict[int, int] = {}
    for batch in in_batches(sorted(tried)):
        rows = CredentialEvent.objects.filter(credential_id__in=batch, action__in=(Action.FAILED, Action.RETRIED))
        newest = {
            "failure": Max("pk", filter=Q(action=Action.FAILED)),
            "retry": Max("pk", filter=Q(action=Action.RETRIED)),
            "retry_of_run": Max("pk", filter=Q(action=Action.RETRIED, actor=None)),
        }
        found: Any = rows.order_by().values("credential_id").annotate(**newest)
        retries.update(found.filter(retry_of_run=F("retry"), retry__gt=F("failure")).values_list("failure", "retry"))
    repeated: set[UUID] = set()
    for keys in in_batches(sorted(retries)):
        events = [
            event
            for event in CredentialEvent.objects.filter(pk__in=keys).order_by("pk")
            if _is_same(event, tried[event.credential_id])
        ]
        if not events:
            continue
        for event in events:
            event.detail["times"] = event.detail.get("times", 1) + 1
            event.detail["last_at"] = timezone.now().isoformat(timespec="seconds")
        CredentialEvent.objects.bulk_update(events, ["detail"])
        CredentialEvent.objects.filter(pk__in=[retries[event.pk] for event in events]).delete()
        repeated.update(event.credential_id for event in events)
    return [outcome for outcome in failed if outcome.credential.pk not in repeated]


def _is_same(event: CredentialEvent, outcome: RenderedClaim) -> bool:
    return event.reason == outcome.error_message and event.detail.get("code") == outcome.error_code
