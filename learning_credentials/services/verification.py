"""Answers third parties: is this credential real, whose is it, does it still hold?

Page, REST and download all ask here, so they can never disagree.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language

from learning_credentials.conf import get_settings
from learning_credentials.data import IssuerData, PagePicture, Verification, VerificationStatus
from learning_credentials.exceptions import CredentialNotFoundError, CredentialRevokedError
from learning_credentials.models import Credential, CredentialType
from learning_credentials.services import pictures, storage, visibility

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.core.files.base import File
    from django.db.models import QuerySet

    from learning_credentials.data import Picture

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
    "artifact_sha256",
    "achievement",
    "is_indexable",
    "successor__verify_uuid",
    "successor__status",
    "successor__artifact_name",
    "successor__replaces_id",
    "successor__user_id",
    "successor__learning_context_key",
    "successor__evidence",
    *(
        f"configuration__credential_type__{name}"
        for name in (
            "description",
            "criteria",
            "badge_shows_results",
            "download_policy",
            "page_options",
            "image__slug",
        )
    ),
)
_JOINED = ("successor", "configuration__credential_type__image")
#: What of the evidence is a result; of the grades, the total.
_RESULTS = ("grade", "letter_grade", "current_completion")
_TOTAL = "total"
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
    """Return the public answer for one credential, in one query (two more for a program, two or three more for one that was replaced).

    Raises:
        CredentialNotFoundError: no such credential was ever issued, or it may not be seen yet. Malformed, unknown, unfinished and
            hidden ids are told apart by nothing.
    """
    return _as_verifications([_get_public(verify_uuid)])[0]


def list_of_learner(user_id: int) -> list[Verification]:
    """A learner's own credentials, newest first: those that may be seen, revoked ones included. A constant number of queries."""
    return describe_many(list_public().filter(user_id=user_id))


def describe_many(rows: Iterable[Credential]) -> list[Verification]:
    """Return the public answers for rows of `list_public`, in their order, without those that may not be seen yet."""
    return _as_verifications(visibility.drop_hidden(rows))


def set_indexable(verify_uuid: UUID | str, user_id: int, *, is_indexable: bool) -> None:
    """Let search engines list the public page of a learner's own credential, or stop it.

    Raises:
        CredentialNotFoundError: as `verify`, or the credential is another's.
    """
    credential = _get_public(verify_uuid)
    if credential.user_id != user_id:
        msg = "no credential of this learner has this id"
        raise CredentialNotFoundError(msg)
    Credential.objects.filter(pk=credential.pk, user_id=user_id).update(is_indexable=is_indexable)


def get_available(verify_uuid: UUID | str) -> Credential:
    """Return a credential whose file may be given out.

    Raises:
        CredentialNotFoundError: as `verify`.
        CredentialRevokedError: the credential was invalidated.
    """
    credential = _get_public(verify_uuid)
    if credential.status != Credential.Status.AVAILABLE:
        msg = "the credential was invalidated"
        raise CredentialRevokedError(msg)
    return credential


