"""Rate limits of what learners ask about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from learning_credentials.http.throttles import SettingsThrottle
from learning_credentials.rest_api.v1.permissions import is_worker
from learning_credentials.services.common import has_permission

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from learning_credentials.rest_api.v1.base import LearnerAPIView


class LearnerThrottle(SettingsThrottle):
    """Limit what learners ask about themselves to ``LEARNER_THROTTLE_RATE``.

    Accounts that may ask about anyone have no limit.
    """

    scope = "learning_credentials_learner"
    setting = "LEARNER_THROTTLE_RATE"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Return whether the request is allowed. The caller's permissions are checked only after the limit is reached."""
        return super().allow_request(request, view) or has_permission(
            request.user, cast("LearnerAPIView", view).unlimited_act
        )


class StatusThrottle(LearnerThrottle):
    """Limit requests like `LearnerThrottle`. Users in ``LEARNER_STATUS_WORKERS`` have no limit either."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Return whether the request is allowed. Workers are always allowed."""
        return is_worker(request) or super().allow_request(request, view)
