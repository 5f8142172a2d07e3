"""Says how long the leases of workers last: on claimed credentials, runs, messages and files that a worker moves."""

from __future__ import annotations

from datetime import timedelta

from learning_credentials.conf import get_settings


def get_claim_timeout() -> timedelta:
    """Return how long a lease lasts without being renewed: ``CLAIM_TIMEOUT``."""
    return timedelta(seconds=get_settings().CLAIM_TIMEOUT)
