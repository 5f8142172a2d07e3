"""Reads the values of prepared templates faster than Django, where both find the same."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.template import defaultfilters
from django.template.base import Variable
from django.utils import formats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.template import Context

    #: Returns a value for a context.
    Reader = Callable[[Context], Any]


def make_reader(expression: Any, *, ignore_failures: bool = False) -> Reader:
    """Return a function that returns the value of an expression.

    It finds attributes of attributes by itself, and keeps the texts of dates. Django finds everything else: items, methods, other
    filters, and what is missing.
    """

    def ask_django(context: Context) -> Any:
        return expression.resolve(context, ignore_failures=ignore_failures)

    variable, filters = expression.var, expression.filters
    if isinstance(variable, str) and not filters:
        return lambda _context: variable
    if not isinstance(variable, Variable) or variable.lookups is None or variable.translate:
        return ask_django
    if date_format := _find_date_format(filters):
        return _make_date_reader(_make_attribute_reader(variable.lookups, ask_django), date_format, ask_django)
    return ask_django if filters else _make_attribute_reader(variable.lookups, ask_django)


def _make_attribute_reader(names: Sequence[str], ask_django: Reader) -> Reader:
    first, *rest = names

    def read(context: Context) -> Any:
        try:
            value = context[first]
            for name in rest:
                if hasattr(value, "__getitem__") or callable(value):
                    return ask_django(context)
                value = getattr(value, name)
        except (KeyError, AttributeError):
            return ask_django(context)
        return ask_django(context) if callable(value) else value

    return read


def _find_date_format(filters: Sequence[Any]) -> str:
    """Return the constant format if the only filter is ``date``, else an empty text."""
    match filters:
        case [(defaultfilters.date, [(False, str(date_format))])]:
            return date_format
    return ""


def _make_date_reader(read: Reader, date_format: str, ask_django: Reader) -> Reader:
    """Return a function that returns the text of a date. Django writes times, because their texts depend on the time zone."""

    @lru_cache(maxsize=128)
    def write(day: date) -> str:
        return formats.date_format(day, date_format)

    def read_text(context: Context) -> Any:
        value = read(context)
        return write(value) if type(value) is date else ask_django(context)

    return read_text
