"""Says which credentials belong to generation runs that staff paused or cancelled."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from learning_credentials.models import GenerationRun


def is_of_stopped_run() -> Exists:
    """Return the condition that a credential belongs to a run that is paused or cancelled. Nobody must claim it."""
    stopped = GenerationRun.objects.filter(Q(paused_at__isnull=False) | Q(cancelled_at__isnull=False))
    return Exists(stopped.filter(pk=OuterRef("generation_run")))
