"""Does bulk acts in the background, row by row or a piece at a time, through the services that do them one by one too."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import JobHandler, JobResult, Outcome, work_off_job
from learning_credentials.services.desk.bulk.acts import BulkAct, require_permission
from learning_credentials.services.desk.bulk.given import NEVER
from learning_credentials.services.desk.bulk.wording import describe_refusal
from learning_credentials.services.issuing import (
    ExpiryChange,
    change_expiries,
    issue_to_learners,
    reissue_credential,
    render_again,
)
from learning_credentials.services.staff import invalidate_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from learning_credentials.models import Job, JobRow

Action = CredentialEvent.Action
Status = Credential.Status

#: How many credentials are rendered between two looks at whether the job was stopped.
RENDERED_AT_ONCE = 25
_CHANGED = "somebody else changed the credential after the list was shown. Nothing was done to it"


def work_off_bulk_job(job_id: int) -> JobResult:
    """Do the rows of a job that are left. Safe to call at any time, also twice at once."""
    return work_off_job(job_id, HANDLERS)


def _find_changed(rows: Sequence[JobRow], names: Sequence[str]) -> dict[int, Outcome]:
    """Return a refusal for each row whose credential is not as the list showed it, by the row's key."""
    present: dict[UUID, dict[str, Any]] = {}
    for batch in in_batches([row.credential for row in rows if row.credential]):
        for found in Credential.objects.filter(pk__in=batch).values("pk", *names):
            present[found["pk"]] = found
    refused = {}
    for row in rows:
        found = present.get(row.credential) if row.credential else None
        shown = row.values.get("shown", {})
        if found is None or any(_write(found[name]) != shown.get(name) for name in names):
            refused[row.pk] = Outcome(is_done=False, code="changed_meanwhile", message=_CHANGED)
    return refused


