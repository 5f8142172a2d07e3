"""Open Badges: the badges themselves, and what wallets need to check them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import public

if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID


def are_badges_offered() -> bool:
    """Whether the site signs badges: it has a key."""
    return public.are_badges_offered()


def get_badge(verify_uuid: UUID | str) -> str:
    """Return the signed Open Badge of an available credential, whatever made its artifact, as JSON text.

    Raises:
        CredentialNotFoundError: as `verify_credential`, or the site signs no badges.
        CredentialRevokedError, ConfigurationError.
    """
    return public.get_badge(verify_uuid)


def bake_badge(verify_uuid: UUID | str, media_type: str = "image/png") -> tuple[bytes, str]:
    """Return the picture of the achievement with the badge in it, and its media type. ``media_type`` chooses the built-in picture.

    Raises:
        CredentialNotFoundError, CredentialRevokedError, ConfigurationError, StorageUnavailableError.
    """
    return public.bake_badge(verify_uuid, media_type)


def get_achievement_image(verify_uuid: UUID | str) -> tuple[bytes, str]:
    """Return the picture of what was achieved and its media type.

    Raises:
        CredentialNotFoundError, StorageUnavailableError.
    """
    return public.get_achievement_image(verify_uuid)


def get_badge_image(slug: str = "") -> tuple[bytes, str]:
    """Return the badge image with this slug and its media type. Without a slug, or if there is no such image, it is the built-in one.

    Raises:
        CredentialNotFoundError: the site signs no badges.
        StorageUnavailableError: the image could not be read.
    """
    return public.get_public_badge_image(slug)


def get_status_list(list_id: int, host: str = "") -> tuple[str, str]:
    """Return a signed Bitstring Status List as JSON text, and a tag that changes whenever the list does.

    Args:
        list_id: the number of the list.
        host: the host that was asked, with its port if it has one. For the host of one of ``FORMER_BASE_URLS`` the list has its address
            there, and the issuer that the site was there.

    Raises:
        CredentialNotFoundError, ConfigurationError.
    """
    return public.get_status_list(list_id, host)


def get_did_document(host: str = "") -> dict[str, Any]:
    """Return the document with the public keys of the site's badges.

    Args:
        host: as in `get_status_list`.

    Raises:
        CredentialNotFoundError, ConfigurationError.
    """
    return public.get_did_document(host)
