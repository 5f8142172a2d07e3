"""Periods of the calendar, such as "1 year 6 months": read, written, compared and added to a moment."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils import timezone

_WORDS = re.compile(r"(\d+)\s*(year|month|week|day|hour|minute)s?\b[\s,]*(?:and\b\s*)?", re.IGNORECASE | re.ASCII)
_ISO_DATE = "YMWD"
_ISO_TIME = "HM"
_ISO = re.compile(
    r"P(?=[\dT])"
    + "".join(rf"(?:(\d+){unit})?" for unit in _ISO_DATE)
    + r"(?:T(?=\d)"
    + "".join(rf"(?:(\d+){unit})?" for unit in _ISO_TIME)
    + ")?",
    re.ASCII,
)
_CLOCK = re.compile(r"(?:(\d+) )?(\d+):(\d\d):00", re.ASCII)
#: Lengths are measured from here: a year that has 366 days.
_REFERENCE = datetime(2000, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True)
class Period:
    """A number of years, months, weeks and days by the calendar, and of hours and minutes by the clock.

    ``unread`` is a text that could not be read as a period: a stored value is shown and reported as it is, and is out of every bound.
    """

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    unread: str = ""

    @classmethod
    def read(cls, text: str) -> Period:
        """Read words ("1 year 6 months"), ISO 8601 ("P1Y6M") or Django's notation ("1 12:00:00").

        Raises:
            ValueError: it is none of these, is negative, or has seconds.
        """
        text = text.strip()
        parts = _WORDS.findall(text)
        if parts and not _WORDS.sub("", text).strip():
            numbers: dict[str, Any] = {}
            for number, unit in parts:
                name = f"{unit.lower()}s"
                numbers[name] = numbers.get(name, 0) + int(number)
            return cls(**numbers)
        if matched := _ISO.fullmatch(text.upper()):
            years, months, weeks, days, hours, minutes = (int(number or 0) for number in matched.groups())
            return cls(years, months, weeks, days, hours, minutes)
        if matched := _CLOCK.fullmatch(text):
            days, hours, minutes = (int(number or 0) for number in matched.groups())
            return cls(days=days, hours=hours, minutes=minutes)
        msg = f"'{text:.100}' is not a period"
        raise ValueError(msg)

    @classmethod
    def read_stored(cls, text: str) -> Period:
        """Read what a database holds; what cannot be read is kept in ``unread``."""
        try:
            return cls.read(text)
        except ValueError:
            return cls(unread=text)

    @classmethod
    def from_timedelta(cls, duration: timedelta) -> Period:
        """Return the period of a duration, in days, hours and minutes; parts of a minute are rounded up."""
        if duration < timedelta():
            return cls(unread=f"-{cls.from_timedelta(-duration)}")
        minutes = duration // timedelta(minutes=1) + bool(duration % timedelta(minutes=1))
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        return cls(days=days, hours=hours, minutes=minutes)

    def __str__(self) -> str:
        """Write it in ISO 8601."""
        if self.unread:
            return self.unread
        numbers = (self.years, self.months, self.weeks, self.days, self.hours, self.minutes)
        date = "".join(f"{number}{unit}" for number, unit in zip(numbers, _ISO_DATE, strict=False) if number)
        time = "".join(f"{number}{unit}" for number, unit in zip(numbers[4:], _ISO_TIME, strict=True) if number)
        return f"P{date}{f'T{time}' if time else ''}" if date or time else "P0D"

    def describe(self) -> str:
        """Write it in words that `read` reads."""
        if self.unread:
            return self.unread
        numbers = ((field.name, getattr(self, field.name)) for field in fields(self)[:-1])
        parts = (f"{number} {name[:-1] if number == 1 else name}" for name, number in numbers if number)
        return " ".join(parts) or "0 days"

    def add_to(self, moment: datetime, times: int = 1) -> datetime:
        """Return the moment that is so many of these periods later, in UTC.

        Years to days count in the project's time zone and keep the time of day; a day that a month lacks becomes the month's last day.

        Args:
            moment: aware.
            times: how many periods.

        Raises:
            OverflowError: it is beyond the last year that there is, or the period could not be read.
        """
        if self.unread:
            msg = f"'{self.unread}' is not a period"
            raise OverflowError(msg)
        zone = timezone.get_default_timezone()
        try:
            local = moment.astimezone(zone)
            later = (_add(local.replace(tzinfo=None), self, times)).replace(tzinfo=zone, fold=local.fold)
            return later.astimezone(UTC) + timedelta(hours=self.hours, minutes=self.minutes) * times
        except (OverflowError, ValueError) as error:
            msg = f"{self.describe()} after {moment:%Y-%m-%d} is beyond the calendar"
            raise OverflowError(msg) from error

    def get_length(self) -> timedelta:
        """Return about how long it is, to compare periods: a year counts 366 days; the longest duration if it is beyond the calendar."""
        try:
            return _add(_REFERENCE, self, 1) - _REFERENCE + timedelta(hours=self.hours, minutes=self.minutes)
        except (OverflowError, ValueError):
            return timedelta.max

    def is_within(self, minimum: Period, maximum: Period) -> bool:
        """Whether it could be read and is within bounds, which are included."""
        return not self.unread and minimum.get_length() <= self.get_length() <= maximum.get_length()

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Tell migrations how to write it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return f"{type(self).__module__}.Period", [], {name: value for name, value in values.items() if value}


def _add(moment: datetime, period: Period, times: int) -> datetime:
    """Add the parts that the calendar counts to a moment without a time zone."""
    later: datetime = moment + relativedelta(
        years=period.years * times,
        months=period.months * times,
        weeks=period.weeks * times,
        days=period.days * times,
    )
    return later
