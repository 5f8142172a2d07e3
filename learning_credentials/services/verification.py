"""Answers third parties: is this credential real, whose is it, does it still hold?

Page, REST and download all ask here, so they can never disagree.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language

from learning_credentials.conf import get_settings
from learning_credentials.data import IssuerData, Verification, VerificationStatus
from learning_credentials.exceptions import CredentialNotFoundError, CredentialRevokedError
from learning_credentials.models import Credential
from learning_credentials.services import storage, visibility

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.files.base import File
    from django.db.models import QuerySet

PUBLIC_STATUSES = (Credential.Status.AVAILABLE, Credential.Status.INVALIDATED)
#: What the public may be told, and what that depends on.
_PUBLIC_FIELDS = (
    "verify_uuid",
    "user_id",
    "user_full_name",
    "learning_context_key",
    "learning_context_name",
    "credential_type_name",
    "issuer",
    "evidence",
    "status",
    "issued_at",
    "date_override",
    "expires_at",
    "invalidated_at",
    "invalidation_reason",
    "artifact_name",
    "artifact_media_type",
    "replaces_id",
    "successor__verify_uuid",
    "successor__status",
    "successor__artifact_name",
    "successor__replaces_id",
)
_MARKER = UUID("6d61726b-6572-4000-8000-000000000000")
EXTENSIONS = {"application/pdf": "pdf", "image/svg+xml": "svg", "image/png": "png", "text/plain": "txt"}


def get_verification_url(verify_uuid: UUID | str) -> str:
    """The absolute address of a credential's public page."""
    if isinstance(verify_uuid, UUID):
        return get_url_maker()(verify_uuid)
    return get_settings().BASE_URL.rstrip("/") + reverse("learning_credentials:credential", args=[verify_uuid])


def get_url_maker() -> Callable[[UUID], str]:
    """Return what makes the addresses of public pages now, for many of them.

    Good for as long as nothing changes on which an address depends in Django: the URLs in force, where they are mounted, and the language
    where that is part of them.
    """
    urlconf = get_urlconf() or django_settings.ROOT_URLCONF
    before, after = _get_path_parts(urlconf, get_script_prefix(), get_language())
    start = get_settings().BASE_URL.rstrip("/") + before
    return lambda verify_uuid: f"{start}{verify_uuid}{after}"


@lru_cache(maxsize=64)
def _get_path_parts(_urlconf: str, _prefix: str, _language: str | None) -> tuple[str, str]:
    """What stands before and after the id in the path of a public page: to make a path takes Django longer than to fill one in."""
    before, _marker, after = reverse("learning_credentials:credential", args=[str(_MARKER)]).partition(str(_MARKER))
    return before, after


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {"ROOT_URLCONF", "FORCE_SCRIPT_NAME", "LANGUAGES", "LANGUAGE_CODE", "USE_I18N"}:
        _get_path_parts.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.services.verification")


def verify(verify_uuid: UUID | str) -> Verification:
    """Return the public answer for one credential, in one query (two more for a program).

    Raises:
        CredentialNotFoundError: no such credential was ever issued, or it may not be seen yet. Malformed, unknown, unfinished and
            hidden ids are told apart by nothing.
    """
    credential = _get_public(verify_uuid)
    return _as_verification(credential, visibility.get_program_gates([credential]).get(credential.pk))


def list_of_learner(user_id: int) -> list[Verification]:
    """A learner's own credentials, newest first: those that may be seen, revoked ones included."""
    rows = visibility.drop_hidden(list_public().filter(user_id=user_id))
    gates = visibility.get_program_gates(rows)
    return [_as_verification(row, gates.get(row.pk)) for row in rows]


def open_artifact(verify_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Open the artifact of an available credential: the file, its media type and a name to save it under.

    Raises:
        CredentialNotFoundError: as `verify`.
        CredentialRevokedError: the credential was invalidated.
        StorageUnavailableError: the file could not be opened.
    """
    credential = _get_public(verify_uuid)
    if credential.status != Credential.Status.AVAILABLE:
        msg = "the credential was invalidated"
        raise CredentialRevokedError(msg)
    name = (
        slugify(f"{credential.credential_type_name} {credential.learning_context_name}", allow_unicode=True)
        or "credential"
    )
    extension = EXTENSIONS.get(credential.artifact_media_type) or credential.artifact_name.rpartition(".")[2]
    return storage.open_file(credential.artifact_name), credential.artifact_media_type, f"{name[:100]}.{extension}"


def list_public() -> QuerySet[Credential]:
    """Credentials that the public may know of: available ones, and invalidated ones that once were (they have an artifact).

    Not those of runs whose available date is yet to come. The date of a program takes another look: `visibility.drop_hidden`.
    """
    issued = Credential.objects.filter(status__in=PUBLIC_STATUSES).exclude(artifact_name="")
    return visibility.with_run_date(visibility.visible(issued)).select_related("successor").only(*_PUBLIC_FIELDS)


def _get_public(verify_uuid: UUID | str) -> Credential:
    try:
        key = verify_uuid if isinstance(verify_uuid, UUID) else UUID(verify_uuid)
    except (ValueError, AttributeError, TypeError):
        key = None
    found = visibility.drop_hidden(list_public().filter(verify_uuid=key).order_by()) if key else []
    credential = found[0] if found else None
    if credential is None:
        msg = "no credential has this id"
        raise CredentialNotFoundError(msg)
    return credential


def _as_verification(credential: Credential, gate: visibility.Gate | None) -> Verification:
    if credential.issued_at is None:  # a check constraint forbids it
        msg = f"credential {credential.pk} was never issued"
        raise CredentialNotFoundError(msg)
    status = VerificationStatus(credential.status)
    is_available = status is VerificationStatus.AVAILABLE
    is_expired = credential.expires_at is not None and credential.expires_at <= timezone.now()
    successor = getattr(credential, "successor", None)
    is_replaced = successor is not None and successor.status in PUBLIC_STATUSES and successor.artifact_name
    return Verification(
        verify_uuid=credential.verify_uuid,
        verify_url=get_verification_url(credential.verify_uuid),
        status=status,
        is_valid=is_available and not is_expired,
        user_full_name=credential.user_full_name,
        learning_context_key=credential.learning_context_key,
        learning_context_name=credential.learning_context_name,
        credential_type_name=credential.credential_type_name,
        issuer=IssuerData(**credential.issuer),
        issued_at=credential.issued_at,
        issue_date=visibility.get_shown_date(credential, gate),
        expires_at=credential.expires_at,
        invalidated_at=credential.invalidated_at,
        invalidation_reason=credential.invalidation_reason,
        replaced_by=successor.verify_uuid if successor is not None and is_replaced else None,
        has_download=is_available,
        media_type=credential.artifact_media_type,
    )
