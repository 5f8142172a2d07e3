"""Gives the public answers about a credential: whether it is valid, its page, its images and its file."""

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
    """Return the public answer about one credential.

    Raises:
        CredentialNotFoundError: the id is unknown or malformed, or the credential is hidden or unfinished. The error does not say which.
    """
    return public.verify_credential(verify_uuid)


def inspect_file(content: bytes) -> Inspection:
    """Check whether a file is exactly as it was issued, and whether its credential is valid. Nothing is stored.

    Raises:
        UploadTooLargeError: it has more than ``UPLOAD_MAX_BYTES``.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
        TransientError: too many files are being inspected now, or the server is too busy to read this one.
    """
    return public.inspect_file(content)


def inspect_id(text: str) -> Inspection:
    """Check a credential by its public id, or by an address that contains the id; return an answer like that of `inspect_file`."""
    return public.inspect_id(text)


def list_credentials(user_id: int) -> list[Verification]:
    """Return a learner's own credentials, newest first."""
    return public.list_credentials(user_id)


def get_verification_url(verify_uuid: UUID | str) -> str:
    """Return the verification URL of a credential."""
    return common.get_verification_url(verify_uuid)


def set_credential_indexable(verify_uuid: UUID | str, user: Viewer, is_indexable: bool) -> None:
    """Set whether search engines can list the public page of the user's own credential.

    Raises:
        CredentialNotFoundError: as in `verify_credential`, or the credential is not the user's.
    """
    public.set_credential_indexable(verify_uuid, user.pk, is_indexable=is_indexable)


def are_visible(credentials: Collection[Credential]) -> dict[UUID, bool]:
    """Return whether each credential is visible to learners and the public, by internal id. The number of queries is constant."""
    return course_runs.are_visible(credentials)


def list_visibility(credentials: Sequence[Credential]) -> dict[UUID, CredentialVisibility]:
    """Return whether each credential is visible and which date it shows, by internal id. The number of queries is constant."""
    return course_runs.describe_visibility(credentials)


def open_artifact(verify_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Return an available credential's open file, its media type, and a name to save it under.

    The function checks no permission. `get_download` checks it.

    Raises:
        CredentialNotFoundError, CredentialRevokedError, StorageUnavailableError.
    """
    return public.open_artifact(verify_uuid)


def get_file_name(credential: Credential) -> str:
    """Return the name under which the artifact of a credential is saved: its type and learning context as written, and the extension."""
    return public.get_file_name(credential)


def get_download(verify_uuid: UUID | str, viewer: Viewer | None) -> Download:
    """Return what a viewer needs to download the file of a credential, if the type's download policy permits it.

    Args:
        verify_uuid: the public id of the credential.
        viewer: who asks, or None.

    Raises:
        CredentialNotFoundError, CredentialRevokedError.
        DownloadRefusedError: the file is for the learner and staff, and the viewer is neither.
    """
    return public.get_download(verify_uuid, viewer)


def get_page_picture(verify_uuid: UUID | str) -> Picture:
    """Return the image on a credential's public page.

    Raises:
        CredentialNotFoundError: as in `verify_credential`, or there is no image.
        StorageUnavailableError: a file could not be read.
    """
    return public.get_page_picture(verify_uuid)


def get_issuer_logo(verify_uuid: UUID | str) -> Picture:
    """Return the logo of a credential's issuer; raises like `get_page_picture`."""
    return public.get_issuer_logo(verify_uuid)


def note_verification(verify_uuid: UUID | str) -> None:
    """Count one visit of a credential's page without asking the database: see `write_visits`. It never raises; errors are logged."""
    public.note_verification(verify_uuid)


def note_download(verify_uuid: UUID | str) -> None:
    """Count one download of a credential's file. It never raises; errors are logged."""
    public.note_download(verify_uuid)


def write_visits() -> None:
    """Write the visits that this process has counted and not written yet. It raises nothing; what fails is logged.

    Requests need no call: visits are written after a request, at most once in ``VISIT_WRITE_INTERVAL`` seconds, and when the process
    exits. Code that counts visits outside requests can call it, outside a transaction.
    """
    public.write_visits()


def get_credential_counts(verify_uuids: Collection[UUID]) -> dict[UUID, Counts]:
    """Return how often each credential was viewed and downloaded; zeros for unknown ones. One query serves a few hundred credentials.

    The visits of the last seconds can be missing: see `write_visits`.
    """
    return public.get_credential_counts(verify_uuids)


def list_daily_counts(verify_uuid: UUID, days: int = 30) -> list[DayCounts]:
    """Return how often a credential was viewed and downloaded on each of the last days, today last; late as `get_credential_counts`."""
    return public.list_daily_counts(verify_uuid, days)
