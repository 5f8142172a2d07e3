"""Addresses of the public pages of credentials, one or many at a time."""

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
    """The absolute address of a credential's public page."""
    if isinstance(verify_uuid, UUID):
        return get_url_maker()(verify_uuid)
    return get_settings().BASE_URL.rstrip("/") + reverse("learning_credentials:credential", args=[verify_uuid])


def get_url_maker() -> Callable[[UUID], str]:
    """Return what makes the addresses of public pages now, for many of them.

    Good for as long as nothing changes on which an address depends in Django: the URLs in force, where they are mounted, and the language
    where that is part of them.
    """
    urlconf = get_urlconf() or django_settings.ROOT_URLCONF
    before, after = _get_path_parts(urlconf, get_script_prefix(), get_language())
    start = get_settings().BASE_URL.rstrip("/") + before
    return lambda verify_uuid: f"{start}{verify_uuid}{after}"


@lru_cache(maxsize=64)
def _get_path_parts(_urlconf: str, _prefix: str, _language: str | None) -> tuple[str, str]:
    """What stands before and after the id in the path of a public page: to make a path takes Django longer than to fill one in."""
    before, _marker, after = reverse("learning_credentials:credential", args=[str(_MARKER)]).partition(str(_MARKER))
    return before, after


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {"ROOT_URLCONF", "FORCE_SCRIPT_NAME", "LANGUAGES", "LANGUAGE_CODE", "USE_I18N"}:
        _get_path_parts.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.services.addresses")
