"""Adds webhooks: checks their addresses, and makes the secrets that sign what is sent to them."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from learning_credentials.models import Webhook, WebhookDelivery
from learning_credentials.services.notices.webhooks.events import RUNS, SOURCES, TEST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

#: How long the former secret still signs after a new one was made, so that the receiver has time to learn the new one.
ROTATION = timedelta(hours=24)
_PREFIX = "whsec_"
_BYTES = 32


def make_secret() -> str:
    """Return a new secret in the form of Standard Webhooks: ``whsec_`` and 32 random bytes in Base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def list_secrets(webhook: Webhook, now: datetime) -> list[bytes]:
    """Return the keys that sign now: that of the present secret, and that of a former one for a day."""
    texts = [webhook.secret]
    if webhook.former_secret and webhook.former_secret_until and webhook.former_secret_until > now:
        texts.append(webhook.former_secret)
    return [base64.b64decode(text.removeprefix(_PREFIX)) for text in texts if text]


def prepare_webhook(webhook: Webhook) -> None:
    """Give a new webhook its secret, and let it begin with the events after this moment. Does not save it."""
    webhook.secret = make_secret()
    webhook.positions = find_positions()


def find_positions() -> dict[str, Any]:
    """Return the end of each source of events, from where a webhook begins to read."""
    now = timezone.now().isoformat()
    positions: dict[str, Any] = {}
    for source in SOURCES:
        last = source.find_last()
        positions[source.name] = {"seen": now, "began": now} if source is RUNS else {"seen": last, "settled": last}
    return positions


@transaction.atomic
def rotate_secret(webhook_id: int) -> str:
    """Make a new secret and return it. The former one also signs for another 24 hours."""
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    webhook.former_secret, webhook.former_secret_until = webhook.secret, timezone.now() + ROTATION
    webhook.secret = make_secret()
    webhook.save(update_fields=["secret", "former_secret", "former_secret_until", "modified"])
    return webhook.secret


def send_test(webhook_id: int) -> WebhookDelivery:
    """Add a test event. It is sent with the next deliveries."""
    return WebhookDelivery.objects.create(
        webhook_id=webhook_id, event=TEST, source=f"test:{uuid4()}", occurred_at=timezone.now()
    )


def redeliver(delivery_ids: Sequence[int]) -> int:
    """Send deliveries again, with the same message id and the same request. Return how many.

    A delivery that a worker is sending at this moment can arrive twice. The receiver recognises it by its id.
    """
    return WebhookDelivery.objects.filter(pk__in=delivery_ids).update(
        next_attempt_at=timezone.now(), delivered_at=None, attempts=0
    )
