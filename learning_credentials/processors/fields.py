"""Define the types of the processors' options: fractions, required grades by category, and overrides by step."""
# ruff: noqa: TRY004 -- pydantic reports a ValueError with its path and lets a TypeError through

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, WrapValidator, model_validator

from learning_credentials.folding import compose
from learning_credentials.option_types import Look, ShownAs
from learning_credentials.options import StrictOptions

if TYPE_CHECKING:
    from collections.abc import Callable

#: The category name that means the weighted grade over all categories.
TOTAL = "Total"
_MOST_CATEGORIES = 200
_MOST_STEPS = 1_000
#: The longest course run key, in characters.
_LONGEST_KEY = 255
#: Replaces missing required grades if only the steps name grades. JSON has no such value, so nobody can enter it.
_IN_STEPS = object()


def fold(name: str) -> str:
    """Return a category's name in the form in which names are compared.

    Case and different codings of accents make no difference.
    """
    return compose(name).strip().casefold()


def _check_fraction(value: object) -> object:
    # Convert nothing: the text "0.5" or the value true is an operator's mistake and not a number.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number from 0 to 1")
    if not 0 <= value <= 1:
        raise ValueError("must be from 0 to 1")
    return value


Fraction = Annotated[float, BeforeValidator(_check_fraction), ShownAs(Look.PERCENT)]


def _check_grades(value: object, validate: Callable[[object], dict[str, float]]) -> dict[str, float]:
    if value is _IN_STEPS:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError("must be an object with a number from 0 to 1 for each assignment category")
    if not value:
        # Requiring nothing would make everyone eligible.
        raise ValueError("must name at least one assignment category, or Total")
    if len(value) > _MOST_CATEGORIES:
        msg = f"has {len(value):,} categories. At most {_MOST_CATEGORIES} are accepted"
        raise ValueError(msg)
    seen: dict[str, object] = {}
    for name in value:
        if len(str(name)) > _LONGEST_KEY:
            msg = f"has a category with more than {_LONGEST_KEY} characters: '{str(name)[:50]}…'"
            raise ValueError(msg)
        folded = fold(str(name))
        if not folded:
            raise ValueError("has a category without a name")
        if folded in seen:
            msg = f"has one category twice, as '{seen[folded]}' and '{name}'. Upper and lower case make no difference"
            raise ValueError(msg)
        seen[folded] = name
    return validate(value)


RequiredGrades = Annotated[dict[str, Fraction], WrapValidator(_check_grades), ShownAs(keys=Look.CATEGORY)]


def _check_steps(value: object) -> object:
    if not isinstance(value, Mapping):
        raise ValueError("must be an object with one entry for each course run")
    if len(value) > _MOST_STEPS:
        msg = f"has {len(value):,} course runs. At most {_MOST_STEPS:,} are accepted"
        raise ValueError(msg)
    if longest := next((str(key) for key in value if len(str(key)) > _LONGEST_KEY), None):
        msg = f"has a key with more than {_LONGEST_KEY} characters: '{longest[:50]}…'"
        raise ValueError(msg)
    composed = {compose(str(key)): step for key, step in value.items()}
    if len(composed) < len(value):
        raise ValueError("has one course run twice, in two Unicode forms of its key")
    return composed


StepsOf = BeforeValidator(_check_steps)
STEPS = ShownAs(
    keys=Look.CONTEXT,
    help="For a learning path: other requirements in single course runs. What is empty there is as above.",
)


class StepOptions(StrictOptions):
    """Base of the options for one course run in ``steps``."""

    @model_validator(mode="before")
    @classmethod
    def _must_be_an_object(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            raise ValueError("must be an object")
        return value


def leave_grades_to_steps(value: Any) -> Any:
    """Accept options that require grades only in their ``steps``.

    Whether these are enough is checked later, when the steps of the learning path are known.
    """
    if isinstance(value, Mapping) and "required_grades" not in value:
        steps = value.get("steps")
        if isinstance(steps, Mapping) and any(
            isinstance(step, Mapping) and "required_grades" in step for step in steps.values()
        ):
            return {**value, "required_grades": _IN_STEPS}
    return value


def merge_grades(base: Mapping[str, float], override: Mapping[str, float]) -> dict[str, float]:
    """Return the required grades with the overrides. Categories match by folded name and keep the spelling of the base."""
    spelling = {fold(name): name for name in base}
    return {**base, **{spelling.get(fold(name), name): value for name, value in override.items()}}
