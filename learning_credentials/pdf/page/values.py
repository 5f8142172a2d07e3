"""Compute the values of placeholders in one credential."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils import timezone

from learning_credentials.custom_fields import format_field
from learning_credentials.data import SignatoryData
from learning_credentials.grades import find_grade, format_value
from learning_credentials.pdf.locales import format_day
from learning_credentials.pdf.placeholders import CUSTOM_PREFIX, is_custom
from learning_credentials.pdf.text.cleaning import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from babel import Locale

    from learning_credentials.data import CredentialData

_NOBODY = SignatoryData(name="")
_SIGNATORY = re.compile(r"signatory_(\d)_(name|title|organisation)")


class Values(dict[str, str]):
    """The value of each placeholder, computed when it is first used. If a credential has no value, it is empty."""

    def __init__(self, credential: CredentialData, locale: Locale) -> None:
        super().__init__()
        self._credential = credential
        self._locale = locale

    def __missing__(self, name: str) -> str:
        """Compute a value. Raise KeyError for an unknown placeholder."""
        if name == "context_name":
            lines = clean(self._credential.learning_context_name).strip().split("\n")
            value = "\n".join(" ".join(line.split()) for line in lines)
        else:
            value = clean_line(self._find(name))
        self[name] = value
        return value

    def _find(self, name: str) -> str:
        if name in _SIMPLE:
            return _SIMPLE[name](self._credential)
        if name in _LOCALISED:
            return _LOCALISED[name](self._credential, self._locale)
        if matched := _SIGNATORY.fullmatch(name):
            people, number = self._credential.signatories, int(matched[1])
            return str(getattr(people[number - 1] if number <= len(people) else _NOBODY, matched[2]))
        if is_custom(name):
            wanted = name.removeprefix(CUSTOM_PREFIX)
            found = (field for field in self._credential.custom_fields if field.name == wanted)
            return next((format_field(field, self._locale) for field in found), "")
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
    "credential_type": lambda credential: credential.credential_type_name,
    "issuer_name": lambda credential: credential.issuer.name,
}
_LOCALISED: Mapping[str, Callable[[CredentialData, Locale], str]] = {
    "issue_date": lambda credential, locale: format_day(credential.issue_date, locale),
    "expiry_date": lambda credential, locale: (
        format_day(_to_local_date(credential.expires_at), locale) if credential.expires_at else ""
    ),
    "context_start": lambda credential, locale: _format_if_known(credential.context.start, locale),
    "context_end": lambda credential, locale: _format_if_known(credential.context.end, locale),
    "grade": lambda credential, locale: format_value(
        find_grade(credential.evidence), locale, credential.grade_decimals
    ),
}


def _keep_order(code: str) -> str:
    """Return a code that keeps its order in a text that is read to the left.

    If the first group has only digits, the two groups would change places. After the invisible LEFT-TO-RIGHT MARK they do not.
    """
    return f"\u200e{code}" if code.partition("-")[0].isdecimal() else code


def _format_if_known(day: date | None, locale: Locale) -> str:
    return format_day(day, locale) if day else ""


def _to_local_date(moment: datetime) -> date:
    return timezone.localtime(moment, timezone.get_default_timezone()).date()
