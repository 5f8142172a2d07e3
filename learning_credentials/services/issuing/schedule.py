"""Finds configurations that are due and starts their generation runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from learning_credentials.models import CredentialConfiguration, GenerationRun
from learning_credentials.models.types import MAXIMUM_INTERVAL, MINIMUM_INTERVAL
from learning_credentials.periods import Period
from learning_credentials.services.common import retry_on_contention
from learning_credentials.services.issuing import runs

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


def start_due_runs() -> list[int]:
    """Start a run for each enabled configuration that is due. Return the ids of the runs.

    Each due time starts only one run, however many ticks come at once: one transaction changes ``next_run_at`` and creates the run.
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
        moved = _is_still_due(pk, next_run_at).update(next_run_at=following)
        if not moved or _is_running(pk):
            return None  # another tick was first, or the previous run is not evaluated yet: the sweep resumes it
        run = GenerationRun.objects.create(configuration_id=pk)
        runs.request_runs([run.pk])
    return run.pk


def _is_running(pk: int) -> bool:
    """Return whether a run of the configuration is not evaluated yet or is paused. A dry run issues nothing, so it does not count."""
    is_open = Q(evaluated_at=None) | Q(paused_at__isnull=False)
    runs_left = GenerationRun.objects.filter(is_open, configuration_id=pk, finished_at=None)
    return runs_left.filter(is_dry_run=False).exists()


def _is_still_due(pk: int, next_run_at: datetime | None) -> QuerySet[CredentialConfiguration]:
    """Return the configuration, unless another tick moved its next run into the future."""
    rows = CredentialConfiguration.objects.filter(pk=pk, is_enabled=True)
    if next_run_at is None:
        return rows.filter(next_run_at=None)
    # Not an equality, because a time at the start of the calendar is not read as it was stored.
    return rows.filter(next_run_at__lte=next_run_at)


def _following(next_run_at: datetime | None, interval: Period, now: datetime) -> datetime:
    """Return the next future time of the configuration's own rhythm. Times that were missed while nothing ran are not repeated."""
    interval = _bound(interval)
    if next_run_at is None:
        return interval.add_to(now)
    # A calendar period is at most this long, so at least this many periods have passed.
    longest = interval.get_length() + timedelta(days=3 if interval.months else 0, hours=1)
    times = max(1, (now - next_run_at) // longest)
    try:
        while (following := interval.add_to(next_run_at, times)) <= now:
            times += max(1, (now - following) // longest)
    except OverflowError:  # the stored time is at the edge of the calendar
        return interval.add_to(now)
    return following


def _bound(interval: Period) -> Period:
    """Return the interval, or the nearest one allowed, or one day if it cannot be read."""
    if interval.unread:
        return Period(days=1)
    if interval.is_within(MINIMUM_INTERVAL, MAXIMUM_INTERVAL):
        return interval
    is_short = interval.get_length() < MINIMUM_INTERVAL.get_length()
    return MINIMUM_INTERVAL if is_short else MAXIMUM_INTERVAL
