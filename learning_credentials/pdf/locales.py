"""Find the locales of documents by language tags, and say what is known of their scripts."""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from django.conf import settings

FALLBACK = "en"
_TAG = re.compile(r"[A-Za-z0-9_-]+")
_ADDITION = re.compile(r"[.@].*", re.DOTALL)
#: Many languages use this script, so the likely one is only a guess.
LATIN = "Latn"
#: The scripts that are written together under one code (ISO 15924).
_TOGETHER = {
    "Jpan": ("Hani", "Hira", "Kana"),
    "Kore": ("Hang", "Hani"),
    "Hans": ("Hani", "Bopo"),
    "Hant": ("Hani", "Bopo"),
}
#: The name of January in languages whose months have no names in CLDR.
_NAMELESS_MONTH = "M01"


def parse_language(tag: str) -> Locale:
    """Return the locale of a language tag such as ``en``, ``pt-BR`` or ``zh-hans``.

    Raises:
        ValueError: it is not a known language.
    """
    # Babel accepts encodings and modifiers too, such as de@euro.
    found = _parse(tag) if _TAG.fullmatch(tag) else None
    if found is None:
        msg = f"'{tag}' is not a known language"
        raise ValueError(msg)
    return found


def _parse(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def parse_text_language(tag: str) -> Locale:
    """Return the locale of a language that one text can be in.

    Raises:
        ValueError: it is not a known language, or there are no names of months in it.
    """
    locale = parse_language(tag)
    if not _has_months(locale):
        msg = f"dates cannot be written in '{tag}', because its names of months are not known"
        raise ValueError(msg)
    return locale


def list_locales(*tags: str) -> list[Locale]:
    """Return the locales that a document can use, in order: those of the tags, the site's, English. Unknown tags are skipped.

    A tag such as ``de-XX`` counts as the longest part of it that is known, here ``de``. A language whose months have no names is unknown.
    """
    found: dict[Locale, None] = {}
    for tag in (*tags, settings.LANGUAGE_CODE, FALLBACK):
        # Systems add an encoding or a modifier: de_DE.UTF-8, de@euro.
        rest = _ADDITION.sub("", tag).replace("_", "-")
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


@lru_cache(maxsize=128)
def to_tag(locale: Locale) -> str:
    """Return the BCP 47 tag of a locale."""
    return str(locale).replace("_", "-")


@lru_cache(maxsize=512)
def find_other_language(script: str, language: str) -> str:
    """Return the language that a script is most likely in, if it is not one of the scripts of ``language``. Else return an empty text.

    Args:
        script: a code of ISO 15924.
        language: a language tag. If it is empty, nothing is known, and nothing returned.
    """
    if not language or not script:
        return ""
    known = find_script(choose_locale(language))
    if script in _TOGETHER.get(known, (known,)):
        return ""
    return FALLBACK if script == LATIN else _find_likely(f"und_{script}").get("language", "")


def find_script(locale: Locale) -> str:
    """Return the script of a locale, as a code of ISO 15924. Return an empty text if it is not known."""
    return locale.script or _find_likely(locale.language).get("script", "")


def _find_likely(tag: str) -> dict[str, str]:
    """Return the language and script that are most likely meant by a tag (UTS 35, likely subtags)."""
    found = get_global("likely_subtags").get(tag)
    if found is None:
        return {}
    language, script, *_ = found.split("_")
    return {"language": language, "script": script}
