"""Writes messages, finds those that are due, retries them and discards them.

A message is written in the transaction of the change that it is about, so the two are stored or lost together. The task that is enqueued
after the commit only makes processing faster. If that task is lost, the sweep finds the message.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.exceptions import InvalidTransitionError, ReasonRequiredError
from learning_credentials.models import HostMessage
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common.database import as_text
from learning_credentials.services.common.history import get_actor_id

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from learning_credentials.services.common.history import Actor


logger = logging.getLogger(__name__)

#: Groups of messages for which one sweep enqueues work. The next sweep takes the rest.
GROUPS_A_SWEEP = 1000


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many messages there are: all, those whose last attempt failed, and those of them that were given up."""

    waiting: int = 0
    failing: int = 0
    given_up: int = 0
    due_groups: list[tuple[str, str]] = field(default_factory=list)


def put_message(kind: str, context_key: str, user_ids: Sequence[int], *, actor: Actor = None, reason: str = "") -> None:
    """Write a message in the caller's transaction, and ask for a worker after the commit.

    The message is divided into rows of at most `signals.MAX_IDS` learners. Without learners nothing is written.
    """
    common = {"actor_id": get_actor_id(actor), "reason": as_text(reason, len(reason))}
    given = {key: value for key, value in common.items() if value not in {None, ""}}
    rows = [
        HostMessage(
            kind=kind,
            context_key=context_key,
            payload={"user_ids": list(user_ids[start : start + signals.MAX_IDS]), **given},
        )
        for start in range(0, len(user_ids), signals.MAX_IDS)
    ]
    if not rows:
        return
    HostMessage.objects.bulk_create(rows)
    transaction.on_commit(lambda: _hint(kind, context_key, len(rows)), robust=True)


def _hint(kind: str, context_key: str, workers: int = 1) -> None:
    for _worker in range(workers):
        signals.send(signals.messages_waiting, kind=kind, context_key=context_key)


def sweep_messages() -> Backlog:
    """Ask for workers for every group with messages that are due. Return how many messages there are. Log how many failed."""
    now = timezone.now()
    is_due, has_failed = Q(next_attempt_at__lte=now), ~Q(error_code="")
    groups = list(
        HostMessage.objects.order_by()
        .values_list("kind", "context_key")
        .annotate(
            first=Min("pk"),
            waiting=Count("pk"),
            due=Count("pk", filter=is_due),
            failing=Count("pk", filter=has_failed),
            given_up=Count("pk", filter=Q(next_attempt_at=None)),
        )
        .order_by("first")
    )
    due = [(kind, context_key) for kind, context_key, _first, _waiting, due, *_rest in groups if due]
    backlog = Backlog(
        waiting=sum(group[3] for group in groups),
        failing=sum(group[5] for group in groups),
        given_up=sum(group[6] for group in groups),
        due_groups=due[:GROUPS_A_SWEEP],
    )
    for kind, context_key in backlog.due_groups:
        _hint(kind, context_key)
    if backlog.failing:
        logger.warning(
            "%d messages have failed and are kept. The app has given up %d of them, and staff must retry or "
            "discard these in the admin.",
            backlog.failing,
            backlog.given_up,
        )
    return backlog


def retry_messages(message_ids: Collection[int]) -> int:
    """Make messages due now, also those that were given up. Return how many. Messages that a worker processes now are left alone."""
    now = timezone.now()
    groups: set[tuple[str, str]] = set()
    count = 0
    with transaction.atomic():
        for batch in in_batches(sorted(message_ids)):
            free = HostMessage.objects.filter(pk__in=batch).exclude(~Q(lease_token=""), next_attempt_at__gt=now)
            rows = list(free.select_for_update().values_list("pk", "kind", "context_key"))
            keys = [pk for pk, _kind, _context_key in rows]
            count += HostMessage.objects.filter(pk__in=keys).update(next_attempt_at=now, attempts=0)
            groups.update((kind, context_key) for _pk, kind, context_key in rows)
    for kind, context_key in sorted(groups):
        _hint(kind, context_key)
    return count


def discard_message(message_id: int, *, reason: str, actor: Actor = None) -> None:
    """Delete a message so that it is never processed.

    Raises:
        InvalidTransitionError: the message is gone, or a worker is processing it.
        ReasonRequiredError: the reason is blank.
    """
    if not reason.strip():
        raise ReasonRequiredError("give a reason")
    with transaction.atomic():
        row = HostMessage.objects.select_for_update().filter(pk=message_id).first()
        if row is None:
            raise InvalidTransitionError("the message no longer exists: it was processed or discarded")
        if row.lease_token and row.next_attempt_at and row.next_attempt_at > timezone.now():
            raise InvalidTransitionError("a worker is processing the message")
        row.delete()
    logger.warning(
        "Message %s was discarded by %s (%s): %s %s %s",
        message_id,
        get_actor_id(actor),
        reason.strip(),
        row.kind,
        row.context_key,
        row.payload,
    )
