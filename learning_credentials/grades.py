"""Grades and completion as figures: per cent, rounded half up in decimal arithmetic, alike wherever they are shown.

A number is a fraction: 0.845 is 84.5 %, and 1.05 is 105 %. A number above 2 is on a
scale of its own and stands as it is; better, a processor gives such a grade as a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeGuard

from babel.numbers import format_percent

if TYPE_CHECKING:
    from babel import Locale

MAX_DECIMALS = 4
#: Names the option of types and configurations.
DECIMALS_OPTION = "grade_decimals"
DECIMALS_HELP = "How many decimals grades and completion have, in per cent, on the file, the public page and the badge."
#: Sums of weighted scores differ from the number meant by representation noise far below this.
_NOISE = 9
#: Nobody earns more than this, as a fraction. A greater number is on a scale of its own and stands as it is.
_GREATEST = 2
_TOTAL = "total"


def find_grade(evidence: Mapping[str, Any]) -> Any:
    """Return the grade in the evidence: ``grade``, else the total of ``current_grades``; None if there is none."""
    grade = evidence.get("grade")
    if grade is not None:
        return grade
    grades = evidence.get("current_grades")
    items = grades.items() if isinstance(grades, Mapping) else ()
    return {str(key).casefold(): value for key, value in items}.get(_TOTAL)


def is_fraction(value: object) -> TypeGuard[float]:
    """Whether a value of the evidence is a number that is shown in per cent."""
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value) and 0 <= value <= _GREATEST
    )


def to_percent(fraction: float, decimals: int = 0) -> Decimal:
    """Return a fraction in per cent, rounded half up."""
    exact = Decimal(repr(round(float(fraction), _NOISE))) * 100
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def round_fraction(fraction: float, decimals: int = 0) -> float:
    """Return a fraction rounded to so many decimals of its per cent."""
    return float(to_percent(fraction, decimals) / 100)


def format_fraction(fraction: float, locale: Locale, decimals: int = 0) -> str:
    """Return a fraction in per cent as people of a locale write it."""
    pattern = locale.percent_formats[None].pattern
    if decimals:
        pattern = re.sub(r"0(?!.*0)", "0." + "0" * decimals, pattern)
    # It has no more digits than the pattern, so nothing is rounded once more.
    return str(format_percent(to_percent(fraction, decimals) / 100, format=pattern, locale=locale))


def format_value(value: object, locale: Locale, decimals: int = 0) -> str:
    """Return a grade for people: a fraction in per cent, a number on a scale of its own and a text as they stand."""
    if value is None or isinstance(value, bool):
        return ""
    if is_fraction(value):
        return format_fraction(value, locale, decimals)
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def read_decimals(value: object) -> int:
    """Return how many decimals an option or a stored value asks for; 0 if it is none that can be."""
    is_right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_DECIMALS
    return value if is_right else 0  # type: ignore[return-value]
