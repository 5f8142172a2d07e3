"""Write days as an element asks for: in a format, a calendar and numerals."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from babel.dates import format_date

from learning_credentials.pdf.calendars.conversion import GREGORIAN, CalendarDay, convert
from learning_credentials.pdf.calendars.names import find_names
from learning_credentials.pdf.calendars.notation import ISO, NUMERIC, PLAIN
from learning_credentials.pdf.calendars.numerals import find_system, replace_digits
from learning_credentials.pdf.calendars.patterns import parse_pattern

if TYPE_CHECKING:
    from datetime import date

    from babel import Locale

    from learning_credentials.pdf.calendars.notation import Notation
    from learning_credentials.pdf.calendars.patterns import DateField

_WIDE = 4
_NARROW = 5
_TWO_DIGITS = 2
_CENTURY = 100


@lru_cache(maxsize=512)
def write_day(day: date, locale: Locale, notation: Notation = PLAIN) -> str:
    """Return a day in a language.

    Raises:
        DateOutOfRangeError: the calendar does not have the day.
    """
    if notation.date_format == ISO:
        return day.isoformat()
    write = _write_gregorian if notation.calendar == GREGORIAN else _write_in_calendar
    return replace_digits(write(day, locale, notation), find_system(notation.numerals, locale))


def _write_gregorian(day: date, locale: Locale, notation: Notation) -> str:
    name = notation.date_format
    return format_date(day, locale.datetime_skeletons["yMd"].pattern if name == NUMERIC else name, locale=locale)


def _write_in_calendar(day: date, locale: Locale, notation: Notation) -> str:
    converted = convert(day, notation.calendar)
    names = find_names(notation.calendar, locale)
    pattern = names["formats"].get(notation.date_format, notation.date_format)
    writer = _FieldWriter(day, converted, names, locale)
    return "".join(part if isinstance(part, str) else writer.write(part) for part in parse_pattern(pattern))


class _FieldWriter(NamedTuple):
    """Writes the parts of one day. ``names`` are those of the calendar."""

    day: date
    converted: CalendarDay
    names: dict[str, Any]
    locale: Locale

    def write(self, field: DateField) -> str:
        """Return one part of the date."""
        return _WRITERS[field.letter](self, field)

    def write_day(self, field: DateField) -> str:
        """Return the day of the month."""
        return f"{self.converted.day:0{field.width}}"

    def write_year(self, field: DateField) -> str:
        """Return the year."""
        year = self.converted.year
        return f"{year % _CENTURY:02}" if field.width == _TWO_DIGITS else f"{year:0{field.width}}"

    def write_weekday(self, field: DateField) -> str:
        """Return the day of the week."""
        return str(self.locale.days["format"][_find_width(field)][self.day.weekday()])

    def write_era(self, field: DateField) -> str:
        """Return the era."""
        return str(self.names["eras"][_find_width(field)][self.converted.era])

    def write_month(self, field: DateField) -> str:
        """Return the month."""
        month = self.converted.month
        if field.width <= _TWO_DIGITS:
            return f"{month:0{field.width}}"
        width = _find_width(field)
        if "months" in self.names:
            return str(self.names["months"][width][month - 1])
        return str(self.locale.months["format" if field.letter == "M" else "stand-alone"][width][month])


def _find_width(field: DateField) -> str:
    return {_WIDE: "wide", _NARROW: "narrow"}.get(field.width, "abbreviated")


_WRITERS = {
    "d": _FieldWriter.write_day,
    "y": _FieldWriter.write_year,
    "E": _FieldWriter.write_weekday,
    "G": _FieldWriter.write_era,
    "M": _FieldWriter.write_month,
    "L": _FieldWriter.write_month,
}
