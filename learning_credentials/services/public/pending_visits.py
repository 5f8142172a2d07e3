"""Gathers visits in memory and writes them in batches, so that no answer waits for a write.

Each process gathers its own visits. It writes them when a request ends, at most once in ``VISIT_WRITE_INTERVAL`` seconds, and when the
process exits. A process that is killed loses the visits that it has not written.
"""

from __future__ import annotations

import logging
import os
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from learning_credentials.conf import get_settings
from learning_credentials.models import Credential, DailyCount
from learning_credentials.services.common import is_contention

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

logger = logging.getLogger(__name__)

#: So many credentials and days are written without waiting for the interval, so that memory stays bounded.
MAX_PENDING = 2000
#: Rows of one statement: SQLite binds at most 999 parameters.
_BATCH = 190
_TRIES = 3
#: Seconds. Do not repeat a statement that waited longer than this for a lock.
_PATIENCE = 1.0


class _Key(NamedTuple):
    verify_uuid: UUID
    day: date


class _Row(NamedTuple):
    """One row to insert, or to add to the row that exists."""

    credential_id: UUID
    day: date
    verifications: int
    downloads: int
    shares: int


class _Gatherer:
    """The visits that this process has not written yet."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start empty. A process that was forked must not write the visits of its parent again, and its lock could be held."""
        self._lock = Lock()
        self._pending: dict[_Key, list[int]] = {}
        self._written_at = float("-inf")

    def add(self, key: _Key, *added: int) -> None:
        with self._lock:
            numbers = self._pending.setdefault(key, [0] * len(added))
            numbers[:] = [number + more for number, more in zip(numbers, added, strict=True)]

    def is_due(self) -> bool:
        if not self._pending:
            return False
        waited = monotonic() - self._written_at
        return waited >= get_settings().VISIT_WRITE_INTERVAL or len(self._pending) >= MAX_PENDING

    def take(self) -> dict[_Key, list[int]]:
        """Return what is pending. Of several threads one gets it."""
        with self._lock:
            taken, self._pending = self._pending, {}
            self._written_at = monotonic()
        return taken


_gatherer = _Gatherer()
if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_gatherer.forget)


def gather(verify_uuid: UUID, day: date, *, verifications: int = 0, downloads: int = 0, shares: int = 0) -> None:
    """Add visits to those that are written later; this asks nothing of the database."""
    _gatherer.add(_Key(verify_uuid, day), verifications, downloads, shares)


def write_due_visits() -> None:
    """Write the visits if the interval has passed. Raise nothing."""
    try:
        is_due = _gatherer.is_due()
    except Exception:
        logger.warning("The settings for counting visits could not be read", exc_info=True)
        return
    if is_due:
        write_visits()


def write_visits() -> None:
    """Write the visits that this process has counted and not written yet. It raises nothing; what fails is logged.

    Requests need no call: visits are written after a request, at most once in ``VISIT_WRITE_INTERVAL`` seconds, and when the process
    exits. Code that counts visits outside requests can call it, outside a transaction.
    """
    taken = sorted(_gatherer.take().items())
    # After a request, Django may have closed the connection already. Do not keep open what this function opened.
    was_connected = connection.connection is not None
    for start in range(0, len(taken), _BATCH):
        batch = taken[start : start + _BATCH]
        try:
            _write(batch)
        except Exception:
            visits = sum(sum(numbers) for _key, numbers in batch)
            logger.warning("%d visits to credentials could not be counted", visits, exc_info=True)
    if taken and not was_connected:
        connection.close_if_unusable_or_obsolete()


def _write(batch: Sequence[tuple[_Key, list[int]]]) -> None:
    for _ in range(_TRIES - 1):
        started = monotonic()
        try:
            _add(batch)
        except DatabaseError as error:
            # A credential can be deleted between the two statements; the next try does not find it.
            is_passing = isinstance(error, IntegrityError) or (
                isinstance(error, OperationalError) and is_contention(error) and monotonic() - started <= _PATIENCE
            )
            if not is_passing:
                raise
        else:
            return
    _add(batch)


def _add(batch: Sequence[tuple[_Key, list[int]]]) -> None:
    wanted = {key.verify_uuid for key, _numbers in batch}
    with transaction.atomic():
        found = dict(Credential.objects.filter(verify_uuid__in=wanted).order_by().values_list("verify_uuid", "pk"))
        rows = [_Row(found[key.verify_uuid], key.day, *numbers) for key, numbers in batch if key.verify_uuid in found]
        if rows:
            # In the same order in every process, so that two of them do not wait for each other.
            _upsert(sorted(rows))


def _upsert(rows: Sequence[_Row]) -> None:
    """Insert rows or add to those that exist, in one statement of the database's own: Django's upsert cannot add to what is there."""
    quote = connection.ops.quote_name
    meta = DailyCount._meta  # noqa: SLF001  a public interface in spite of its name
    table = quote(meta.db_table)
    fields: list[Any] = [meta.get_field(name) for name in ("credential", *_Row._fields[1:])]
    credential, day, *counted = (quote(field.column) for field in fields)
    if connection.vendor == "mysql":
        clash = "ON DUPLICATE KEY UPDATE"
        sums = ", ".join(f"{column} = {table}.{column} + VALUES({column})" for column in counted)
    else:
        clash = f"ON CONFLICT ({credential}, {day}) DO UPDATE SET"
        sums = ", ".join(f"{column} = {table}.{column} + excluded.{column}" for column in counted)
    columns = ", ".join((credential, day, *counted))
    place = ", ".join(["%s"] * len(fields))
    places = ", ".join([f"({place})"] * len(rows))
    params: list[Any] = [
        field.get_db_prep_value(value, connection) for row in rows for field, value in zip(fields, row, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {places} {clash} {sums}", params)  # noqa: S608  our own names
