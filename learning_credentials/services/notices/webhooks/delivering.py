"""Sends deliveries that are due, notes the answers, and schedules another attempt for those that failed."""

from __future__ import annotations

import http.client
import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from learning_credentials.conf import get_settings
from learning_credentials.models import Webhook, WebhookDelivery
from learning_credentials.services.common import as_text, get_claim_timeout, persist, retry_on_contention
from learning_credentials.services.notices.webhooks import sending
from learning_credentials.services.notices.webhooks.feeding import feed_webhooks
from learning_credentials.services.notices.webhooks.payloads import compose_bodies
from learning_credentials.services.notices.webhooks.registration import list_secrets
from learning_credentials.services.notices.webhooks.signing import make_headers

if TYPE_CHECKING:
    from datetime import datetime

    from learning_credentials.services.notices.webhooks.sending import Answer

logger = logging.getLogger(__name__)

#: Seconds between the attempts of one delivery: together more than three days. Each is changed at random by up to a fifth.
PAUSES = (10, 60, 300, 1800, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 36 * 3600)
#: A webhook that fails for so long is disabled.
PATIENCE = timedelta(days=3)
#: How many deliveries one claim takes, and how many claims one call makes for one webhook.
CLAIM_LIMIT = 50
MAX_CLAIMS = 20
#: After so many failures in a row the other deliveries wait, because the receiver is probably down.
FAILURES_IN_A_ROW = 3
_GONE = 410
_REDIRECTS = range(300, 400)
#: How many old deliveries one statement deletes.
DELETED_AT_ONCE = 500


@dataclass(frozen=True)
class Deliveries:
    """How many deliveries were written for new events, how many arrived, and how many failed."""

    fed: int = 0
    delivered: int = 0
    failed: int = 0


def deliver_webhooks() -> Deliveries:
    """Send everything that is due to all enabled webhooks. Safe to call at any time, also twice at once."""
    fed = feed_webhooks()
    delivered = failed = 0
    due = WebhookDelivery.objects.filter(webhook__is_enabled=True, next_attempt_at__lte=timezone.now())
    for webhook_id in sorted(set(due.order_by().values_list("webhook_id", flat=True).distinct())):
        for _claim_number in range(MAX_CLAIMS):
            claimed = _claim(webhook_id)
            if not claimed:
                break
            arrived, refused = _send_all(webhook_id, claimed)
            delivered += arrived
            failed += refused
            if refused:
                break
    return Deliveries(fed, delivered, failed)


def delete_old_deliveries() -> int:
    """Delete deliveries that ended ``WEBHOOK_LOG_DAYS`` ago. Return how many."""
    old = timezone.now() - timedelta(days=get_settings().WEBHOOK_LOG_DAYS)
    ended = WebhookDelivery.objects.filter(created__lt=old, next_attempt_at=None).order_by("pk")
    count = 0
    while keys := list(ended.values_list("pk", flat=True)[:DELETED_AT_ONCE]):
        count += WebhookDelivery.objects.filter(pk__in=keys).delete()[0]
    return count


@retry_on_contention
@transaction.atomic
def _claim(webhook_id: int) -> list[WebhookDelivery]:
    """Lease the first deliveries that are due. If this worker dies, they are due again when the lease ends."""
    now = timezone.now()
    due = WebhookDelivery.objects.filter(webhook_id=webhook_id, next_attempt_at__lte=now)
    locking = due.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    rows = list(locking.order_by("pk")[:CLAIM_LIMIT])
    until = now + get_claim_timeout()
    WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        next_attempt_at=until, attempts=F("attempts") + 1
    )
    for row in rows:
        row.next_attempt_at = until
        row.attempts += 1
    return rows


