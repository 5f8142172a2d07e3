"""Limit request rates. The rates are read from the app's settings at each request, so a change takes effect at once."""

from __future__ import annotations

import logging
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.cache import cache
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from learning_credentials.conf import get_settings

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request
    from rest_framework.views import APIView


logger = logging.getLogger(__name__)


def get_network(request: HttpRequest) -> str:
    """Return the caller's address. For IPv6, return the /64 network: most callers have all addresses of one."""
    text = BaseThrottle().get_ident(request)  # type: ignore[arg-type]  # it asks a request for no more than Django's has
    # Some proxies add the port.
    bare = (
        text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0] if text.count(":") == 1 else text
    )
    try:
        address = ip_address(bare.strip())
    except ValueError:
        return text
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


class _Counts:
    """The site's cache. If it fails, nothing is counted: pages must not fail because requests cannot be counted."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return what is counted."""
        try:
            return cache.get(key, default)
        except Exception:  # each cache raises its own errors
            logger.warning("The cache does not count requests, so they are not limited", exc_info=True)
            return default

    def set(self, key: str, value: Any, timeout: float | None = None) -> None:
        """Store what is counted."""
        try:
            cache.set(key, value, timeout)
        except Exception:  # as above
            logger.warning("The cache does not count requests, so they are not limited", exc_info=True)


class SettingsThrottle(SimpleRateThrottle):
    """Base of throttles. They count by account, or by the caller's address if there is no account."""

    cache = _Counts()  # type: ignore[assignment]  # it needs no more of a cache
    setting: ClassVar[str]

    def get_rate(self) -> str | None:
        """Return the current rate. None means that there is no limit."""
        rate: str | None = getattr(get_settings(), self.setting)
        return rate

    def get_ident(self, request: Request) -> str:
        """Return a hash of the caller's address. Callers can invent an address, and not every cache accepts such a text as a key."""
        return sha256(str(super().get_ident(request)).encode()).hexdigest()[:32]

    def get_cache_key(self, request: Request, view: APIView) -> str:  # noqa: ARG002
        """Return the key under which this caller's requests are counted."""
        is_known = request.user is not None and request.user.is_authenticated
        ident = f"user-{request.user.pk}" if is_known else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}


class PublicThrottle(SettingsThrottle):
    """Limit public requests to ``PUBLIC_THROTTLE_RATE``."""

    scope = "learning_credentials_public"
    setting = "PUBLIC_THROTTLE_RATE"
