"""Places in status lists: handed out once, told revoked by the credentials themselves.

A list has no bits in the database. A place is revoked when its credential is invalidated, so the two cannot disagree; the version only
tells caches that something changed, in the transaction that changed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from learning_credentials.badges.permutation import permute
from learning_credentials.models import Credential, StatusList
from learning_credentials.models.batches import in_batches
from learning_credentials.services.database import retry_on_contention

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

Place = tuple[int, int]

#: Credentials from before there were badges that get their places in one go.
BACKFILL_LIMIT = 5000


class Allocator:
    """Hands out places, each a list's id and an index in it; nobody else ever gets them.

    It remembers how far its list was filled. Where nobody else took places meanwhile, one statement is enough for any number of them.
    """

    def __init__(self) -> None:
        self._list: StatusList | None = None

    def allocate(self, count: int) -> list[Place]:
        """Hand out places. Should the caller's transaction fail, they go back with it."""
        places: list[Place] = []
        while len(places) < count:
            places += self._take(count - len(places))
        return places

    @retry_on_contention
    def _take(self, count: int) -> list[Place]:
        with transaction.atomic():
            chosen = self._list or self._find_list()
            start, end = chosen.allocated, min(chosen.allocated + count, StatusList.SIZE)
            # By compare-and-set: what is remembered may be out of date, and not every database has row locks.
            is_taken = StatusList.objects.filter(pk=chosen.pk, allocated=start).update(allocated=end)
        chosen.allocated = end
        self._list = chosen if is_taken and end < StatusList.SIZE else None
        if not is_taken:
            return []
        secret = bytes.fromhex(chosen.secret)
        return [(chosen.pk, permute(secret, position, StatusList.SIZE)) for position in range(start, end)]

    @staticmethod
    def _find_list() -> StatusList:
        free = StatusList.objects.select_for_update().filter(allocated__lt=StatusList.SIZE)
        return free.order_by("pk").first() or StatusList.objects.create()


def ensure_place(credential: Credential) -> Place:
    """Return a credential's place, handing one out if it is from before there were badges."""
    if credential.status_list_id is None:
        _give([credential.pk])
        credential.refresh_from_db(fields=("status_list", "status_list_index"))
    if credential.status_list_id is None or credential.status_list_index is None:
        msg = f"credential {credential.pk} is gone"
        raise LookupError(msg)
    return credential.status_list_id, credential.status_list_index


def backfill() -> int:
    """Give places to credentials that were issued before there were badges; return how many got one."""
    # In the order of the index of places, or a database might look for the few that have none along all primary keys.
    left = Credential.objects.filter(status_list=None).order_by("status_list_id", "status_list_index")
    return _give(list(left.values_list("pk", flat=True)[:BACKFILL_LIMIT]))


def _give(uuids: Sequence[UUID]) -> int:
    given = 0
    places = Allocator().allocate(len(uuids))
    for pk, (list_id, index) in zip(uuids, places, strict=True):
        # Whoever came first keeps the place: it may be in a badge already. Ours stays unused.
        given += Credential.objects.filter(pk=pk, status_list=None).update(
            status_list_id=list_id, status_list_index=index
        )
    return given


def note_revoked(credential_uuids: Iterable[UUID | str]) -> None:
    """Let the lists of invalidated credentials be made anew. Belongs into the transaction that invalidates them."""
    lists: set[int] = set()
    for batch in in_batches(list(credential_uuids)):
        found = Credential.objects.filter(pk__in=batch, status_list__isnull=False).order_by()
        lists.update(found.values_list("status_list_id", flat=True).distinct())
    # Sorted, so that two transactions lock lists in the same order.
    for list_id in sorted(lists):
        StatusList.objects.filter(pk=list_id).update(version=F("version") + 1)


def list_revoked(list_id: int) -> list[int]:
    """The indexes of a list that are revoked now."""
    revoked = Credential.objects.filter(status_list_id=list_id, status=Credential.Status.INVALIDATED).order_by()
    return [index for index in revoked.values_list("status_list_index", flat=True) if index is not None]
