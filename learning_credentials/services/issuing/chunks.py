"""Issues waiting credentials in three steps: claim, render, finish.

No transaction is open while an artifact is rendered or stored. If another worker claimed or cancelled a row meanwhile, the row is left
alone and the stray file is deleted.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from posixpath import dirname
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    delete_files,
    drop_broken_connection,
    get_claim_dir,
    hold_accounts,
    new_event,
    note_strays,
    note_strays_of_claims,
    record_events,
    retry_on_contention,
)
from learning_credentials.services.credentials import (
    RenderedClaim,
    RowsLostError,
    claim_credentials,
    describe_error,
    hand_over_to_renewals,
    lock_for_transition,
    lock_renewable,
    make_available,
    make_failed,
    make_invalidated,
    render_claim,
    swap_in_successor,
    update_claimed,
)
from learning_credentials.services.issuing import runs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from learning_credentials.services.credentials import Claim

Status = Credential.Status
Action = CredentialEvent.Action


logger = logging.getLogger(__name__)

#: The longest extra pause before the sweep tries again, in multiples of ``CLAIM_TIMEOUT``.
LONGEST_PAUSE = 2


@dataclass
class ChunkResult:
    """The result of one chunk, by credential uuid. ``released`` credentials wait again, after an error that a retry can solve."""

    issued: list[UUID] = field(default_factory=list)
    failed: list[UUID] = field(default_factory=list)
    released: list[UUID] = field(default_factory=list)

    def add(self, outcome: RenderedClaim) -> None:
        """Add one outcome to the matching list."""
        into = self.issued if outcome.name else self.released if outcome.is_transient else self.failed
        into.append(outcome.credential.pk)

    def extend(self, other: ChunkResult) -> None:
        """Add another result to this one."""
        self.issued += other.issued
        self.failed += other.failed
        self.released += other.released


def issue_chunk(uuids: Collection[UUID | str]) -> ChunkResult:
    """Issue those of the credentials that wait. Return the result. It is safe to call with any credentials at any time.

    If an error ends the work, such as a cut connection to the database, rows that are still claimed are released with the error. Stored
    files stay until the sweep has checked which rows refer to them, because the commit may have happened.
    """
    result = ChunkResult()
    token = str(uuid4())
    try:
        claims = claim_credentials(uuids, token)
    except Exception as error:
        _let_go(uuids, token, error)
        raise
    for claimed in claims:
        try:
            part = _issue(claimed)
        except Exception as error:
            logger.exception("Chunk %s failed", token)
            result.released += _let_go([credential.pk for credential in claimed.credentials], token, error)
        else:
            result.extend(part)
    return result


def _issue(claimed: Claim) -> ChunkResult:
    outcomes = list(render_claim(claimed))
    part, ended_runs = _finish(claimed, outcomes)
    kept = set(part.issued)
    delete_files(outcome.name for outcome in outcomes if outcome.name and outcome.credential.pk not in kept)
    runs.close_complete(ended_runs)
    _announce(claimed, part)
    return part


@retry_on_contention
def _let_go(uuids: Collection[UUID | str], token: str, error: Exception) -> list[UUID]:
    """Release the rows of a claim that failed as a whole, with the error. Return the credentials. The attempt counts."""
    code, message = describe_error(error)
    drop_broken_connection()
    released: list[UUID] = []
    with transaction.atomic():
        for batch in in_batches(sorted({UUID(str(pk)) for pk in uuids})):
            mine = Credential.objects.filter(pk__in=batch, status=Status.GENERATING, generation_task_id=token)
            found = list(mine.select_for_update().order_by("pk").values_list("pk", flat=True))
            Credential.objects.filter(pk__in=found).update(
                generation_task_id="", generation_started_at=timezone.now(), error_code=code, error_message=message
            )
            released += found
        note_strays_of_claims([token])
    return released


def _finish(claimed: Claim, outcomes: Sequence[RenderedClaim]) -> tuple[ChunkResult, set[int]]:
    """Write the outcomes of the rows that this claim still has. Return the result, and the runs that may be complete now."""
    swaps = [outcome for outcome in outcomes if _is_reissue(outcome.credential) and outcome.name]
    plain = [outcome for outcome in outcomes if not (_is_reissue(outcome.credential) and outcome.name)]
    part, ended_runs = _finish_plain(claimed.token, plain)
    for outcome in swaps:
        if swap_in_successor(claimed.token, outcome):
            part.add(outcome)
    return part, ended_runs


def _is_reissue(credential: Credential) -> bool:
    """Return whether a credential takes the place of an available one. The successor of a revoked one is current from the beginning."""
    return credential.replaces_id is not None and not credential.is_renewal and credential.is_current is None


@retry_on_contention
def _finish_plain(token: str, outcomes: Sequence[RenderedClaim]) -> tuple[ChunkResult, set[int]]:
    # A renewal changes two rows of a learner. Lock the account, so that its deletion cannot change them in the other order.
    learners = {outcome.credential.user_id for outcome in outcomes if outcome.credential.is_renewal}
    try:
        # Almost always the claim still has every row. The updates show if not, so no query is needed first.
        with transaction.atomic():
            hold_accounts(learners)
            return _write(token, outcomes)
    except RowsLostError:
        pass
    with transaction.atomic():
        hold_accounts(learners)
        note_strays_of_claims([token])
        owned: set[UUID] = set()
        for batch in in_batches(sorted(outcome.credential.pk for outcome in outcomes)):
            mine = Credential.objects.filter(pk__in=batch, status=Status.GENERATING, generation_task_id=token)
            owned.update(mine.select_for_update().order_by("pk").values_list("pk", flat=True))
        owned -= _cancel_lapsed([outcome for outcome in outcomes if outcome.credential.pk in owned])
        part, ended_runs = _write(token, [outcome for outcome in outcomes if outcome.credential.pk in owned])
    # A run may also be complete because its last credentials were cancelled.
    lost = {outcome.credential.generation_run_id for outcome in outcomes if outcome.credential.pk not in owned}
    return part, ended_runs | {run_id for run_id in lost if run_id}


def _cancel_lapsed(outcomes: Sequence[RenderedClaim]) -> set[UUID]:
    """Cancel renewals of credentials that can no longer be renewed. Return them."""
    renewed = _list_renewed(outcome for outcome in outcomes if outcome.name)
    renewable = lock_renewable(list(renewed))
    lapsed = {pk for old_pk, pk in renewed.items() if old_pk not in renewable}
    rows = lock_for_transition(Credential.objects.filter(pk__in=lapsed))
    make_invalidated(rows, reason="the credential can no longer be renewed")
    return lapsed


def _list_renewed(outcomes: Iterable[RenderedClaim]) -> dict[UUID, UUID]:
    """Return the renewals, by the credential that each one renews."""
    renewals = (outcome.credential for outcome in outcomes if outcome.credential.is_renewal)
    return {row.replaces_id: row.pk for row in renewals if row.replaces_id is not None}


def _write(token: str, outcomes: Sequence[RenderedClaim]) -> tuple[ChunkResult, set[int]]:
    part = ChunkResult()
    for outcome in outcomes:
        part.add(outcome)
    stored = [outcome for outcome in outcomes if outcome.name]
    failed = [outcome for outcome in outcomes if not outcome.name and not outcome.is_transient]
    released = [outcome for outcome in outcomes if outcome.is_transient and not outcome.is_untried]
    untried = [outcome for outcome in outcomes if outcome.is_untried]
    doubtful = [name for outcome in outcomes for name in outcome.doubtful]
    if doubtful:
        places = {dirname(name) for name in doubtful} | {get_claim_dir(token)}
        note_strays(sorted(places), file_names=doubtful)
    # When a status changes, MariaDB and MySQL lock the run's row for reading, to check the foreign key. Two transactions that have this
    # lock and want to change the row would deadlock. The other can be a chunk, or the deletion of the account that asked for the run.
    is_counted_first = connection.vendor == "mysql"
    ended_runs = _count(stored, failed) if is_counted_first else set()
    now = timezone.now()
    renewed = _list_renewed(stored)
    # The old rows first, because the unique constraint never allows two live credentials.
    if renewed and not hand_over_to_renewals(list(renewed)):
        raise RowsLostError
    make_available(token, stored, becomes_current=bool(renewed))
    make_failed(token, failed)
    record_events(map(_renewed_event, renewed, renewed.values()))
    waiting = {"generation_task_id": "", "generation_started_at": now + _get_pause(released)}
    # A credential that was not tried has used no attempt.
    for some, same in ((released, waiting), (untried, {**waiting, "attempts": F("attempts") - 1})):
        errors = {
            "error_code": [outcome.error_code for outcome in some],
            "error_message": [outcome.error_message for outcome in some],
        }
        update_claimed(token, some, errors, **same)
    return part, ended_runs if is_counted_first else _count(stored, failed)


def _get_pause(released: Sequence[RenderedClaim]) -> timedelta:
    """Return the extra pause, after ``CLAIM_TIMEOUT``, before the sweep tries again. The task's own first attempts have no pause."""
    attempts = max((outcome.credential.attempts for outcome in released), default=0)
    times = min(max(attempts - runs.ATTEMPTS_OF_TASK, 0) / runs.ATTEMPTS_OF_TASK, LONGEST_PAUSE)
    return timedelta(seconds=get_settings().CLAIM_TIMEOUT * times)


