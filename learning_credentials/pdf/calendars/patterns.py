"""Read patterns of dates, such as ``d MMMM y``: the part of Unicode's CLDR patterns for days, months, years and eras."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

LONGEST_PATTERN = 50
#: How often each letter can be repeated. E is the day of the week, L is the month when it stands alone, and G is the era.
_MOST_REPEATED = {"d": 2, "E": 4, "M": 4, "L": 4, "y": 4, "G": 5}
#: A text in quotes, two quotes, a letter and its repetitions, a stray quote, or anything else.
_TOKEN = re.compile(r"'((?:[^']|'')+)'|''|([A-Za-z])\2*|'|[^A-Za-z']+")
NAMED_FORMATS = ("short", "medium", "long", "full", "numeric", "iso")
_WITH_MONTH_NAMES = ("medium", "long", "full")
#: A month with so many letters is a name.
_SHORT_NAME = 3
_HELP = f"Use {', '.join(NAMED_FORMATS)}, or a pattern such as d MMMM y"


class DateField(NamedTuple):
    """A part of a date, such as the month. ``width`` is the number of its letters."""

    letter: str
    width: int


@lru_cache(maxsize=512)
def parse_pattern(pattern: str) -> tuple[str | DateField, ...]:
    """Split a pattern into literal pieces and parts of a date.

    Raises:
        ValueError: it is not a pattern for days. The message names the mistake.
    """
    parts: list[str | DateField] = []
    for match in _TOKEN.finditer(pattern):
        found = match.group()
        if match[2]:
            parts.append(_make_field(found))
        elif found == "'":
            msg = "a ' has no partner. Write '' for a single one"
            raise ValueError(msg)
        else:
            parts.append(match[1].replace("''", "'") if match[1] else found.replace("''", "'"))
    if not any(isinstance(part, DateField) for part in parts):
        msg = "there is no letter for a day, month or year"
        raise ValueError(msg)
    return tuple(parts)


def names_month(date_format: str) -> bool:
    """Return whether a format writes the month as a name. Short formats can too, in a few languages."""
    if date_format in NAMED_FORMATS:
        return date_format in _WITH_MONTH_NAMES
    return any(
        isinstance(part, DateField) and part.letter in {"M", "L"} and part.width >= _SHORT_NAME
        for part in parse_pattern(date_format)
    )


def check_date_format(value: str) -> None:
    """Check a date format.

    Raises:
        ValueError: it is neither the name of a format nor a pattern for days.
    """
    if value in NAMED_FORMATS:
        return
    try:
        parse_pattern(value)
    except ValueError as error:
        msg = f"'{value[:LONGEST_PATTERN]}' is not a date format: {error}. {_HELP}"
        raise ValueError(msg) from None


def _make_field(letters: str) -> DateField:
    letter, width = letters[0], len(letters)
    most = _MOST_REPEATED.get(letter)
    if most is None:
        msg = (
            f"the letter {letter} is no part of a date. The letters are {', '.join(_MOST_REPEATED)}. Put words in quotes, "
            "such as d 'de' MMMM"
        )
        raise ValueError(msg)
    if width > most:
        msg = f"{letters} is too long. At most {letter * most} is accepted"
        raise ValueError(msg)
    return DateField(letter, width)
