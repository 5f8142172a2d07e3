"""Makes the absolute addresses of public pages: credentials, their files, badge images and status lists."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse

from learning_credentials.conf import get_settings
from learning_credentials.http.paths import get_path_maker

if TYPE_CHECKING:
    from collections.abc import Callable


def get_verification_url(verify_uuid: UUID | str) -> str:
    """Return the verification URL of a credential."""
    if isinstance(verify_uuid, UUID):
        return get_url_maker()(verify_uuid)
    return _make("credential", verify_uuid)


def get_download_url(verify_uuid: UUID) -> str:
    """Return the address of a credential's file."""
    return _make("credential_download", str(verify_uuid))


def get_status_list_url(list_id: int, base_url: str = "") -> str:
    """Return the address of a status list, at ``BASE_URL`` or at the given address of the site."""
    return (base_url or _get_site()) + reverse("learning_credentials:status_list", args=[list_id])


def get_badge_image_url(slug: str) -> str:
    """Return the address of a badge image, or of the built-in image if the slug is empty."""
    return _make("badge_image", slug) if slug else _make("default_badge_image")


def get_url_maker() -> Callable[[UUID], str]:
    """Return a function that makes the verification URL of a credential, for many credentials.

    Use it at once: it depends on what `get_path_maker` depends on.
    """
    site, make = _get_site(), get_path_maker()
    return lambda verify_uuid: site + make("credential", verify_uuid)


def _get_site() -> str:
    return get_settings().BASE_URL.rstrip("/")


def _make(page: str, *args: object) -> str:
    return _get_site() + reverse(f"learning_credentials:{page}", args=args)
