"""The form field of periods."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from learning_credentials.periods import Period


class PeriodField(forms.Field):
    """A period in words. ISO 8601 (``P1Y6M``) and Django's notation (``1 12:00:00``) are read as well."""

    widget = AdminTextInputWidget
    default_error_messages = {  # noqa: RUF012
        "invalid": gettext_lazy(
            "Say how many of what: years, months, weeks, days, hours or minutes, such as “1 year 6 months” or “90 days”."
        )
    }

    def prepare_value(self, value: Any) -> Any:
        """Write a period in words; show what was typed as it is."""
        return value.describe() if isinstance(value, Period) else value

    def to_python(self, value: Any) -> Period | None:
        """Read a period.

        Raises:
            ValidationError: it cannot be read, or is a number without a unit.
        """
        if value in self.empty_values:
            return None
        try:
            return Period.read(str(value))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
