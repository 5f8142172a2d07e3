"""Divides messages that kill their workers until only the learner who causes it is left, and then gives them up.

A worker that dies reports nothing. The app sees it from a lease that expired.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from learning_credentials.conf import get_settings
from learning_credentials.models import HostMessage
from learning_credentials.services.common.database import as_text

if TYPE_CHECKING:
    from datetime import datetime

    from learning_credentials.services.common.messages.values import Message

logger = logging.getLogger(__name__)

#: How often a message is tried before the app gives it up, however old it is. An old message may only have waited for a worker.
ATTEMPTS_BEFORE_GIVING_UP = 5
#: Into how many messages a message is divided if its worker was lost twice, the second time with this message alone.
PIECES = 8
ATTEMPTS_BEFORE_DIVIDING = 2
WORKER_LOST = "worker_lost"


def is_to_be_given_up(message: Message | HostMessage, now: datetime) -> bool:
    """Return whether a message is old enough and was tried often enough to be given up."""
    is_old = now - message.created >= timedelta(seconds=get_settings().MESSAGE_TIMEOUT)
    return is_old and message.attempts >= ATTEMPTS_BEFORE_GIVING_UP


def divide(row: HostMessage) -> HostMessage:
    """Divide a message into several if its worker was lost while it processed only this message. Return the first part."""
    user_ids = row.payload.get("user_ids", [])
    if row.attempts < ATTEMPTS_BEFORE_DIVIDING or len(user_ids) < 2:  # noqa: PLR2004
        return row
    size = -(-len(user_ids) // PIECES)
    pieces = [user_ids[start : start + size] for start in range(0, len(user_ids), size)]
    logger.warning(
        "Workers stopped %d times while they processed message %s, %s %s of %d learners. The message is "
        "divided into %d",
        row.attempts,
        row.pk,
        row.kind,
        row.context_key,
        len(user_ids),
        len(pieces),
    )
    # Try each part once as it is before it is divided again.
    noted = {
        "attempts": ATTEMPTS_BEFORE_DIVIDING - 1,
        "error_code": WORKER_LOST,
        "error_message": _describe_loss(row),
    }
    HostMessage.objects.bulk_create(
        HostMessage(
            kind=row.kind,
            context_key=row.context_key,
            payload={**row.payload, "user_ids": piece},
            created=row.created,
            next_attempt_at=row.next_attempt_at,
            lease_token=row.lease_token,
            **noted,
        )
        for piece in pieces[1:]
    )
    row.payload["user_ids"] = pieces[0]
    for name, value in noted.items():
        setattr(row, name, value)
    row.save(update_fields=["payload", *noted])
    return row


def give_up(rows: list[HostMessage], now: datetime) -> list[HostMessage]:
    """Give up messages for one learner whose workers were lost for too long. Return the other messages."""
    lost = [
        row
        for row in rows
        if row.lease_token and len(row.payload.get("user_ids", ())) <= 1 and is_to_be_given_up(row, now)
    ]
    for row in lost:
        row.lease_token, row.next_attempt_at = "", None
        row.error_code, row.error_message = WORKER_LOST, _describe_loss(row)
        row.save(update_fields=["lease_token", "next_attempt_at", "error_code", "error_message"])
        logger.error(
            "Message %s was given up after %s attempts since %s: %s %s of learners %s. %s Staff can retry or "
            "discard it in the admin.",
            row.pk,
            row.attempts,
            row.created.isoformat(timespec="seconds"),
            row.kind,
            row.context_key,
            row.payload.get("user_ids"),
            row.error_message,
        )
    return [row for row in rows if row not in lost]


def _describe_loss(row: HostMessage) -> str:
    earlier = row.error_message if row.error_code != WORKER_LOST else ""
    text = f"The worker stopped during the last of {row.attempts} attempts: it was killed or ran out of memory."
    return as_text(f"{text} An earlier attempt failed: {earlier}" if earlier else text, 2000)
