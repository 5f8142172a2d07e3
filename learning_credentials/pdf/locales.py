"""The language of a PDF: which it is, how it writes dates, which way it runs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from django.conf import settings

if TYPE_CHECKING:
    from datetime import date

FALLBACK = "en"
#: January where nobody has said what it is called.
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
    """The locales in which a document may be: of each tag, of the site, English. What is not known is passed over.

    Of a tag such as ``de-XX`` the longest part that is known counts. Languages whose months have no names are not known well enough.
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
    """The first of `list_locales`. A learner's stored language is no reason to fail."""
    return list_locales(*tags)[0]


@lru_cache(maxsize=256)
def format_day(day: date, locale: Locale) -> str:
    """The date in words, as the language writes it."""
    return format_date(day, format="long", locale=locale)


@lru_cache(maxsize=128)
def to_tag(locale: Locale) -> str:
    """The BCP 47 tag of a locale."""
    return str(locale).replace("_", "-")
