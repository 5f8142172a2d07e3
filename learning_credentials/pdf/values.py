"""What the placeholders stand for in one credential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from babel.numbers import format_percent
from django.utils import timezone

from learning_credentials.data import SignatoryData
from learning_credentials.pdf.language import format_day
from learning_credentials.pdf.placeholders import MAX_SIGNATORIES
from learning_credentials.pdf.text import clean, clean_line

if TYPE_CHECKING:
    from datetime import date, datetime

    from babel import Locale

    from learning_credentials.data import CredentialData

_NOBODY = SignatoryData(name="")


def get_values(credential: CredentialData, locale: Locale) -> dict[str, str]:
    """Return the text of every placeholder; what a credential does not have is empty."""
    people = (*credential.signatories, *([_NOBODY] * MAX_SIGNATORIES))[:MAX_SIGNATORIES]
    expires_at = credential.expires_at
    values = {
        "name": credential.user_full_name,
        "issue_date": format_day(credential.issue_date, locale),
        "verify_uuid": str(credential.verify_uuid),
        "verify_url": credential.verify_url,
        "grade": format_grade(credential.evidence, locale),
        "credential_type": credential.credential_type_name,
        "expiry_date": format_day(_to_local_date(expires_at), locale) if expires_at else "",
        "issuer_name": credential.issuer.name,
    }
    for number, person in enumerate(people, start=1):
        values[f"signatory_{number}_name"] = person.name
        values[f"signatory_{number}_title"] = person.title
        values[f"signatory_{number}_organisation"] = person.organisation
    return {
        **{name: clean_line(value) for name, value in values.items()},
        "context_name": "\n".join(
            " ".join(line.split()) for line in clean(credential.learning_context_name).strip().split("\n")
        ),
    }


def format_grade(evidence: Mapping[str, object], locale: Locale) -> str:
    """The grade in the evidence: ``grade`` as it stands, else the total of ``current_grades`` as a percentage.

    A number up to 1 is a fraction, as grades are throughout the app.
    """
    grade = evidence.get("grade")
    if grade is None:
        grades = evidence.get("current_grades")
        by_category = (
            {str(key).casefold(): value for key, value in grades.items()} if isinstance(grades, Mapping) else {}
        )
        grade = by_category.get("total")
    if grade is None:
        return ""
    if isinstance(grade, (int, float)) and not isinstance(grade, bool):
        return str(format_percent(grade, locale=locale)) if grade <= 1 else f"{grade:g}"
    return str(grade)


def _to_local_date(moment: datetime) -> date:
    return timezone.localtime(moment).date()
