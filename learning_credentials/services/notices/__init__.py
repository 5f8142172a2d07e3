"""E-mails learners, and sends other systems what the app owes them."""

from learning_credentials.services.notices.mail import (
    announce_credentials,
    announce_pending_credentials,
    make_connection,
)
from learning_credentials.services.notices.mail_claims import (
    MAX_MAIL_ATTEMPTS,
    count_failed_announcements,
    list_given_up,
    retry_announcements,
)
from learning_credentials.services.notices.outbox import work_off_messages

__all__ = [
    "MAX_MAIL_ATTEMPTS",
    "announce_credentials",
    "announce_pending_credentials",
    "count_failed_announcements",
    "list_given_up",
    "make_connection",
    "retry_announcements",
    "work_off_messages",
]
