"""Makes the paths of a credential's pages. Reversing a URL takes Django longer than joining three texts."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.signals import setting_changed
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language

_MARKER = str(UUID("6d61726b-6572-4000-8000-000000000000"))


class PathMaker(Protocol):
    """A function that makes the path of a page."""

    def __call__(self, page: str, key: UUID | str | None = None) -> str:
        """Return the path.

        Args:
            page: the name of the page.
            key: the argument of its URL: a credential's ``verify_uuid``, or a text that URLs do not quote. None: the URL has no argument.
        """


def get_path_maker() -> PathMaker:
    """Return a function that makes the paths of pages.

    Use it at once: it depends on the present URL configuration, on where the URLs are mounted, and on the language if that is part of the
    URLs. The function raises ``NoReverseMatch`` if the host does not mount the page.
    """
    urlconf, prefix, language = get_urlconf() or settings.ROOT_URLCONF, get_script_prefix(), get_language()

    def make_path(page: str, key: UUID | str | None = None) -> str:
        if key is None:
            return _get_path(page, urlconf, prefix, language)
        before, after = _get_parts(page, urlconf, prefix, language)
        return f"{before}{key}{after}"

    return make_path


def make_path(page: str, verify_uuid: UUID) -> str:
    """Return the path of one page of a credential."""
    return get_path_maker()(page, verify_uuid)


@lru_cache(maxsize=512)
def _get_parts(page: str, _urlconf: str, _prefix: str, _language: str | None) -> tuple[str, str]:
    """Return the parts of a page's path before and after the argument."""
    before, _marker, after = reverse(f"learning_credentials:{page}", args=[_MARKER]).partition(_MARKER)
    return before, after


@lru_cache(maxsize=512)
def _get_path(page: str, _urlconf: str, _prefix: str, _language: str | None) -> str:
    """Return the path of a page whose URL has no argument."""
    return reverse(f"learning_credentials:{page}")


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {"ROOT_URLCONF", "FORCE_SCRIPT_NAME", "LANGUAGES", "LANGUAGE_CODE", "USE_I18N"}:
        _get_parts.cache_clear()
        _get_path.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.http.paths")
