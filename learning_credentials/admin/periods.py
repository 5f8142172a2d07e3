"""Periods as people write them: "730 days", "1 day 12 hours"."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.duration import duration_string
from django.utils.translation import gettext_lazy

UNITS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}
_UNITS_READ = {"week": timedelta(weeks=1), **UNITS}
_PART = re.compile(rf"(\d+)\s*({'|'.join(_UNITS_READ)})s?\b[\s,]*", re.IGNORECASE | re.ASCII)


class PeriodField(forms.DurationField):
    """A duration in words. Django's notation (``1 12:00:00``) and ISO 8601 (``P1DT12H``) are read as well."""

    widget = AdminTextInputWidget
    default_error_messages = {  # noqa: RUF012
        "invalid": gettext_lazy("Say how many of what: weeks, days, hours, minutes or seconds, such as “90 days”.")
    }

    def prepare_value(self, value: Any) -> Any:
        """Write a duration in words; show what was typed as it is."""
        return write_period(value) if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> timedelta | None:
        """Read a duration.

        Raises:
            ValidationError: it cannot be read, or is a number without a unit: Django takes 365 for seconds, nobody else does.
        """
        text = value.strip() if isinstance(value, str) else ""
        if text.isdecimal():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return read_period(text) or super().to_python(value)


def read_period(text: str) -> timedelta | None:
    """Read "1 week 2 days"; None where it is something else.

    Raises:
        ValidationError: it is longer than can be stored.
    """
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip():
        return None
    try:
        return sum((int(number) * _UNITS_READ[unit.lower()] for number, unit in parts), timedelta())
    except OverflowError:
        raise ValidationError(gettext_lazy("This is too long."), code="overflow") from None


def write_period(period: timedelta) -> str:
    """Write a period so that `read_period` reads it; what has fractions of seconds or is negative, in Django's notation."""
    if period.microseconds or period < timedelta():
        return duration_string(period)
    parts = []
    rest = period
    for unit, length in UNITS.items():
        number, rest = divmod(rest, length)
        if number:
            parts.append(f"{number} {unit}{'' if number == 1 else 's'}")
    return " ".join(parts) or "0 seconds"
