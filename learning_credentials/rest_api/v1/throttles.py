"""Rate limits whose rates are read from the app's settings at each request, so that a change holds at once."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, cast

from rest_framework.throttling import SimpleRateThrottle

from learning_credentials import api
from learning_credentials.conf import get_settings
from learning_credentials.rest_api.v1.permissions import is_worker

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from learning_credentials.rest_api.v1.base import LearnerAPIView


class _SettingsThrottle(SimpleRateThrottle):
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


class PublicThrottle(_SettingsThrottle):
    """``PUBLIC_THROTTLE_RATE``: for what anyone may ask."""

    scope = "learning_credentials_public"
    setting = "PUBLIC_THROTTLE_RATE"


class LearnerThrottle(_SettingsThrottle):
    """``LEARNER_THROTTLE_RATE``: for what a learner asks about themselves. Accounts that may ask about anyone have no limit."""

    scope = "learning_credentials_learner"
    setting = "LEARNER_THROTTLE_RATE"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Ask for the caller's permissions only when the limit is reached."""
        return super().allow_request(request, view) or api.has_permission(
            request.user, cast("LearnerAPIView", view).unlimited_act
        )


class StatusThrottle(LearnerThrottle):
    """The same, and users named in ``LEARNER_STATUS_WORKERS`` have no limit either."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Let workers pass."""
        return is_worker(request) or super().allow_request(request, view)
