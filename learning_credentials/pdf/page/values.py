"""Compute the values of placeholders in one credential."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from learning_credentials.custom_fields import format_field
from learning_credentials.data import FieldKind, SignatoryData
from learning_credentials.grades import find_grade, format_value
from learning_credentials.pdf.calendars.conversion import DateOutOfRangeError
from learning_credentials.pdf.calendars.notation import PLAIN
from learning_credentials.pdf.calendars.numerals import find_symbols, find_system, replace_digits
from learning_credentials.pdf.calendars.writing import write_day
from learning_credentials.pdf.locales import parse_language, to_tag
from learning_credentials.pdf.placeholders import CUSTOM_PREFIX, LANGUAGE_MARK, TRANSLATED_FIELDS, is_custom
from learning_credentials.pdf.text.cleaning import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from babel import Locale

    from learning_credentials.data import CredentialData, FieldData
    from learning_credentials.pdf.calendars.notation import Notation

_NOBODY = SignatoryData(name="")
#: Invisible characters of Unicode with a direction.
_MARKS = {"ltr": "\u200e", "rtl": "\u200f"}
#: The kinds of custom fields whose values have digits of the language.
_WITH_DIGITS = (FieldKind.DATE, FieldKind.DURATION, FieldKind.NUMBER)
_SIGNATORY = re.compile(r"signatory_(\d)_(name|title|organisation)")


class Values(dict[str, str]):
    """The value of each placeholder, computed when it is first used. If a credential has no value, it is empty.

    Args:
        credential: what is certified.
        locale: the language of dates and numbers.
        notation: how they are written.
    """

    def __init__(self, credential: CredentialData, locale: Locale, notation: Notation = PLAIN) -> None:
        super().__init__()
        self._credential = credential
        self._locale = locale
        self._notation = notation
        self._adapted: dict[tuple[Locale, Notation], Values] = {}

    def adapt(self, locale: Locale | None, notation: Notation) -> Values:
        """Return the values of the same credential in another language, or written in another way. None keeps the language."""
        key = locale or self._locale, notation
        if key == (self._locale, self._notation):
            return self
        if key not in self._adapted:
            self._adapted[key] = Values(self._credential, *key)
        return self._adapted[key]

    def __missing__(self, name: str) -> str:
        """Compute a value. Raise KeyError for an unknown placeholder, and DateOutOfRangeError if the calendar does not have the day."""
        field, _, language = name.partition(LANGUAGE_MARK)
        if language:
            locale = parse_language(language)
            value = _mark_direction(self.adapt(locale, self._notation)[field], locale, self._locale)
        elif name == "context_name":
            lines = clean(self._find(name)).strip().split("\n")
            value = "\n".join(" ".join(line.split()) for line in lines)
        else:
            value = clean_line(self._find(name))
        self[name] = value
        return value

    def _find(self, name: str) -> str:
        if name in _SIMPLE:
            return _SIMPLE[name](self._credential)
        if name in TRANSLATED_FIELDS:
            return self._credential.get_text(TRANSLATED_FIELDS[name], to_tag(self._locale))
        if name in _LOCALISED:
            return _LOCALISED[name](self._credential, self._locale, self._notation)
        if matched := _SIGNATORY.fullmatch(name):
            people, number = self._credential.signatories, int(matched[1])
            return str(getattr(people[number - 1] if number <= len(people) else _NOBODY, matched[2]))
        if is_custom(name):
            wanted = name.removeprefix(CUSTOM_PREFIX)
            found = (field for field in self._credential.custom_fields if field.name == wanted)
            return next((_write_custom(field, self._locale, self._notation) for field in found), "")
        raise KeyError(name)


_SIMPLE: Mapping[str, Callable[[CredentialData], str]] = {
    "name": lambda credential: credential.user_full_name,
    "given_name": lambda credential: credential.given_name,
    "family_name": lambda credential: credential.family_name,
    "context_key": lambda credential: credential.learning_context_key,
    "course_key": lambda credential: credential.context.course_key,
    "context_organisation": lambda credential: credential.context.organisation,
    "effort": lambda credential: credential.context.effort,
    "verify_uuid": lambda credential: str(credential.verify_uuid),
    "verify_url": lambda credential: credential.verify_url,
    "verify_code": lambda credential: _keep_order(credential.verify_code),
    "issuer_name": lambda credential: credential.issuer.name,
}


def _write_if_known(day: date | None, locale: Locale, notation: Notation) -> str:
    return write_day(day, locale, notation) if day else ""


def _write_expiry(credential: CredentialData, locale: Locale, notation: Notation) -> str:
    expires_at = credential.expires_at
    return _write_if_known(_to_local_date(expires_at) if expires_at else None, locale, notation)


def _write_grade(credential: CredentialData, locale: Locale, notation: Notation) -> str:
    """Return the grade. A grade that is a text keeps its digits."""
    return write_grade(find_grade(credential.evidence), locale, notation, credential.grade_decimals)


def write_grade(grade: object, locale: Locale, notation: Notation, decimals: int) -> str:
    """Return a grade or another fraction in per cent. A grade that is a text keeps its digits.

    Args:
        grade: from the evidence.
        locale: the language of numbers.
        notation: how they are written.
        decimals: of numbers in per cent.
    """
    system = find_system(notation.numerals, locale)
    written = format_value(grade, locale, decimals, find_symbols(system, locale))
    return written if isinstance(grade, str) else replace_digits(written, system)


def _write_custom(field: FieldData, locale: Locale, notation: Notation) -> str:
    """Return the value of a custom field. A date that was stored in another form, and a text, are printed as they are."""
    if field.choice or field.kind not in _WITH_DIGITS:
        return format_field(field, locale)
    if field.kind is FieldKind.DATE:
        try:
            return write_day(date.fromisoformat(str(field.value)), locale, notation)
        except DateOutOfRangeError:
            raise
        except ValueError:
            return str(field.value)
    return replace_digits(format_field(field, locale), find_system(notation.numerals, locale))


_LOCALISED: Mapping[str, Callable[[CredentialData, Locale, Notation], str]] = {
    "issue_date": lambda credential, locale, notation: write_day(credential.issue_date, locale, notation),
    "expiry_date": _write_expiry,
    "context_start": lambda credential, locale, notation: _write_if_known(credential.context.start, locale, notation),
    "context_end": lambda credential, locale, notation: _write_if_known(credential.context.end, locale, notation),
    "grade": _write_grade,
    "criteria": lambda credential, locale, _notation: credential.criteria.write(to_tag(locale)),
}


def _mark_direction(value: str, locale: Locale, around: Locale) -> str:
    """Return a value that keeps its order in a text of the other direction, such as an Arabic date in an English line."""
    if not value or locale.text_direction == around.text_direction:
        return value
    mark = _MARKS[locale.text_direction]
    return f"{mark}{value}{mark}"


def _keep_order(code: str) -> str:
    """Return a code that keeps its order in a text that is read to the left.

    If the first group has only digits, the two groups would change places. After the invisible LEFT-TO-RIGHT MARK they do not.
    """
    return f"\u200e{code}" if code.partition("-")[0].isdecimal() else code


def _to_local_date(moment: datetime) -> date:
    return timezone.localtime(moment, timezone.get_default_timezone()).date()