def open_artifact(verify_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Open the artifact of an available credential: the file, its media type and a name to save it under.

    For callers that may have any file: the type's policy for downloads is kept by `downloads.get`.

    Raises:
        CredentialNotFoundError: as `verify`.
        CredentialRevokedError: the credential was invalidated.
        StorageUnavailableError: the file could not be opened.
    """
    name, media_type, filename = describe_artifact(get_available(verify_uuid))
    return storage.open_file(name), media_type, filename


def describe_artifact(credential: Credential) -> tuple[str, str, str]:
    """The artifact's name in the storage, its media type and a name to save it under."""
    name = (
        slugify(f"{credential.credential_type_name} {credential.learning_context_name}", allow_unicode=True)
        or "credential"
    )
    extension = EXTENSIONS.get(credential.artifact_media_type) or credential.artifact_name.rpartition(".")[2]
    return credential.artifact_name, credential.artifact_media_type, f"{name[:100]}.{extension}"


def get_picture(verify_uuid: UUID | str) -> Picture:
    """Return the picture of the public page: of the certificate, or where that cannot be drawn of the achievement.

    Raises:
        CredentialNotFoundError: as `verify`, or there is no picture. A revoked credential has none.
        StorageUnavailableError: a file could not be read.
    """
    credential = _get_public(verify_uuid)
    picture = None
    if _choose_picture(credential) is PagePicture.CERTIFICATE:
        picture = pictures.get_of_certificate(credential)
    if picture is None and credential.status == Credential.Status.AVAILABLE:
        picture = pictures.get_of_asset(_get_achievement(credential)["image"])
    if picture is None:
        msg = "there is no picture of a revoked credential"
        raise CredentialNotFoundError(msg)
    return picture


def get_logo(verify_uuid: UUID | str) -> Picture:
    """Return the logo of a credential's issuer.

    Raises:
        CredentialNotFoundError: as `verify`, or the issuer has none.
        StorageUnavailableError: the file could not be read.
    """
    return pictures.get_of_asset(IssuerData(**_get_public(verify_uuid).issuer).logo)


def list_public() -> QuerySet[Credential]:
    """Credentials that the public may know of: available ones, and invalidated ones that once were (they have an artifact).

    Not those of runs whose available date is yet to come. The date of a program takes another look: `visibility.drop_hidden`.
    """
    issued = Credential.objects.filter(status__in=PUBLIC_STATUSES).exclude(artifact_name="")
    return visibility.with_run_date(visibility.visible(issued)).select_related(*_JOINED).only(*_PUBLIC_FIELDS)


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


def _as_verifications(rows: list[Credential]) -> list[Verification]:
    gates = visibility.get_program_gates(rows)
    successors = [row.successor for row in rows if _has_issued_successor(row)]
    seen = visibility.are_visible(successors) if successors else {}
    return [
        _as_verification(
            row,
            gates.get(row.pk),
            row.successor.verify_uuid if _has_issued_successor(row) and seen[row.successor.pk] else None,
        )
        for row in rows
    ]


def _has_issued_successor(credential: Credential) -> bool:
    successor = getattr(credential, "successor", None)
    return successor is not None and successor.status in PUBLIC_STATUSES and bool(successor.artifact_name)


def _as_verification(credential: Credential, gate: visibility.Gate | None, replaced_by: UUID | None) -> Verification:
    if credential.issued_at is None:  # a check constraint forbids it
        msg = f"credential {credential.pk} was never issued"
        raise CredentialNotFoundError(msg)
    status = VerificationStatus(credential.status)
    is_available = status is VerificationStatus.AVAILABLE
    is_expired = credential.expires_at is not None and credential.expires_at <= timezone.now()
    credential_type = credential.configuration.credential_type
    achievement = _get_achievement(credential)
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
        replaced_by=replaced_by,
        has_download=is_available,
        has_public_download=is_available and _is_public(credential_type),
        media_type=credential.artifact_media_type,
        description=achievement["description"],
        criteria=achievement["criteria"],
        results=_get_results(credential) if credential_type.badge_shows_results else {},
        mode=str(_get_evidence(credential).get("mode") or ""),
        picture=_choose_picture(credential),
        is_indexable=credential.is_indexable,
        page_options=credential_type.page_options,
    )


def _is_public(credential_type: CredentialType) -> bool:
    return credential_type.download_policy == CredentialType.DownloadPolicy.PUBLIC


def _choose_picture(credential: Credential) -> PagePicture | None:
    if credential.status != Credential.Status.AVAILABLE:
        return None
    return pictures.choose(
        credential.artifact_media_type,
        is_public=_is_public(credential.configuration.credential_type),
        has_image=bool(_get_achievement(credential)["image"]),
    )


def _get_achievement(credential: Credential) -> dict[str, str]:
    """What was achieved, as it was when the credential was issued; of credentials older than that record, as the type has it now."""
    snapshot = credential.achievement
    names = ("description", "criteria", "image")
    if snapshot:
        return {name: str(snapshot.get(name) or "") for name in names}
    credential_type = credential.configuration.credential_type
    image = credential_type.image.slug if credential_type.image else ""
    return dict(zip(names, (credential_type.description, credential_type.criteria, image), strict=True))


def _get_evidence(credential: Credential) -> Mapping[str, Any]:
    return credential.evidence if isinstance(credential.evidence, dict) else {}


def _get_results(credential: Credential) -> dict[str, Any]:
    evidence = _get_evidence(credential)
    results = {name: evidence[name] for name in _RESULTS if evidence.get(name) is not None}
    grades = evidence.get("current_grades")
    items: Iterable[tuple[Any, Any]] = grades.items() if isinstance(grades, dict) else ()
    totals = {name: grade for name, grade in items if str(name).casefold() == _TOTAL and grade is not None}
    return {**results, **({"current_grades": totals} if totals else {})}
