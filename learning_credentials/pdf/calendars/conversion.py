"""Convert days of the Gregorian calendar into other calendars."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Calendar = Literal["gregorian", "buddhist", "islamic-civil", "islamic-umalqura", "japanese", "persian", "roc"]
CALENDARS: tuple[Calendar, ...] = get_args(Calendar)
GREGORIAN: Calendar = "gregorian"

#: The first days of the eras of Japan since it has the Gregorian calendar.
_JAPANESE_ERAS = (date(1873, 1, 1), date(1912, 7, 30), date(1926, 12, 25), date(1989, 1, 8), date(2019, 5, 1))
#: The years before the first year of each of these eras.
_JAPANESE_YEARS = (1867, 1911, 1925, 1988, 2018)
_BUDDHIST_YEARS = 543
_YEARS_BEFORE_ROC = 1911
#: The civil Islamic calendar begins on Friday, July 16, 622 of the Julian calendar.
_HIJRA = date(622, 7, 19).toordinal()
#: Thirty years of the civil Islamic calendar have eleven leap days.
_CYCLE_YEARS = 30
_CYCLE_DAYS = 30 * 354 + 11


class DateOutOfRangeError(ValueError):
    """A calendar does not have a day, or nobody knows yet which one it will be."""


class CalendarDay(NamedTuple):
    """A day in a calendar. ``era`` counts the eras of the calendar from 0."""

    year: int
    month: int
    day: int
    era: int = 0


class _Rule(NamedTuple):
    """How a calendar counts, and its first and last day."""

    convert: Callable[[date], CalendarDay]
    first: date
    last: date


def convert(day: date, calendar: Calendar) -> CalendarDay:
    """Return a day in a calendar.

    Raises:
        DateOutOfRangeError: the calendar does not have the day.
    """
    rule = _RULES[calendar]
    if not rule.first <= day <= rule.last:
        msg = (
            f"{day.isoformat()} is outside the calendar '{calendar}', which is known from {rule.first.isoformat()} to "
            f"{rule.last.isoformat()}"
        )
        raise DateOutOfRangeError(msg)
    return rule.convert(day)


def get_range(calendar: Calendar) -> tuple[date, date]:
    """Return the first and the last day that a calendar is known for."""
    return _RULES[calendar].first, _RULES[calendar].last


def _to_gregorian(day: date) -> CalendarDay:
    return CalendarDay(day.year, day.month, day.day)


def _to_buddhist(day: date) -> CalendarDay:
    return CalendarDay(day.year + _BUDDHIST_YEARS, day.month, day.day)


def _to_roc(day: date) -> CalendarDay:
    return CalendarDay(day.year - _YEARS_BEFORE_ROC, day.month, day.day)


def _to_japanese(day: date) -> CalendarDay:
    era = bisect_right(_JAPANESE_ERAS, day) - 1
    return CalendarDay(day.year - _JAPANESE_YEARS[era], day.month, day.day, era)


def _to_persian(day: date) -> CalendarDay:
    from persiantools.jdatetime import JalaliDate

    found = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call]  # the library has few annotations
    return CalendarDay(found.year, found.month, found.day)


def _to_umalqura(day: date) -> CalendarDay:
    from hijridate import Gregorian

    return CalendarDay(*Gregorian.fromdate(day).to_hijri().datetuple())


def _to_islamic_civil(day: date) -> CalendarDay:
    """Count by the arithmetic of the tabular calendar: odd months have 30 days, even ones 29, and leap years one more."""
    elapsed = day.toordinal() - _HIJRA
    year = (_CYCLE_YEARS * elapsed + _CYCLE_DAYS + 15) // _CYCLE_DAYS
    rest = elapsed - ((year - 1) * 354 + (3 + 11 * year) // _CYCLE_YEARS)
    month = (11 * rest + 330) // 325
    return CalendarDay(year, month, rest - (29 * (month - 1) + month // 2) + 1)


_RULES: Mapping[Calendar, _Rule] = {
    "gregorian": _Rule(_to_gregorian, date.min, date.max),
    # Years began in April until then.
    "buddhist": _Rule(_to_buddhist, date(1941, 1, 1), date.max),
    "islamic-civil": _Rule(_to_islamic_civil, date.fromordinal(_HIJRA), date.max),
    # The published tables: the years 1343 to 1500.
    "islamic-umalqura": _Rule(_to_umalqura, date(1924, 8, 1), date(2077, 11, 16)),
    "japanese": _Rule(_to_japanese, _JAPANESE_ERAS[0], date.max),
    # The years 1304, when Iran introduced the calendar, to 1500. Later leap years depend on predictions of the equinox.
    "persian": _Rule(_to_persian, date(1925, 3, 22), date(2122, 3, 20)),
    "roc": _Rule(_to_roc, date(1912, 1, 1), date.max),
}
