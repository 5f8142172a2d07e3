"""Finds the addresses of static files. With Django's own storages, the process keeps them: each page names several."""

from __future__ import annotations

from functools import cache, lru_cache

from django.apps import apps
from django.core.signals import setting_changed
from django.templatetags.static import static
from django.urls import get_script_prefix


def get_static_address(path: str) -> str:
    """Return the address of a static file, as Django's function."""
    return _find_address(path, get_script_prefix()) if _are_addresses_constant() else static(path)


@lru_cache(maxsize=64)
def _find_address(path: str, _prefix: str) -> str:
    return static(path)


@cache
def _are_addresses_constant() -> bool:
    """Return whether Django itself makes the addresses. Other storages can sign them, and then they expire."""
    if not apps.is_installed("django.contrib.staticfiles"):
        return True
    from django.contrib.staticfiles.storage import (
        ManifestStaticFilesStorage,
        StaticFilesStorage,
        staticfiles_storage,
    )

    return staticfiles_storage.__class__ in {ManifestStaticFilesStorage, StaticFilesStorage}


def _forget(**_kwargs: object) -> None:
    _find_address.cache_clear()
    _are_addresses_constant.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.web.static_addresses")
