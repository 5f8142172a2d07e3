"""Define the form field of periods."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from learning_credentials.periods import Period


class PeriodField(forms.Field):
    """A field for a period in words. It also reads ISO 8601 (``P1Y6M``) and Django's notation (``1 12:00:00``)."""

    widget = AdminTextInputWidget
    default_error_messages = {  # noqa: RUF012
        "invalid": gettext_lazy(
            "Enter numbers of years, months, weeks, days, hours or minutes, such as “1 year 6 months” or “90 days”."
        )
    }

    def prepare_value(self, value: Any) -> Any:
        """Return a period in words. Return invalid input as it was typed."""
        return value.describe() if isinstance(value, Period) else value

    def to_python(self, value: Any) -> Period | None:
        """Return the period.

        Raises:
            ValidationError: the text cannot be read, or is a number without a unit.
        """
        if value in self.empty_values:
            return None
        try:
            return Period.read(str(value))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
