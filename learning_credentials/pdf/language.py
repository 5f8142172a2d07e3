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


@lru_cache(maxsize=128)
def choose_locale(*tags: str) -> Locale:
    """The locale of the first tag that is known, whole or by its language alone; then the site's.

    A learner's stored language is no reason to fail, so tags that nobody knows are passed over.
    """
    for tag in (*tags, settings.LANGUAGE_CODE, FALLBACK):
        for attempt in (tag, tag.replace("_", "-").partition("-")[0]):
            if attempt:
                try:
                    return parse_language(attempt)
                except ValueError:
                    continue
    return Locale(FALLBACK)  # pragma: no cover


@lru_cache(maxsize=256)
def format_day(day: date, locale: Locale) -> str:
    """The date in words, as the language writes it."""
    return format_date(day, format="long", locale=locale)


@lru_cache(maxsize=128)
def to_tag(locale: Locale) -> str:
    """The BCP 47 tag of a locale."""
    return str(locale).replace("_", "-")
