"""Counts what happened in a period: credentials issued and revoked, pages verified, files downloaded, credentials shared.

The bars of a chart are days, or weeks in a long period. Their number is bounded, and so is the number of queries. Days that are over come
from the daily totals, today from the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, IntegerField, Sum, Value

from learning_credentials.models import CredentialEvent, DailyCount, DailyTotal
from learning_credentials.services.common import make_condition
from learning_credentials.services.desk.day_counting import ACTIONS, NAMES, find_counted_days, get_start

if TYPE_CHECKING:
    from learning_credentials.lms import Scope

#: A longer period has one bar a week.
MAX_DAYS = 31
#: No period is longer: 53 weeks.
MAX_PERIOD = timedelta(days=371)
_WEEK = 7
#: Parts of one statement. SQLite binds at most 999 parameters.
_PARTS = 100


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

    def list_days(self) -> list[date]:
        """Return the days of the bar."""
        return [self.first + timedelta(days=index) for index in range((self.last - self.first).days + 1)]


class _Span(NamedTuple):
    """Days of a bar that follow each other."""

    bar: Bar
    first: date
    last: date


def count_numbers(first: date, last: date, *, scope: Scope, context_key: str = "") -> list[Bar]:
    """Return the numbers of a period, oldest first. The last seconds of visits can be missing: see `write_visits`.

    Args:
        first: the first day, in the time zone of the project.
        last: the last day. At most `MAX_PERIOD` before it is counted.
        scope: the contexts whose credentials the viewer may see.
        context_key: count only this learning context. Empty: all.
    """
    bars = _make_bars(max(first, last - MAX_PERIOD + timedelta(days=1)), last)
    counted = find_counted_days(bars[0].first, bars[-1].last)
    by_day = {day: bar for bar in bars for day in bar.list_days()}
    _add_totals({day: bar for day, bar in by_day.items() if day in counted}, scope, context_key)
    live = {day: bar for day, bar in by_day.items() if day not in counted}
    if live:
        _count_events(_list_spans(live), scope, context_key)
        _count_visits(live, scope, context_key)
    return bars


def _make_bars(first: date, last: date) -> list[Bar]:
    width = 1 if (last - first).days < MAX_DAYS else _WEEK
    bars = []
    while first <= last:
        end = min(first + timedelta(days=width - 1), last)
        bars.append(Bar(first, end))
        first = end + timedelta(days=1)
    return bars


def _add_totals(by_day: dict[date, Bar], scope: Scope, context_key: str) -> None:
    """Add the totals of counted days. The sums of all contexts serve viewers who may see all of them."""
    if not by_day:
        return
    rows = DailyTotal.objects.filter(day__range=(min(by_day), max(by_day))).order_by()
    if context_key or scope.is_everything:
        rows = rows.filter(learning_context_key=context_key)
    if not scope.is_everything:
        rows = rows.exclude(learning_context_key="").filter(make_condition(DailyTotal, scope))
    for day, *numbers in rows.values_list("day").annotate(*(Sum(name) for name in NAMES)):
        if day in by_day:
            for name, number in zip(NAMES, numbers, strict=True):
                _add(by_day[day], name, number)


def _list_spans(by_day: dict[date, Bar]) -> list[_Span]:
    """Return the days of each bar in as few spans as possible."""
    spans: list[_Span] = []
    for day, bar in by_day.items():
        if spans and spans[-1].bar is bar and spans[-1].last + timedelta(days=1) == day:
            spans[-1] = spans[-1]._replace(last=day)
        else:
            spans.append(_Span(bar, day, day))
    return spans


def _count_events(spans: list[_Span], scope: Scope, context_key: str) -> None:
    """Count each span in a part of one statement, so that the index on action and time answers it without reading rows."""
    events = CredentialEvent.objects.filter(make_condition(CredentialEvent, scope), action__in=list(ACTIONS)).order_by()
    if context_key:
        events = events.filter(credential__learning_context_key=context_key)
    parts = [
        events.filter(created_at__gte=get_start(span.first), created_at__lt=get_start(span.last + timedelta(days=1)))
        .annotate(span=Value(index, output_field=IntegerField()))
        .values("span", "action")
        .annotate(number=Count("pk"))
        .values_list("span", "action", "number")
        for index, span in enumerate(spans)
    ]
    for begin in range(0, len(parts), _PARTS):
        first, *others = parts[begin : begin + _PARTS]
        for index, action, number in first.union(*others, all=True):
            _add(spans[index].bar, ACTIONS[action], number)


def _add(bar: Bar, name: str, number: int) -> None:
    setattr(bar, name, getattr(bar, name) + number)


def _count_visits(by_day: dict[date, Bar], scope: Scope, context_key: str) -> None:
    counts = DailyCount.objects.filter(make_condition(DailyCount, scope), day__in=list(by_day)).order_by()
    if context_key:
        counts = counts.filter(credential__learning_context_key=context_key)
    for day, verified, downloaded, shared in counts.values_list("day").annotate(
        Sum("verifications"), Sum("downloads"), Sum("shares")
    ):
        for name, number in (("verified", verified), ("downloaded", downloaded), ("shared", shared)):
            _add(by_day[day], name, number)
