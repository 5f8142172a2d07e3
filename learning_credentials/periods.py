"""Read, write, compare and add periods of the calendar, such as "1 year 6 months"."""

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
#: Lengths are measured from this date, because its year has 366 days.
_REFERENCE = datetime(2000, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True)
class Period:
    """A number of years, months, weeks and days by the calendar, and of hours and minutes by the clock.

    ``unread`` contains a stored text that could not be read as a period. It is shown and reported unchanged, and it is outside all bounds.
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
        """Return the period in words ("1 year 6 months"), ISO 8601 ("P1Y6M") or Django's notation ("1 12:00:00").

        Raises:
            ValueError: the text has none of these forms, is negative, or has seconds.
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
        msg = f"'{text:.100}' is not a period such as '1 year 6 months'"
        raise ValueError(msg)

    @classmethod
    def read_stored(cls, text: str) -> Period:
        """Return the period that a database contains. Keep a text that cannot be read in ``unread``."""
        try:
            return cls.read(text)
        except ValueError:
            return cls(unread=text)

    @classmethod
    def from_timedelta(cls, duration: timedelta) -> Period:
        """Return a duration as a period of days, hours and minutes. Parts of a minute are rounded up."""
        if duration < timedelta():
            return cls(unread=f"-{cls.from_timedelta(-duration)}")
        minutes = duration // timedelta(minutes=1) + bool(duration % timedelta(minutes=1))
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        return cls(days=days, hours=hours, minutes=minutes)

    def __str__(self) -> str:
        """Return the period in ISO 8601."""
        if self.unread:
            return self.unread
        numbers = (self.years, self.months, self.weeks, self.days, self.hours, self.minutes)
        date = "".join(f"{number}{unit}" for number, unit in zip(numbers, _ISO_DATE, strict=False) if number)
        time = "".join(f"{number}{unit}" for number, unit in zip(numbers[4:], _ISO_TIME, strict=True) if number)
        return f"P{date}{f'T{time}' if time else ''}" if date or time else "P0D"

    def describe(self) -> str:
        """Return the period in words. `read` can read them."""
        if self.unread:
            return self.unread
        numbers = ((field.name, getattr(self, field.name)) for field in fields(self)[:-1])
        parts = (f"{number} {name[:-1] if number == 1 else name}" for name, number in numbers if number)
        return " ".join(parts) or "0 days"

    def add_to(self, moment: datetime, times: int = 1) -> datetime:
        """Return the moment that is ``times`` periods later, in UTC.

        Years, months, weeks and days count in the project's time zone and keep the time of day. If a month lacks the day, the month's last
        day is used.

        Args:
            moment: a datetime with a time zone.
            times: how many periods.

        Raises:
            OverflowError: the result is after the last possible year, or the period could not be read.
        """
        if self.unread:
            msg = f"'{self.unread}' is not a period such as '1 year 6 months'"
            raise OverflowError(msg)
        zone = timezone.get_default_timezone()
        try:
            local = moment.astimezone(zone)
            later = (_add(local.replace(tzinfo=None), self, times)).replace(tzinfo=zone, fold=local.fold)
            return later.astimezone(UTC) + timedelta(hours=self.hours, minutes=self.minutes) * times
        except (OverflowError, ValueError) as error:
            msg = f"{self.describe()} after {moment:%Y-%m-%d} is later than any date that can be stored"
            raise OverflowError(msg) from error

    def get_length(self) -> timedelta:
        """Return the approximate length, for comparing periods. A year counts 366 days.

        A period that exceeds the calendar has the longest possible duration.
        """
        try:
            return _add(_REFERENCE, self, 1) - _REFERENCE + timedelta(hours=self.hours, minutes=self.minutes)
        except (OverflowError, ValueError):
            return timedelta.max

    def is_within(self, minimum: Period, maximum: Period) -> bool:
        """Return whether the period could be read and is within the bounds. The bounds are included."""
        return not self.unread and minimum.get_length() <= self.get_length() <= maximum.get_length()

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Tell migrations how to write the period."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return f"{type(self).__module__}.Period", [], {name: value for name, value in values.items() if value}


def _add(moment: datetime, period: Period, times: int) -> datetime:
    """Add the calendar parts of a period to a moment without a time zone."""
    later: datetime = moment + relativedelta(
        years=period.years * times,
        months=period.months * times,
        weeks=period.weeks * times,
        days=period.days * times,
    )
    return later
