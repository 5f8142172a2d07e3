"""Builds the public answer about a credential: one `Verification` for the page, REST and all other callers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.utils.translation import get_language

from learning_credentials.conf import get_settings
from learning_credentials.data import IssuerData, PagePicture, Verification, VerificationStatus
from learning_credentials.exceptions import CredentialNotFoundError
from learning_credentials.grades import is_fraction, round_fraction
from learning_credentials.models import Credential
from learning_credentials.services.course_runs import Gate, are_visible, get_program_gates, get_shown_date
from learning_credentials.services.credentials import (
    CONTEXT_NAME,
    DESCRIPTION,
    TYPE_NAME,
    get_achievement,
    get_criteria,
    get_decimals,
    get_text,
    read_fields,
    read_translations,
    shows_results,
)
from learning_credentials.services.public import pictures
from learning_credentials.services.public.downloads import is_for_anyone
from learning_credentials.services.public.lookup import was_issued
from learning_credentials.verify_codes import format_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from uuid import UUID

#: The values of the evidence that are results. From the grades, only the total is one.
_RESULTS = ("grade", "letter_grade", "current_completion")
_TOTAL = "total"


def make_verifications(rows: list[Credential], get_url: Callable[[UUID], str]) -> list[Verification]:
    """Return the public answers about credentials from `list_public`. It takes a few queries, however many credentials there are.

    Args:
        rows: visible credentials.
        get_url: a function that makes the verification URL.
    """
    gates = get_program_gates(rows)
    successors = [row.successor for row in rows if _has_issued_successor(row)]
    seen = are_visible(successors) if successors else {}
    return [
        _as_verification(
            row,
            get_url(row.verify_uuid),
            gates.get(row.pk),
            row.successor if _has_issued_successor(row) and seen[row.successor.pk] else None,
        )
        for row in rows
    ]


def _has_issued_successor(credential: Credential) -> bool:
    successor = getattr(credential, "successor", None)
    return successor is not None and was_issued(successor)


def _as_verification(credential: Credential, url: str, gate: Gate | None, successor: Credential | None) -> Verification:
    if credential.issued_at is None:  # a check constraint forbids it
        msg = f"credential {credential.pk} was never issued"
        raise CredentialNotFoundError(msg)
    status = VerificationStatus(credential.status)
    is_available = status is VerificationStatus.AVAILABLE
    credential_type = credential.configuration.credential_type
    achievement, language = get_achievement(credential), get_language() or django_settings.LANGUAGE_CODE
    translations = read_translations(achievement)
    return Verification(
        verify_uuid=credential.verify_uuid,
        verify_url=url,
        status=status,
        is_valid=is_available and not credential.is_expired,
        user_full_name=credential.user_full_name,
        learning_context_key=credential.learning_context_key,
        learning_context_name=get_text(credential, CONTEXT_NAME, language),
        credential_type_name=get_text(credential, TYPE_NAME, language),
        issuer=IssuerData(**credential.issuer),
        issued_at=credential.issued_at,
        issue_date=get_shown_date(credential, gate),
        expires_at=credential.expires_at,
        invalidated_at=credential.invalidated_at,
        invalidation_reason=credential.invalidation_reason,
        replaced_by=successor.verify_uuid if successor and not successor.is_renewal else None,
        renewed_by=successor.verify_uuid if successor and successor.is_renewal else None,
        has_download=is_available,
        has_public_download=is_available and is_for_anyone(credential_type),
        media_type=credential.artifact_media_type,
        pages=credential.artifact_pages or 1,
        description=translations.find(DESCRIPTION, language) or achievement["description"],
        criteria=get_criteria(credential).write(language),
        results=_get_results(credential) if shows_results(credential) else {},
        mode=str(_get_evidence(credential).get("mode") or ""),
        picture=choose_picture(credential),
        has_badge=is_available and bool(get_settings().SIGNING_KEYS),
        is_indexable=credential.is_indexable,
        page_options=credential_type.page_options,
        grade_decimals=get_decimals(credential),
        verify_code=format_code(credential.verify_code),
        custom_fields=tuple(field for field in read_fields(credential.custom_fields) if field.on_page),
    )


def choose_picture(credential: Credential) -> PagePicture | None:
    """Return which image the public page shows, or None."""
    if credential.status != Credential.Status.AVAILABLE:
        return None
    return pictures.choose(
        credential.artifact_media_type,
        is_public=is_for_anyone(credential.configuration.credential_type),
        has_image=bool(get_achievement(credential)["image"]),
    )


def _get_evidence(credential: Credential) -> Mapping[str, Any]:
    return credential.evidence if isinstance(credential.evidence, dict) else {}


def _get_results(credential: Credential) -> dict[str, Any]:
    evidence = _get_evidence(credential)
    decimals = get_decimals(credential)
    results = {name: _round(evidence[name], decimals) for name in _RESULTS if evidence.get(name) is not None}
    grades = evidence.get("current_grades")
    items: Iterable[tuple[Any, Any]] = grades.items() if isinstance(grades, dict) else ()
    totals = {
        name: _round(grade, decimals) for name, grade in items if str(name).casefold() == _TOTAL and grade is not None
    }
    return {**results, **({"current_grades": totals} if totals else {})}


def _round(value: Any, decimals: int) -> Any:
    """Round a number as it is shown. Return any other value unchanged."""
    return round_fraction(value, decimals) if is_fraction(value) else value
