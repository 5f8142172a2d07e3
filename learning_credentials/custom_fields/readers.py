"""Read the value of each kind of custom field: JSON, or Python's dates, numbers and durations."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal

from learning_credentials.dates import FIRST_YEAR, LAST_YEAR, is_in_range
from learning_credentials.periods import Period

GREATEST = 10**12
_SHORTEST_DURATION, _LONGEST_DURATION = Period(), Period(years=100)
_LONGEST_PERIOD = 100
#: Unicode categories of characters that cannot be on a line: controls, surrogates, and separators of lines and paragraphs.
_OFF_LINE = {"Cc", "Cs", "Zl", "Zp"}
#: How much of a wrong value a message quotes.
_QUOTED = 60


def quote(value: object) -> str:
    """Return a wrong value for a message."""
    text = repr(value)
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def read_line(value: object) -> str:
    """Return a text of one line, without the spaces around it.

    Raises:
        ValueError: it is no text, or has a character that no line can have.
    """
    if not isinstance(value, str):
        msg = f"{quote(value)} is not a text"
        raise ValueError(msg)  # noqa: TRY004  pydantic reports a ValueError with its path
    if any(unicodedata.category(character) in _OFF_LINE for character in value.strip()):
        msg = f"{quote(value)} contains a line break or another character that cannot be printed on a line"
        raise ValueError(msg)
    return value.strip()


def read_number(value: object) -> Decimal:
    """Return a number exactly. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        msg = f"{quote(value)} is not a number"
        raise ValueError(msg)  # noqa: TRY004
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or abs(number) > GREATEST:
        msg = f"{quote(value)} is not a number from -{GREATEST:,} to {GREATEST:,}"
        raise ValueError(msg)
    return number


def read_date(value: object) -> date:
    """Return a date, or the date of an ISO 8601 text. Raises ValueError."""
    if isinstance(value, str):
        try:
            value = datetime.strptime(value.strip(), "%Y-%m-%d").date()  # noqa: DTZ007  a date has no time zone
        except ValueError:
            msg = f"{quote(value)} is not a date such as 2026-05-31"
            raise ValueError(msg) from None
    if not isinstance(value, date) or isinstance(value, datetime):
        msg = f"{quote(value)} is not a date such as 2026-05-31"
        raise ValueError(msg)  # noqa: TRY004
    if not is_in_range(value):
        msg = f"{value.isoformat()} is not between the years {FIRST_YEAR} and {LAST_YEAR}"
        raise ValueError(msg)
    return value


def read_duration(value: object) -> Period:
    """Return a duration from words, ISO 8601 or a `timedelta`. Raises ValueError."""
    if isinstance(value, timedelta):
        period = Period.from_timedelta(value)
    elif isinstance(value, str) and len(value) <= _LONGEST_PERIOD:
        try:
            period = Period.read(value)
        except ValueError:
            period = Period(unread=value)
    else:
        period = Period(unread=quote(value))
    if period.unread or period.end:
        msg = f"{quote(value)} is not a duration such as '12 hours' or '2 weeks'"
        raise ValueError(msg)
    if not period.is_within(_SHORTEST_DURATION, _LONGEST_DURATION):
        msg = f"{quote(value)} is longer than {_LONGEST_DURATION.describe()}"
        raise ValueError(msg)
    return period
