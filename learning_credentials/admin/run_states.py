"""Describe the state of generation runs: in words, in a colour, and as a filter."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.services.desk import is_stuck

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from learning_credentials.models import GenerationRun


class RunState(StrEnum):
    """The state of a run."""

    WAITING = "waiting"
    EVALUATING = "evaluating"
    ISSUING = "issuing"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"
    FAILED = "failed"


STATE_LABELS: dict[RunState, _StrPromise] = {
    RunState.WAITING: gettext_lazy("waiting"),
    RunState.EVALUATING: gettext_lazy("evaluating"),
    RunState.ISSUING: gettext_lazy("issuing"),
    RunState.PAUSED: gettext_lazy("paused"),
    RunState.CANCELLED: gettext_lazy("cancelled"),
    RunState.FINISHED: gettext_lazy("finished"),
    RunState.FAILED: gettext_lazy("failed"),
}
_NOT_STOPPED = Q(cancelled_at=None, paused_at=None)
#: The same rules as in `get_state`, as conditions for the database.
STATE_CONDITIONS: dict[RunState, Q] = {
    RunState.CANCELLED: Q(cancelled_at__isnull=False),
    RunState.FAILED: Q(finished_at__isnull=False, cancelled_at=None) & ~Q(error_code=""),
    RunState.FINISHED: Q(finished_at__isnull=False, cancelled_at=None, error_code=""),
    RunState.PAUSED: Q(finished_at__isnull=True, cancelled_at=None, paused_at__isnull=False),
    RunState.ISSUING: _NOT_STOPPED & Q(finished_at__isnull=True, evaluated_at__isnull=False),
    RunState.EVALUATING: _NOT_STOPPED
    & Q(finished_at__isnull=True, evaluated_at__isnull=True, started_at__isnull=False),
    RunState.WAITING: _NOT_STOPPED & Q(finished_at__isnull=True, evaluated_at__isnull=True, started_at__isnull=True),
}


def get_state(run: GenerationRun) -> RunState:
    """Return the state of the run. An error code on an unfinished run belongs to an attempt that will be repeated."""
    if run.cancelled_at:
        return RunState.CANCELLED
    if run.finished_at:
        return RunState.FAILED if run.error_code else RunState.FINISHED
    if run.paused_at:
        return RunState.PAUSED
    if run.evaluated_at:
        return RunState.ISSUING
    return RunState.EVALUATING if run.started_at else RunState.WAITING


def get_label(run: GenerationRun) -> str:
    """Return the state in words. A finished run also says how many learners received nothing, and why."""
    state = get_state(run)
    if run.is_dry_run:
        return _("dry run, %(state)s") % {"state": STATE_LABELS[state]}
    parts = [str(STATE_LABELS[state])]
    if run.undone_at:
        parts.append(_("undone"))
    elif run.undo_requested_at:
        parts.append(_("being undone"))
    if state is RunState.FINISHED and run.failed:
        parts.append(ngettext("%d failed", "%d failed", run.failed) % run.failed)
    if state is RunState.FINISHED and run.skipped:
        parts.append(ngettext("%d skipped", "%d skipped", run.skipped) % run.skipped)
    return ", ".join(parts)


def get_colour(run: GenerationRun) -> str:
    """Return the colour of the state, from `admin.css`.

    A run with failures or with skipped learners does not get the colour of success.
    """
    state = get_state(run)
    if state in (RunState.PAUSED, RunState.CANCELLED) or (run.undo_requested_at and not run.undone_at):
        return "waiting"
    if run.is_dry_run and state is RunState.FINISHED:
        return state.value
    return "waiting" if state is RunState.FINISHED and (run.failed or run.skipped) else state.value


def get_percent(run: GenerationRun) -> int:
    """Return how much of the work was tried, in whole per cent, rounded down."""
    if run.total and not run.is_dry_run:
        return min(100, (run.done + run.failed) * 100 // run.total)
    return 100 if run.finished_at else 0


class RunStateFilter(admin.SimpleListFilter):
    """Filter by state."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise]]:  # noqa: ARG002
        """Return all states, and runs for which nothing happens."""
        states = [(state.value, label) for state, label in STATE_LABELS.items()]
        return [*states, ("stuck", gettext_lazy("nothing happened for over an hour"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[GenerationRun]) -> QuerySet[GenerationRun]:  # noqa: ARG002
        """Return the runs in that state."""
        value = self.value()
        if value == "stuck":
            return queryset.filter(is_stuck(timezone.now()))
        return queryset.filter(STATE_CONDITIONS[RunState(value)]) if value in set(RunState) else queryset
