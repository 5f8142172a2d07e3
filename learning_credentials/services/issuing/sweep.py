"""Finds unfinished work and continues it, whichever message or worker was lost."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationError, UnexpectedError
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    Backlog,
    ClearedStrays,
    clear_strays,
    drop_broken_connection,
    get_claim_timeout,
    note_strays_of_claims,
    retry_on_contention,
    sweep_jobs,
    sweep_messages,
)
from learning_credentials.services.credentials import (
    archive_pending_artifacts,
    give_missing_codes,
    give_missing_places,
    give_up_attempts,
    is_of_stopped_run,
    note_present_issuer_id,
    send_pending,
    write_pending_revocations,
)
from learning_credentials.services.issuing import examples, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

R = TypeVar("R")

logger = logging.getLogger(__name__)

Status = Credential.Status

#: How many credentials one sweep handles. The next one handles the rest.
SWEEP_LIMIT = 5000


@dataclass(frozen=True)
class SweepResult:
    """The counts of what a sweep did."""

    redispatched: int = 0
    exhausted: int = 0
    runs_resumed: int = 0
    archived: int = 0
    strays_deleted: int = 0
    #: Places in the storage that may have stray files and could not be cleared now.
    stray_places_unsettled: int = 0
    places_given: int = 0
    codes_given: int = 0
    jobs_resumed: int = 0
    messages_waiting: int = 0
    messages_failing: int = 0
    messages_given_up: int = 0


@dataclass(frozen=True)
class _Stale:
    uuid: UUID
    token: str
    attempts: int
    configuration_id: int
    run_id: int | None
    error_code: str
    error_message: str
    created: datetime

    @property
    def was_released(self) -> bool:
        """Return whether the last worker released the credential after an error. If the worker was killed, its claim is still there."""
        return not self.token and bool(self.error_code)

    @property
    def was_outage(self) -> bool:
        """Return whether the last worker met an outage, and not an unknown error."""
        return self.was_released and self.error_code != UnexpectedError.code

    def is_exhausted(self, now: datetime) -> bool:
        """Return whether the credential was tried often enough. Outages get more time, because no credential causes them."""
        settings = get_settings()
        if self.was_outage and now - self.created < timedelta(seconds=settings.OUTAGE_TIMEOUT):
            return False
        return self.attempts >= settings.MAX_ATTEMPTS


def sweep_stale_credentials() -> SweepResult:
    """Sweep once. Return what was done, in counts. Safe to run at any time, also twice at once."""
    now = timezone.now()
    cutoff = now - get_claim_timeout()
    fields = (
        "pk",
        "generation_task_id",
        "attempts",
        "configuration_id",
        "generation_run_id",
        "error_code",
        "error_message",
        "created",
    )
    rows = Credential.objects.filter(status=Status.GENERATING, generation_started_at__lt=cutoff)
    # Credentials of a paused run wait. Only claims of workers that were lost are ended.
    rows = rows.filter(~is_of_stopped_run() | ~Q(generation_task_id=""))
    stale = [_Stale(*row) for row in rows.order_by("generation_started_at").values_list(*fields)[:SWEEP_LIMIT]]
    exhausted = _give_up([row for row in stale if row.is_exhausted(now)], cutoff)
    waiting = _release([row for row in stale if not row.is_exhausted(now)], cutoff)
    _redispatch(waiting)
    runs.close_complete({row.run_id for row in exhausted})
    steps = _Steps()
    steps.take(examples.fail_abandoned_examples, 0)
    steps.take(_note_issuers, None)
    steps.take(write_pending_revocations, None)
    backlog = steps.take(sweep_messages, Backlog())
    resumed = steps.take(lambda: len(runs.resume_unfinished()), 0)
    jobs = steps.take(sweep_jobs, 0)
    archived = steps.take(archive_pending_artifacts, 0)
    # After the claims were released: late workers delete the files themselves that they store from now on.
    settled = steps.take(clear_strays, ClearedStrays())
    places = steps.take(give_missing_places, 0)
    codes = steps.take(give_missing_codes, 0)
    steps.raise_error()
    return SweepResult(
        redispatched=len(waiting),
        exhausted=len(exhausted),
        runs_resumed=resumed,
        archived=archived,
        strays_deleted=settled.deleted,
        stray_places_unsettled=settled.unsettled,
        places_given=places,
        codes_given=codes,
        jobs_resumed=jobs,
        messages_waiting=backlog.waiting,
        messages_failing=backlog.failing,
        messages_given_up=backlog.given_up,
    )


def _note_issuers() -> None:
    with suppress(ConfigurationError):  # the system checks report it
        note_present_issuer_id()


class _Steps:
    """Steps of a sweep that do not depend on each other. If one fails, the later ones still run."""

    def __init__(self) -> None:
        self._error: Exception | None = None

    def take(self, step: Callable[[], R], otherwise: R) -> R:
        """Run a step. Return its result, or ``otherwise`` if it raises an error."""
        try:
            return step()
        except Exception as error:
            logger.exception("A step of the sweep failed")
            self._error = self._error or error
            drop_broken_connection()
            return otherwise

    def raise_error(self) -> None:
        """Raise the first error, if there was one."""
        if self._error is not None:
            raise self._error


@retry_on_contention
def _release(rows: Sequence[_Stale], cutoff: datetime) -> list[_Stale]:
    """Release stale claims, so that the rows can be claimed again. Return the released rows."""
    released: set[UUID] = set()
    with transaction.atomic():
        for batch in in_batches([row.uuid for row in rows]):
            mine = Credential.objects.filter(pk__in=batch, status=Status.GENERATING, generation_started_at__lt=cutoff)
            found = dict(mine.select_for_update().values_list("pk", "generation_task_id"))
            Credential.objects.filter(pk__in=list(found)).update(
                generation_task_id="", generation_started_at=timezone.now()
            )
            note_strays_of_claims(found.values())
            released.update(found)
    return [row for row in rows if row.uuid in released]


@retry_on_contention
def _give_up(rows: Sequence[_Stale], cutoff: datetime) -> list[_Stale]:
    """Move credentials that were tried often enough to ERROR. Return them. Then only staff can have them tried again."""
    with transaction.atomic():
        ended = give_up_attempts({row.uuid: _last_error(row) for row in rows}, cutoff)
    gone = [row for row in rows if row.uuid in ended]
    by_configuration: dict[int, list[str]] = {}
    for row in gone:
        by_configuration.setdefault(row.configuration_id, []).append(str(row.uuid))
    for configuration_id, uuids in by_configuration.items():
        signals.send(signals.credentials_failed, credential_uuids=uuids, configuration_id=configuration_id)
    return gone


def _last_error(row: _Stale) -> str:
    given_up = f"given up after {row.attempts} attempts"
    if not row.error_code:
        return f"{given_up}. The worker stopped each time: it was killed or ran out of memory"
    if row.token:
        return (
            f"{given_up}. The worker stopped during the last one. An earlier one failed with "
            f"{row.error_code}: {row.error_message}"
        )
    return f"{given_up}. The last error was {row.error_code}: {row.error_message}"


def _redispatch(rows: Sequence[_Stale]) -> None:
    """Enqueue the rows again. Rows whose worker was lost go one by one, because one of them may be what kills the workers."""
    suspects = [row for row in rows if row.attempts and not row.was_released]
    for row in suspects:
        send_pending([row.uuid])
    others = sorted(set(rows).difference(suspects), key=lambda row: (row.configuration_id, row.created, row.uuid))
    for _configuration_id, group in groupby(others, key=lambda row: row.configuration_id):
        send_pending([row.uuid for row in group])
