"""How long a worker keeps what it holds: claims of credentials, runs, messages and files that it moves."""

from __future__ import annotations

from datetime import timedelta

from learning_credentials.conf import get_settings


def get_claim_timeout() -> timedelta:
    """Return how long a lease lives without being renewed: ``CLAIM_TIMEOUT``."""
    return timedelta(seconds=get_settings().CLAIM_TIMEOUT)
