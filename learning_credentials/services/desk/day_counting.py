"""Counts days that are over into daily totals, so that the overview does not have to read the history of a million credentials.

The sweep calls it. A day is counted again for some time, because a process can write visits late. What is not counted yet, the overview
counts itself.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from learning_credentials.models import CredentialEvent, DailyCount, DailyTotal
from learning_credentials.services.common import retry_on_contention

#: How many days before today are counted.
COUNTED_DAYS = 371
#: How many days one sweep counts, so that it is not kept long after an upgrade.
_A_SWEEP = 30
#: For how long after its end a day is counted again, and how often.
_LATE, _AGAIN = timedelta(days=2), timedelta(hours=6)
NAMES = ("issued", "revoked", "verified", "downloaded", "shared")
ACTIONS: dict[str, str] = {CredentialEvent.Action.ISSUED: "issued", CredentialEvent.Action.INVALIDATED: "revoked"}


def get_start(day: date) -> datetime:
    """Return the moment at which a day begins in the time zone of the project."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone()).astimezone(UTC)


def get_today() -> date:
    """Return the present day in the time zone of the project."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def count_finished_days(limit: int = _A_SWEEP) -> int:
    """Count days that are over and not counted for good yet, the latest first. Return their number."""
    today, now = get_today(), timezone.now()
    first = today - timedelta(days=COUNTED_DAYS)
    counted = dict(
        DailyTotal.objects.filter(learning_context_key="", day__gte=first, day__lt=today).values_list(
            "day", "counted_at"
        )
    )
    days = (today - timedelta(days=back) for back in range(1, COUNTED_DAYS + 1))
    due = [day for day in days if _is_due(day, counted.get(day), now)][:limit]
    for day in due:
        _count_day(day)
    return len(due)


def _is_due(day: date, counted_at: datetime | None, now: datetime) -> bool:
    if counted_at is None:
        return True
    end = get_start(day + timedelta(days=1))
    return counted_at < end + _LATE and now - counted_at > _AGAIN


def _count_day(day: date) -> None:
    """Replace the totals of a day. If another process does so at the same time, one of the two results stays: they are equal."""
    totals = _read_day(day)
    try:
        _write_day(day, totals)
    except IntegrityError:
        return


def _read_day(day: date) -> dict[str, dict[str, int]]:
    totals: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NAMES, 0))
    events = CredentialEvent.objects.filter(
        action__in=list(ACTIONS), created_at__gte=get_start(day), created_at__lt=get_start(day + timedelta(days=1))
    ).order_by()
    key = "credential__learning_context_key"
    for context_key, action, number in events.values_list(key, "action").annotate(Count("pk")):
        totals[context_key][ACTIONS[action]] += number
    visits = DailyCount.objects.filter(day=day).order_by().values_list(key)
    for context_key, *numbers in visits.annotate(Sum("verifications"), Sum("downloads"), Sum("shares")):
        for name, number in zip(("verified", "downloaded", "shared"), numbers, strict=True):
            totals[context_key][name] += number
    sums = {name: sum(each[name] for each in totals.values()) for name in NAMES}
    return {**totals, "": sums}


@retry_on_contention
def _write_day(day: date, totals: dict[str, dict[str, int]]) -> None:
    now = timezone.now()
    with transaction.atomic():
        DailyTotal.objects.filter(day=day).delete()
        DailyTotal.objects.bulk_create(
            [
                DailyTotal(day=day, learning_context_key=key, counted_at=now, **each)
                for key, each in sorted(totals.items())
            ],
            batch_size=100,
        )


def find_counted_days(first: date, last: date) -> set[date]:
    """Return the days of a period whose totals are counted."""
    rows = DailyTotal.objects.filter(learning_context_key="", day__range=(first, last))
    return set(rows.values_list("day", flat=True))
