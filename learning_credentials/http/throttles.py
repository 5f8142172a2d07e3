"""Rate limits whose rates are read from the app's settings at each request, so that a change holds at once."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar

from rest_framework.throttling import SimpleRateThrottle

from learning_credentials.conf import get_settings

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class SettingsThrottle(SimpleRateThrottle):
    """Counts by account where there is one, else by the caller's address."""

    setting: ClassVar[str]

    def get_rate(self) -> str | None:
        """Return the rate now in force; None switches the limit off."""
        rate: str | None = getattr(get_settings(), self.setting)
        return rate

    def get_ident(self, request: Request) -> str:
        """Return what stands for the caller's address: callers can make one up, and no cache has to take that for a key."""
        return sha256(str(super().get_ident(request)).encode()).hexdigest()[:32]

    def get_cache_key(self, request: Request, view: APIView) -> str:  # noqa: ARG002
        """Return the key under which this caller's requests are counted."""
        is_known = request.user is not None and request.user.is_authenticated
        ident = f"user-{request.user.pk}" if is_known else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}


class PublicThrottle(SettingsThrottle):
    """``PUBLIC_THROTTLE_RATE``: for what anyone may ask."""

    scope = "learning_credentials_public"
    setting = "PUBLIC_THROTTLE_RATE"