def _send_all(webhook_id: int, claimed: list[WebhookDelivery]) -> tuple[int, int]:
    """Send claimed deliveries in their order. Return how many arrived and how many failed."""
    bodies = compose_bodies([row for row in claimed if not row.body])
    arrived = failed = in_a_row = 0
    for number, row in enumerate(claimed):
        webhook = Webhook.objects.filter(pk=webhook_id, is_enabled=True).first()
        if webhook is None or in_a_row == FAILURES_IN_A_ROW:
            _release(claimed[number:], bodies, later=PAUSES[1] if webhook else 0)
            break
        body = row.body or bodies.get(row.pk)
        if not body:
            _note(row, error_message="The row that the event is about was deleted.", next_attempt_at=None)
            continue
        if _send(webhook, row, body):
            arrived, in_a_row = arrived + 1, 0
        else:
            failed, in_a_row = failed + 1, in_a_row + 1
    return arrived, failed


def _release(rows: list[WebhookDelivery], bodies: dict[int, str], *, later: int) -> None:
    """Give back deliveries that were not tried."""
    due = timezone.now() + timedelta(seconds=later)
    for row in rows:
        _note(row, next_attempt_at=due, attempts=row.attempts - 1, body=row.body or bodies.get(row.pk, ""))


def _send(webhook: Webhook, row: WebhookDelivery, body: str) -> bool:
    now = timezone.now()
    content = body.encode()
    headers = make_headers(row.uuid, int(now.timestamp()), content, list_secrets(webhook, now))
    answer: Answer | None = None
    problem = ""
    try:
        answer = sending.post(webhook.url, content, {"User-Agent": "learning-credentials", **headers})
    except (OSError, ValueError, http.client.HTTPException) as error:
        problem = str(error) or type(error).__name__
    else:
        problem = _find_problem(answer)
    noted: dict[str, Any] = {
        "body": body,
        "last_attempt_at": now,
        "response_status": answer.status if answer else None,
        "response_body": as_text(answer.body, sending.KEPT) if answer else "",
        "milliseconds": answer.milliseconds if answer else None,
        "error_message": as_text(problem, 500),
    }
    if not problem:
        _note(row, next_attempt_at=None, delivered_at=timezone.now(), **noted)
        Webhook.objects.filter(pk=webhook.pk).exclude(failing_since=None).update(failing_since=None)
        return True
    _note(row, next_attempt_at=_find_next(row.attempts, now), **noted)
    _count_failure(webhook, problem, now, is_gone=answer is not None and answer.status == _GONE)
    return False


def _find_problem(answer: Answer) -> str:
    if answer.is_success:
        return ""
    if answer.status in _REDIRECTS:
        return f"The receiver redirects (HTTP {answer.status}). The app does not follow redirects."
    return f"The receiver answered with HTTP {answer.status}."


def _find_next(attempts: int, now: datetime) -> datetime | None:
    if attempts > len(PAUSES):
        return None
    pause = PAUSES[attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311  no secret
    return now + timedelta(seconds=pause)


def _note(row: WebhookDelivery, **values: Any) -> None:
    """Write the result of an attempt, unless another worker claimed the delivery since because the lease ended."""
    mine = WebhookDelivery.objects.filter(pk=row.pk, attempts=row.attempts, next_attempt_at=row.next_attempt_at)
    persist(lambda: mine.update(**values), get_claim_timeout().total_seconds())


def _count_failure(webhook: Webhook, problem: str, now: datetime, *, is_gone: bool) -> None:
    """Remember since when a webhook fails. Disable it if that is too long ago, or if the receiver says that it is gone."""
    since = webhook.failing_since or now
    Webhook.objects.filter(pk=webhook.pk, failing_since=None).update(failing_since=now)
    if not is_gone and now - since < PATIENCE:
        logger.warning("A delivery to webhook %s failed. The app tries it again: %s", webhook.pk, problem)
        return
    Webhook.objects.filter(pk=webhook.pk, is_enabled=True).update(
        is_enabled=False, disabled_reason=as_text(problem, 200)
    )
    logger.error("Webhook %s was disabled: %s. Staff can enable it again in the admin.", webhook.pk, problem)
