"""Read the names and formats of calendars in each language. They come from Unicode's CLDR."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from learning_credentials.pdf.calendars.conversion import GREGORIAN

if TYPE_CHECKING:
    from babel import Locale

    from learning_credentials.pdf.calendars.conversion import Calendar

_ROOT = "und"


@lru_cache(maxsize=256)
def find_names(calendar: Calendar, locale: Locale) -> dict[str, Any]:
    """Return the formats and eras of a calendar in a language, and its months if they have names of their own.

    A language that CLDR does not have gets the names that all languages share.
    """
    found = _load(calendar.partition("-")[0])
    name = str(locale).replace("_", "-")
    while name and name not in found["locales"]:
        name = name.rpartition("-")[0]
    entry: dict[str, Any] = found["entries"][found["locales"][name or _ROOT]]
    return entry


def knows_months(calendar: Calendar, locale: Locale) -> bool:
    """Return whether the names of months of a calendar are known in a language. All calendars with Gregorian months are known."""
    if calendar == GREGORIAN:
        return True
    found = _load(calendar.partition("-")[0])
    shared = found["entries"][found["locales"][_ROOT]]
    return "months" not in shared or bool(find_names(calendar, locale)["months"] != shared["months"])


@lru_cache(maxsize=8)
def _load(name: str) -> dict[str, Any]:
    text = files(__package__).joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
