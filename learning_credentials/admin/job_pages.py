"""Prepare the page of a job, and send the results of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from learning_credentials.admin.base import can_look_at, get_actor, get_url
from learning_credentials.admin.bulk_forms import EXPLANATIONS, TITLES
from learning_credentials.admin.job_displays import RUNNING, get_colour, get_progress
from learning_credentials.filenames import get_attachment_disposition
from learning_credentials.models import Credential, CredentialConfiguration, Job, JobRow
from learning_credentials.services.common import iter_csv, iter_rows
from learning_credentials.services.desk import NEVER, BulkAct, needs_second_person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

State = Job.State

PER_PAGE = 100
#: If workers are running, they start a job before this time.
LATE = timedelta(seconds=30)
RESULT_COLUMNS = (
    "line",
    "given",
    "credential or learner",
    "result",
    "code",
    "why",
    "name",
    "expires",
    "reason",
    "note",
)


@dataclass(frozen=True)
class _Group:
    """How many rows have the same result for the same reason. ``url`` lists them."""

    state: str
    label: str
    code: str
    number: int
    url: str
    is_chosen: bool


def describe(request: HttpRequest, job: Job) -> dict[str, Any]:
    """Return the values for the template of a job's page. The number of queries does not grow with the rows."""
    act = BulkAct(job.kind)
    is_own = job.requested_by_id == get_actor(request).pk
    chosen = (request.GET.get("result", ""), request.GET.get("code", ""))
    needs_second = job.state == State.DRAFT and needs_second_person(act, job.total)
    is_late = job.state == State.WAITING and timezone.now() - (job.decided_at or job.confirmed_at or job.created) > LATE
    return {
        "act": TITLES[act],
        "explanation": EXPLANATIONS[act],
        "progress": get_progress(job),
        "colour": get_colour(job),
        "entered": _describe_parameters(job),
        "groups": _group_rows(job, chosen),
        "is_filtered": any(chosen),
        "page": _get_page(request, job, chosen),
        "query": urlencode({"result": chosen[0], "code": chosen[1]}),
        "may_see_credentials": can_look_at(request, Credential),
        "is_draft": job.state == State.DRAFT,
        "is_dangerous": act is BulkAct.INVALIDATE,
        "is_held": job.state == State.HELD,
        "is_running": job.state in RUNNING,
        "is_late": is_late,
        "needs_second": needs_second,
        "can_decide": job.state == State.HELD and not is_own,
        "can_stop": job.state in {State.HELD, *RUNNING},
        "can_continue": _can_continue(job),
        "has_options": job.state == State.DRAFT and not act.makes_file,
    }


def _can_continue(job: Job) -> bool:
    was_begun = bool(job.started_at or job.decided_at or job.error_code)
    has_rest = job.total > job.done + job.failed
    return job.state in {State.STOPPED, State.FAILED} and was_begun and has_rest


def _describe_parameters(job: Job) -> list[tuple[str, str]]:
    """Return what the operator entered, as labels and texts."""
    entered = job.parameters or {}
    lines: list[tuple[str, str]] = []
    if configuration_id := entered.get("configuration_id"):
        found = CredentialConfiguration.objects.select_related("credential_type").filter(pk=configuration_id).first()
        lines.append((_("Configuration"), str(found or configuration_id)))
    if expiry := entered.get("expires_at"):
        moment = None if expiry == NEVER else parse_datetime(expiry)
        local = timezone.localtime(moment) if moment else None
        lines.append((_("Expires"), date_format(local, "DATETIME_FORMAT") if local else _("never")))
    if "blocks_reissue" in entered:
        lines.append((_("Block reissue"), _("yes") if entered["blocks_reissue"] else _("no")))
    if "notify" in entered:
        lines.append((_("Send an e-mail"), _("yes") if entered["notify"] else _("no")))
    if reason := entered.get("reason"):
        lines.append((_("Reason"), reason))
    return lines


def _group_rows(job: Job, chosen: tuple[str, str]) -> list[_Group]:
    """Return how many rows have which result, for the links above the table."""
    counts = JobRow.objects.filter(job_id=job.pk).order_by().values_list("state", "code").annotate(number=Count("pk"))
    groups = []
    order = list(JobRow.State.values)
    for state, code, number in sorted(counts, key=lambda row: (order.index(row[0]), -row[2], row[1])):
        query = urlencode({"result": state, "code": code})
        label = str(JobRow.State(state).label)
        if state == JobRow.State.WAITING and job.state not in {State.DRAFT, State.HELD, *RUNNING}:
            label = _("not done")
        url = f"{get_url('job_change', job.pk)}?{query}#rows"
        groups.append(_Group(state, label, code, number, url, chosen == (state, code)))
    return groups


def _get_page(request: HttpRequest, job: Job, chosen: tuple[str, str]) -> Any:
    rows = JobRow.objects.filter(job_id=job.pk).order_by("position")
    if chosen[0]:
        rows = rows.filter(state=chosen[0], code=chosen[1])
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def serve_results(job: Job) -> HttpResponseBase:
    """Stream the results of all rows as CSV. No cell can be run as a formula."""
    filename = f"{job.kind}-{job.pk}.csv"
    headers = {"Content-Disposition": get_attachment_disposition(filename), "X-Content-Type-Options": "nosniff"}
    lines = iter_csv(RESULT_COLUMNS, _iter_results(job))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _iter_results(job: Job) -> Iterator[tuple[object, ...]]:
    for batch in iter_rows(job):
        for row in batch:
            values = row.values
            yield (
                row.position,
                row.given,
                row.subject,
                row.state,
                row.code,
                row.message,
                values.get("name") or "",
                values.get("expires_at") or "",
                values.get("reason") or "",
                values.get("own", {}).get("note", ""),
            )
