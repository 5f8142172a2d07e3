"""Plans bulk acts: says for each row of a list or a selection what would happen, and stores that as a draft of a job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from learning_credentials.conf import get_settings
from learning_credentials.models import Credential, JobRow
from learning_credentials.services.common import MAX_ROWS, confirm_job, create_job, iter_rows, replace_rows
from learning_credentials.services.desk.bulk import verdicts
from learning_credentials.services.desk.bulk.acts import BulkAct, limit_credentials, require_permission_in
from learning_credentials.services.desk.bulk.finding import Found, find_credentials, find_learners, load_credentials
from learning_credentials.services.desk.bulk.given import GivenRow, read_expiry, read_table, write_expiry
from learning_credentials.services.desk.bulk.wording import describe_refusal
from learning_credentials.services.issuing import find_refusals, get_configuration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from learning_credentials.models import Job
    from learning_credentials.services.desk.bulk.given import GivenTable

#: For how many learners of a list the criteria are checked before it is confirmed. For the others they are checked when it is done.
MAX_FORECAST = 2000
#: What a page shows of a credential. If it changes before its row is done, the row is refused.
SHOWN = ("status", "is_current", "expires_at", "user_full_name")


@dataclass(frozen=True)
class Draft:
    """A draft, and the titles of the columns that were read and ignored."""

    job: Job
    read: list[str]
    ignored: list[str]


@dataclass(frozen=True, slots=True)
class _Item:
    """One row before its plan."""

    position: int
    given: str
    own: Mapping[str, str]
    found: Found
    learner: Any = None
    problem: str = ""


def draft_from_list(
    act: BulkAct, file: IO[bytes] | IO[str], parameters: Mapping[str, Any], *, source: str = "", actor: Any = None
) -> Draft:
    """Read a list and store a draft with a plan for each row.

    Args:
        act: what to do.
        file: CSV, a spreadsheet or pasted text, see `read_table`.
        parameters: what the operator entered: ``reason``, ``expires_at`` and so on. ``configuration_id`` limits where credentials are
            looked for.
        source: where the list came from, in words.
        actor: who asks.

    Raises:
        ImportFileError: the list cannot be read.
        ConfigurationError, ContextNotFoundError, TransientError: the criteria of an issue could not be checked.
    """
    table = read_table(file)
    items = list(_make_items(act, table, parameters, actor))
    rows = _plan(act, items, parameters, actor)
    job = create_job(act, rows, source=source, parameters=parameters, actor=actor)
    return Draft(job, table.read, table.ignored)


def draft_from_credentials(
    act: BulkAct, credentials: QuerySet[Credential], *, source: str = "", actor: Any = None
) -> Job:
    """Store a draft about credentials of a list or a filter. The operator is asked for the rest.

    Raises:
        ImportFileError: there are too many.
    """
    allowed = limit_credentials(credentials, actor, act)
    uuids = list(allowed.order_by("-issued_at", "pk").values_list("pk", flat=True)[: MAX_ROWS + 1])
    rows = _plan(act, _make_items_of_credentials(uuids), {}, actor)
    # Without the values that the operator is asked for, most plans would only say that they are missing.
    unplanned = (_forget_plan(row) for row in rows) if not act.makes_file else rows
    return create_job(act, unplanned, source=source, parameters={} if act.makes_file else None, actor=actor)


def request_invalidation(uuids: Sequence[UUID], *, reason: str, blocks_reissue: bool = True, source: str = "") -> Job:
    """Ask a second person to confirm the invalidation of credentials, on behalf of a command. Return the job, which waits.

    Raises:
        ImportFileError: there are too many.
        InvalidTransitionError: none of them can be invalidated.
    """
    act = BulkAct.INVALIDATE
    parameters = {"reason": reason, "blocks_reissue": blocks_reissue}
    rows = _plan(act, _make_items_of_credentials(uuids), parameters, None)
    job = create_job(act, rows, source=source, parameters=parameters)
    return confirm_job(job.pk, plan=job.plan, actor=None, needs_second=True)


def plan_again(job: Job, parameters: Mapping[str, Any], *, actor: Any = None) -> None:
    """Plan a draft again with other values.

    Raises:
        ChangedMeanwhileError: the draft was confirmed or planned again meanwhile.
        ConfigurationError, ContextNotFoundError, TransientError: the criteria of an issue could not be checked.
    """
    act = BulkAct(job.kind)
    rows = [row for batch in iter_rows(job) for row in batch]
    replace_rows(job, _plan(act, _make_items_of_rows(rows), parameters, actor), parameters)


def _make_items(act: BulkAct, table: GivenTable, parameters: Mapping[str, Any], actor: Any) -> Iterator[_Item]:
    if act is BulkAct.ISSUE:
        learners = find_learners(table.rows)
        for row in table.rows:
            learner = learners.get(row.line)
            found = learner if isinstance(learner, Found) else Found()
            yield _make_item(row, found, None if isinstance(learner, Found) else learner)
        return
    scope = limit_credentials(Credential.objects.all(), actor, act)
    if configuration_id := parameters.get("configuration_id"):
        scope = scope.filter(configuration_id=configuration_id)
    found_credentials = find_credentials(table.rows, scope)
    for row in table.rows:
        yield _make_item(row, found_credentials.get(row.line, Found()), None)


def _make_item(row: GivenRow, found: Found, learner: Any) -> _Item:
    return _Item(row.line, row.identifier, row.values, found, learner, row.problem)


def _make_items_of_credentials(uuids: Sequence[UUID]) -> list[_Item]:
    found = load_credentials(uuids)
    return [
        _Item(position, str(found[uuid].verify_uuid), {}, Found(found[uuid]))
        for position, uuid in enumerate(uuids, start=1)
        if uuid in found
    ]


def _make_items_of_rows(rows: Sequence[JobRow]) -> Iterator[_Item]:
    """Return the rows of a draft as items. A row that meant nobody, or was malformed, keeps what was said about it."""
    found = load_credentials([row.credential for row in rows if row.credential])
    for row in rows:
        own, is_about_nobody = row.values.get("own", {}), not row.credential and not row.learner
        if is_about_nobody:
            yield _Item(row.position, row.given, own, Found(code=row.code, message=row.message))
        elif row.learner and not row.credential:
            yield _Item(row.position, row.given, own, Found(), row.learner)
        else:
            credential = found.get(row.credential) if row.credential else None
            gone = Found(code="unknown", message="the credential was deleted meanwhile")
            yield _Item(row.position, row.given, own, Found(credential) if credential else gone)


def _plan(act: BulkAct, items: Iterable[_Item], parameters: Mapping[str, Any], actor: Any) -> list[JobRow]:
    """Return a row with its plan for each item. Of several rows about the same, only the first is done."""
    items = list(items)
    rows: list[JobRow] = []
    first_lines: dict[Any, int] = {}
    for item in items:
        row = _make_row(item, parameters)
        rows.append(row)
        subject = item.found.credential.pk if item.found.credential else item.learner
        code, message = _find_problem(act, item, row)
        if not code and subject in first_lines:
            code, message = "duplicate", f"it is already in line {first_lines[subject]}"
        if code:
            _leave_out(row, code, message)
        else:
            first_lines[subject] = item.position
    if act is BulkAct.ISSUE:
        configuration = get_configuration(int(parameters["configuration_id"]))
        require_permission_in(actor, act, [configuration.learning_context_key])
        _forecast(rows, configuration.pk)
    return rows


def _make_row(item: _Item, parameters: Mapping[str, Any]) -> JobRow:
    own, credential = dict(item.own), item.found.credential
    values: dict[str, Any] = {"own": own, "reason": own.get("reason") or parameters.get("reason") or ""}
    values["name"] = own.get("name", "")
    typed = own.get("expires_at")
    values["expires_at"] = write_expiry(read_expiry(typed)) if typed else parameters.get("expires_at")
    row = JobRow(position=item.position, given=item.given, values=values)
    if credential is not None:
        row.credential, row.subject = credential.pk, credential.describe()
        values["shown"] = {name: _write(getattr(credential, name)) for name in SHOWN}
    if item.learner is not None:
        row.learner, row.subject = str(item.learner), item.given
    return row


def _find_problem(act: BulkAct, item: _Item, row: JobRow) -> tuple[str, str]:
    credential = item.found.credential
    if item.problem:
        return "malformed", item.problem
    if item.found.code:
        return item.found.code, item.found.message
    if item.own.get("expires_at") and act is BulkAct.CHANGE_EXPIRY and row.values["expires_at"] is None:
        return "malformed", "the expiry is not a date. Write it as 2027-12-31, or write never"
    if credential is None:
        return "", ""
    return verdicts.find_obstacle(act, credential, row.values)


def _leave_out(row: JobRow, code: str, message: str) -> None:
    row.state, row.code, row.message = JobRow.State.LEFT_OUT, code, message


def _forget_plan(row: JobRow) -> JobRow:
    row.state, row.code, row.message = JobRow.State.WAITING, "", ""
    return row


def _forecast(rows: Sequence[JobRow], configuration_id: int) -> None:
    """Leave out the learners who cannot be issued the credential now."""
    from django.contrib.auth import get_user_model

    to_python = get_user_model()._meta.pk.to_python  # noqa: SLF001  a public interface in spite of its name
    waiting = {to_python(row.learner): row for row in rows if row.state == JobRow.State.WAITING}
    user_ids = list(waiting)
    size = get_settings().ELIGIBILITY_BATCH_SIZE
    for start in range(0, min(len(user_ids), MAX_FORECAST), size):
        for user_id, refusal in find_refusals(configuration_id, user_ids[start : start + size]).items():
            _leave_out(waiting[user_id], refusal, describe_refusal(refusal))
    for user_id in user_ids[MAX_FORECAST:]:
        waiting[user_id].message = "the criteria are checked when it is issued"


def _write(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
