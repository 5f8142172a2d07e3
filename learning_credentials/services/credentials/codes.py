"""Gives credentials the short codes that people type, each to one credential only.

A code stays with its credential through every retry. The successor of a reissue and a renewal get codes of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import ByKey, retry_on_contention
from learning_credentials.verify_codes import make_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

#: How many credentials from before there were codes get theirs in one call. A million take 40 sweeps.
BACKFILL_LIMIT = 25_000
#: So many rows are locked at the same time.
_BATCH = 500


def give_new_codes(rows: Iterable[Credential]) -> None:
    """Give new rows their codes, before they are inserted.

    The database is not asked which codes are free. If one is taken, which hardly ever happens, the insert fails and `replace_taken_codes`
    helps.
    """
    for row in rows:
        row.verify_code = make_code()


def replace_taken_codes(rows: Sequence[Credential]) -> bool:
    """Give other codes to the rows whose code is taken, after an insert failed. Return whether there were any."""
    taken = _find_taken([row.verify_code for row in rows])
    seen: set[str | None] = set()
    again: list[Credential] = []
    for row in rows:
        if row.verify_code in taken or row.verify_code in seen:
            again.append(row)
        seen.add(row.verify_code)
    give_new_codes(again)
    return bool(again)


def give_missing_codes() -> int:
    """Give codes to credentials that were issued before there were codes. Return how many got one."""
    # In the order of the index of codes. Otherwise a database might search all primary keys for the few without a code.
    left = Credential.objects.filter(verify_code=None).order_by("verify_code")
    uuids = sorted(left.values_list("pk", flat=True)[:BACKFILL_LIMIT])
    return sum(_give(uuids[start : start + _BATCH]) for start in range(0, len(uuids), _BATCH))


@retry_on_contention
def _give(uuids: Sequence[UUID]) -> int:
    codes = {pk: make_code() for pk in uuids}
    try:
        with transaction.atomic():
            return sum(
                # If another process gave it a code first, keep that one: a page may have shown it already.
                Credential.objects.filter(pk__in=batch, verify_code=None).update(
                    verify_code=ByKey(Credential, "verify_code", {pk: codes[pk] for pk in batch})
                )
                for batch in in_batches(uuids, params_each=3)
            )
    except IntegrityError:
        # A code is taken. The next sweep tries others.
        return 0


def _find_taken(codes: Sequence[str | None]) -> set[str | None]:
    found: set[str | None] = set()
    for batch in in_batches([code for code in codes if code]):
        found.update(Credential.objects.filter(verify_code__in=batch).values_list("verify_code", flat=True))
    return found
