"""Finds the learners who can receive a new credential, given the credentials they have, and what the new one replaces.

Such a learner has an *opening*. A learner has none while a valid credential exists, one is being made, or a block exists. An expired
credential leaves an opening: its renewal is its own row, which names the expired one in ``replaces`` and becomes current when it is
finished.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

Status = Credential.Status

ATTEMPTS_EXHAUSTED = "attempts_exhausted"


@dataclass(frozen=True, slots=True)
class Predecessor:
    """An expired credential that is to be renewed, and what its renewal takes over from it."""

    uuid: UUID
    is_indexable: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """What to do for a learner: try ``failed_uuid`` again, renew ``renews``, or make a first credential if both are None."""

    failed_uuid: UUID | None = None
    renews: Predecessor | None = None


@dataclass(frozen=True, slots=True)
class Openings:
    """The learners who have an opening, in the order given, and two groups who have none. The other learners have the credential."""

    openings: dict[int, Opening]
    reissue_blocked: set[int]
    attempts_exhausted: set[int]


def find_openings(configuration_id: int, user_ids: Sequence[int]) -> dict[int, Opening]:
    """Return the openings of those of the learners who have one, in the order given. It loads ids, not objects."""
    return sort_by_opening(configuration_id, user_ids).openings


def sort_by_opening(configuration_id: int, user_ids: Sequence[int]) -> Openings:
    """Return the learners who have an opening, and those who have none for another reason than having the credential."""
    openings = dict.fromkeys(user_ids, Opening())
    rows = Credential.objects.filter(
        Q(is_current=True) | Q(blocks_reissue=True), configuration_id=configuration_id, user_id__in=user_ids
    ).values_list("user_id", "pk", "status", "error_code", "blocks_reissue", "expires_at")
    blocked: set[int] = set()
    reissue_blocked: set[int] = set()
    exhausted: set[int] = set()
    expired: dict[UUID, int] = {}
    now = timezone.now()
    for user_id, pk, status, error_code, blocks_reissue, expires_at in rows.order_by().iterator():
        if user_id is None:
            continue
        if not blocks_reissue and status == Status.ERROR and error_code != ATTEMPTS_EXHAUSTED:
            openings[user_id] = Opening(failed_uuid=pk)
        elif not blocks_reissue and status == Status.AVAILABLE and expires_at is not None and expires_at <= now:
            expired[pk] = user_id
        else:
            blocked.add(user_id)
            if blocks_reissue:
                reissue_blocked.add(user_id)
            elif status == Status.ERROR:
                exhausted.add(user_id)
    found = _find_renewals([pk for pk, user_id in expired.items() if user_id not in blocked])
    for pk, user_id in expired.items():
        opening = found.get(pk)
        if opening is None:
            blocked.add(user_id)
        else:
            openings[user_id] = opening
    free = {user_id: opening for user_id, opening in openings.items() if user_id not in blocked}
    return Openings(free, reissue_blocked, exhausted - reissue_blocked)


def _find_renewals(expired: Sequence[UUID]) -> dict[UUID, Opening]:
    """Return openings for expired live credentials whose renewal is not being made. If the renewal failed, the opening names it."""
    openings: dict[UUID, Opening] = {}
    for batch in in_batches(expired):
        rows = Credential.objects.filter(pk__in=batch).order_by()
        successor: Any = rows.values_list(
            "pk", "is_indexable", "successor", "successor__status", "successor__error_code", "successor__is_renewal"
        )
        for pk, is_indexable, successor_pk, status, error_code, is_renewal in successor:
            if status == Status.ERROR and is_renewal and error_code != ATTEMPTS_EXHAUSTED:
                openings[pk] = Opening(failed_uuid=successor_pk)
            elif status in (None, Status.INVALIDATED) or (status == Status.ERROR and not is_renewal):
                # A failed reissue does not prevent a renewal.
                openings[pk] = Opening(renews=Predecessor(pk, is_indexable))
    return openings


def find_current(configuration_id: int, user_id: int) -> Credential | None:
    """Return the credential that counts for a learner: the live one, or if it has expired, its renewal if it is in GENERATING or ERROR."""
    live = Credential.objects.filter(configuration_id=configuration_id, user_id=user_id, is_current=True).first()
    if live is None or not live.is_expired:
        return live
    return find_renewal(live)


def find_renewal(expired: Credential) -> Credential | None:
    """Return the renewal of a credential in any status except INVALIDATED, or None."""
    return Credential.objects.filter(replaces=expired, is_renewal=True).exclude(status=Status.INVALIDATED).first()
