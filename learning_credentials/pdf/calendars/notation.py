"""Define how an element writes dates and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.calendars.conversion import GREGORIAN
from learning_credentials.pdf.calendars.numerals import LATIN

if TYPE_CHECKING:
    from learning_credentials.pdf.calendars.conversion import Calendar

LONG = "long"
NUMERIC = "numeric"
ISO = "iso"


class Notation(NamedTuple):
    """The options of an element that decide how it writes dates and numbers."""

    date_format: str = LONG
    calendar: Calendar = GREGORIAN
    numerals: str = LATIN


PLAIN = Notation()
