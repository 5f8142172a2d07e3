"""Messages: what a host told the app and what the app owes others, as rows that are leased, worked off, tried again and given up."""

from learning_credentials.services.common.messages.leases import (
    claim_messages,
    delete_done_messages,
    postpone_messages,
    renew,
)
from learning_credentials.services.common.messages.rows import (
    Backlog,
    discard_message,
    put_message,
    retry_messages,
    sweep_messages,
)
from learning_credentials.services.common.messages.values import Message, MessageClaim
from learning_credentials.services.common.messages.work import WorkResult, work_off

__all__ = [
    "Backlog",
    "Message",
    "MessageClaim",
    "WorkResult",
    "claim_messages",
    "delete_done_messages",
    "discard_message",
    "postpone_messages",
    "put_message",
    "renew",
    "retry_messages",
    "sweep_messages",
    "work_off",
]
