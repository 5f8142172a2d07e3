"""Defines the values for messages that a worker has leased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A leased message."""

    pk: int
    user_ids: tuple[int, ...]
    actor_id: int | None
    reason: str
    attempts: int
    created: datetime


@dataclass(frozen=True, slots=True)
class MessageClaim:
    """Messages of one kind for one course run that the caller has leased."""

    token: str
    kind: str
    context_key: str
    messages: tuple[Message, ...]

    @property
    def attempts(self) -> int:
        """Return the highest number of attempts of these messages, this attempt included."""
        return max(message.attempts for message in self.messages)
