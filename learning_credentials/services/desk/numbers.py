"""Counts what happened in a period: credentials issued and revoked, pages verified, files downloaded, credentials shared.

The bars of a chart are days, or weeks in a long period. Their number is bounded, and so is the number of queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, IntegerField, Sum, Value
from django.utils import timezone

from learning_credentials.models import Credential, CredentialEvent, DailyCount

if TYPE_CHECKING:
    from learning_credentials.services.desk.acts import Limit

#: A longer period has one bar a week.
MAX_DAYS = 31
#: No period is longer: 53 weeks.
MAX_PERIOD = timedelta(days=371)
_WEEK = 7
_ACTIONS = {CredentialEvent.Action.ISSUED: "issued", CredentialEvent.Action.INVALIDATED: "revoked"}


@dataclass(slots=True)
class Bar:
    """What happened from the first day to the last, in the time zone of the project."""

    first: date
    last: date
    issued: int = 0
    verified: int = 0
    downloaded: int = 0
    shared: int = 0
    revoked: int = 0


def count_numbers(
    first: date, last: date, *, limit: Limit, context_key: str = "", has_visits: bool = True
) -> list[Bar]:
    """Return the numbers of a period, oldest first. The last seconds of visits can be missing: see `write_visits`.

    Args:
        first: the first day, in the time zone of the project.
        last: the last day. At most `MAX_PERIOD` before it is counted.
        limit: leaves only the rows that the viewer may see.
        context_key: count only this learning context. Empty: all.
        has_visits: whether to count verifications, downloads and shares too.
    """
    bars = _make_bars(max(first, last - MAX_PERIOD + timedelta(days=1)), last)
    _count_events(bars, limit, context_key)
    if has_visits:
        _count_visits(bars, limit, context_key)
    return bars


def get_start(day: date) -> datetime:
    """Return the moment at which a day begins in the time zone of the project."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone()).astimezone(UTC)


def get_today() -> date:
    """Return the present day in the time zone of the project."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def _make_bars(first: date, last: date) -> list[Bar]:
    width = 1 if (last - first).days < MAX_DAYS else _WEEK
    bars = []
    while first <= last:
        end = min(first + timedelta(days=width - 1), last)
        bars.append(Bar(first, end))
        first = end + timedelta(days=1)
    return bars


def _count_events(bars: list[Bar], limit: Limit, context_key: str) -> None:
    """Count each bar in a part of one statement, so that the index on action and time answers it without reading rows."""
    events = limit(CredentialEvent.objects.filter(action__in=list(_ACTIONS)), Credential).order_by()
    if context_key:
        events = events.filter(credential__learning_context_key=context_key)
    parts = [
        events.filter(created_at__gte=get_start(bar.first), created_at__lt=get_start(bar.last + timedelta(days=1)))
        .annotate(bar=Value(index, output_field=IntegerField()))
        .values("bar", "action")
        .annotate(number=Count("pk"))
        .values_list("bar", "action", "number")
        for index, bar in enumerate(bars)
    ]
    for index, action, number in parts[0].union(*parts[1:], all=True):
        setattr(bars[index], _ACTIONS[action], number)


def _count_visits(bars: list[Bar], limit: Limit, context_key: str) -> None:
    counts = limit(DailyCount.objects.filter(day__range=(bars[0].first, bars[-1].last)), Credential).order_by()
    if context_key:
        counts = counts.filter(credential__learning_context_key=context_key)
    sums = counts.values_list("day").annotate(Sum("verifications"), Sum("downloads"), Sum("shares"))
    width = (bars[0].last - bars[0].first).days + 1
    for day, verified, downloaded, shared in sums:
        bar = bars[(day - bars[0].first).days // width]
        bar.verified += verified
        bar.downloaded += downloaded
        bar.shared += shared
