"""Read, write, compare and add periods of the calendar, such as "1 year 6 months" or "until 31 December"."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, fields, replace
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
_MONTHS = tuple(calendar.month_name)
_MONTH = rf"({'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in _MONTHS[1:])})\.?"
#: The day on which a period ends, as people write it: "until 31 December", "until December 31".
_END = re.compile(rf"\s*\b(?:until|to)\s+(?:(\d{{1,2}})\s+{_MONTH}|{_MONTH}\s+(\d{{1,2}}))", re.IGNORECASE | re.ASCII)
#: The same as it is stored: after a slash, as in ISO 8601's intervals.
_ISO_END = re.compile(r"(?:^|/)--(\d\d)-(\d\d)$", re.ASCII)
_CLOCK = re.compile(r"(?:(\d+) )?(\d+):(\d\d):00", re.ASCII)
#: Lengths are measured from this date, because its year has 366 days.
_REFERENCE = datetime(2000, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True)
class Period:
    """A number of years, months, weeks and days by the calendar, and of hours and minutes by the clock.

    ``end`` is empty, or a day of the year such as ``12-31``. The period then lasts longer: to the end of the next such day.

    ``unread`` contains a stored text that could not be read as a period. It is shown and reported unchanged, and it is outside all bounds.
    """

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    end: str = ""
    unread: str = ""

    @classmethod
    def read(cls, text: str) -> Period:
        """Return the period in words ("1 year 6 months"), ISO 8601 ("P1Y6M") or Django's notation ("1 12:00:00").

        Each can have an end: "until 31 December", "6 months until 31 December", "P6M/--12-31".

        Raises:
            ValueError: the text has none of these forms, is negative, or has seconds.
        """
        text = text.strip()
        rest, end = _read_end(text)
        if end and not _read_end(rest)[1]:
            return replace(cls.read(rest) if rest else cls(), end=end)
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
        length = f"P{date}{f'T{time}' if time else ''}" if date or time else "P0D"
        return f"{length}/--{self.end}" if self.end else length

    def describe(self) -> str:
        """Return the period in words. `read` can read them."""
        if self.unread:
            return self.unread
        numbers = ((field.name, getattr(self, field.name)) for field in fields(self)[:-2])
        parts = [f"{number} {name[:-1] if number == 1 else name}" for name, number in numbers if number]
        if self.end:
            month, day = map(int, self.end.split("-"))
            parts.append(f"until {day} {_MONTHS[month]}")
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
            later = later.astimezone(UTC) + timedelta(hours=self.hours, minutes=self.minutes) * times
            return _find_end(later.astimezone(zone), self.end).astimezone(UTC) if self.end else later
        except (OverflowError, ValueError) as error:
            msg = f"{self.describe()} after {moment:%Y-%m-%d} is later than any date that can be stored"
            raise OverflowError(msg) from error

    def get_length(self) -> timedelta:
        """Return the approximate length, for comparing periods. A year counts 366 days. With an end, this is the greatest length.

        A period that exceeds the calendar has the longest possible duration.
        """
        try:
            length = _add(_REFERENCE, self, 1) - _REFERENCE + timedelta(hours=self.hours, minutes=self.minutes)
            return length + timedelta(days=366) if self.end else length
        except (OverflowError, ValueError):
            return timedelta.max

    def is_within(self, minimum: Period, maximum: Period) -> bool:
        """Return whether the period could be read and is within the bounds. The bounds are included.

        A period with an end has no fixed length. It is within no bounds of a year or less: those are for what is repeated.
        """
        if self.end and maximum.get_length() <= Period(years=1).get_length():
            return False
        return not self.unread and minimum.get_length() <= self.get_length() <= maximum.get_length()

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Tell migrations how to write the period."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return f"{type(self).__module__}.Period", [], {name: value for name, value in values.items() if value}


def _read_end(text: str) -> tuple[str, str]:
    """Return the text before the end of a period, and the end as ``12-31``. Return no end if the text has none that exists."""
    if found := _ISO_END.search(text):
        month, day = map(int, found.groups())
    elif (found := _END.search(text)) and found.end() == len(text):
        first, name, other_name, last = found.groups()
        month = next(
            index for index, each in enumerate(_MONTHS) if each.casefold()[:3] == (name or other_name).casefold()[:3]
        )
        day = int(first or last)
    else:
        return text, ""
    # 29 February is a day of the year, too.
    is_day = 1 <= month <= 12 and 1 <= day <= calendar.monthrange(2000, month)[1]  # noqa: PLR2004
    return (text[: found.start()].strip(), f"{month:02}-{day:02}") if is_day else (text, "")


def _find_end(moment: datetime, end: str) -> datetime:
    """Return the last second of the first day of that name that is not over. In other years, 29 February is 28 February."""
    month, day = map(int, end.split("-"))
    for year in (moment.year, moment.year + 1):
        last = min(day, calendar.monthrange(year, month)[1])
        found = moment.replace(year=year, month=month, day=last, hour=23, minute=59, second=59, microsecond=0, fold=1)
        if found >= moment:
            break
    return found


def _add(moment: datetime, period: Period, times: int) -> datetime:
    """Add the calendar parts of a period to a moment without a time zone."""
    later: datetime = moment + relativedelta(
        years=period.years * times,
        months=period.months * times,
        weeks=period.weeks * times,
        days=period.days * times,
    )
    return later