def _write(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _get_detail(job: Job) -> dict[str, Any]:
    """Return what the history stores about the job of an act, and who confirmed it besides the person who asked."""
    confirmed = {"confirmed_by": job.decided_by_id} if job.decided_by_id is not None else {}
    return {"job": job.pk, **confirmed}


def _invalidate(job: Job, rows: Sequence[JobRow]) -> dict[int, Outcome]:
    outcomes = _find_changed(rows, ("status", "is_current"))
    rest = [row for row in rows if row.pk not in outcomes]
    refused = invalidate_credentials(
        {row.credential: row.values["reason"] for row in rest if row.credential},
        actor=job.requested_by_id,
        blocks_reissue=bool(_get(job, "blocks_reissue", True)),
        detail=_get_detail(job),
    )
    return outcomes | {row.pk: _as_outcome(refused.get(row.credential)) for row in rest if row.credential}


def _change_expiry(job: Job, rows: Sequence[JobRow]) -> dict[int, Outcome]:
    outcomes = _find_changed(rows, ("status", "is_current", "expires_at"))
    rest = [row for row in rows if row.pk not in outcomes]
    refused = change_expiries(
        {
            row.credential: ExpiryChange(_read_expiry(row.values["expires_at"]), row.values["reason"])
            for row in rest
            if row.credential
        },
        actor=job.requested_by_id,
        detail=_get_detail(job),
    )
    return outcomes | {row.pk: _as_outcome(refused.get(row.credential)) for row in rest if row.credential}


def _read_expiry(text: str) -> datetime | None:
    return None if text == NEVER else datetime.fromisoformat(text)


def _as_outcome(refusal: tuple[str, str] | None) -> Outcome:
    return Outcome(is_done=True) if refusal is None else Outcome(is_done=False, code=refusal[0], message=refusal[1])


def _reissue(job: Job, row: JobRow) -> Outcome:
    return _replace(job, row, full_name="", names=("status", "is_current"))


def _change_name(job: Job, row: JobRow) -> Outcome:
    return _replace(job, row, full_name=row.values["name"], names=("status", "is_current", "user_full_name"))


def _replace(job: Job, row: JobRow, *, full_name: str, names: Sequence[str]) -> Outcome:
    if row.credential is None:
        return Outcome(is_done=False, code="unknown", message="there is no such credential")
    if row.attempts > 1 and (successor := _find_successor(job, row)) is not None:
        return _describe_successor(successor)
    if changed := _find_changed([row], names):
        return changed[row.pk]
    successor = reissue_credential(
        row.credential,
        reason=row.values["reason"],
        actor=job.requested_by_id,
        notify=bool(_get(job, "notify", True)),
        full_name=full_name,
    )
    return _describe_successor(successor)


def _find_successor(job: Job, row: JobRow) -> Credential | None:
    """Return the successor that a lost worker made for this row."""
    successor = Credential.objects.filter(replaces=row.credential, is_renewal=False, status=Status.AVAILABLE).first()
    if successor is None or job.started_at is None:
        return None
    made = successor.events.filter(action=Action.CREATED, created_at__gte=job.started_at, reason=row.values["reason"])
    return successor if made.exists() else None


def _describe_successor(successor: Credential) -> Outcome:
    text = f"new credential {successor.verify_uuid}"
    if successor.status == Status.GENERATING:
        text = f"{text}, still being made"
    return Outcome(is_done=True, message=text)


def _render_again(job: Job, rows: Sequence[JobRow]) -> dict[int, Outcome]:
    done = {row.pk: Outcome(is_done=True) for row in rows if row.attempts > 1 and _was_rendered(job, row)}
    outcomes = done | _find_changed([row for row in rows if row.pk not in done], ("status",))
    by_reason: dict[str, list[JobRow]] = {}
    for row in rows:
        if row.pk not in outcomes:
            by_reason.setdefault(row.values["reason"], []).append(row)
    for reason, group in by_reason.items():
        uuids = [row.credential for row in group if row.credential]
        results = render_again(uuids, reason=reason, actor=job.requested_by_id)
        for row in group:
            if row.credential:
                result = results[row.credential]
                outcomes[row.pk] = Outcome(
                    is_done=result.is_done, code=result.code, message=result.message, is_transient=result.is_transient
                )
    return outcomes


def _was_rendered(job: Job, row: JobRow) -> bool:
    if row.credential is None or job.started_at is None:
        return False
    events = CredentialEvent.objects.filter(credential_id=row.credential, action=Action.RENDERED_AGAIN)
    return events.filter(created_at__gte=job.started_at).exists()


def _issue(job: Job, rows: Sequence[JobRow]) -> dict[int, Outcome]:
    from django.contrib.auth import get_user_model

    to_python = get_user_model()._meta.pk.to_python  # noqa: SLF001  a public interface in spite of its name
    learners = {row.pk: to_python(row.learner) for row in rows}
    configuration_id = int(_get(job, "configuration_id", 0))
    results = issue_to_learners(
        configuration_id, list(learners.values()), actor=job.requested_by_id, reason=str(_get(job, "reason", ""))
    )
    outcomes = {}
    for row in rows:
        result = results[learners[row.pk]]
        credential = result.credential or (_find_issued(job, configuration_id, learners[row.pk], row))
        if credential is None:
            message = describe_refusal(result.refusal)
            outcomes[row.pk] = Outcome(is_done=False, code=result.refusal, message=message)
        elif credential.status == Status.ERROR:
            outcomes[row.pk] = Outcome(is_done=False, code=credential.error_code, message=credential.error_message)
        else:
            unfinished = ", still being made" if credential.status == Status.GENERATING else ""
            outcomes[row.pk] = Outcome(is_done=True, message=f"credential {credential.verify_uuid}{unfinished}")
    return outcomes


def _find_issued(job: Job, configuration_id: int, user_id: Any, row: JobRow) -> Credential | None:
    """Return the credential that a lost worker issued for this row."""
    if row.attempts <= 1 or job.started_at is None:
        return None
    rows = Credential.objects.filter(configuration_id=configuration_id, user_id=user_id, is_current=True)
    return rows.filter(created__gte=job.started_at).first()


def _get(job: Job, name: str, otherwise: Any) -> Any:
    return (job.parameters or {}).get(name, otherwise)


HANDLERS: Mapping[str, JobHandler] = {
    BulkAct.INVALIDATE: JobHandler(together=_invalidate, require=require_permission),
    BulkAct.CHANGE_EXPIRY: JobHandler(together=_change_expiry, require=require_permission),
    BulkAct.REISSUE: JobHandler(each=_reissue, piece=RENDERED_AT_ONCE, require=require_permission),
    BulkAct.CHANGE_NAME: JobHandler(each=_change_name, piece=RENDERED_AT_ONCE, require=require_permission),
    BulkAct.RENDER_AGAIN: JobHandler(batch=_render_again, piece=RENDERED_AT_ONCE, require=require_permission),
    BulkAct.ISSUE: JobHandler(batch=_issue, piece=RENDERED_AT_ONCE, require=require_permission),
}
