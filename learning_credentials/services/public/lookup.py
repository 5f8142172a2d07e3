"""Finds the credentials that the public can see.

The page, REST, files, images and badges all use this module, so that they show the same credentials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db.models import DateTimeField, F, UUIDField
from django.utils import timezone

from learning_credentials.exceptions import CredentialNotFoundError, CredentialRevokedError
from learning_credentials.models import Credential
from learning_credentials.services.common import Parameter, Statement, parse_uuid
from learning_credentials.services.course_runs import drop_hidden, filter_visible, with_run_date

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

_STATUSES = (Credential.Status.AVAILABLE, Credential.Status.INVALIDATED)
#: The columns that the public answer needs.
_COLUMNS = (
    "verify_uuid",
    "verify_code",
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
    "is_renewal",
    "artifact_sha256",
    "artifact_pages",
    "achievement",
    "custom_fields",
    "is_indexable",
    "successor__verify_uuid",
    "successor__status",
    "successor__artifact_name",
    "successor__replaces_id",
    "successor__is_renewal",
    "successor__user_id",
    "successor__issued_at",
    "successor__learning_context_key",
    "successor__evidence",
    "configuration__description",
    "configuration__criteria",
    *(
        f"configuration__credential_type__{name}"
        for name in (
            "slug",
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


def list_issued() -> QuerySet[Credential]:
    """Return the credentials that were issued, hidden ones included: available ones, and invalidated ones that were available."""
    # A credential that was cancelled before it was finished has no artifact.
    return Credential.objects.filter(status__in=_STATUSES).exclude(artifact_name="")


def was_issued(credential: Credential) -> bool:
    """Return whether a row is one of `list_issued`."""
    return credential.status in _STATUSES and bool(credential.artifact_name)


def list_public(*, is_whole: bool = False, now: Parameter | None = None) -> QuerySet[Credential]:
    """Return the issued credentials, without those of course runs whose available date has not come.

    Hidden programs are still among them: use `drop_hidden` as well.

    Args:
        is_whole: whether to load all columns, and not only those that a page needs, and to annotate ``holder_email``, which is in badges.
        now: a parameter for the time, if the statement is compiled once. Without it, the time of this call.
    """
    rows = with_run_date(filter_visible(list_issued(), now), now).select_related(*_JOINED)
    if not is_whole:
        return rows.only(*_COLUMNS)
    return rows.annotate(holder_email=F(f"user__{get_user_model().get_email_field_name()}"))


def _make_statement(*, is_whole: bool) -> Statement[Credential]:
    def make() -> QuerySet[Credential]:
        rows = list_public(is_whole=is_whole, now=Parameter("now", DateTimeField()))
        return rows.filter(verify_uuid=Parameter("verify_uuid", UUIDField())).order_by()

    return Statement(Credential, make)


#: The statements that read one credential of `list_public`, by whether all columns are read. Every public answer begins with one.
_STATEMENTS = {is_whole: _make_statement(is_whole=is_whole) for is_whole in (False, True)}


def get_public(verify_uuid: UUID | str, *, is_whole: bool = False) -> Credential:
    """Return a credential of `list_public` that is visible.

    Raises:
        CredentialNotFoundError: no such credential was ever issued, or it is hidden. The error is the same for malformed, unknown,
            unfinished and hidden ids.
    """
    key = parse_uuid(verify_uuid)
    found = drop_hidden(_STATEMENTS[is_whole].fetch(verify_uuid=key, now=timezone.now())) if key else []
    if not found:
        msg = "no credential has this id"
        raise CredentialNotFoundError(msg)
    return found[0]


def get_public_by_code(code: str) -> Credential:
    """Return the credential of `list_public` with a code in its stored form, if it is visible.

    Raises:
        CredentialNotFoundError: as in `get_public`.
    """
    found = drop_hidden(list_public().filter(verify_code=code).order_by())
    if not found:
        msg = "no credential has this code"
        raise CredentialNotFoundError(msg)
    return found[0]


def get_available(verify_uuid: UUID | str, *, is_whole: bool = False) -> Credential:
    """Return a credential whose file and badge can be shown to the public.

    Raises:
        CredentialNotFoundError: as in `get_public`.
        CredentialRevokedError: the credential was invalidated.
    """
    credential = get_public(verify_uuid, is_whole=is_whole)
    if credential.status != Credential.Status.AVAILABLE:
        msg = "the credential was invalidated"
        raise CredentialRevokedError(msg)
    return credential