def _renewed_event(old_pk: UUID, new_pk: UUID) -> CredentialEvent:
    return new_event(old_pk, Action.RENEWED, detail={"successor": str(new_pk)})


def _count(stored: Sequence[RenderedClaim], failed: Sequence[RenderedClaim]) -> set[int]:
    """Count outcomes for their runs. Return the runs that may be complete."""
    done = Counter(outcome.credential.generation_run_id for outcome in stored)
    lost = Counter(outcome.credential.generation_run_id for outcome in failed)
    evaluated = {
        outcome.credential.generation_run_id
        for outcome in (*stored, *failed)
        if getattr(outcome.credential, "run_evaluated_at", None)
    }
    return {
        run_id
        for run_id in sorted({run_id for run_id in (*done, *lost) if run_id})
        if runs.count_for_run(run_id, done=done[run_id], failed=lost[run_id], is_evaluated=run_id in evaluated)
    }


def _announce(claimed: Claim, part: ChunkResult) -> None:
    for signal, uuids in ((signals.credentials_issued, part.issued), (signals.credentials_failed, part.failed)):
        if uuids:
            send = partial(
                signals.send,
                signal,
                credential_uuids=[str(pk) for pk in uuids],
                configuration_id=claimed.configuration.pk,
            )
            transaction.on_commit(send, robust=True)
