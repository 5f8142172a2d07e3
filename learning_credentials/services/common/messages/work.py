"""Processes messages: claims those of a group that are due, calls the work for their learners, and postpones those that failed."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from django.db import InterfaceError, OperationalError, connection

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import TransientError
from learning_credentials.services.common.messages.leases import (
    claim_messages,
    delete_done_messages,
    postpone_messages,
    renew,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from learning_credentials.services.common.history import Actor
    from learning_credentials.services.common.messages.values import Message, MessageClaim

logger = logging.getLogger(__name__)

#: Claims that one call processes. Then it asks for another task, because one task must not occupy a worker for hours.
MAX_CLAIMS = 20
#: How many learners one call of the work gets. The lease is renewed between two calls.
PART = 125
#: Into how many pieces the learners of a failed batch are divided, to find the learners who cause the failure.
PIECES = 8
#: If the first so many pieces all fail, the whole batch fails: then no single learner is the cause.
HOPELESS = 3
#: An outage error is believed for fewer attempts than this. Later, a single learner may be the cause, and the batch is divided.
ATTEMPTS_OF_OUTAGE = 3


@dataclass(frozen=True)
class WorkResult:
    """How many messages succeeded and how many failed, and seconds until the first failed one is tried again."""

    done: int = 0
    failed: int = 0
    retry_in: int | None = None


class Work(Protocol):
    """A function that does what messages of one kind ask for, for many learners at once. Its errors are stored with the messages."""

    def __call__(
        self, kind: str, context_key: str, user_ids: Sequence[int], *, actor: Actor = None, reason: str = ""
    ) -> None:
        """Do the work for the learners."""
        ...


def work_off(kind: str, context_key: str, work: Work, *, is_exclusive: bool = False) -> WorkResult:
    """Process the messages of one kind for one course run that are due. Safe to call at any time, also twice at once.

    Args:
        kind: the kind of the messages.
        context_key: the course run, or empty.
        work: called with the learners of several messages, and again with fewer learners if it fails.
        is_exclusive: whether only one worker at a time can process messages of a course run, because their order matters.
    """
    done = failed = 0
    pauses: list[int] = []
    for _claim in range(MAX_CLAIMS):
        claimed = claim_messages(kind, context_key, is_exclusive=is_exclusive)
        if claimed is None:
            return WorkResult(done, failed, min(pauses, default=None))
        lease = _Lease(claimed)
        is_hopeless = True
        # Messages with the same actor and reason are processed together.
        for _key, group in groupby(sorted(claimed.messages, key=_get_actor_key), key=_get_actor_key):
            together = list(group)
            settled, pause = _work_together(lease, together, work)
            done += settled
            failed += len(together) - settled
            pauses += [pause] if pause is not None else []
            is_hopeless = is_hopeless and not settled
        if is_hopeless:  # do not try the other messages now: the same outage would fail them too
            return WorkResult(done, failed, min(pauses, default=None))
    signals.send(signals.messages_waiting, kind=kind, context_key=context_key)
    return WorkResult(done, failed, min(pauses, default=None))


class _LeaseLostError(Exception):
    """Raised when another worker has claimed the messages."""


class _Lease:
    """The lease of claimed messages, which is renewed during the work."""

    def __init__(self, claimed: MessageClaim) -> None:
        self.claimed = claimed
        self._renewed = time.monotonic()

    def renew_if_due(self) -> None:
        """Renew the lease if a third of it has passed.

        Raises:
            _LeaseLostError: the lease had expired, and another worker has the messages.
        """
        if time.monotonic() - self._renewed < get_settings().CLAIM_TIMEOUT / 3:
            return
        if not renew(self.claimed):
            raise _LeaseLostError
        self._renewed = time.monotonic()


def _get_actor_key(message: Message) -> tuple[str, str]:
    return str(message.actor_id), message.reason


def _work_together(lease: _Lease, together: Sequence[Message], work: Work) -> tuple[int, int | None]:
    """Return how many messages succeeded, and seconds until the first of the others is due."""
    claimed, first = lease.claimed, together[0]
    learners = sorted({user_id for message in together for user_id in message.user_ids})

    def work_for(user_ids: Sequence[int]) -> None:
        lease.renew_if_due()
        work(claimed.kind, claimed.context_key, user_ids, actor=first.actor_id, reason=first.reason)

    try:
        left, error = _try_in_parts(work_for, learners, attempts=claimed.attempts)
    except _LeaseLostError:
        logger.warning("Another worker took over messages %s of %s", claimed.kind, claimed.context_key)
        return 0, None
    failed = [message for message in together if left.intersection(message.user_ids)]
    delete_done_messages(claimed, [message for message in together if message not in failed])
    if not failed or error is None:
        return len(together), None
    pause = postpone_messages(claimed, failed, error, left)
    logger.warning(
        "%d messages %s of %s failed. The app will try them again: %s",
        len(failed),
        claimed.kind,
        claimed.context_key or "all runs",
        error,
        exc_info=None if isinstance(error, TransientError) else error,
    )
    return len(together) - len(failed), pause


def _try_in_parts(
    work: Callable[[Sequence[int]], None], learners: Sequence[int], *, attempts: int
) -> tuple[set[int], Exception | None]:
    """Do the work part by part. If it fails for all learners of a part, leave the rest. Return the same as `_try`."""
    left: set[int] = set()
    error: Exception | None = None
    for start in range(0, len(learners), PART):
        part = learners[start : start + PART]
        failed, last = _try(work, part, attempts=attempts)
        left |= failed
        error = last or error
        if len(failed) == len(part):
            return left.union(learners[start:]), error
    return left, error


def _try(
    work: Callable[[Sequence[int]], None], learners: Sequence[int], *, attempts: int
) -> tuple[set[int], Exception | None]:
    """Do the work for all learners at once. If it fails because of a few, find these and do it for the others.

    Returns:
        The learners for whom the work failed, and the error of one of them.
    """
    try:
        work(learners)
    except _LeaseLostError:
        raise
    except Exception as error:
        # Let the next statement open a new connection. Inside a caller's transaction this does nothing.
        connection.close_if_unusable_or_obsolete()
        is_outage = isinstance(error, TransientError | OperationalError | InterfaceError)
        if len(learners) == 1 or (is_outage and attempts < ATTEMPTS_OF_OUTAGE):
            return set(learners), error
        return _divide(work, learners, error, attempts)
    return set(), None


def _divide(
    work: Callable[[Sequence[int]], None], learners: Sequence[int], error: Exception, attempts: int
) -> tuple[set[int], Exception]:
    mixed = random.sample(learners, len(learners))
    size = -(-len(mixed) // PIECES)
    pieces = [mixed[start : start + size] for start in range(0, len(mixed), size)]
    failed: list[list[int]] = []
    for number, piece in enumerate(pieces, start=1):
        try:
            work(piece)
        except _LeaseLostError:
            raise
        except Exception as other:
            connection.close_if_unusable_or_obsolete()
            failed.append(piece)
            error = other
            if number == len(failed) == min(HOPELESS, len(pieces)) and len(mixed) > PIECES:
                return set(learners), error
    left: set[int] = set()
    for piece in failed:
        found, last = _try(work, piece, attempts=attempts) if len(piece) > 1 else (set(piece), error)
        left |= found
        error = last or error
    return left, error
