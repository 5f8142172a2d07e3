"""The periodic jobs, for the host's Celery settings: ``CELERY_BEAT_SCHEDULE = {**beat_schedule()}``."""

from __future__ import annotations

from typing import Any

TICK = "learning_credentials.tasks.generate_all_credentials_task"
SWEEP = "learning_credentials.tasks.sweep_stale_credentials_task"
ANNOUNCE = "learning_credentials.tasks.announce_visible_credentials_task"
REFRESH = "learning_credentials.tasks.refresh_course_certificates_task"

#: The tasks without which nothing is issued by schedule, and nothing lost is found.
REQUIRED_TASKS = (TICK, SWEEP, ANNOUNCE, REFRESH)


def beat_schedule(*, tick: float = 60, sweep: float = 300, refresh: float = 3600) -> dict[str, dict[str, Any]]:
    """Return the entries of Celery's ``beat_schedule``.

    It takes plain numbers rather than reading the app's settings, because it is called while the host's settings are being made. A job that
    waited longer than its own interval expires: the next one does the same.

    Args:
        tick: seconds between looks for configurations that are due.
        sweep: seconds between sweeps, and between looks for credentials to announce.
        refresh: seconds between looks at what the LMS says of the pacing of course runs.
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
