"""The schedule: finds configurations that are due and starts their runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from learning_credentials.models import CredentialConfiguration, GenerationRun
from learning_credentials.models.types import MINIMUM_INTERVAL
from learning_credentials.services import runs
from learning_credentials.services.database import retry_on_contention

if TYPE_CHECKING:
    from datetime import datetime

#: What is longer counts as never.
LONGEST_INTERVAL = timedelta(days=365_000)


def start_due_runs() -> list[int]:
    """Start a run for each enabled configuration whose time has come; return the ids of the runs.

    However many ticks come at once, each due time starts one run: moving ``next_run_at`` and creating the run are one transaction.
    """
    now = timezone.now()
    is_due = Q(next_run_at=None) | Q(next_run_at__lte=now)
    due = CredentialConfiguration.objects.filter(is_due, is_enabled=True).values_list("pk", "next_run_at", "interval")
    started = [
        _start_if_due(pk, next_run_at, _following(next_run_at, interval, now))
        for pk, next_run_at, interval in list(due)
    ]
    return [run_id for run_id in started if run_id is not None]


@retry_on_contention
def _start_if_due(pk: int, next_run_at: datetime | None, following: datetime) -> int | None:
    with transaction.atomic():
        moved = CredentialConfiguration.objects.filter(pk=pk, is_enabled=True, next_run_at=next_run_at).update(
            next_run_at=following
        )
        if not moved or GenerationRun.objects.filter(configuration_id=pk, evaluated_at=None, finished_at=None).exists():
            return None  # somebody else was first, or the run before is still at it: the sweep sees to that one
        run = GenerationRun.objects.create(configuration_id=pk)
        runs.request([run.pk])
    return run.pk


def _following(next_run_at: datetime | None, interval: timedelta, now: datetime) -> datetime:
    """The next time on the configuration's own beat that is yet to come: times missed while nothing ran are not made up for."""
    interval = max(interval, MINIMUM_INTERVAL)
    try:
        if next_run_at is None:
            return now + interval
        missed = (now - next_run_at) // interval
        return next_run_at + (missed + 1) * interval
    except OverflowError:  # beyond the last year that there is
        return now + LONGEST_INTERVAL
