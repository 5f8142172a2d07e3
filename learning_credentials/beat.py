"""Provide the periodic tasks for the host's Celery settings: ``CELERY_BEAT_SCHEDULE = {**beat_schedule()}``."""

from __future__ import annotations

from typing import Any

TICK = "learning_credentials.tasks.generate_all_credentials_task"
SWEEP = "learning_credentials.tasks.sweep_stale_credentials_task"
ANNOUNCE = "learning_credentials.tasks.announce_visible_credentials_task"
REFRESH = "learning_credentials.tasks.refresh_course_certificates_task"

#: Without these tasks the app issues nothing by schedule and finds no lost work.
REQUIRED_TASKS = (TICK, SWEEP, ANNOUNCE, REFRESH)


def beat_schedule(*, tick: float = 60, sweep: float = 300, refresh: float = 3600) -> dict[str, dict[str, Any]]:
    """Return the entries for Celery's ``beat_schedule``.

    The function takes numbers and does not read the app's settings, because hosts call it while Django loads their settings. A task that
    waits longer than its own interval expires (but never before 30 seconds): the next one does the same work.

    Args:
        tick: seconds between two searches for configurations that are due.
        sweep: seconds between two sweeps, and between two searches for credentials to announce.
        refresh: seconds between two queries to the LMS about the pacing of course runs.
    """
    return {
        "learning-credentials-tick": {"task": TICK, "schedule": tick, "options": {"expires": max(tick, 30)}},
        "learning-credentials-sweep": {"task": SWEEP, "schedule": sweep, "options": {"expires": max(sweep, 30)}},
        "learning-credentials-announce": {"task": ANNOUNCE, "schedule": sweep, "options": {"expires": max(sweep, 30)}},
        "learning-credentials-refresh": {
            "task": REFRESH,
            "schedule": refresh,
            "options": {"expires": max(refresh, 30)},
        },
    }
