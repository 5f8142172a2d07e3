"""Absolute addresses of what the site shows to everyone: pages of credentials, one or many at a time, their files, and status lists."""

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
    """The address of a credential's public page."""
    if isinstance(verify_uuid, UUID):
        return get_url_maker()(verify_uuid)
    return _make("credential", verify_uuid)


def get_download_url(verify_uuid: UUID) -> str:
    """The address of a credential's file."""
    return _make("credential_download", str(verify_uuid))


def get_status_list_url(list_id: int, base_url: str = "") -> str:
    """The address of the list that tells which badges were revoked, at the site's address of today or at another one of it."""
    return (base_url or _get_site()) + reverse("learning_credentials:status_list", args=[list_id])


def get_badge_image_url(slug: str) -> str:
    """The address of a badge image, or without a slug that of the built-in one."""
    return _make("badge_image", slug) if slug else _make("default_badge_image")


def get_url_maker() -> Callable[[UUID], str]:
    """Return what makes the addresses of public pages now, for many of them.

    Good for as long as nothing changes on which an address depends in Django: the URLs in force, where they are mounted, and the language
    where that is part of them.
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
    """What stands before and after the id in the path of a public page: to make a path takes Django longer than to fill one in."""
    before, _marker, after = reverse("learning_credentials:credential", args=[str(_MARKER)]).partition(str(_MARKER))
    return before, after


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {"ROOT_URLCONF", "FORCE_SCRIPT_NAME", "LANGUAGES", "LANGUAGE_CODE", "USE_I18N"}:
        _get_path_parts.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.services.common.addresses")
