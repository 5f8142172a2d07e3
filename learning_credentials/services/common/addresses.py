"""Makes the absolute addresses of public pages: credentials, their files, badge images and status lists."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language

from learning_credentials.conf import get_settings

if TYPE_CHECKING:
    from collections.abc import Callable

_MARKER = UUID("6d61726b-6572-4000-8000-000000000000")


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

    Use it at once: it depends on the present URL configuration, on where the URLs are mounted, and on the language if that is part of the
    URLs.
    """
    urlconf = get_urlconf() or django_settings.ROOT_URLCONF
    before, after = _get_path_parts(urlconf, get_script_prefix(), get_language())
    start = _get_site() + before
    return lambda verify_uuid: f"{start}{verify_uuid}{after}"


def _get_site() -> str:
    return get_settings().BASE_URL.rstrip("/")


def _make(page: str, *args: object) -> str:
    return _get_site() + reverse(f"learning_credentials:{page}", args=args)


@lru_cache(maxsize=64)
def _get_path_parts(_urlconf: str, _prefix: str, _language: str | None) -> tuple[str, str]:
    """Return the parts of a public page's path before and after the id. Reversing a URL takes Django longer than joining three texts."""
    before, _marker, after = reverse("learning_credentials:credential", args=[str(_MARKER)]).partition(str(_MARKER))
    return before, after


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {"ROOT_URLCONF", "FORCE_SCRIPT_NAME", "LANGUAGES", "LANGUAGE_CODE", "USE_I18N"}:
        _get_path_parts.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.services.common.addresses")
