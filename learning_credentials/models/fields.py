"""Define model fields that behave the same on every database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from learning_credentials.dates import FIRST_YEAR, LAST_YEAR, is_in_range, keep_off_ends
from learning_credentials.folding import compose, fold
from learning_credentials.periods import Period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

    _TextField = models.CharField[str, str]
    _NullableTextField = models.CharField[str | None, str | None]
    _AnyField = models.Field[Any, Any]
    _DayField = models.DateField[Any, Any]
    _MomentField = models.DateTimeField[Any, Any]
else:
    _TextField = models.CharField
    _NullableTextField = models.CharField
    _AnyField = models.Field
    _DayField = models.DateField
    _MomentField = models.DateTimeField


def validate_date(value: date) -> None:
    """Refuse a date or a moment that the app does not accept.

    Raises:
        ValidationError: the date is out of range.
    """
    if not is_in_range(value):
        raise ValidationError(
            _("Enter a date from %(first)s to %(last)s."),
            code="date_out_of_range",
            params={"first": FIRST_YEAR, "last": LAST_YEAR},
        )


class KeyField(_TextField):
    """The key of a learning context. The field stores and looks up keys in NFC and compares them byte by byte.

    A key that somebody entered in another Unicode form is the same key. By default MariaDB and MySQL ignore case when they compare. They
    would treat two course keys that differ only in case as the same key.
    """

    def to_python(self, value: Any) -> Any:
        """Return the assigned key in NFC."""
        return _compose(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        """Return the key in NFC for storing and looking up."""
        return _compose(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Set the instance's value to the stored form."""
        value = _compose(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Add the binary collation if the database needs it."""
        return _compare_bytes(super().db_parameters(connection), connection)


class CodeField(_NullableTextField):
    """A code, or NULL. The field compares codes byte by byte, so that two codes that differ in case are different codes."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Add the binary collation if the database needs it."""
        return _compare_bytes(super().db_parameters(connection), connection)


def _compare_bytes(parameters: Any, connection: BaseDatabaseWrapper) -> Any:
    if connection.vendor == "mysql":
        parameters["collation"] = "utf8mb4_bin"
    return parameters


def _compose(value: Any) -> Any:
    return compose(value) if isinstance(value, str) else value


class FoldedField(_TextField):
    """A name in the form for searching. Each save copies it from another field."""

    def __init__(self, *args: Any, source: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Tell migrations the name of the source field."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002
        """Fold the current value of the source."""
        value = fold(str(getattr(model_instance, self.source) or ""))
        setattr(model_instance, self.attname, value)
        return value


class PeriodField(_AnyField):
    """A `Period` within bounds, stored in ISO 8601.

    Text and `timedelta` values can be assigned too. If a stored text cannot be read, the field returns a period with the text in ``unread``
    and does not raise.
    """

    description = _("Period")
    default_error_messages = {  # noqa: RUF012
        "invalid": _("Enter numbers of years, months, weeks or days, such as “1 year 6 months” or “90 days”."),
        "out_of_bounds": _("Enter a period from %(minimum)s to %(maximum)s."),
    }

    def __init__(self, *args: Any, minimum: Period, maximum: Period, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 100)
        super().__init__(*args, **kwargs)
        self.minimum, self.maximum = minimum, maximum

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Tell migrations the bounds."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "minimum": self.minimum, "maximum": self.maximum}

    def get_internal_type(self) -> str:
        """Return the type of the database column."""
        return "CharField"

    def from_db_value(self, value: str | None, *_args: object) -> Period | None:
        """Return the stored text as a period."""
        return None if value is None else Period.read_stored(value)

    def to_python(self, value: object) -> Period | None:
        """Return the assigned value as a period.

        Raises:
            ValidationError: the value is not a period.
        """
        if value in (None, ""):
            return None
        if isinstance(value, Period):
            return value
        if isinstance(value, timedelta):
            return Period.from_timedelta(value)
        try:
            return Period.read(str(value))
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error

    def get_prep_value(self, value: object) -> str | None:
        """Return the period as text for the database."""
        period = self.to_python(value)
        return None if period is None else str(period)

    def value_to_string(self, obj: models.Model) -> str:
        """Return the period as text for fixtures."""
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def run_validators(self, value: Any) -> None:
        """Refuse a period that is out of bounds."""
        super().run_validators(value)
        if isinstance(value, Period) and not value.is_within(self.minimum, self.maximum):
            bounds = {"minimum": self.minimum.describe(), "maximum": self.maximum.describe()}
            raise ValidationError(self.error_messages["out_of_bounds"], code="out_of_bounds", params=bounds)


class DayField(_DayField):
    """A date that the app accepts."""

    default_validators = [validate_date]  # noqa: RUF012  as Django has it

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Tell migrations that the column is a plain date."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs


class MomentField(_MomentField):
    """A moment that the app accepts.

    The field returns a stored value out of bounds unchanged. The first and the last days of the calendar are an exception: for those it
    returns the nearest moment that every time zone can show, so that no page and no worker fails.
    """

    default_validators = [validate_date]  # noqa: RUF012  as Django has it

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Tell migrations that the column is a plain datetime."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs

    def from_db_value(self, value: datetime | None, *_args: object) -> datetime | None:
        """Return the stored moment."""
        return None if value is None else keep_off_ends(value)
