"""Model fields that behave the same on every database."""

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
    _AnyField = models.Field[Any, Any]
    _DayField = models.DateField[Any, Any]
    _MomentField = models.DateTimeField[Any, Any]
else:
    _TextField = models.CharField
    _AnyField = models.Field
    _DayField = models.DateField
    _MomentField = models.DateTimeField


def validate_date(value: date) -> None:
    """Refuse a date or a moment that the app does not accept.

    Raises:
        ValidationError.
    """
    if not is_in_range(value):
        raise ValidationError(
            _("Enter a date from %(first)s to %(last)s."),
            code="date_out_of_range",
            params={"first": FIRST_YEAR, "last": LAST_YEAR},
        )


class KeyField(_TextField):
    """The key of a learning context: stored and looked up in NFC, and compared byte by byte.

    A key that somebody typed or pasted in another Unicode form is the same key. MariaDB and MySQL compare without regard to case unless
    told otherwise, and would take two course keys that differ in case for one.
    """

    def to_python(self, value: Any) -> Any:
        """Compose what was assigned."""
        return _compose(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        """Compose what is stored or looked for."""
        return _compose(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Let the instance have what is stored."""
        value = _compose(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Add the binary collation where the database needs it."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters


def _compose(value: Any) -> Any:
    return compose(value) if isinstance(value, str) else value


class FoldedField(_TextField):
    """A name in the form in which it is searched, taken from another field whenever the row is saved."""

    def __init__(self, *args: Any, source: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Tell migrations the source."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002
        """Fold the source as it is now."""
        value = fold(str(getattr(model_instance, self.source) or ""))
        setattr(model_instance, self.attname, value)
        return value


class PeriodField(_AnyField):
    """A `Period` within bounds, stored in ISO 8601.

    Text and `timedelta` can be assigned too. A stored text that cannot be read gives a period that says so, and never raises.
    """

    description = _("Period")
    default_error_messages = {  # noqa: RUF012
        "invalid": _("Say how many of what: years, months, weeks or days, such as “1 year 6 months” or “90 days”."),
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
        """Return what the column is."""
        return "CharField"

    def from_db_value(self, value: str | None, *_args: object) -> Period | None:
        """Read what is stored."""
        return None if value is None else Period.read_stored(value)

    def to_python(self, value: object) -> Period | None:
        """Read what was assigned.

        Raises:
            ValidationError: it is not a period.
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
        """Write it for the database."""
        period = self.to_python(value)
        return None if period is None else str(period)

    def value_to_string(self, obj: models.Model) -> str:
        """Write it for fixtures."""
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def run_validators(self, value: Any) -> None:
        """Refuse what is out of bounds."""
        super().run_validators(value)
        if isinstance(value, Period) and not value.is_within(self.minimum, self.maximum):
            bounds = {"minimum": self.minimum.describe(), "maximum": self.maximum.describe()}
            raise ValidationError(self.error_messages["out_of_bounds"], code="out_of_bounds", params=bounds)


class DayField(_DayField):
    """A date within bounds."""

    default_validators = [validate_date]  # noqa: RUF012  as Django has it

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Tell migrations that the column is a plain one."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs


class MomentField(_MomentField):
    """A moment within bounds.

    A stored value past the bounds is read as it is, but for the first and last days of the calendar: those are read as the nearest day
    that every time zone can show, so that no page and no worker fails.
    """

    default_validators = [validate_date]  # noqa: RUF012  as Django has it

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Tell migrations that the column is a plain one."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs

    def from_db_value(self, value: datetime | None, *_args: object) -> datetime | None:
        """Read what is stored."""
        return None if value is None else keep_off_ends(value)
