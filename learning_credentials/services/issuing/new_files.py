"""Makes new files for issued credentials: the same credential with the same data, drawn with the present design of its type.

The credential keeps its ids, its data, its dates and its status. Only its file changes, and with it the hash. The history stores the
hash of the former file, so that a copy that somebody downloaded before is still recognised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction

from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import STRAY_GRACE as LONGEST_RENDERING
from learning_credentials.services.common import (
    ByKey,
    delete_stray_files,
    find_held_account,
    get_actor_id,
    get_claim_dir,
    hold_accounts,
    new_event,
    note_strays,
    record_events,
    retry_on_contention,
)
from learning_credentials.services.course_runs import with_run_date
from learning_credentials.services.credentials import group_for_rendering, render_claim, require_reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from learning_credentials.services.common import Actor
    from learning_credentials.services.credentials import RenderedClaim

Status = Credential.Status


@dataclass(frozen=True, slots=True)
class RenderingResult:
    """What came of one credential: whether it has a new file, or the error. ``is_transient``: a retry can help."""

    is_done: bool
    code: str = ""
    message: str = ""
    is_transient: bool = False


def render_again(credential_uuids: Sequence[UUID], *, reason: str, actor: Actor = None) -> dict[UUID, RenderingResult]:
    """Make new files for available credentials. Return a result for each. No learner is e-mailed.

    The name, the evidence and the other stored data stay. The options and files of the type are the present ones. The former file is
    deleted after a day. If a credential changes or is revoked meanwhile, it keeps its file.

    Raises:
        ReasonRequiredError.
    """
    reason = require_reason(reason)
    token = str(uuid4())
    # Nothing refers to the new files until they are stored and the rows are changed. The sweep waits as long.
    note_strays([get_claim_dir(token)], delay=LONGEST_RENDERING)
    rows: list[Credential] = []
    for batch in in_batches(sorted(credential_uuids)):
        rows += with_run_date(Credential.objects.filter(pk__in=batch, status=Status.AVAILABLE))
    results = {
        pk: RenderingResult(is_done=False, code="invalid_transition", message="only an available credential has a file")
        for pk in credential_uuids
    }
    for claim in group_for_rendering(token, rows):
        outcomes = list(render_claim(claim))
        for outcome in outcomes:
            results[outcome.credential.pk] = RenderingResult(
                is_done=False,
                code=outcome.error_code,
                message=outcome.error_message,
                is_transient=outcome.is_transient,
            )
        stored = [outcome for outcome in outcomes if outcome.name]
        for pk in _replace_files(stored, reason, actor):
            results[pk] = RenderingResult(is_done=True)
        for outcome in stored:
            if not results[outcome.credential.pk].is_done:
                results[outcome.credential.pk] = RenderingResult(
                    is_done=False, code="changed_meanwhile", message="the credential was changed at the same time"
                )
    return results


@retry_on_contention
def _replace_files(outcomes: Sequence[RenderedClaim], reason: str, actor: Actor) -> list[UUID]:
    """Let the credentials refer to their new files. Return those that were not changed since they were read."""
    changed: list[UUID] = []
    with transaction.atomic():
        actor = find_held_account(actor, hold_accounts([get_actor_id(actor)]))
        for batch in in_batches(outcomes, params_each=9):
            by_pk = {outcome.credential.pk: outcome for outcome in batch}
            locked = Credential.objects.filter(pk__in=list(by_pk), status=Status.AVAILABLE).select_for_update()
            present = dict(locked.order_by("pk").values_list("pk", "artifact_name"))
            same = {pk: by_pk[pk] for pk, name in present.items() if name == by_pk[pk].credential.artifact_name}
            if not same:
                continue
            columns: dict[str, dict[Any, Any]] = {
                "artifact_name": {pk: outcome.name for pk, outcome in same.items()},
                "artifact_sha256": {pk: outcome.sha256 for pk, outcome in same.items()},
                "artifact_media_type": {pk: outcome.media_type for pk, outcome in same.items()},
                "artifact_pages": {pk: outcome.pages for pk, outcome in same.items()},
            }
            Credential.objects.filter(pk__in=list(same), status=Status.AVAILABLE).update(
                **{name: ByKey(Credential, name, values) for name, values in columns.items()}
            )
            record_events(
                new_event(
                    pk,
                    CredentialEvent.Action.RENDERED_AGAIN,
                    actor=actor,
                    reason=reason,
                    detail={"former_sha256": outcome.credential.artifact_sha256, "warnings": list(outcome.warnings)},
                )
                for pk, outcome in same.items()
            )
            delete_stray_files([outcome.credential.artifact_name for outcome in same.values()])
            changed += same
    return changed
