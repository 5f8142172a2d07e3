"""Limit request rates. The rates are read from the app's settings at each request, so a change takes effect at once."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar

from rest_framework.throttling import SimpleRateThrottle

from learning_credentials.conf import get_settings

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class SettingsThrottle(SimpleRateThrottle):
    """Base of throttles. They count by account, or by the caller's address if there is no account."""

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
