"""What the world may know of a credential: whether it holds, its page and its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import common, course_runs, public

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from django.core.files.base import File

    from learning_credentials.data import CredentialVisibility, Inspection, Picture, Verification
    from learning_credentials.models import Credential
    from learning_credentials.services.common import Viewer
    from learning_credentials.services.public import Counts, DayCounts, Download


def verify_credential(verify_uuid: UUID | str) -> Verification:
    """Return the public answer for one credential.

    Raises:
        CredentialNotFoundError: unknown, malformed or unfinished: told apart by nothing.
    """
    return public.verify_credential(verify_uuid)


def inspect_file(content: bytes) -> Inspection:
    """Tell of a file whether it is as it was issued, and whether the credential still holds; nothing is stored.

    Raises:
        UploadTooLargeError: it has more than ``UPLOAD_MAX_BYTES``.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
        TransientError: too many files are being looked at just now, or the server is too busy to read this one.
    """
    return public.inspect_file(content)


def inspect_id(text: str) -> Inspection:
    """Tell of a credential's public id, or an address with that id in it, what `inspect_file` tells of a file."""
    return public.inspect_id(text)


def list_credentials(user_id: int) -> list[Verification]:
    """Return a learner's own credentials, newest first."""
    return public.list_credentials(user_id)


def get_verification_url(verify_uuid: UUID | str) -> str:
    """Return the absolute address of a credential's public page."""
    return common.get_verification_url(verify_uuid)


def set_credential_indexable(verify_uuid: UUID | str, user: Viewer, is_indexable: bool) -> None:
    """Let search engines list the public page of a user's own credential, or stop it.

    Raises:
        CredentialNotFoundError: as `verify_credential`, or the credential is not the user's.
    """
    public.set_credential_indexable(verify_uuid, user.pk, is_indexable=is_indexable)


def are_visible(credentials: Collection[Credential]) -> dict[UUID, bool]:
    """Whether each credential may be seen by learners and the public, by primary key; a constant number of queries."""
    return course_runs.are_visible(credentials)


def list_visibility(credentials: Sequence[Credential]) -> dict[UUID, CredentialVisibility]:
    """Return, by internal id, whether each credential may be seen and which date it shows; a constant number of queries."""
    return course_runs.describe_visibility(credentials)


def open_artifact(verify_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Open an available credential's artifact: the file, its media type, a name to save it under.

    For code that may have any file; `get_download` asks who the file is for.

    Raises:
        CredentialNotFoundError, CredentialRevokedError, StorageUnavailableError.
    """
    return public.open_artifact(verify_uuid)


def get_file_name(credential: Credential) -> str:
    """Return the name under which the artifact of a credential is saved: its type and learning context as written, and the extension."""
    return public.get_file_name(credential)


def get_download(verify_uuid: UUID | str, viewer: Viewer | None) -> Download:
    """Return what lets a viewer (a user, or None) have the file of a credential, as the type's policy says.

    Raises:
        CredentialNotFoundError, CredentialRevokedError.
        DownloadRefusedError: the file is for the learner and staff, and the viewer is neither.
    """
    return public.get_download(verify_uuid, viewer)


def get_page_picture(verify_uuid: UUID | str) -> Picture:
    """Return the picture on a credential's public page.

    Raises:
        CredentialNotFoundError: as `verify_credential`, or there is no picture.
        StorageUnavailableError: a file could not be read.
    """
    return public.get_page_picture(verify_uuid)


def get_issuer_logo(verify_uuid: UUID | str) -> Picture:
    """Return the logo of a credential's issuer; raises like `get_page_picture`."""
    return public.get_issuer_logo(verify_uuid)


def note_verification(verify_uuid: UUID | str) -> None:
    """Count that somebody looked at a credential: one statement, outside a transaction. It raises nothing; what fails is logged."""
    public.note_verification(verify_uuid)


def note_download(verify_uuid: UUID | str) -> None:
    """Count that somebody was given the file of a credential; as `note_verification`."""
    public.note_download(verify_uuid)


def get_credential_counts(verify_uuids: Collection[UUID]) -> dict[UUID, Counts]:
    """Return how often each of these credentials was looked at and downloaded, by one query a few hundred; zeros for unknown ones."""
    return public.get_credential_counts(verify_uuids)


def list_daily_counts(verify_uuid: UUID, days: int = 30) -> list[DayCounts]:
    """Return how often a credential was looked at and downloaded on each of the last days, today last."""
    return public.list_daily_counts(verify_uuid, days)
