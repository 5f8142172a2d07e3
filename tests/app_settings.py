"""Change single keys of ``LEARNING_CREDENTIALS`` for a test or a block."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.test import override_settings


def override_app_settings(**changes: Any) -> override_settings:
    """Return a context manager and decorator that changes these keys and keeps the others."""
    return override_settings(LEARNING_CREDENTIALS={**settings.LEARNING_CREDENTIALS, **changes})
