"""Messages from the host and to it: kept until they are worked off. Hosts send signals and need not call these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.services import common, notices, standings

if TYPE_CHECKING:
    from collections.abc import Collection

    from learning_credentials.services.common import Actor, WorkResult
    from learning_credentials.services.standings import Cause


def take_host_message(cause: Cause, user_id: object, course_key: object = "") -> bool:
    """Keep what a host says of a learner, in the caller's transaction; return whether the arguments could be right.

    What cannot be right is logged and raises nothing.
    """
    return standings.take_host_message(
        cause, user_id, compose(course_key) if isinstance(course_key, str) else course_key
    )


def work_off_messages(kind: str, context_key: str) -> WorkResult:
    """Do what the messages of one kind for one course run ask for, if they are due."""
    work = notices.work_off_outbox if kind in notices.OUTBOX_KINDS else standings.work_off_inbox
    return work(kind, context_key)


def retry_messages(message_ids: Collection[int]) -> int:
    """Have messages tried again now, also those that were given up; return how many. Those in work are left alone."""
    return common.retry_messages(message_ids)


def discard_message(message_id: int, *, reason: str, actor: Actor = None) -> None:
    """Delete a message whose work is not to be done.

    Raises:
        InvalidTransitionError: the message is gone, or in work.
        ReasonRequiredError: the reason is blank.
    """
    common.discard_message(message_id, reason=reason, actor=actor)
