"""Restores what is missing from the database after a backup was restored: revocations, lifted blocks, and used places in status lists.

First it makes a plan, which changes nothing. Applying the plan is safe to repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from learning_credentials.badges.status_list import find_mirror
from learning_credentials.exceptions import CredentialNotFoundError, InvalidTransitionError
from learning_credentials.models import Credential, RevokedPlace, StatusList, UnloggedRevocation
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import find_actor_id, retry_on_contention
from learning_credentials.services.credentials import LoggedRevocation, RevocationLogContent, read_revocation_log
from learning_credentials.services.staff import invalidation, published_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

Place = tuple[int, int]
Status = Credential.Status

_FROM_LIST = (
    "Revoked in the status list that was published on {:%Y-%m-%d}; the database was restored from an older backup."
)
_LIFTED = "Lifted before the database was restored from an older backup."
_FROM_LOG = "Revoked before the database was restored from an older backup."

#: Lists give the time of signing to the second.
_TO_THE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Revocation:
    """A credential to invalidate. ``at`` is when it was invalidated first, if known. ``source`` says in words how that is known."""

    credential_uuid: UUID
    verify_uuid: UUID
    reason: str
    source: str
    blocks_reissue: bool
    at: datetime | None = None
    actor_id: Any = None


@dataclass(frozen=True)
class Lift:
    """A block to lift again."""

    credential_uuid: UUID
    verify_uuid: UUID
    reason: str
    actor_id: Any = None


@dataclass(frozen=True)
class RestorePlan:
    """What to do after a backup was restored.

    ``lists_to_close`` is a number. ``lists_to_make`` has the ids of published lists that are not in the database. ``places`` are revoked
    places that belong to no credential. ``lifts`` are blocks to lift. ``retired`` has accounts that were retired, with the time.
    ``problems`` are sentences about what somebody must check.
    """

    lists_to_close: int
    lists_to_make: list[int] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    revocations: list[Revocation] = field(default_factory=list)
    lifts: list[Lift] = field(default_factory=list)
    retired: dict[str, datetime] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RestoreResult:
    """The counts of what was done, and the problems of the plan."""

    lists_closed: int
    revoked: int
    places_revoked: int
    problems: list[str]
    lifted: int = 0


class _Holder(NamedTuple):
    """The credential that has a place now."""

    uuid: UUID
    verify_uuid: UUID
    status: str
    created: datetime


def plan_restore(lists: Sequence[bytes], logs: Sequence[Path], *, blocks_reissue: bool = True) -> RestorePlan:
    """Compare the database with newer status lists and revocation logs. Return the plan. Nothing is changed.

    Args:
        lists: signed status lists as the site published them, from a monitor, a cache or an archive.
        logs: files that were the setting ``REVOCATION_LOG``.
        blocks_reissue: whether to block a new credential for learners whose revocation is known only from a list.

    Raises:
        MalformedBadgeError, UnknownKeyError, ChangedBadgeError: a list is not one of this site, or was changed.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
        OSError: a log cannot be read.
    """
    published = [published_lists.read(content) for content in lists]
    content = read_revocation_log(logs)
    return _Planner(content, blocks_reissue=blocks_reissue).make(published)


class _Planner:
    def __init__(self, log: RevocationLogContent, *, blocks_reissue: bool) -> None:
        self._log = log
        self._blocks_reissue = blocks_reissue
        self._mirrored = dict(StatusList.objects.values_list("pk", "is_mirrored"))
        self._known = set(RevokedPlace.objects.values_list("status_list_id", "index"))
        self._revocations: dict[UUID, Revocation] = {}
        self._lifts: list[Lift] = []
        self._places: dict[Place, None] = {}
        self._problems = dict.fromkeys(log.problems)

    def make(self, published: Sequence[published_lists.PublishedList]) -> RestorePlan:
        # The log first, because it has reasons and dates.
        self._take_log(self._log.revocations)
        for item in published:
            self._take_list(item)
        places = [place for place in self._places if place not in self._known]
        return RestorePlan(
            lists_to_close=len(self._mirrored),
            lists_to_make=sorted({list_id for list_id, _ in places} - self._mirrored.keys()),
            places=places,
            revocations=list(self._revocations.values()),
            lifts=self._lifts,
            retired=dict(self._log.retired),
            problems=list(self._problems),
        )

    def _take_log(self, logged: Mapping[UUID, LoggedRevocation]) -> None:
        found = _find_states({**logged, **self._log.lifted})
        for uuid, (verify_uuid, status, blocks) in found.items():
            lift = self._log.lifted.get(uuid)
            if lift is not None and blocks:
                self._lifts.append(Lift(uuid, verify_uuid, lift.reason.strip() or _LIFTED, lift.actor_id))
            entry = logged.get(uuid)
            if entry is not None and status != Status.INVALIDATED:
                self._revocations[uuid] = Revocation(
                    uuid,
                    verify_uuid,
                    entry.reason.strip() or _FROM_LOG,
                    "the log",
                    entry.blocks_reissue and lift is None,
                    entry.at,
                    entry.actor_id,
                )
        lost = [entry for uuid, entry in logged.items() if uuid not in found]
        by_list: dict[int, dict[int, LoggedRevocation]] = {}
        for entry in lost:
            if entry.place is not None:
                by_list.setdefault(entry.place[0], {})[entry.place[1]] = entry
        for list_id, entries in by_list.items():
            holders = _find_holders(list_id, entries)
            for index, entry in entries.items():
                if index in holders:
                    # The revoked credential is gone, and another one has its place.
                    self._report_double(holders[index])
                    continue
                self._places[list_id, index] = None
                if entry.is_mirrored and not self._mirrored.get(list_id):
                    self._places[list_id, find_mirror(index)] = None

    def _take_list(self, published: published_lists.PublishedList) -> None:
        list_id = published.list_id
        indexes = published.indexes
        if self._mirrored.get(list_id):
            # The lower index of each pair is the place.
            indexes = [index for index in indexes if index < find_mirror(index)]
        holders = _find_holders(list_id, indexes)
        for index in indexes:
            holder = holders.get(index)
            if holder is None:
                self._places[list_id, index] = None
            elif holder.status != Status.INVALIDATED and holder.uuid not in self._revocations:
                if holder.created >= published.published_at + _TO_THE_SECOND:
                    self._report_double(holder)
                    continue
                self._revocations[holder.uuid] = Revocation(
                    holder.uuid,
                    holder.verify_uuid,
                    _FROM_LIST.format(published.published_at),
                    f"list {list_id} of {published.published_at:%Y-%m-%d %H:%M}",
                    self._blocks_reissue,
                )

    def _report_double(self, holder: _Holder) -> None:
        if holder.status != Status.INVALIDATED:
            said = (
                f"{holder.verify_uuid}: got the place of a revoked credential before this command was run. "
                "Reissue it, so that it gets its own place. Then run this command again."
            )
            self._problems[said] = None


def _find_states(uuids: Iterable[UUID]) -> dict[UUID, tuple[UUID, str, bool]]:
    """Return the public id, the status and whether it blocks a reissue, for those of the credentials that exist."""
    found: dict[UUID, tuple[UUID, str, bool]] = {}
    for batch in in_batches(list(uuids)):
        rows = Credential.objects.filter(pk__in=batch).order_by()
        for pk, verify_uuid, status, blocks in rows.values_list("pk", "verify_uuid", "status", "blocks_reissue"):
            found[pk] = (verify_uuid, status, blocks)
    return found


def _find_holders(list_id: int, indexes: Iterable[int]) -> dict[int, _Holder]:
    holders: dict[int, _Holder] = {}
    for batch in in_batches(list(indexes)):
        rows = Credential.objects.filter(status_list_id=list_id, status_list_index__in=batch).order_by()
        fields = ("status_list_index", "pk", "verify_uuid", "status", "created")
        holders.update({index: _Holder(*rest) for index, *rest in rows.values_list(*fields)})
    return holders


def apply_restore(plan: RestorePlan) -> RestoreResult:
    """Apply a plan. Return what was done.

    No place of an existing list is used any more: the next credential begins a new list. Each credential is invalidated in its own
    transaction. Applying a plan again continues where the first time ended.
    """
    closed = _close_lists(plan)
    revoked = sum(_revoke(item) for item in plan.revocations)
    lifted = sum(_lift(item) for item in plan.lifts)
    return RestoreResult(closed, revoked, len(plan.places), plan.problems, lifted)


@retry_on_contention
def _close_lists(plan: RestorePlan) -> int:
    now = timezone.now()
    with transaction.atomic():
        # Closed lists too: the time distinguishes lists that are published from now on from old copies with the same version.
        closed = StatusList.objects.update(closed_at=now)
        for list_id in plan.lists_to_make:
            StatusList.objects.get_or_create(pk=list_id, defaults={"is_mirrored": False, "closed_at": now})
        places = [RevokedPlace(status_list_id=list_id, index=index) for list_id, index in plan.places]
        RevokedPlace.objects.bulk_create(places, batch_size=500, ignore_conflicts=True)
    return closed


@retry_on_contention
def _revoke(item: Revocation) -> bool:
    """Invalidate one credential. Return whether it was still valid. A revocation from the log keeps its time and is not logged again."""
    actor = find_actor_id(item.actor_id)
    try:
        with transaction.atomic():
            invalidation.invalidate_credential(
                item.credential_uuid, reason=item.reason, actor=actor, blocks_reissue=item.blocks_reissue
            )
            if item.at is not None:
                Credential.objects.filter(pk=item.credential_uuid).update(invalidated_at=item.at)
                UnloggedRevocation.objects.filter(credential_id=item.credential_uuid).delete()
    except (CredentialNotFoundError, InvalidTransitionError):
        return False
    return True


@retry_on_contention
def _lift(item: Lift) -> bool:
    """Lift one block. Return whether it existed. The log has the lift already, so it is not logged again."""
    actor = find_actor_id(item.actor_id)
    try:
        with transaction.atomic():
            invalidation.lift_reissue_block(item.credential_uuid, reason=item.reason, actor=actor)
            UnloggedRevocation.objects.filter(credential_id=item.credential_uuid).delete()
    except (CredentialNotFoundError, InvalidTransitionError):
        return False
    return True
