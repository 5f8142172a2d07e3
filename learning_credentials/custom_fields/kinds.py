"""Define the kinds of custom fields: what an operator can write in a definition, and which values each kind accepts."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StrictStr, model_validator

from learning_credentials.custom_fields.readers import (
    GREATEST,
    quote,
    read_date,
    read_duration,
    read_line,
    read_number,
)
from learning_credentials.option_types import Look, ShownAs
from learning_credentials.options import StrictOptions
from learning_credentials.periods import Period

LONGEST_NAME, LONGEST_LABEL, LONGEST_TEXT = 40, 100, 500
MOST_CHOICES = 100
MOST_DECIMALS = 6


def _check_line(value: str) -> str:
    line = read_line(value)
    if not line:
        raise ValueError("must not be empty")
    return line


def _check_date(value: str) -> str:
    return read_date(value).isoformat()


def _check_duration(value: str) -> str:
    return read_duration(value).describe()


Name = Annotated[
    StrictStr,
    Field(
        pattern=r"^[a-z][a-z0-9_]*\z",
        max_length=LONGEST_NAME,
        description="Name in placeholders and answers: lower-case letters, digits and _, first a letter.",
    ),
]
Label = Annotated[StrictStr, Field(max_length=LONGEST_LABEL), AfterValidator(_check_line)]
Number = Annotated[float, Field(strict=True, ge=-GREATEST, le=GREATEST, allow_inf_nan=False)]
DateText = Annotated[StrictStr, AfterValidator(_check_date), ShownAs(Look.DATE)]
DurationText = Annotated[StrictStr, AfterValidator(_check_duration), ShownAs(Look.PERIOD)]


_IN_BADGE = ShownAs(
    help="As what the Open Badge contains the value.",
    labels={
        "": "Not in the badge",
        "result": "Result",
        "licenseNumber": "Licence number",
        "role": "Role",
        "term": "Term",
        "creditsEarned": "Credits earned",
        "activityStartDate": "Start of the activity",
        "activityEndDate": "End of the activity",
    },
)


class TextLimits(StrictOptions):
    """Limits of a text."""

    max_length: StrictInt = Field(200, ge=1, le=LONGEST_TEXT)


class _Range(StrictOptions):
    min: Any = None
    max: Any = None

    @model_validator(mode="after")
    def _check_order(self) -> _Range:
        if self.min is not None and self.max is not None and self.order(self.min) > self.order(self.max):
            raise ValueError("min is greater than max")
        return self

    @staticmethod
    def order(value: Any) -> Any:
        """Return a value by which limits are compared."""
        return value

    def check(self, value: Any, shown: object) -> None:
        """Raise ValueError if the value is outside the limits."""
        for limit, is_out, words in (
            (self.min, self.min is not None and value < self.order(self.min), "less than the minimum"),
            (self.max, self.max is not None and value > self.order(self.max), "more than the maximum"),
        ):
            if is_out:
                msg = f"{shown} is {words}, {limit}"
                raise ValueError(msg)


class NumberLimits(_Range):
    """Limits of a number, which is rounded half up to ``decimals``."""

    min: Number | None = None
    max: Number | None = None
    decimals: StrictInt = Field(2, ge=0, le=MOST_DECIMALS)


class DateLimits(_Range):
    """Limits of a date."""

    min: DateText | None = None
    max: DateText | None = None


class DurationLimits(_Range):
    """Limits of a duration."""

    min: DurationText | None = None
    max: DurationText | None = None

    @staticmethod
    def order(value: Any) -> Any:
        """Compare by length."""
        return Period.read(value).get_length()


class Choice(StrictOptions):
    """One of the values of a choice."""

    value: Annotated[StrictStr, Field(max_length=LONGEST_LABEL), AfterValidator(_check_line)]
    label: Label


class BaseDefinition(StrictOptions):
    """What all kinds of definitions have in common."""

    name: Name
    label: Label
    required: StrictBool = Field(False, description="Whether a credential fails if it has no value.")
    on_page: StrictBool = Field(False, title="On the public page")

    def read(self, value: object) -> str | int | float:
        """Return a value as JSON. An empty text stands for no value.

        Raises:
            ValueError: the field does not accept the value.
        """
        raise NotImplementedError

    def get_choice(self, value: object) -> str:  # noqa: ARG002
        """Return the label of a chosen value. Other kinds have none."""
        return ""

    @property
    def sample(self) -> object:
        """Return a value for examples."""
        raise NotImplementedError


class TextDefinition(BaseDefinition):
    """A field with a text."""

    kind: Literal["text"]
    limits: TextLimits = Field(default_factory=TextLimits)
    badge: Annotated[Literal["", "result", "licenseNumber", "role", "term"], _IN_BADGE] = ""

    def read(self, value: object) -> str:
        """Return the value as JSON. See `BaseDefinition.read`."""
        line = read_line(value)
        if len(line) > self.limits.max_length:
            msg = f"{quote(value)} has {len(line)} characters. At most {self.limits.max_length} are accepted"
            raise ValueError(msg)
        return line

    @property
    def sample(self) -> object:
        """Return a value within the limits."""
        return "AB-123456"[: self.limits.max_length]


class NumberDefinition(BaseDefinition):
    """A field with a number."""

    kind: Literal["number"]
    limits: NumberLimits = Field(default_factory=NumberLimits)
    badge: Annotated[Literal["", "result", "creditsEarned"], _IN_BADGE] = ""

    def read(self, value: object) -> int | float:
        """Return the value as JSON. See `BaseDefinition.read`."""
        exact = read_number(value).quantize(Decimal(1).scaleb(-self.limits.decimals), ROUND_HALF_UP)
        number = int(exact) if exact == exact.to_integral_value() else float(exact)
        self.limits.check(number, number)
        return number

    @property
    def sample(self) -> object:
        """Return a value within the limits."""
        low, high = self.limits.min, self.limits.max
        return max(12 if high is None else min(12, high), low if low is not None else -GREATEST)


class DateDefinition(BaseDefinition):
    """A field with a date."""

    kind: Literal["date"]
    limits: DateLimits = Field(default_factory=DateLimits)
    badge: Annotated[Literal["", "result", "activityStartDate", "activityEndDate"], _IN_BADGE] = ""

    def read(self, value: object) -> str:
        """Return the value as JSON. See `BaseDefinition.read`."""
        if isinstance(value, str) and not value.strip():
            return ""
        text = read_date(value).isoformat()
        self.limits.check(text, text)
        return text

    @property
    def sample(self) -> object:
        """Return a value within the limits."""
        return self.limits.min or self.limits.max or "2026-11-22"


class DurationDefinition(BaseDefinition):
    """A field with a duration."""

    kind: Literal["duration"]
    limits: DurationLimits = Field(default_factory=DurationLimits)
    badge: Annotated[Literal["", "result"], _IN_BADGE] = ""

    def read(self, value: object) -> str:
        """Return the value as JSON. See `BaseDefinition.read`."""
        if isinstance(value, str) and not value.strip():
            return ""
        period = read_duration(value)
        self.limits.check(period.get_length(), period.describe())
        return str(period)

    @property
    def sample(self) -> object:
        """Return a value within the limits."""
        return self.limits.min or self.limits.max or "12 hours"


class ChoiceDefinition(BaseDefinition):
    """A field with one of several values."""

    kind: Literal["choice"]
    choices: list[Choice] = Field(min_length=1, max_length=MOST_CHOICES)
    badge: Annotated[Literal["", "result", "role", "term"], _IN_BADGE] = ""

    @model_validator(mode="after")
    def _check_choices(self) -> ChoiceDefinition:
        if len({choice.value for choice in self.choices}) < len(self.choices):
            raise ValueError("two choices have the same value")
        return self

    def read(self, value: object) -> str:
        """Return the value as JSON. See `BaseDefinition.read`."""
        line = read_line(value)
        if line and line not in {choice.value for choice in self.choices}:
            known = ", ".join(choice.value for choice in self.choices[:10])
            msg = f"{quote(value)} is not one of the choices, such as {known}"
            raise ValueError(msg)
        return line

    def get_choice(self, value: object) -> str:
        """Return the label of a value."""
        return next((choice.label for choice in self.choices if choice.value == value), "")

    @property
    def sample(self) -> object:
        """Return a value within the limits."""
        return self.choices[0].value
