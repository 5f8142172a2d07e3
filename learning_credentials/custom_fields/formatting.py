"""Write the values of custom fields for people."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from learning_credentials.data import FieldKind
from learning_credentials.periods import Period

if TYPE_CHECKING:
    from babel import Locale

    from learning_credentials.data import FieldData


#: How units are joined, the best first.
_STYLES: tuple[Literal["unit", "unit-short"], ...] = ("unit", "unit-short")

#: Lengths of the words for units, the best first.
_LENGTHS: tuple[Literal["long", "short", "narrow"], ...] = ("long", "short", "narrow")


def format_field(field: FieldData, locale: Locale) -> str:
    """Return the value of a field in a language. A stored value that cannot be read is written as it is."""
    if field.choice:
        return field.choice
    return _format(field.kind, field.value, locale)


@lru_cache(maxsize=512)
def _format(kind: FieldKind, value: Any, locale: Locale) -> str:
    try:
        if kind is FieldKind.NUMBER:
            return str(format_decimal(value, locale=locale, decimal_quantization=False))
        if kind is FieldKind.DATE:
            return str(format_date(date.fromisoformat(value), format="long", locale=locale))
        if kind is FieldKind.DURATION:
            return _format_period(Period.read(value), locale)
    except (TypeError, ValueError):
        pass
    return str(value)


def _format_period(period: Period, locale: Locale) -> str:
    parts = [(item.name[:-1], getattr(period, item.name)) for item in fields(period) if item.name != "unread"]
    written = [_format_unit(number, f"duration-{unit}", locale) for unit, number in parts if number]
    if not written:
        return _format_unit(0, "duration-day", locale)
    # Some languages have no pattern for two units, and babel would then write the last one twice.
    for style in _STYLES:
        if "2" in locale.list_patterns.get(style, {}):
            return str(format_list(written, style=style, locale=locale))
    return str(format_list(written, locale=locale))


def _format_unit(number: int, unit: str, locale: Locale) -> str:
    """Return a number with its unit in words. Some versions of babel have only the short words of some languages."""
    for length in _LENGTHS:
        text = str(format_unit(number, unit, length=length, locale=locale))
        if unit not in text:
            break
    return text
