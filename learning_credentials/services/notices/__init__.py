"""E-mails learners, and sends other systems what the app owes them."""

from learning_credentials.services.notices.mail import (
    announce_credentials,
    announce_pending_credentials,
    make_connection,
)
from learning_credentials.services.notices.mail_claims import (
    MAX_MAIL_ATTEMPTS,
    count_due_mails,
    count_failed_announcements,
    list_given_up,
    retry_announcements,
)
from learning_credentials.services.notices.outbox import work_off_messages
from learning_credentials.services.notices.webhooks import (
    EVENTS,
    TEST,
    Deliveries,
    RefusedAddressError,
    check_url,
    delete_old_deliveries,
    deliver_webhooks,
    prepare_webhook,
    redeliver,
    rotate_secret,
    send_test,
)

__all__ = [
    "EVENTS",
    "MAX_MAIL_ATTEMPTS",
    "TEST",
    "Deliveries",
    "RefusedAddressError",
    "announce_credentials",
    "announce_pending_credentials",
    "check_url",
    "count_due_mails",
    "count_failed_announcements",
    "delete_old_deliveries",
    "deliver_webhooks",
    "list_given_up",
    "make_connection",
    "prepare_webhook",
    "redeliver",
    "retry_announcements",
    "rotate_secret",
    "send_test",
    "work_off_messages",
]
