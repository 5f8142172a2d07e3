"""Answers third parties: is this credential real, whose is it, does it still hold?

Page, REST and download all ask here, so they can never disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.text import slugify

from learning_credentials.data import IssuerData, PagePicture, Verification
from learning_credentials.exceptions import CredentialNotFoundError
from learning_credentials.models import Credential
from learning_credentials.services import answers, pictures, storage, visibility
from learning_credentials.services.addresses import get_url_maker
from learning_credentials.services.public_rows import get_available, get_public, list_public

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.core.files.base import File

    from learning_credentials.data import Picture

EXTENSIONS = {"application/pdf": "pdf", "image/svg+xml": "svg", "image/png": "png", "text/plain": "txt"}


def verify(verify_uuid: UUID | str) -> Verification:
    """Return the public answer for one credential, in one query (two more for a program, two or three more for one that was replaced).

    Raises:
        CredentialNotFoundError: as `public_rows.get_public`.
    """
    return answers.make_verifications([get_public(verify_uuid)], get_url_maker())[0]


def list_of_learner(user_id: int) -> list[Verification]:
    """A learner's own credentials, newest first: those that may be seen, revoked ones included. A constant number of queries."""
    return describe_many(list_public().filter(user_id=user_id))


def describe_many(rows: Iterable[Credential]) -> list[Verification]:
    """Return the public answers for rows of `public_rows.list_public`, in their order, without those that may not be seen yet."""
    return answers.make_verifications(visibility.drop_hidden(rows), get_url_maker())


def set_indexable(verify_uuid: UUID | str, user_id: int, *, is_indexable: bool) -> None:
    """Let search engines list the public page of a learner's own credential, or stop it.

    Raises:
        CredentialNotFoundError: as `verify`, or the credential is another's.
    """
    credential = get_public(verify_uuid)
    if credential.user_id != user_id:
        msg = "no credential of this learner has this id"
        raise CredentialNotFoundError(msg)
    Credential.objects.filter(pk=credential.pk, user_id=user_id).update(is_indexable=is_indexable)


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
    credential = get_public(verify_uuid)
    picture = None
    if answers.choose_picture(credential) is PagePicture.CERTIFICATE:
        picture = pictures.get_of_certificate(credential)
    if picture is None and credential.status == Credential.Status.AVAILABLE:
        picture = pictures.get_of_asset(answers.get_achievement(credential)["image"])
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
    return pictures.get_of_asset(IssuerData(**get_public(verify_uuid).issuer).logo)
