"""Writes a delivery for each event that a webhook wants to hear of.

The history of credentials and standings is written in the transaction of each change, so it is the outbox: no event can be lost, and
issuing does no work for webhooks. Each webhook remembers up to which row it has read. A transaction that commits late can add a row before
that position. So the last ten minutes are read again from time to time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from learning_credentials.models import Webhook, WebhookDelivery
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import retry_on_contention
from learning_credentials.services.notices.webhooks.events import RUNS, SOURCES, Source
from learning_credentials.services.notices.webhooks.registration import find_positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.services.notices.webhooks.events import Found

#: How many rows one transaction reads.
BATCH = 1000
#: How late a row can appear. The app's own transactions take seconds.
LATEST = timedelta(minutes=10)
#: Seconds between two looks at the rows before the position.
CHECK_EVERY = 300


def feed_webhooks() -> int:
    """Write the deliveries for new events. Return how many. Safe to call at any time, also twice at once."""
    count = 0
    for webhook_id in Webhook.objects.filter(is_enabled=True).order_by("pk").values_list("pk", flat=True):
        while True:
            fed, is_done = _feed(webhook_id)
            count += fed
            if is_done:
                break
    return count


@retry_on_contention
@transaction.atomic
def _feed(webhook_id: int) -> tuple[int, bool]:
    """Read one batch from each source. Return how many deliveries were written, and whether all was read."""
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id, is_enabled=True).first()
    if webhook is None:
        return 0, True
    now = timezone.now()
    before = str(webhook.positions)
    positions: dict[str, Any] = webhook.positions or find_positions()
    is_due = _is_check_due(positions, now)
    fed, is_done = 0, True
    for source in SOURCES:
        position = positions[source.name]
        if source is RUNS:
            found, is_read = _read_runs(webhook, position, now)
        else:
            late = _read_late(webhook, source, position, now) if is_due else []
            found, is_read = _read_new(webhook, source, position)
            found = late + found
        fed += _write(webhook, source, found)
        is_done = is_done and is_read
    if is_due:
        positions["checked"] = now.isoformat()
    if str(positions) != before:
        Webhook.objects.filter(pk=webhook.pk).update(positions=positions)
    return fed, is_done


def _is_check_due(positions: dict[str, Any], now: datetime) -> bool:
    checked = positions.get("checked")
    return not checked or (now - datetime.fromisoformat(checked)).total_seconds() >= CHECK_EVERY


def _choose(webhook: Webhook, source: Source) -> Any:
    rows = source.list_rows()
    return rows.filter(**{source.key_path: webhook.learning_context_key}) if webhook.learning_context_key else rows


def _read_new(webhook: Webhook, source: Source, position: dict[str, Any]) -> tuple[list[Found], bool]:
    seen = position["seen"]
    # Ask for the last key first. A row that appears after this is read the next time.
    last = source.find_last()
    if last <= seen:
        return [], True
    found = source.read(_choose(webhook, source).filter(pk__gt=seen, pk__lte=last), BATCH)
    is_read = len(found) < BATCH
    position["seen"] = last if is_read else found[-1].pk
    return found, is_read


def _read_late(webhook: Webhook, source: Source, position: dict[str, Any], now: datetime) -> list[Found]:
    """Return the rows between the two positions, and move the lower one to the last row that is old enough."""
    between = _choose(webhook, source).filter(pk__gt=position["settled"], pk__lte=position["seen"])
    found: list[Found] = []
    after = position["settled"]
    while batch := source.read(between.filter(pk__gt=after), BATCH):
        known = _find_known(webhook, source, batch)
        found += [row for row in batch if row.pk not in known]
        after = batch[-1].pk
    old = source.model._default_manager.filter(  # noqa: SLF001
        pk__gt=position["settled"], pk__lte=position["seen"], **{f"{source.time_path}__lt": now - LATEST}
    )
    position["settled"] = old.order_by("-pk").values_list("pk", flat=True).first() or position["settled"]
    return found


def _read_runs(webhook: Webhook, position: dict[str, Any], now: datetime) -> tuple[list[Found], bool]:
    """Return the runs that finished since the last time. A run finishes long after it gets its key, so the time is the position."""
    seen = datetime.fromisoformat(position["seen"])
    rows = _choose(webhook, RUNS).filter(finished_at__gt=seen - LATEST, finished_at__lte=now)
    found = RUNS.read(rows, BATCH * BATCH)
    began = datetime.fromisoformat(position["began"])
    known = _find_known(webhook, RUNS, found)
    position["seen"] = now.isoformat()
    return [row for row in found if row.pk not in known and row.occurred_at > began], True


def _find_known(webhook: Webhook, source: Source, found: Sequence[Found]) -> set[int]:
    known: set[int] = set()
    for batch in in_batches([f"{source.name}:{row.pk}" for row in found]):
        names = WebhookDelivery.objects.filter(webhook=webhook, source__in=batch).values_list("source", flat=True)
        known.update(int(name.rpartition(":")[2]) for name in names)
    return known


def _write(webhook: Webhook, source: Source, found: Sequence[Found]) -> int:
    wanted = set(webhook.events)
    # Databases can ignore case when they compare keys.
    key = webhook.learning_context_key
    chosen = [row for row in found if (not wanted or row.event in wanted) and (not key or row.context_key == key)]
    WebhookDelivery.objects.bulk_create(
        (
            WebhookDelivery(
                webhook=webhook,
                event=row.event,
                source=f"{source.name}:{row.pk}",
                learning_context_key=row.context_key,
                occurred_at=row.occurred_at,
            )
            for row in chosen
        ),
        batch_size=BATCH,
    )
    return len(chosen)
