"""How often credentials are looked at and downloaded: numbers by day, and nothing of who it was.

A visit is one statement, also the first of a day and also when several come at once, and it never fails a page: what cannot be counted is
logged. Call it outside a transaction.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import Sum
from django.utils import timezone

from learning_credentials.models import Credential, DailyCount
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import is_contention

if TYPE_CHECKING:
    from collections.abc import Collection

logger = logging.getLogger(__name__)

_TRIES = 3
#: Seconds: who had to wait for a lock has waited long enough; a deadlock is told sooner.
_PATIENCE = 1.0


class Counts(NamedTuple):
    """How often a credential was verified and its file downloaded."""

    verifications: int = 0
    downloads: int = 0


class DayCounts(NamedTuple):
    """The same on one day of the project's time zone."""

    day: date
    verifications: int = 0
    downloads: int = 0


def note_verification(verify_uuid: UUID | str) -> None:
    """Count that somebody looked at a credential."""
    _note(verify_uuid, "verifications")


def note_download(verify_uuid: UUID | str) -> None:
    """Count that somebody was given the file of a credential."""
    _note(verify_uuid, "downloads")


def get_credential_counts(verify_uuids: Collection[UUID]) -> dict[UUID, Counts]:
    """Return the sums of all days; of each credential that was asked for, whether or not it was ever looked at."""
    found = dict.fromkeys(verify_uuids, Counts())
    for batch in in_batches(list(found)):
        rows = DailyCount.objects.filter(credential__verify_uuid__in=batch).order_by()
        sums = rows.values_list("credential__verify_uuid").annotate(Sum("verifications"), Sum("downloads"))
        found.update((key, Counts(verifications, downloads)) for key, verifications, downloads in sums)
    return found


def list_daily_counts(verify_uuid: UUID, days: int = 30) -> list[DayCounts]:
    """Return the counts of the last days up to today, the oldest first; days without visits included."""
    today = _get_today()
    first = today - timedelta(days=days - 1)
    rows = DailyCount.objects.filter(credential__verify_uuid=verify_uuid, day__range=(first, today))
    found = {row.day: DayCounts(row.day, row.verifications, row.downloads) for row in rows}
    each = (first + timedelta(days=index) for index in range(days))
    return [found.get(day, DayCounts(day)) for day in each]


def _get_today() -> date:
    """Whoever visits from wherever: the project's own zone, not one that was activated for a visitor."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def _note(verify_uuid: UUID | str, column: str) -> None:
    try:
        key = verify_uuid if isinstance(verify_uuid, UUID) else UUID(str(verify_uuid))
        for _ in range(_TRIES - 1):
            if _try_to_add(key, column):
                return
        _add(key, column)
    except Exception:
        logger.warning("A visit to credential %s could not be counted", verify_uuid, exc_info=True)


def _try_to_add(verify_uuid: UUID, column: str) -> bool:
    started = monotonic()
    try:
        _add(verify_uuid, column)
    except OperationalError as error:
        if not is_contention(error) or monotonic() - started > _PATIENCE:
            raise
        return False
    return True


def _add(verify_uuid: UUID, column: str) -> None:
    """Insert a row of one or add one to it, in one statement of the database's own: Django's upsert cannot add to what is there."""
    quote = connection.ops.quote_name
    counts, credentials = DailyCount._meta, Credential._meta  # noqa: SLF001  a public interface in spite of its name
    table, counted = quote(counts.db_table), quote(column)
    names = ("verifications", "downloads")
    values = ", ".join("1" if name == column else "0" for name in names)
    clash = (
        "ON DUPLICATE KEY UPDATE"
        if connection.vendor == "mysql"
        else f"ON CONFLICT ({quote('credential_id')}, {quote('day')}) DO UPDATE SET"
    )
    sql = (
        f"INSERT INTO {table} ({quote('credential_id')}, {quote('day')}, {', '.join(map(quote, names))}) "  # noqa: S608  our own names
        f"SELECT {quote('uuid')}, %s, {values} FROM {quote(credentials.db_table)} WHERE {quote('verify_uuid')} = %s "
        f"{clash} {counted} = {table}.{counted} + 1"
    )
    day = counts.get_field("day").get_db_prep_value(_get_today(), connection)
    key = credentials.get_field("verify_uuid").get_db_prep_value(verify_uuid, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, [day, key])
