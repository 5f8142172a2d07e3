"""Find the locales of documents by language tags, and write dates with them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from django.conf import settings

if TYPE_CHECKING:
    from datetime import date

FALLBACK = "en"
#: The name of January in languages whose months have no names in CLDR.
_NAMELESS_MONTH = "M01"


def parse_language(tag: str) -> Locale:
    """Return the locale of a language tag such as ``en``, ``pt-BR`` or ``zh-hans``.

    Raises:
        ValueError: it is not a known language.
    """
    try:
        return Locale.parse(tag.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        msg = f"'{tag}' is not a known language"
        raise ValueError(msg) from None


def list_locales(*tags: str) -> list[Locale]:
    """Return the locales that a document can use, in order: those of the tags, the site's, English. Unknown tags are skipped.

    A tag such as ``de-XX`` counts as the longest part of it that is known, here ``de``. A language whose months have no names is unknown.
    """
    found: dict[Locale, None] = {}
    for tag in (*tags, settings.LANGUAGE_CODE, FALLBACK):
        rest = tag.replace("_", "-")
        while rest:
            try:
                locale = parse_language(rest)
            except ValueError:
                rest = rest.rpartition("-")[0]
                continue
            if _has_months(locale):
                found[locale] = None
            break
    return list(found)


@lru_cache(maxsize=128)
def _has_months(locale: Locale) -> bool:
    return str(locale.months["format"]["wide"][1]) != _NAMELESS_MONTH


def choose_locale(*tags: str) -> Locale:
    """Return the first of `list_locales`. An unknown language of a learner is not an error."""
    return list_locales(*tags)[0]


@lru_cache(maxsize=256)
def format_day(day: date, locale: Locale) -> str:
    """Return a date in words, as the language writes it."""
    return format_date(day, format="long", locale=locale)


@lru_cache(maxsize=128)
def to_tag(locale: Locale) -> str:
    """Return the BCP 47 tag of a locale."""
    return str(locale).replace("_", "-")
