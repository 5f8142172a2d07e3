"""Tells other systems about events over HTTP: signed requests that are repeated until they arrive."""

from learning_credentials.services.notices.webhooks.delivering import (
    Deliveries,
    delete_old_deliveries,
    deliver_webhooks,
)
from learning_credentials.services.notices.webhooks.events import EVENTS, TEST
from learning_credentials.services.notices.webhooks.registration import (
    prepare_webhook,
    redeliver,
    rotate_secret,
    send_test,
)
from learning_credentials.services.notices.webhooks.sending import RefusedAddressError, check_url

__all__ = [
    "EVENTS",
    "TEST",
    "Deliveries",
    "RefusedAddressError",
    "check_url",
    "delete_old_deliveries",
    "deliver_webhooks",
    "prepare_webhook",
    "redeliver",
    "rotate_secret",
    "send_test",
]
