"""Provide the admin of generation runs: their progress and their failures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpResponseRedirect, JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from learning_credentials.admin.base import (
    NOTHING,
    get_object_or_404,
    get_url,
    link,
    require,
)
from learning_credentials.admin.configuration_warnings import report_criteria
from learning_credentials.admin.credentials import retry
from learning_credentials.admin.durations import describe_duration
from learning_credentials.admin.filters import TypeFilter, with_warnings
from learning_credentials.admin.forecasts import describe_differences, describe_mails, describe_unreachable, list_awards
from learning_credentials.admin.mail_holds import make_mail_box
from learning_credentials.admin.not_issued import list_groups
from learning_credentials.admin.run_buttons import RunButtons
from learning_credentials.admin.run_states import (
    RunState,
    RunStateFilter,
    get_colour,
    get_label,
    get_percent,
    get_state,
)
from learning_credentials.lms import Act
from learning_credentials.models import Credential, GenerationRun

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString


#: If workers are running, they start a run before this time.
LATE = timedelta(seconds=30)
#: After so many credentials, the speed of a run is known well enough.
LEAST_TRIED = 20


@admin.register(GenerationRun)
class GenerationRunAdmin(RunButtons):
    """Show runs: passes over the learners of a configuration."""

    change_form_template = "admin/learning_credentials/generationrun/change_form.html"
    list_display = ("number", "subject", "state", "progress", "requester", "created")
    list_filter = (RunStateFilter, "is_dry_run", TypeFilter, "created")
    search_fields = (
        "configuration__learning_context_key",
        "configuration__credential_type__name",
        "requested_by__username",
    )
    list_per_page = 50
    acts = {"generate": Act.START_RUN, "retry": Act.RETRY_CREDENTIAL, "undo": Act.INVALIDATE_CREDENTIAL}  # noqa: RUF012

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    def get_queryset(self, request: HttpRequest) -> QuerySet[GenerationRun]:
        """Prefetch the objects that every page names. With a join, MariaDB would begin with the types and sort all their runs."""
        rows = super().get_queryset(request).defer("skipped_detail", "forecast")
        return rows.prefetch_related("configuration__credential_type", "requested_by")

    def get_urls(self) -> list[URLPattern]:
        """Add the progress as JSON, and the page of the retry button."""
        wrap = self.admin_site.admin_view
        name = "learning_credentials_generationrun"
        return [
            path("<int:object_id>/progress/", wrap(self.progress_view), name=f"{name}_progress"),
            path("<int:object_id>/retry/", wrap(require_POST(self.retry_view)), name=f"{name}_retry"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: GenerationRun | None = None) -> list[tuple[Any, Any]]:  # noqa: ARG002
        """Show the error only if there is one."""
        sections: list[tuple[Any, Any]] = [
            (None, {"fields": ("configuration_link", "requester", "created")}),
            (_("Times"), {"fields": ("started_at", "evaluated_at", "finished_at")}),
        ]
        if obj and (obj.paused_at or obj.cancelled_at or obj.undo_requested_at):
            stops = (
                "paused_at",
                ("cancelled_at", "cancelled_by"),
                ("undo_requested_at", "undone_at", "undone_by"),
                "undo_reason",
            )
            sections.append((_("Stopped"), {"fields": stops}))
        if obj and obj.error_code and obj.finished_at:
            sections.append((_("What went wrong"), {"fields": ("error_code", "error_message")}))
        return sections

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: GenerationRun | None = None,
    ) -> HttpResponse:
        """Show the progress, the skipped learners, and the failed credentials with a button to retry them."""
        if obj is not None:
            report_criteria(request, obj.configuration)
            failed = _list_failed(obj).count()
            credentials_url = f"{get_url('credential_changelist')}?generation_run__id__exact={obj.pk}"
            context |= {
                "progress": get_progress(obj),
                "colour": get_colour(obj),
                "not_issued": list_groups(request, obj),
                "others": obj.skipped_detail,
                "awards": list_awards(request, obj),
                "mails": describe_mails(obj) if obj.is_dry_run and obj.forecast else "",
                "unreachable": describe_unreachable(obj),
                "can_generate": obj.is_dry_run
                and obj.finished_at
                and not obj.changes
                and self.may(request, "generate", obj),
                "failed_credentials": failed,
                "failed_url": f"{credentials_url}&status__exact=error",
                "tried_since": max(obj.failed - failed, 0) if obj.finished_at else 0,
                "is_late": get_state(obj) is RunState.WAITING and timezone.now() - obj.created > LATE,
                "trouble": _find_trouble(obj),
                "warned_credentials": with_warnings(obj.credentials.all()).count() if obj.finished_at else 0,
                "warned_url": f"{credentials_url}&warnings=yes",
                "can_retry": failed and self.may(request, "retry", obj),
                "mail_box": make_mail_box(request, obj.mail_hold),
                **self.list_buttons(request, obj),
                "differences": describe_differences(obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Return the progress as JSON, for the page that watches a run."""
        require(self.has_view_permission(request))
        return JsonResponse(get_progress(get_object_or_404(self, request, object_id)))

    @transaction.non_atomic_requests
    def retry_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Retry the failed credentials of this run. This needs the permission to change credentials."""
        require(self.has_view_permission(request))
        self.require_act(request, "retry")
        run = get_object_or_404(self, request, object_id)
        retry(request, list(_list_failed(run).values_list("pk", flat=True)))
        return HttpResponseRedirect(get_url("generationrun_change", object_id))

    # Columns and fields

    @admin.display(description=gettext_lazy("run"), ordering="pk")
    def number(self, obj: GenerationRun) -> str:
        """Return the number of the run."""
        return f"#{obj.pk}"

    @admin.display(description=gettext_lazy("configuration"), ordering="configuration")
    def subject(self, obj: GenerationRun) -> SafeString:
        """Return the type and the context of the run."""
        configuration = obj.configuration
        return format_html(
            '{}<br><span class="quiet">{}</span>', configuration.credential_type, configuration.learning_context_key
        )

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: GenerationRun) -> SafeString:
        """Return the state in its colour."""
        return format_html('<span class="lcred-badge lcred-{}">{}</span>', get_colour(obj), get_label(obj))

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, obj: GenerationRun) -> SafeString:
        """Return a progress bar with the counts."""
        if obj.is_dry_run:
            text = ngettext("%d would be issued", "%d would be issued", obj.total) % obj.total
            return format_html('<span class="quiet">{}</span>', text)
        percent = get_percent(obj)
        counts = _("%(done)d of %(total)d issued, %(failed)d failed") % {
            "done": obj.done,
            "total": obj.total,
            "failed": obj.failed,
        }
        bar = '<progress class="lcred-progress" max="100" value="{}">{}%</progress><br><span class="quiet">{}</span>'
        return format_html(bar, percent, percent, counts)

    @admin.display(description=gettext_lazy("requested by"), ordering="requested_by__username")
    def requester(self, obj: GenerationRun) -> str:
        """Return who requested the run."""
        return obj.requested_by.get_username() if obj.requested_by else _("the schedule")

    @admin.display(description=gettext_lazy("configuration"))
    def configuration_link(self, obj: GenerationRun) -> SafeString | str:
        """Return a link to the configuration."""
        return (
            link(get_url("credentialconfiguration_change", obj.configuration_id), obj.configuration)
            if obj.pk
            else NOTHING
        )


def get_progress(run: GenerationRun) -> dict[str, Any]:
    """Return the values for the page that watches a run. ``state`` is a stable word and ``label`` is its translation."""
    state = get_state(run)
    return {
        "state": state.value,
        "label": get_label(run),
        "is_finished": run.finished_at is not None,
        "percent": get_percent(run),
        "checked": run.checked,
        "total": run.total,
        "done": run.done,
        "failed": run.failed,
        "skipped": run.skipped,
        "left": describe_time_left(run),
        "error_code": run.error_code,
        "error_message": run.error_message,
    }


def describe_time_left(run: GenerationRun) -> str:
    """Return how long a run will take from now at its present speed, in words. Return an empty text if nobody can know it yet."""
    tried = run.done + run.failed
    if run.finished_at or not run.evaluated_at or not run.started_at or tried < LEAST_TRIED:
        return ""
    return describe_duration((timezone.now() - run.started_at).total_seconds() / tried * max(run.total - tried, 0))


def _find_trouble(run: GenerationRun) -> GenerationRun | Credential | None:
    """Return the object with the error of the last attempt: the run, or one of the credentials that will be retried."""
    if run.finished_at or run.error_code:
        return None if run.finished_at else run
    waiting = Credential.objects.filter(generation_run=run, status=Credential.Status.GENERATING)
    return waiting.exclude(error_code="").only("error_code", "error_message").first()


def _list_failed(run: GenerationRun) -> QuerySet[Credential]:
    return Credential.objects.filter(generation_run=run, status=Credential.Status.ERROR)
