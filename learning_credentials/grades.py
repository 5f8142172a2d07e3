"""Format grades and completion as per cent, rounded half up in decimal arithmetic. They look the same everywhere.

A number is a fraction: 0.845 is 84.5 %, and 1.05 is 105 %. A number above 2 is on another scale and is shown unchanged. A processor should
return such a grade as a text.
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
#: The name of the option in types and configurations.
DECIMALS_OPTION = "grade_decimals"
DECIMALS_HELP = "How many decimals grades and completion have, in per cent, on the file, the public page and the badge."
#: Rounding errors in sums of weighted scores are much smaller than the last of these decimals.
_NOISE = 9
#: The greatest number that is treated as a fraction. A greater number is on another scale and is shown unchanged.
_GREATEST = 2
_TOTAL = "total"
#: The numbering system with the digits 0 to 9.
_LATIN = "latn"


def find_grade(evidence: Mapping[str, Any]) -> Any:
    """Return the grade in the evidence: ``grade``, else the total of ``current_grades``, else None."""
    grade = evidence.get("grade")
    if grade is not None:
        return grade
    grades = evidence.get("current_grades")
    items = grades.items() if isinstance(grades, Mapping) else ()
    return {str(key).casefold(): value for key, value in items}.get(_TOTAL)


def is_fraction(value: object) -> TypeGuard[float]:
    """Return whether a value of the evidence is a number to show in per cent."""
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value) and 0 <= value <= _GREATEST
    )


def to_percent(fraction: float, decimals: int = 0) -> Decimal:
    """Return a fraction in per cent, rounded half up."""
    exact = Decimal(repr(round(float(fraction), _NOISE))) * 100
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def round_fraction(fraction: float, decimals: int = 0) -> float:
    """Return a fraction rounded to this many decimals of its per cent."""
    return float(to_percent(fraction, decimals) / 100)


def format_fraction(fraction: float, locale: Locale, decimals: int = 0, symbols: str = _LATIN) -> str:
    """Return a fraction in per cent, formatted for a locale. The digits are 0 to 9. ``symbols`` is the system of the other signs."""
    pattern = locale.percent_formats[None].pattern
    if decimals:
        pattern = re.sub(r"0(?!.*0)", "0." + "0" * decimals, pattern)
    exact = to_percent(fraction, decimals) / 100
    # The value has no more digits than the pattern, so babel does not round it again.
    written = str(format_percent(exact, format=pattern, locale=locale, numbering_system=symbols))
    if symbols == _LATIN:
        return written
    # Babel keeps the sign of the pattern.
    return written.replace("%", str(locale.number_symbols[symbols].get("percentSign", "%")))


def format_value(value: object, locale: Locale, decimals: int = 0, symbols: str = _LATIN) -> str:
    """Return a grade for people: a fraction in per cent, a number on another scale and a text unchanged."""
    if value is None or isinstance(value, bool):
        return ""
    if is_fraction(value):
        return format_fraction(value, locale, decimals, symbols)
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def read_decimals(value: object) -> int:
    """Return the number of decimals that an option or a stored value asks for. Return 0 for an invalid value."""
    is_right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_DECIMALS
    return value if is_right else 0  # type: ignore[return-value]
