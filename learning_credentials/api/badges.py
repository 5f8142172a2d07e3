"""Makes Open Badges, and what wallets need to check them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import public

if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID


def are_badges_offered() -> bool:
    """Return whether the site signs badges, that is, whether it has a signing key."""
    return public.are_badges_offered()


def get_badge(verify_uuid: UUID | str) -> str:
    """Return the signed Open Badge of an available credential as JSON text, whichever generator made its artifact.

    Raises:
        CredentialNotFoundError: as in `verify_credential`, or the site signs no badges.
        CredentialRevokedError, ConfigurationError.
    """
    return public.get_badge(verify_uuid)


def bake_badge(verify_uuid: UUID | str, media_type: str = "image/png") -> tuple[bytes, str]:
    """Return the achievement's image with the badge baked in, as bytes, and its media type.

    Args:
        verify_uuid: the public id of the credential.
        media_type: which built-in image to use, ``image/png`` or ``image/svg+xml``. Ignored if the type has its own image.

    Raises:
        CredentialNotFoundError, CredentialRevokedError, ConfigurationError, StorageUnavailableError.
    """
    return public.bake_badge(verify_uuid, media_type)


def get_achievement_image(verify_uuid: UUID | str) -> tuple[bytes, str]:
    """Return the image of a credential's achievement, as bytes, and its media type.

    Raises:
        CredentialNotFoundError, StorageUnavailableError.
    """
    return public.get_achievement_image(verify_uuid)


def get_badge_image(slug: str = "") -> tuple[bytes, str]:
    """Return the badge image with this slug, as bytes, and its media type. For no slug or an unknown slug, return the built-in image.

    Raises:
        CredentialNotFoundError: the site signs no badges.
        StorageUnavailableError: the image could not be read.
    """
    return public.get_public_badge_image(slug)


def get_status_list(list_id: int, host: str = "") -> tuple[str, str]:
    """Return a signed Bitstring Status List as JSON text, and a tag that changes whenever the list changes.

    Args:
        list_id: the number of the list.
        host: the host of the request, with its port if there is one. For a host of ``FORMER_BASE_URLS``, the list names the address and the
            issuer that the site had there.

    Raises:
        CredentialNotFoundError, ConfigurationError.
    """
    return public.get_status_list(list_id, host)


def get_did_document(host: str = "") -> dict[str, Any]:
    """Return the DID document, which has the public keys of the site's badges.

    Args:
        host: as in `get_status_list`.

    Raises:
        CredentialNotFoundError, ConfigurationError.
    """
    return public.get_did_document(host)
