"""A message as workers see it: claimed, under a lease."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A claimed message."""

    pk: int
    user_ids: tuple[int, ...]
    actor_id: int | None
    reason: str
    attempts: int
    created: datetime


@dataclass(frozen=True, slots=True)
class MessageClaim:
    """Messages of one kind for one course run that the caller holds under a lease."""

    token: str
    kind: str
    context_key: str
    messages: tuple[Message, ...]

    @property
    def attempts(self) -> int:
        """How often the most tried of them was tried, with this time."""
        return max(message.attempts for message in self.messages)
