"""Finds the images on a credential's public page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.data import IssuerData, PagePicture
from learning_credentials.exceptions import CredentialNotFoundError
from learning_credentials.models import Credential
from learning_credentials.services.credentials import get_achievement
from learning_credentials.services.public import answers, pictures
from learning_credentials.services.public.lookup import get_public

if TYPE_CHECKING:
    from uuid import UUID

    from learning_credentials.data import ImageFile


def get_page_picture(verify_uuid: UUID | str) -> ImageFile:
    """Return the image of the certificate, or of the achievement if the certificate cannot be drawn.

    Raises:
        CredentialNotFoundError: as in `get_public`, or there is no image. A revoked credential has none.
        StorageUnavailableError: a file could not be read.
    """
    credential = get_public(verify_uuid)
    picture = None
    if answers.choose_picture(credential) is PagePicture.CERTIFICATE:
        picture = pictures.get_of_certificate(credential)
    if picture is None and credential.status == Credential.Status.AVAILABLE:
        picture = pictures.get_of_asset(get_achievement(credential)["image"])
    if picture is None:
        msg = "a revoked credential has no picture"
        raise CredentialNotFoundError(msg)
    return picture


def get_issuer_logo(verify_uuid: UUID | str) -> ImageFile:
    """Return the logo of a credential's issuer.

    Raises:
        CredentialNotFoundError: as in `get_public`, or the issuer has no logo.
        StorageUnavailableError: the file could not be read.
    """
    return pictures.get_of_asset(IssuerData(**get_public(verify_uuid).issuer).logo)
