"""Stores messages from the host and to other systems as rows, which workers lease, process, retry and give up."""

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
