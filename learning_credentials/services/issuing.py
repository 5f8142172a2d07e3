"""Issues waiting credentials: claim, render, finish.

No transaction spans a renderer or the storage. A row that somebody else took or cancelled meanwhile is left alone, and the stray
file deleted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Case, CharField, TextField, Value, When
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.models.batches import in_batches
from learning_credentials.services import history, runs, storage
from learning_credentials.services.claims import claim
from learning_credentials.services.database import retry_on_contention
from learning_credentials.services.rendering import Outcome, render_claim
from learning_credentials.services.succession import succeed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from learning_credentials.services.claims import Claim

Status = Credential.Status
Action = CredentialEvent.Action


@dataclass
class ChunkResult:
    """What one chunk came to, by credential uuid. ``released`` wait again: something outside failed for now."""

    issued: list[UUID] = field(default_factory=list)
    failed: list[UUID] = field(default_factory=list)
    released: list[UUID] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Sort one outcome in."""
        into = self.issued if outcome.name else self.released if outcome.is_transient else self.failed
        into.append(outcome.credential.pk)

    def extend(self, other: ChunkResult) -> None:
        """Take over another result."""
        self.issued += other.issued
        self.failed += other.failed
        self.released += other.released


def issue_chunk(uuids: Collection[UUID | str]) -> ChunkResult:
    """Issue those of the credentials that wait for it; safe to call with the same ones at any time and from anywhere.

    When finishing raises, what was stored stays: the commit may have happened. The rows stay claimed or are done, and the sweep finds
    out which and removes strays.
    """
    result = ChunkResult()
    for claimed in claim(uuids):
        outcomes = list(render_claim(claimed))
        part = _finish(claimed, outcomes)
        kept = set(part.issued)
        storage.delete_files(outcome.name for outcome in outcomes if outcome.name and outcome.credential.pk not in kept)
        _announce(claimed, part)
        runs.close_complete({credential.generation_run_id for credential in claimed.credentials})
        result.extend(part)
    return result


def _finish(claimed: Claim, outcomes: Sequence[Outcome]) -> ChunkResult:
    """Write the outcomes of what this claim still owns."""
    swaps = [outcome for outcome in outcomes if outcome.credential.replaces_id and outcome.name]
    part = _finish_plain(claimed.token, [outcome for outcome in outcomes if outcome not in swaps])
    for outcome in swaps:
        if succeed(claimed.token, outcome):
            part.add(outcome)
    return part


@retry_on_contention
def _finish_plain(token: str, outcomes: Sequence[Outcome]) -> ChunkResult:
    part = ChunkResult()
    if not outcomes:
        return part
    now = timezone.now()
    announced = {} if get_settings().NOTIFY_LEARNERS else {"notified_at": now}
    with transaction.atomic():
        owned: set[UUID] = set()
        for batch in in_batches([outcome.credential.pk for outcome in outcomes]):
            mine = Credential.objects.filter(pk__in=batch, status=Status.GENERATING, generation_task_id=token)
            owned.update(mine.select_for_update().values_list("pk", flat=True))
        mine_outcomes = [outcome for outcome in outcomes if outcome.credential.pk in owned]
        for outcome in mine_outcomes:
            part.add(outcome)
        stored = [outcome for outcome in mine_outcomes if outcome.name]
        failed = [outcome for outcome in mine_outcomes if not outcome.name and not outcome.is_transient]
        released = [outcome for outcome in mine_outcomes if outcome.is_transient]
        _update(
            token,
            stored,
            {"artifact_name": "name", "artifact_sha256": "sha256", "artifact_media_type": "media_type"},
            status=Status.AVAILABLE,
            generation_task_id="",
            error_code="",
            error_message="",
            **announced,
        )
        errors = {"error_code": "error_code", "error_message": "error_message"}
        _update(token, failed, errors, status=Status.ERROR, generation_task_id="")
        _update(token, released, errors, generation_task_id="", generation_started_at=now)
        history.record(_event(outcome) for outcome in (*stored, *failed))
        _count(stored, failed)
    return part


def _update(token: str, outcomes: Sequence[Outcome], per_row: dict[str, str], **same: Any) -> None:
    """Write one change to many rows in one statement: ``per_row`` maps a column to the outcome's attribute, ``same`` is alike for all."""
    for batch in in_batches(outcomes, params_each=2 * len(per_row) + 1):
        values: dict[str, Any] = dict(same)
        for column, attribute in per_row.items():
            distinct = {getattr(outcome, attribute) for outcome in batch}
            if len(distinct) == 1:
                values[column] = distinct.pop()
                continue
            output: Any = TextField() if column == "error_message" else CharField()
            cases = [When(pk=outcome.credential.pk, then=Value(getattr(outcome, attribute))) for outcome in batch]
            values[column] = Case(*cases, output_field=output)
        keys = [outcome.credential.pk for outcome in batch]
        Credential.objects.filter(pk__in=keys, status=Status.GENERATING, generation_task_id=token).update(**values)


def _event(outcome: Outcome) -> CredentialEvent:
    if outcome.name:
        detail = {"warnings": list(outcome.warnings)} if outcome.warnings else {}
        return history.new_event(
            outcome.credential.pk,
            Action.ISSUED,
            from_status=Status.GENERATING,
            to_status=Status.AVAILABLE,
            detail=detail,
        )
    return history.new_event(
        outcome.credential.pk,
        Action.FAILED,
        from_status=Status.GENERATING,
        to_status=Status.ERROR,
        reason=outcome.error_message,
        detail={"code": outcome.error_code},
    )


def _count(stored: Sequence[Outcome], failed: Sequence[Outcome]) -> None:
    done = Counter(outcome.credential.generation_run_id for outcome in stored)
    lost = Counter(outcome.credential.generation_run_id for outcome in failed)
    for run_id in sorted({run_id for run_id in (*done, *lost) if run_id}):
        runs.count(run_id, done=done[run_id], failed=lost[run_id])


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
