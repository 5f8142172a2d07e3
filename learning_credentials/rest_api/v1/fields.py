"""Define fields that accept only values of their own type: 7 is not a text, "yes" is not a boolean, and true is not a number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from learning_credentials.dates import is_in_range
from learning_credentials.folding import compose

MAX_ID = 2**63 - 1
MAX_NAME_LENGTH = 255


class StrictCharField(serializers.CharField):
    """A text. White space at its ends is kept."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Refuse numbers, which DRF would convert to text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class ContextKeyField(StrictCharField):
    """The key of a learning context in any Unicode form."""

    def to_internal_value(self, data: Any) -> str:
        """Return the key in NFC."""
        return compose(super().to_internal_value(data))


class StrictBooleanField(serializers.BooleanField):
    """True or false."""

    def to_internal_value(self, data: Any) -> bool:
        """Refuse words and numbers, which DRF would convert."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class UserIdField(serializers.IntegerField):
    """The id of a user in the LMS."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        """Refuse text, booleans and fractions."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class MomentField(serializers.DateTimeField):
    """A time in ISO 8601.

    A time without a time zone is in UTC. A date without a time means the beginning of that day.
    """

    default_error_messages = {"range": _("This time is too far in the past or future.")}  # noqa: RUF012  as DRF has it

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)

    def to_internal_value(self, value: Any) -> datetime:
        """Refuse values that are not text, and times out of range."""
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        moment: datetime = super().to_internal_value(value)
        if not is_in_range(moment):
            self.fail("range")
        return moment
