"""Leases messages to workers, deletes those that are done, and postpones those that failed."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import CredentialsError
from learning_credentials.models import HostMessage
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common.database import as_text, retry_on_contention

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from django.db.models import QuerySet


from learning_credentials.services.common.messages import lost
from learning_credentials.services.common.messages.values import Message, MessageClaim

logger = logging.getLogger(__name__)

#: Seconds before a message that failed is tried again. They double with each attempt, up to `PAUSE_LIMIT`.
FIRST_PAUSE = 10
PAUSE_LIMIT = 3600
#: How many messages one claim takes at most. Together they have at most `signals.MAX_IDS` learners, unless one message alone has more.
CLAIM_LIMIT = 500


@retry_on_contention
def claim_messages(kind: str, context_key: str, *, is_exclusive: bool = False) -> MessageClaim | None:
    """Lease messages of a group that are due. Return the claim, or None if there are none to process now.

    Messages whose worker was lost are claimed one by one, after the others, because one of them may be what kills workers. If that happens
    again, the message is divided until only the learner who causes it is left. After ``MESSAGE_TIMEOUT`` the app gives that message up.

    Args:
        kind: the kind of the group.
        context_key: the course run of the group.
        is_exclusive: claim nothing while another worker processes messages of this group, because their order matters.
    """
    group = HostMessage.objects.filter(kind=kind, context_key=context_key)
    now = timezone.now()
    with transaction.atomic():
        rows = list(group.filter(next_attempt_at__lte=now).select_for_update().order_by("pk")[:CLAIM_LIMIT])
        rows = lost.give_up(rows, now)
        # Check after the lock was granted, to see a worker that claimed messages meanwhile.
        if not rows or (is_exclusive and _in_work(group, now).exists()):
            return None
        chosen = _choose(rows)
        token = str(uuid4())
        until = now + timedelta(seconds=get_settings().CLAIM_TIMEOUT)
        for batch in in_batches([row.pk for row in chosen]):
            HostMessage.objects.filter(pk__in=batch).update(
                lease_token=token, next_attempt_at=until, attempts=F("attempts") + 1
            )
    return MessageClaim(token, kind, context_key, tuple(map(_read, chosen)))


def _in_work(rows: QuerySet[HostMessage], now: datetime) -> QuerySet[HostMessage]:
    return rows.exclude(lease_token="").filter(next_attempt_at__gt=now)


def _choose(rows: list[HostMessage]) -> list[HostMessage]:
    healthy = [row for row in rows if not row.lease_token]
    if not healthy:
        # Take the message with the fewest attempts. One that kills workers is due again and again, and must not delay the others.
        row = min(rows, key=lambda row: (row.attempts, row.pk), default=None)
        return [lost.divide(row)] if row else []
    chosen: list[HostMessage] = []
    learners = 0
    for row in healthy:
        learners += len(row.payload.get("user_ids", ()))
        if chosen and learners > signals.MAX_IDS:
            break
        chosen.append(row)
    return chosen


def _read(row: HostMessage) -> Message:
    to_python = get_user_model()._meta.pk.to_python  # noqa: SLF001  a public interface in spite of its name
    payload: dict[str, Any] = row.payload
    return Message(
        pk=row.pk,
        user_ids=tuple(to_python(user_id) for user_id in payload.get("user_ids", ())),
        actor_id=payload.get("actor_id"),
        reason=payload.get("reason", ""),
        attempts=row.attempts + 1,
        created=row.created,
    )


def _held(claimed: MessageClaim, keys: Sequence[int]) -> QuerySet[HostMessage]:
    """Return those of the messages that are still leased by the claim."""
    return HostMessage.objects.filter(pk__in=keys, lease_token=claimed.token)


def renew(claimed: MessageClaim) -> bool:
    """Renew the lease of the claim's remaining messages. Return whether the claim still has any of them."""
    until = timezone.now() + timedelta(seconds=get_settings().CLAIM_TIMEOUT)
    keys = [message.pk for message in claimed.messages]
    return sum(_held(claimed, batch).update(next_attempt_at=until) for batch in in_batches(keys)) > 0


@retry_on_contention
def delete_done_messages(claimed: MessageClaim, messages: Collection[Message]) -> None:
    """Delete messages that were processed."""
    with transaction.atomic():
        for batch in in_batches([message.pk for message in messages]):
            _held(claimed, batch).delete()


@retry_on_contention
def postpone_messages(
    claimed: MessageClaim, failed: Collection[Message], error: Exception, left: Collection[int]
) -> int | None:
    """Schedule another attempt for messages that failed, or give them up after ``MESSAGE_TIMEOUT``.

    Args:
        claimed: the claim.
        failed: those of its messages that failed.
        error: why.
        left: the learners for whom the work failed. Other learners are removed from the messages.

    Returns:
        Seconds until the first of the messages is due again, or None if all were given up.
    """
    now = timezone.now()
    code = error.code if isinstance(error, CredentialsError) else "unexpected_error"
    text = as_text(error if isinstance(error, CredentialsError) else f"{type(error).__name__}: {error}", 2000)
    noted = {"lease_token": "", "error_code": code[:64], "error_message": text}
    pauses: dict[int | None, list[int]] = {}
    for message in failed:
        pauses.setdefault(_find_pause(message, now), []).append(message.pk)
    with transaction.atomic():
        for message in failed:
            kept = [user_id for user_id in message.user_ids if user_id in left]
            if len(kept) < len(message.user_ids):
                _narrow(claimed, message, kept)
        for pause, keys in pauses.items():
            due = None if pause is None else now + timedelta(seconds=pause)
            for batch in in_batches(keys):
                _held(claimed, batch).update(next_attempt_at=due, **noted)
    for message in failed:
        if message.pk in pauses.get(None, ()):
            logger.error(
                "Message %s was given up after %s attempts since %s: %s %s of learners %s: %s. Staff can "
                "retry or discard it in the admin.",
                message.pk,
                message.attempts,
                message.created.isoformat(timespec="seconds"),
                claimed.kind,
                claimed.context_key,
                list(message.user_ids[:20]),
                text,
            )
    return min((pause for pause in pauses if pause is not None), default=None)


def _narrow(claimed: MessageClaim, message: Message, kept: list[int]) -> None:
    for row in _held(claimed, [message.pk]).select_for_update():
        row.payload["user_ids"] = kept
        row.save(update_fields=["payload"])


def _find_pause(message: Message, now: datetime) -> int | None:
    if lost.is_to_be_given_up(message, now):
        return None
    return min(FIRST_PAUSE << min(message.attempts - 1, 20), PAUSE_LIMIT)
