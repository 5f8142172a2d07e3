"""Stores messages from the host project and to other systems until workers process them. Host projects send signals and do not need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.services import common, notices, standings

if TYPE_CHECKING:
    from collections.abc import Collection

    from learning_credentials.services.common import Actor, WorkResult
    from learning_credentials.services.standings import Cause


def take_host_message(cause: Cause, user_id: object, course_key: object = "") -> bool:
    """Store what a host project says about a learner, in the caller's transaction; return whether the arguments were accepted.

    Arguments that cannot be right are logged. The function never raises for them.
    """
    return standings.take_host_message(
        cause, user_id, compose(course_key) if isinstance(course_key, str) else course_key
    )


def work_off_messages(kind: str, context_key: str) -> WorkResult:
    """Process the messages of one kind for one course run that are due; return how many succeeded and failed."""
    work = notices.work_off_outbox if kind in notices.OUTBOX_KINDS else standings.work_off_inbox
    return work(kind, context_key)


def retry_messages(message_ids: Collection[int]) -> int:
    """Make messages due now, also those that were given up; return how many. Messages that a worker processes now are left alone."""
    return common.retry_messages(message_ids)


def discard_message(message_id: int, *, reason: str, actor: Actor = None) -> None:
    """Delete a message so that it is never processed.

    Raises:
        InvalidTransitionError: the message is gone, or a worker is processing it.
        ReasonRequiredError: the reason is blank.
    """
    common.discard_message(message_id, reason=reason, actor=actor)
