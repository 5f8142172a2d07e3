"""Allocates places in status lists, and makes the lists from the credentials.

The database stores no bits. A place is revoked if its credential is invalidated, so the two always agree. The version of a list is only
for caches: it changes in the same transaction as a credential of the list.
"""

from __future__ import annotations

import secrets
from itertools import chain
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q

from learning_credentials.badges.permutation import permute
from learning_credentials.badges.status_list import BitList, get_pair_index
from learning_credentials.models import Credential, StatusList
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import retry_on_contention
from learning_credentials.services.credentials import revocation_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

Place = tuple[int, int]

#: How many credentials from before there were badges get their places in one call.
BACKFILL_LIMIT = 5000
#: Lists get random numbers of this range. A database that was restored from a backup would continue from an old number, and give a new
#: list the address of a published one. Every reader of JSON accepts numbers of this size.
_LIST_IDS = range(2**32, 2**48)

#: Lists that still have free places.
_OPEN = Q(closed_at=None) & (
    Q(is_mirrored=True, allocated__lt=StatusList.SIZE // 2) | Q(is_mirrored=False, allocated__lt=StatusList.SIZE)
)


class Allocator:
    """Allocates places, each the id of a list and an index in it. Each place is used only once.

    The allocator remembers how full its list is. If nobody else took places meanwhile, one statement allocates any number of them.
    """

    def __init__(self) -> None:
        self._list: StatusList | None = None

    def allocate(self, count: int) -> list[Place]:
        """Return new places. If the caller's transaction fails, they are free again."""
        places: list[Place] = []
        while len(places) < count:
            places += self._take(count - len(places))
        return places

    @retry_on_contention
    def _take(self, count: int) -> list[Place]:
        with transaction.atomic():
            chosen = self._list or self._find_list()
            start, end = chosen.allocated, min(chosen.allocated + count, chosen.capacity)
            # Compare-and-set, because the remembered list may be out of date, and not every database has row locks.
            same = StatusList.objects.filter(pk=chosen.pk, allocated=start, closed_at=None)
            is_taken = same.update(allocated=end)
        chosen.allocated = end
        self._list = chosen if is_taken and end < chosen.capacity else None
        return [(chosen.pk, _find_index(chosen, position)) for position in range(start, end)] if is_taken else []

    @staticmethod
    def _find_list() -> StatusList:
        found = StatusList.objects.select_for_update().filter(_OPEN).order_by("created", "pk").first()
        return found or StatusList.objects.create(pk=secrets.choice(_LIST_IDS))


def _find_index(status_list: StatusList, position: int) -> int:
    place = permute(bytes.fromhex(status_list.secret), position, status_list.capacity)
    return get_pair_index(place) if status_list.is_mirrored else place


def ensure_place(credential: Credential) -> Place:
    """Return a credential's place. Allocate one if the credential is from before there were badges."""
    if credential.status_list_id is None:
        _give([credential.pk])
        credential.refresh_from_db(fields=("status_list", "status_list_index"))
    if credential.status_list_id is None or credential.status_list_index is None:
        msg = f"the credential {credential.pk} no longer exists"
        raise LookupError(msg)
    return credential.status_list_id, credential.status_list_index


def give_missing_places() -> int:
    """Allocate places for credentials that were issued before there were badges. Return how many got one."""
    # In the order of the index of places. Otherwise a database might search all primary keys for the few without a place.
    left = Credential.objects.filter(status_list=None).order_by("status_list_id", "status_list_index")
    return _give(list(left.values_list("pk", flat=True)[:BACKFILL_LIMIT]))


def _give(uuids: Sequence[UUID]) -> int:
    given = 0
    places = Allocator().allocate(len(uuids))
    for pk, (list_id, index) in zip(uuids, places, strict=True):
        # If another process gave it a place first, keep that one: a badge may have it already. Ours stays unused.
        given += Credential.objects.filter(pk=pk, status_list=None).update(
            status_list_id=list_id, status_list_index=index
        )
    return given


def note_revoked(credential_uuids: Iterable[UUID | str]) -> None:
    """Mark the lists of invalidated credentials as changed, and have the revocations logged.

    Call it in the transaction that invalidates the credentials.
    """
    lists: set[int] = set()
    uuids = list(credential_uuids)
    revocation_log.note(uuids)
    for batch in in_batches(uuids):
        found = Credential.objects.filter(pk__in=batch, status_list__isnull=False).order_by()
        lists.update(found.values_list("status_list_id", flat=True).distinct())
    # Sorted, so that two transactions lock the lists in the same order.
    for list_id in sorted(lists):
        StatusList.objects.filter(pk=list_id).update(version=F("version") + 1)


def make_bits(status_list: StatusList) -> BitList:
    """Return the bits of a list as it is published: set for each place that is revoked now."""
    revoked = Credential.objects.filter(status_list=status_list, status=Credential.Status.INVALIDATED).order_by()
    bits = BitList()
    set_bit = bits.set_mirrored if status_list.is_mirrored else bits.set
    lost = status_list.revoked_places.order_by().values_list("index", flat=True)
    for index in chain(revoked.values_list("status_list_index", flat=True), lost):
        if index is not None:
            set_bit(index)
    return bits
