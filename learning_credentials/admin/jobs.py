"""Provide the admin of jobs: what will happen to each row, who must confirm it, the progress, and the result of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseRedirect, JsonResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from learning_credentials.admin import job_pages
from learning_credentials.admin.base import (
    ActingAdmin,
    ReadOnlyAdmin,
    get_actor,
    get_object_or_404,
    get_url,
    report_error,
    require,
)
from learning_credentials.admin.bulk import limit_configurations
from learning_credentials.admin.bulk_forms import (
    EXPLANATIONS,
    FORMS,
    SELECTION_FORMS,
    TITLES,
    read_parameters,
    write_initial,
)
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.admin.job_displays import COLOURS, describe_state, get_percent, get_progress
from learning_credentials.admin.recent_actions import log_act, log_act_on_many
from learning_credentials.exceptions import CredentialsError
from learning_credentials.models import Credential, Job
from learning_credentials.services.common import (
    approve_job,
    confirm_job,
    continue_job,
    decline_job,
    discard_draft,
    stop_job,
)
from learning_credentials.services.desk import BulkAct, is_permitted, needs_second_person, plan_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

State = Job.State


class KindFilter(admin.SimpleListFilter):
    """Filter by act."""

    title = gettext_lazy("what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:  # noqa: ARG002
        """Return all acts."""
        return [(act.value, TITLES[act]) for act in BulkAct]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:  # noqa: ARG002
        """Return the jobs of that act."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(ActingAdmin[Job], ReadOnlyAdmin[Job]):
    """Show jobs: acts on many rows in the background."""

    change_form_template = "admin/learning_credentials/job/change_form.html"
    list_display = ("number", "what", "status", "progress", "requester", "created")
    list_filter = ("state", KindFilter, "created")
    search_fields = ("source", "requested_by__username")
    list_per_page = 50

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the buttons, the progress, and the downloads."""
        wrap, name = self.admin_site.admin_view, "learning_credentials_job"
        buttons: dict[str, Callable[..., HttpResponse]] = {
            "confirm": self.confirm_view,
            "discard": self.discard_view,
            "approve": self.approve_view,
            "decline": self.decline_view,
            "stop": self.stop_view,
            "continue": self.continue_view,
        }
        return [
            *(
                path(f"<int:object_id>/{each}/", wrap(require_POST(view)), name=f"{name}_{each}")
                for each, view in buttons.items()
            ),
            path("<int:object_id>/options/", wrap(self.options_view), name=f"{name}_options"),
            path("<int:object_id>/progress/", wrap(self.progress_view), name=f"{name}_progress"),
            path("<int:object_id>/results.csv", wrap(self.results_view), name=f"{name}_results"),
            *super().get_urls(),
        ]

    # Who sees what

    def has_view_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:  # noqa: ARG002
        """Return whether the user may do any of the acts. The list has only jobs of acts that the user may do."""
        return bool(_list_permitted(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the list is shown on the first page."""
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Leave out other people's drafts, and jobs of acts that the user may not do.

        The rows of a job can be of any context. So users whose permission is limited to some contexts see only their own jobs.
        """
        is_own = Q(requested_by=get_actor(request).pk)
        is_of_others = Q(kind__in=_list_permitted(request, everywhere=True)) & ~Q(state=State.DRAFT)
        rows = Job.objects.filter(is_own | is_of_others, kind__in=_list_permitted(request))
        return rows.select_related("requested_by", "decided_by").order_by("-pk")

    # The page

    def get_fieldsets(self, request: HttpRequest, obj: Job | None = None) -> list[tuple[Any, Any]]:  # noqa: ARG002
        """Show who asked, who confirmed, and the times."""
        sections: list[tuple[Any, Any]] = [(None, {"fields": ("source", "requester", "created")})]
        if obj and obj.decided_at:
            sections.append((_("Second person"), {"fields": ("second_person", "decided_at", "decision_note")}))
        if obj and obj.confirmed_at:
            sections.append((_("Times"), {"fields": ("confirmed_at", "started_at", "finished_at")}))
        if obj and obj.error_code:
            sections.append((_("What went wrong"), {"fields": ("error_code", "error_message")}))
        return sections

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask first for what the operator has not entered yet."""
        job = self.get_object(request, object_id)
        if job is not None and job.state == State.DRAFT and job.parameters is None:
            return HttpResponseRedirect(get_url("job_options", job.pk))
        return super().change_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Job | None = None,
    ) -> HttpResponse:
        """Show the plan or the progress, the rows, and the buttons that the state allows."""
        if obj is not None:
            context |= job_pages.describe(request, obj)
            context["title"] = f"{TITLES[BulkAct(obj.kind)]} #{obj.pk}"
        return super().render_change_form(request, context, add, change, form_url, obj)

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Return the progress as JSON, for the page that watches a job."""
        require(self.has_view_permission(request))
        return JsonResponse(get_progress(get_object_or_404(self, request, object_id)))

    def results_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Send the result of each row as CSV."""
        require(self.has_view_permission(request))
        job = get_object_or_404(self, request, object_id)
        log_act(request, job, _("Downloaded the results (CSV)"))
        return job_pages.serve_results(job)

    @transaction.non_atomic_requests
    def options_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask what the act needs, and plan the rows with it."""
        job = self._get(request, object_id)
        act = BulkAct(job.kind)
        if job.state != State.DRAFT:
            return HttpResponseRedirect(get_url("job_change", job.pk))
        form_class = SELECTION_FORMS.get(act, FORMS[act]) if job.parameters is None else FORMS[act]
        form = form_class(request.POST if request.method == "POST" else None, initial=write_initial(job.parameters))
        limit_configurations(request, form, act)
        if job.parameters is not None and "reason" in form.fields:
            form.fields["reason"].required = False  # rows can have their own

        def plan(values: dict[str, Any]) -> bool:
            kept = {name: value for name, value in (job.parameters or {}).items() if name == "configuration_id"}
            plan_again(job, {**kept, **read_parameters(values)}, actor=get_actor(request))
            return True

        if form.is_bound and submit(form, plan):
            return HttpResponseRedirect(get_url("job_change", job.pk))
        number = job.total + job.left_out
        return render_form(
            self,
            request,
            form,
            title=TITLES[act],
            explanation=f"{_('Rows: %d.') % number} {EXPLANATIONS[act]}",
            button=_("Continue"),
            cancel_url=get_url("credential_changelist"),
        )

    # Buttons

    @transaction.non_atomic_requests
    def confirm_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Confirm the draft as the page showed it."""
        job = self._get(request, object_id)
        act = BulkAct(job.kind)
        needs_second = needs_second_person(act, job.total)

        def confirm() -> None:
            confirmed = confirm_job(
                job.pk, plan=request.POST.get("plan", ""), actor=get_actor(request), needs_second=needs_second
            )
            detail = ". ".join(filter(None, (f"#{job.pk}", job.source, (confirmed.parameters or {}).get("reason", ""))))
            title = _("%(act)s: waits for a second person") if needs_second else _("%(act)s: started")
            log_act_on_many(request, Credential, confirmed.total, title % {"act": TITLES[act]}, detail)

        return self._act(request, job, confirm)

    @transaction.non_atomic_requests
    def discard_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Delete a draft of one's own."""
        discard_draft(self._get(request, object_id).pk, actor=get_actor(request))
        return HttpResponseRedirect(get_url("credential_changelist"))

    @transaction.non_atomic_requests
    def approve_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Confirm as the second person."""
        return self._decide(request, object_id, approve_job, _("Confirmed as the second person"))

    @transaction.non_atomic_requests
    def decline_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Decline as the second person."""
        return self._decide(request, object_id, decline_job, _("Declined as the second person"))

    @transaction.non_atomic_requests
    def stop_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Stop the job. What was done stays done."""
        job = self._get(request, object_id)

        def stop() -> None:
            stop_job(job.pk)
            log_act(request, job, _("Stopped"))

        return self._act(request, job, stop)

    @transaction.non_atomic_requests
    def continue_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Continue a job that was stopped or failed."""
        job = self._get(request, object_id)

        def go_on() -> None:
            continue_job(job.pk)
            log_act(request, job, _("Continued"))

        return self._act(request, job, go_on)

    def _get(self, request: HttpRequest, object_id: int) -> Job:
        require(self.has_view_permission(request))
        job: Job = get_object_or_404(self, request, object_id)
        return job

    def _decide(self, request: HttpRequest, object_id: int, decide: Callable[..., Job], title: str) -> HttpResponse:
        job = self._get(request, object_id)

        def act() -> None:
            note = request.POST.get("note", "")
            decide(job.pk, actor=get_actor(request), note=note)
            log_act(request, job, title, note)

        return self._act(request, job, act)

    def _act(self, request: HttpRequest, job: Job, act: Callable[[], None]) -> HttpResponse:
        try:
            act()
        except CredentialsError as error:
            report_error(request, error)
        return HttpResponseRedirect(get_url("job_change", job.pk))

    # Columns and fields

    @admin.display(description=gettext_lazy("job"), ordering="pk")
    def number(self, obj: Job) -> str:
        """Return the number of the job."""
        return f"#{obj.pk}"

    @admin.display(description=gettext_lazy("what"), ordering="kind")
    def what(self, obj: Job) -> SafeString:
        """Return the act and where the rows came from."""
        return format_html('{}<br><span class="quiet">{}</span>', TITLES[BulkAct(obj.kind)], obj.source)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def status(self, obj: Job) -> SafeString:
        """Return the state in its colour."""
        return format_html(
            '<span class="lcred-badge lcred-{}">{}</span>', COLOURS[State(obj.state)], describe_state(obj)
        )

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, obj: Job) -> SafeString:
        """Return a progress bar with the counts."""
        percent = get_percent(obj)
        counts = _("%(done)d of %(total)d done, %(failed)d refused") % {
            "done": obj.done,
            "total": obj.total,
            "failed": obj.failed,
        }
        bar = '<progress class="lcred-progress" max="100" value="{}">{}%</progress><br><span class="quiet">{}</span>'
        return format_html(bar, percent, percent, counts)

    @admin.display(description=gettext_lazy("requested by"), ordering="requested_by__username")
    def requester(self, obj: Job) -> str:
        """Return who asked."""
        return obj.requested_by.get_username() if obj.requested_by else _("a command, or a deleted account")

    @admin.display(description=gettext_lazy("second person"))
    def second_person(self, obj: Job) -> str:
        """Return who decided."""
        return obj.decided_by.get_username() if obj.decided_by else _("nobody")


def _list_permitted(request: HttpRequest, *, everywhere: bool = False) -> list[str]:
    return [act.value for act in BulkAct if is_permitted(request.user, act, everywhere=everywhere)]
