"""Define which dates the app accepts. Keep moments within the range that every time zone can show."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from learning_credentials.exceptions import DateOutOfRangeError

#: The first and the last year that the app accepts.
FIRST_YEAR = 1900
LAST_YEAR = 2200
EARLIEST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LATEST = datetime(LAST_YEAR, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
#: In some time zones, the calendar has no moments within two days of its ends.
_MARGIN = timedelta(days=2)


def is_in_range(value: date) -> bool:
    """Return whether the app accepts a date. A datetime with a time zone is compared in UTC."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return EARLIEST <= value <= LATEST
    return FIRST_YEAR <= value.year <= LAST_YEAR


def require_in_range(value: date | None) -> None:
    """Raise `DateOutOfRangeError` if a date is given and the app does not accept it."""
    if value is not None and not is_in_range(value):
        msg = f"The date {value.isoformat()} is out of range. Enter a date from {FIRST_YEAR} to {LAST_YEAR}."
        raise DateOutOfRangeError(msg)


def keep_off_ends(moment: datetime) -> datetime:
    """Return the moment. If a time zone cannot show it, return the nearest moment that every time zone can show."""
    if moment.toordinal() <= _MARGIN.days:
        return moment.replace(day=1 + _MARGIN.days)
    if moment.toordinal() > date.max.toordinal() - _MARGIN.days:
        return moment.replace(day=date.max.day - _MARGIN.days)
    return moment
