"""Serves the files of credentials, to anyone or only to the learner and staff, as the type's download policy says."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import DownloadRefusedError, StorageUnavailableError
from learning_credentials.filenames import make_file_name
from learning_credentials.lms import Act
from learning_credentials.models import CredentialType
from learning_credentials.page_options import FilePart, get_page_options
from learning_credentials.services.common import has_permission, is_in_use, open_file
from learning_credentials.services.public import lookup
from learning_credentials.storages import get_storage

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.files.base import File

    from learning_credentials.models import Credential
    from learning_credentials.services.common import Viewer

_EXTENSIONS = {"application/pdf": "pdf", "image/svg+xml": "svg", "image/png": "png", "text/plain": "txt"}


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a viewer may have.

    ``filename`` is a name to save it under. If ``is_private``, other viewers may not have it. ``sha256`` is empty if it is unknown.
    """

    media_type: str
    filename: str
    is_private: bool
    sha256: str
    _name: str

    def open(self) -> File[bytes]:
        """Open the file for reading. Return it.

        Raises:
            StorageUnavailableError: it could not be opened.
        """
        return open_file(self._name)

    def find_signed_url(self, disposition: str) -> str:
        """Return an address at which the storage itself serves the file for ``DOWNLOAD_URL_LIFETIME`` seconds, or an empty string.

        Args:
            disposition: the Content-Disposition of the storage's response, if the storage supports it.

        Raises:
            StorageUnavailableError: the storage failed.
        """
        lifetime = get_settings().DOWNLOAD_URL_LIFETIME
        return sign_url(self._name, lifetime, disposition, self.media_type) if lifetime else ""


def get_download(verify_uuid: UUID | str, viewer: Viewer | None) -> Download:
    """Return what a viewer needs to download the file of a credential. The viewer is checked only if the file is not for anyone.

    Raises:
        CredentialNotFoundError: as in `get_public`.
        CredentialRevokedError: the credential was invalidated.
        DownloadRefusedError: the file is for the learner, and the viewer is somebody else without permission for `Act.DOWNLOAD_FILE`.
        LMSUnavailableError: the backend has to ask the LMS for the permission, and the LMS does not answer.
    """
    credential = lookup.get_available(verify_uuid)
    is_private = not is_for_anyone(credential.configuration.credential_type)
    if is_private and not _may_have(credential, viewer):
        msg = "only the learner and staff with the permission can download the file"
        raise DownloadRefusedError(msg)
    name, media_type, filename = _describe(credential)
    return Download(media_type, filename, is_private, credential.artifact_sha256, name)


def is_for_anyone(credential_type: CredentialType) -> bool:
    """Return whether anyone who sees the page of a credential of this type can have its file."""
    return credential_type.download_policy == CredentialType.DownloadPolicy.PUBLIC


def _may_have(credential: Credential, viewer: Viewer | None) -> bool:
    if not is_in_use(viewer):
        return False
    is_own = viewer is not None and viewer.pk == credential.user_id
    return is_own or has_permission(viewer, Act.DOWNLOAD_FILE, credential.learning_context_key, credential)


def open_artifact(verify_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Return an available credential's open file, its media type, and a name to save it under.

    The function ignores the type's download policy, which `get_download` applies.

    Raises:
        CredentialNotFoundError: as in `get_public`.
        CredentialRevokedError: the credential was invalidated.
        StorageUnavailableError: the file could not be opened.
    """
    name, media_type, filename = _describe(lookup.get_available(verify_uuid))
    return open_file(name), media_type, filename


def _describe(credential: Credential) -> tuple[str, str, str]:
    """Return the artifact's name in the storage, its media type and a name to save it under."""
    return credential.artifact_name, credential.artifact_media_type, get_file_name(credential)


def get_file_name(credential: Credential) -> str:
    """Return the name under which the artifact of a credential is saved, in the script of its parts.

    The type's ``page_options`` say what the parts are: usually its type and learning context.
    """
    extension = _EXTENSIONS.get(credential.artifact_media_type) or credential.artifact_name.rpartition(".")[2]
    texts = {
        FilePart.LEARNER: credential.user_full_name,
        FilePart.TYPE: credential.credential_type_name,
        FilePart.CONTEXT: credential.learning_context_name,
    }
    options = get_page_options(credential.configuration.credential_type.page_options)
    return make_file_name(*(texts[part] for part in options.file_name), extension=extension)


def sign_url(name: str, lifetime: int, disposition: str, media_type: str) -> str:
    """Return an address of a file that the storage signed for ``lifetime`` seconds, or an empty string if the storage cannot sign.

    Storages that sign accept ``expire``. Each has its own way to set the headers of the response. An address without a query was not
    signed, and is not returned.

    Raises:
        StorageUnavailableError: the storage failed.
    """
    make_url = get_storage().url
    accepted = inspect.signature(make_url).parameters
    if "expire" not in accepted:
        return ""
    options: dict[str, Any] = {"expire": lifetime}
    if "parameters" in accepted:
        if "http_method" in accepted:  # Amazon S3 and compatible storages
            names = ("ResponseContentDisposition", "ResponseContentType")
        else:  # Azure
            names = ("content_disposition", "content_type")
        options["parameters"] = dict(zip(names, (disposition, media_type), strict=True))
    try:
        url = str(make_url(name, **options))
    except Exception as error:
        msg = f"the address of the file could not be signed: {type(error).__name__}: {error}"
        raise StorageUnavailableError(msg) from error
    return url if url.startswith("https://") and "?" in url else ""
