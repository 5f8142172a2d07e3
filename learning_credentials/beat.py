"""Provide the periodic tasks for the host's Celery settings: ``CELERY_BEAT_SCHEDULE = {**beat_schedule()}``."""

from __future__ import annotations

from typing import Any

#: The periodic tasks by the name of their entry, each with the argument of `beat_schedule` that sets its interval.
_ENTRIES = {
    "tick": ("learning_credentials.tasks.generate_all_credentials_task", "tick"),
    "sweep": ("learning_credentials.tasks.sweep_stale_credentials_task", "sweep"),
    "announce": ("learning_credentials.tasks.announce_visible_credentials_task", "sweep"),
    "webhooks": ("learning_credentials.tasks.deliver_webhooks_task", "tick"),
    "refresh": ("learning_credentials.tasks.refresh_course_certificates_task", "refresh"),
}
#: The shortest time in seconds after which a task that still waits expires.
_LEAST_EXPIRY = 30

#: Without these tasks the app issues nothing by schedule and finds no lost work.
REQUIRED_TASKS = tuple(task for task, _interval in _ENTRIES.values())


def beat_schedule(*, tick: float = 60, sweep: float = 300, refresh: float = 3600) -> dict[str, dict[str, Any]]:
    """Return the entries for Celery's ``beat_schedule``.

    The function takes numbers and does not read the app's settings, because hosts call it while Django loads their settings. A task that
    waits longer than its own interval expires (but never before 30 seconds): the next one does the same work.

    Args:
        tick: seconds between two searches for configurations that are due, and between two deliveries to webhooks.
        sweep: seconds between two sweeps, and between two searches for credentials to announce.
        refresh: seconds between two queries to the LMS about the pacing of course runs.
    """
    seconds = {"tick": tick, "sweep": sweep, "refresh": refresh}
    return {
        f"learning-credentials-{name}": {
            "task": task,
            "schedule": seconds[interval],
            "options": {"expires": max(seconds[interval], _LEAST_EXPIRY)},
        }
        for name, (task, interval) in _ENTRIES.items()
    }
