"""Provide the admin of course certificates: when the credentials of a run are visible, and the statuses of its learners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from learning_credentials.admin.base import (
    NOTHING,
    ActingAdmin,
    can_look_at,
    get_actor,
    get_object_or_404,
    get_url,
    link,
    report_error,
    require,
    show_switch,
)
from learning_credentials.admin.certificate_histories import list_entries
from learning_credentials.admin.confirmations import confirm_all
from learning_credentials.admin.consequences import INPUT, AskFirstError, is_as_told, repeat, show, sign, tell
from learning_credentials.admin.contexts import get_suggestions_url, make_suggestions_url
from learning_credentials.admin.counting import count_related
from learning_credentials.admin.course_certificate_forms import (
    SETTABLE,
    CourseCertificateForm,
    NewCourseCertificateForm,
)
from learning_credentials.admin.editing import MAX_AUTHORS, EditingAdmin, describe_author
from learning_credentials.admin.examples import make_examples
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.admin.grant_texts import list_administrators
from learning_credentials.admin.recent_actions import log_act, log_act_on_many
from learning_credentials.admin.regeneration import count_by_status, regenerate
from learning_credentials.admin.reports import EXPORTED_ISSUED, EXPORTED_KEPT, serve_issued, serve_kept
from learning_credentials.admin.standing_filters import CURRENT
from learning_credentials.exceptions import CredentialsError
from learning_credentials.lms import Act
from learning_credentials.models import (
    AllowlistEntry,
    CertificateEvent,
    CourseCertificate,
    Credential,
    ExampleCredentialSet,
    LearnerCertificate,
)
from learning_credentials.services.course_runs import (
    change_course_certificate,
    find_opening,
    refresh_course_certificates,
)
from learning_credentials.services.desk import foresee_available_date

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

Standing = LearnerCertificate.Status

#: The attributes of a request with the date that was asked about, and whether it was confirmed.
ASKED = "_learning_credentials_date"
CONFIRMED = "_learning_credentials_confirmed"


@admin.register(CourseCertificate)
class CourseCertificateAdmin(ActingAdmin[CourseCertificate], EditingAdmin[CourseCertificate]):
    """Manage course runs: their certificate settings, one row for each."""

    form = CourseCertificateForm
    change_form_template = "admin/learning_credentials/coursecertificate/change_form.html"
    list_display = (
        "course_key",
        "certificate_type",
        "availability",
        "activity",
        "downloadable_count",
        "other_count",
    )
    list_filter = ("is_active", "pacing", "certificate_type", "available_date")
    search_fields = ("course_key",)
    list_per_page = 50
    readonly_fields = ("course_key", "visibility", "pacing", "shows_early", "refreshed_at")
    actions = ("refresh_selected",)
    acts = {  # noqa: RUF012
        "evaluate": Act.EVALUATE_LEARNER,
        "examples": Act.START_RUN,
        "export": Act.EXPORT_CREDENTIALS,
        "report": Act.VIEW_LEARNER_STATUS,
    }

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the buttons and the suggestions of course runs."""
        wrap = self.admin_site.admin_view
        name = "learning_credentials_coursecertificate"
        return [
            make_suggestions_url(self),
            path("<int:object_id>/refresh/", wrap(require_POST(self.refresh_view)), name=f"{name}_refresh"),
            path("<int:object_id>/regenerate/", wrap(self.regenerate_view), name=f"{name}_regenerate"),
            path("<int:object_id>/examples/", wrap(require_POST(self.examples_view)), name=f"{name}_examples"),
            path("<int:object_id>/issued.csv", wrap(self.issued_view), name=f"{name}_issued"),
            path("<int:object_id>/kept.csv", wrap(self.kept_view), name=f"{name}_kept"),
            *super().get_urls(),
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Return False: without the row, the run's credentials would be visible at once. The row can be made inactive instead."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CourseCertificate]:
        """Count standings in the same query, only for the rows of the page."""
        standings = LearnerCertificate.objects.all()
        return (
            super()
            .get_queryset(request)
            .annotate(
                downloadable_total=count_related(standings.filter(status=Standing.DOWNLOADABLE), "course_certificate"),
                other_total=count_related(standings.exclude(status=Standing.DOWNLOADABLE), "course_certificate"),
            )
        )

    def get_fieldsets(self, request: HttpRequest, obj: CourseCertificate | None = None) -> list[tuple[Any, Any]]:
        """Leave out the reason for users who may only view the row."""
        why = ("reason",) if self.has_change_permission(request, obj) else ()
        return [
            (None, {"fields": ("course_key", "visibility", "available_date", "certificate_type", "is_active")}),
            (_("Self-generation"), {"fields": ("allows_self_generation",)}),
            *([(_("Why"), {"fields": why})] if why else []),
            (_("What the LMS says"), {"fields": (("pacing", "shows_early", "refreshed_at"),)}),
        ]

    @transaction.non_atomic_requests
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Ask for a run and its values. The service asks the LMS about the run, so no transaction is open."""
        require(self.has_add_permission(request))
        form = NewCourseCertificateForm(
            request.POST or None, search_url=get_suggestions_url(self, request, self.get_needed("add"))
        )

        def create(values: dict[str, Any]) -> CourseCertificate:
            key, reason = values.pop("course_key"), values.pop("reason")
            return change_course_certificate(key, actor=get_actor(request), reason=reason, **values)[0]

        if request.method == "POST" and (created := submit(form, create)):
            log_act(request, created, _("Added"), flag=ADDITION)
            messages.success(request, _("%(key)s was added.") % {"key": created.course_key})
            may_look = self.has_view_permission(request)
            return HttpResponseRedirect(
                get_url("coursecertificate_change", created.pk) if may_look else get_url("coursecertificate_add")
            )
        return render_form(
            self,
            request,
            form,
            title=_("Add course run"),
            button=_("Save"),
            cancel_url=get_url("coursecertificate_changelist"),
        )

    def save_model(self, request: HttpRequest, obj: CourseCertificate, form: Any, change: bool) -> None:  # noqa: ARG002
        """Save the changed fields through the services, which adds the history. Other fields keep what somebody else saved meanwhile."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in SETTABLE}
        if changes:
            reason = form.cleaned_data.get("reason", "")
            if "available_date" in changes and not getattr(request, CONFIRMED, False):
                setattr(request, ASKED, (obj.course_key, changes["available_date"]))
                raise AskFirstError
            change_course_certificate(obj.course_key, actor=get_actor(request), reason=reason, **changes)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Say what another available date would do before it is saved."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except AskFirstError:
            course_key, date = getattr(request, ASKED)
            found = foresee_available_date(course_key, date)
            act = f"date:{course_key}:{date}"
            if not found.is_nothing and not is_as_told(request, act, [found]):
                return show(
                    self,
                    request,
                    [tell(request, found)],
                    hidden=[*repeat(request), (INPUT, sign(request, act, [found]))],
                    title=_("Change the available date"),
                    button=_("Save"),
                    cancel_url=request.path,
                )
            setattr(request, CONFIRMED, True)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def describe_authors(self, obj: CourseCertificate, since: datetime) -> list[str]:
        """Return who changed the row since then and when.

        The row's own history says so, because most changes are not made in the admin.
        """
        events = CertificateEvent.objects.filter(
            subject=CertificateEvent.Subject.COURSE_CERTIFICATE, subject_id=obj.pk, created_at__gte=since
        )
        found = [
            describe_author(event.actor, event.created_at) for event in events.select_related("actor").order_by("-pk")
        ]
        return list(dict.fromkeys(found))[:MAX_AUTHORS]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: CourseCertificate | None = None,
    ) -> HttpResponse:
        """Show the history, the standings by status, and links to the run's other rows."""
        if obj is not None:
            run = {"course_key": obj.course_key}
            in_context = {"learning_context_key": obj.course_key}
            labels = dict(Standing.choices)
            links = (
                (LearnerCertificate, _("Certificate status"), run),
                (Credential, _("Credentials"), in_context),
                (AllowlistEntry, _("Allowlist"), in_context),
                (ExampleCredentialSet, _("Examples"), in_context),
            )
            context |= list_administrators(request, obj.course_key)
            context |= {
                "entries": list_entries(obj),
                "links": [
                    (f"{get_url(f'{model._meta.model_name}_changelist')}?{urlencode(query)}", text)  # noqa: SLF001
                    for model, text, query in links
                    if can_look_at(request, model, context_key=obj.course_key)
                ],
                "can_act": self.has_change_permission(request, obj),
                "can_regenerate": self.may(request, "evaluate", obj),
                "can_make_examples": self.may(request, "examples", obj),
                "can_export": self.may(request, "export", obj),
                "can_report": self.may(request, "report", obj),
                "counts": [
                    {
                        "status": status,
                        "label": labels.get(status, status),
                        "number": number,
                        "url": _get_standings_url(obj, **_filter_by(status)),
                    }
                    for status, number in sorted(count_by_status(obj).items())
                ],
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Buttons and actions

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Return whether the user can use the actions: Django's ``change`` permission."""
        return self.has_change_permission(request)

    @transaction.non_atomic_requests
    def refresh_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Copy the LMS's values for the run."""
        self.require_act(request, "act")
        row = get_object_or_404(self, request, object_id)
        self._refresh(request, [row])
        return HttpResponseRedirect(get_url("coursecertificate_change", object_id))

    @admin.action(
        permissions=["act"],
        description=gettext_lazy("Refresh selected settings from the LMS"),
    )
    def refresh_selected(self, request: HttpRequest, queryset: QuerySet[CourseCertificate]) -> HttpResponse | None:
        """Copy the LMS's values for the selected runs."""
        rows = confirm_all(self, request, queryset, title=_("Refresh from the LMS"))
        if not isinstance(rows, list):
            return rows
        self._refresh(request, rows)
        return None

    def _refresh(self, request: HttpRequest, rows: list[CourseCertificate]) -> None:
        try:
            number = refresh_course_certificates([row.course_key for row in rows])
        except CredentialsError as error:
            report_error(request, error)
            return
        if len(rows) == 1:
            log_act(request, rows[0], _("Refreshed from the LMS"))
        elif rows:
            log_act_on_many(request, CourseCertificate, len(rows), _("Refreshed from the LMS"))
        changed = ngettext("%d course run changed.", "%d course runs changed.", number) % number
        messages.success(request, f"{_('The LMS was asked.')} {changed if number else _('Nothing changed.')}")

    @transaction.non_atomic_requests
    def regenerate_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for statuses. Then evaluate the learners who have them again."""
        require(self.has_view_permission(request))
        self.require_act(request, "evaluate")
        return regenerate(self, request, get_object_or_404(self, request, object_id))

    @transaction.non_atomic_requests
    def examples_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Make examples for the run."""
        require(self.has_view_permission(request))
        self.require_act(request, "examples")
        row = get_object_or_404(self, request, object_id)
        return make_examples(request, row.course_key) or HttpResponseRedirect(
            get_url("coursecertificate_change", object_id)
        )

    def issued_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Send the issued credentials of the run as CSV."""
        require(self.has_view_permission(request))
        self.require_act(request, "export")
        row = get_object_or_404(self, request, object_id)
        log_act(request, row, EXPORTED_ISSUED)
        return serve_issued(row.course_key)

    @transaction.non_atomic_requests
    def kept_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Send the learners who keep the certificate although they do not pass now as CSV."""
        require(self.has_view_permission(request))
        self.require_act(request, "report")
        row = get_object_or_404(self, request, object_id)
        try:
            response = serve_kept(row.course_key)
        except CredentialsError as error:
            report_error(request, error)
            return HttpResponseRedirect(get_url("coursecertificate_change", object_id))
        log_act(request, row, EXPORTED_KEPT)
        return response

    # Columns and fields

    @admin.display(description=gettext_lazy("available date"), ordering="available_date")
    def availability(self, obj: CourseCertificate) -> SafeString:
        """Return the date, and whether credentials are visible now."""
        moment = _show_moment(obj.available_date) if obj.available_date else NOTHING
        badge = _show_visibility(is_visible=find_opening(obj) is None)
        return format_html('{}<br>{} <span class="quiet">{}</span>', moment, badge, obj.get_pacing_display())

    @admin.display(description=gettext_lazy("active"), ordering="is_active")
    def activity(self, obj: CourseCertificate) -> SafeString:
        """Return whether the run issues certificates."""
        return show_switch(is_on=obj.is_active)

    @admin.display(description=gettext_lazy("credentials are"))
    def visibility(self, obj: CourseCertificate) -> SafeString:
        """Return whether the credentials of the run are visible now. If not, also return from when."""
        opening = find_opening(obj)
        until = _("until %s") % _show_moment(opening) if opening else ""
        return format_html('{} <span class="quiet">{}</span>', _show_visibility(is_visible=opening is None), until)

    @admin.display(description=gettext_lazy("downloadable"), ordering="downloadable_total")
    def downloadable_count(self, obj: CourseCertificate) -> SafeString:
        """Return how many learners are downloadable, with a link to them."""
        return _link_to_standings(obj, getattr(obj, "downloadable_total", 0), status=Standing.DOWNLOADABLE.value)

    @admin.display(description=gettext_lazy("other"), ordering="other_total")
    def other_count(self, obj: CourseCertificate) -> SafeString:
        """Return how many learners have another status, with a link to all standings of the run."""
        return _link_to_standings(obj, getattr(obj, "other_total", 0))


def _show_moment(moment: datetime) -> str:
    return formats.localize(timezone.localtime(moment))


def _show_visibility(*, is_visible: bool) -> SafeString:
    kind, label = ("visible", _("visible")) if is_visible else ("hidden", _("hidden"))
    return format_html('<span class="lcred-badge lcred-{}">{}</span>', kind, label)


def _link_to_standings(obj: CourseCertificate, number: int, **filters: str) -> SafeString:
    return link(_get_standings_url(obj, **filters), number)


def _get_standings_url(obj: CourseCertificate, **filters: str) -> str:
    return f"{get_url('learnercertificate_changelist')}?{urlencode({'course_key': obj.course_key, **filters})}"


def _filter_by(status: str) -> dict[str, str]:
    return {"status" if status in CURRENT else "historical": status}
