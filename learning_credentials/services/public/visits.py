"""Counts how often credentials are viewed, downloaded and shared on each day. It stores nothing about the visitors.

Counting a visit asks nothing of the database: `pending_visits` writes it later. It never fails a page: what cannot be counted is logged.
What is read here can therefore be some seconds late.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from learning_credentials.models import DailyCount
from learning_credentials.models.batches import in_batches
from learning_credentials.services.public.pending_visits import gather

if TYPE_CHECKING:
    from collections.abc import Collection

logger = logging.getLogger(__name__)


class Counts(NamedTuple):
    """How often a credential was viewed and its file downloaded."""

    verifications: int = 0
    downloads: int = 0


class DayCounts(NamedTuple):
    """How often a credential was viewed and downloaded on one day of the project's time zone."""

    day: date
    verifications: int = 0
    downloads: int = 0


def note_verification(verify_uuid: UUID | str) -> None:
    """Count one visit of a credential's page without asking the database: see `write_visits`. It never raises; errors are logged."""
    _gather(verify_uuid, verifications=1)


def note_download(verify_uuid: UUID | str) -> None:
    """Count one download of a credential's file. It never raises; errors are logged."""
    _gather(verify_uuid, downloads=1)


def note_share(verify_uuid: UUID | str) -> None:
    """Count that a reader shared a credential or copied its address. It never raises; errors are logged."""
    _gather(verify_uuid, shares=1)


def get_credential_counts(verify_uuids: Collection[UUID]) -> dict[UUID, Counts]:
    """Return how often each credential was viewed and downloaded; zeros for unknown ones. One query serves a few hundred credentials.

    The visits of the last seconds can be missing: see `write_visits`.
    """
    found = dict.fromkeys(verify_uuids, Counts())
    for batch in in_batches(list(found)):
        rows = DailyCount.objects.filter(credential__verify_uuid__in=batch).order_by()
        sums = rows.values_list("credential__verify_uuid").annotate(Sum("verifications"), Sum("downloads"))
        found.update((key, Counts(verifications, downloads)) for key, verifications, downloads in sums)
    return found


def list_daily_counts(verify_uuid: UUID, days: int = 30) -> list[DayCounts]:
    """Return how often a credential was viewed and downloaded on each of the last days, today last; late as `get_credential_counts`."""
    today = _get_today()
    first = today - timedelta(days=days - 1)
    rows = DailyCount.objects.filter(credential__verify_uuid=verify_uuid, day__range=(first, today))
    found = {row.day: DayCounts(row.day, row.verifications, row.downloads) for row in rows}
    each = (first + timedelta(days=index) for index in range(days))
    return [found.get(day, DayCounts(day)) for day in each]


def _get_today() -> date:
    """Return the present day in the project's time zone, not in one that was activated for a visitor."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def _gather(verify_uuid: UUID | str, **numbers: int) -> None:
    try:
        key = verify_uuid if isinstance(verify_uuid, UUID) else UUID(str(verify_uuid))
        gather(key, _get_today(), **numbers)
    except Exception:
        logger.warning("A visit to credential %s could not be counted", verify_uuid, exc_info=True)
