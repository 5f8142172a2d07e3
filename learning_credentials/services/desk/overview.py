"""Finds what needs a hand: what failed, waits too long or will soon expire. Each kind is one bounded count.

The filters of the lists use the same conditions, so that a list shows exactly what was counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from learning_credentials.conf import get_settings
from learning_credentials.models import Credential, GenerationRun, HostMessage, Job, StatusList
from learning_credentials.services.notices import MAX_MAIL_ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from django.db.models import Model, QuerySet

#: No more rows are counted for one kind.
MAX_COUNTED = 10_000
#: Work that takes longer than this waits for something: a worker, the beat or a repair.
PATIENCE = timedelta(hours=1)
#: How long before its expiry a credential counts.
SOON = timedelta(days=30)
#: For how long a failed run counts.
FAILED_RUNS = timedelta(days=7)
#: A status list counts from this share of its places on.
_FULL_TENTHS = 9

Status = Credential.Status


class OpenWork(NamedTuple):
    """How many rows of one kind need a hand. ``is_more``: there are more than ``number``, which were not counted."""

    name: str
    model: type[Model]
    number: int
    is_more: bool
    since: datetime | None = None


def is_waiting(now: datetime) -> Q:
    """Return a condition: the credential is being made for longer than an hour."""
    return Q(status=Status.GENERATING, generation_started_at__lt=now - PATIENCE)


def expires_soon(now: datetime) -> Q:
    """Return a condition: the credential is valid and expires within 30 days."""
    return Q(status=Status.AVAILABLE, is_current=True, expires_at__gt=now, expires_at__lte=now + SOON)


def is_stuck(now: datetime) -> Q:
    """Return a condition: the run is not finished, and no worker did anything for it in the last hour."""
    is_left = Q(lease_renewed_at=None) | Q(lease_renewed_at__lt=now - PATIENCE)
    return Q(finished_at=None, paused_at=None, cancelled_at=None, created__lt=now - PATIENCE) & is_left


def is_overdue(now: datetime) -> Q:
    """Return a condition: the message has been due for more than an hour."""
    return Q(next_attempt_at__lt=now - PATIENCE)


def is_nearly_full() -> Q:
    """Return a condition: nearly all places of the status list are taken, and it is still open."""
    size = StatusList.SIZE
    return Q(closed_at=None) & (
        Q(is_mirrored=False, allocated__gte=size * _FULL_TENTHS // 10)
        | Q(is_mirrored=True, allocated__gte=size // 2 * _FULL_TENTHS // 10)
    )


def _given_up() -> Q:
    return Q(status=Status.AVAILABLE, notified_at=None, notification_attempts__gte=MAX_MAIL_ATTEMPTS)


def _mail_failed() -> Q:
    tried = Q(notification_attempts__gt=0, notification_attempts__lt=MAX_MAIL_ATTEMPTS)
    return Q(status=Status.AVAILABLE, notified_at=None) & tried


def count_needs(rows: Mapping[type[Model], QuerySet[Any]]) -> list[OpenWork]:
    """Return the kinds that have rows, the most urgent first. There is one query for each kind, and none counts more than `MAX_COUNTED`.

    Args:
        rows: for each model that the viewer may see, the rows that the viewer may see.
    """
    now = timezone.now()
    lately = now - FAILED_RUNS
    kinds: list[tuple[str, type[Model], Callable[[], Q], datetime | None]] = [
        ("failed", Credential, lambda: Q(status=Status.ERROR), None),
        ("waiting", Credential, lambda: is_waiting(now), None),
        ("job_held", Job, lambda: Q(state=Job.State.HELD), None),
        ("job_failed", Job, lambda: Q(state=Job.State.FAILED, finished_at__gte=lately), lately),
        ("run_stuck", GenerationRun, lambda: is_stuck(now), None),
        (
            "run_failed",
            GenerationRun,
            lambda: Q(finished_at__gte=lately, cancelled_at=None) & ~Q(error_code=""),
            lately,
        ),
        ("message_given_up", HostMessage, lambda: Q(next_attempt_at=None), None),
        ("message_overdue", HostMessage, lambda: is_overdue(now), None),
        ("expires_soon", Credential, lambda: expires_soon(now), None),
        ("list_full", StatusList, is_nearly_full, None),
    ]
    # Without e-mails every credential stays "not mailed", and counting would read all of them.
    if get_settings().NOTIFY_LEARNERS:
        kinds[2:2] = [
            ("mail_given_up", Credential, _given_up, None),
            ("mail_failed", Credential, _mail_failed, None),
        ]
    found = []
    for name, model, make_condition, since in kinds:
        if model in rows:
            number = rows[model].filter(make_condition()).order_by().values("pk")[: MAX_COUNTED + 1].count()
            if number:
                found.append(OpenWork(name, model, min(number, MAX_COUNTED), number > MAX_COUNTED, since))
    return found
