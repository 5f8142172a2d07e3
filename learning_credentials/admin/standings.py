"""Provide the admin of standings: each learner's status in each run, the reasons, and the credentials that follow from it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from learning_credentials.admin.base import (
    NOTHING,
    can_look_at,
    get_actor,
    get_object_or_404,
    get_url,
    link,
    report_refusals,
    require,
)
from learning_credentials.admin.certificate_histories import list_entries
from learning_credentials.admin.confirmations import confirm_all
from learning_credentials.admin.large_lists import LargeChangeList
from learning_credentials.admin.learners import get_learner_url, show_learner
from learning_credentials.admin.operations import OperatingAdmin
from learning_credentials.admin.recent_actions import log_act_on_many
from learning_credentials.admin.scoping import permit
from learning_credentials.admin.searching import MAX_CONTEXTS, LearnerSearchAdmin, find_user_ids
from learning_credentials.admin.standing_filters import (
    CurrentStatusFilter,
    HistoricalStatusFilter,
    ModeFilter,
    RunFilter,
)
from learning_credentials.admin.standing_operations import INVALIDATE, REVALIDATE, find_invalidation
from learning_credentials.exceptions import CredentialsError
from learning_credentials.grades import to_percent
from learning_credentials.lms import Act
from learning_credentials.models import (
    AllowlistEntry,
    CertificateInvalidation,
    CourseCertificate,
    Credential,
    LearnerCertificate,
)
from learning_credentials.services.desk import BulkAct, needs_second_person
from learning_credentials.services.standings import evaluate_course_certificates

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

    from learning_credentials.admin.operations import Operation


@admin.register(LearnerCertificate)
class LearnerCertificateAdmin(LearnerSearchAdmin[LearnerCertificate], OperatingAdmin[LearnerCertificate]):
    """Show standings. Each learner has one row for each run."""

    change_form_template = "admin/learning_credentials/learnercertificate/change_form.html"
    list_display = ("learner", "status_badge", "course_run", "mode_and_grade", "modified")
    list_filter = (CurrentStatusFilter, RunFilter, ModeFilter, HistoricalStatusFilter)
    search_fields = ("course_certificate__course_key",)  # The base class adds the learner's fields.
    search_help_text = gettext_lazy(
        "Learner’s name, user name, e-mail address, or course run. In lists of over 10,000 rows, enter the "
        "beginning of the name."
    )
    ordering = ("-modified", "-pk")
    list_per_page = 50
    actions = ("evaluate_selected", "invalidate_selected", "revalidate_selected")
    fieldsets = (
        (
            None,
            {"fields": (("learner", "status_badge"), ("course_run", "mode"), ("shown_grade", "created", "modified"))},
        ),
    )
    readonly_fields = ("learner", "status_badge", "course_run", "mode", "shown_grade", "created", "modified")

    acts = {  # noqa: RUF012
        "evaluate": Act.EVALUATE_LEARNER,
        "invalidate": Act.BAR_LEARNER,
        "revalidate": Act.END_BARRING,
    }

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the buttons."""
        wrap = self.admin_site.admin_view
        name = "learning_credentials_learnercertificate"
        return [
            path("<int:object_id>/evaluate/", wrap(require_POST(self.evaluate_view)), name=f"{name}_evaluate"),
            path("<int:object_id>/invalidate/", wrap(self.invalidate_view), name=f"{name}_invalidate"),
            path("<int:object_id>/revalidate/", wrap(self.revalidate_view), name=f"{name}_revalidate"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LearnerCertificate]:
        """Prefetch the learner and the run, which every page names.

        With a join, MariaDB would begin with the runs and sort all their rows.
        """
        return super().get_queryset(request).prefetch_related("user", "course_certificate")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        """Return the list class for many rows."""
        return LargeChangeList

    def match_in_large(self, request: HttpRequest, text: str) -> Q:
        """Match learners and runs. Both are found in their own tables first."""
        runs = CourseCertificate.objects.filter(course_key__icontains=text).order_by()
        run_ids = list(runs.values_list("pk", flat=True)[:MAX_CONTEXTS])
        return Q(user_id__in=find_user_ids(request, text)) | Q(course_certificate_id__in=run_ids)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: LearnerCertificate | None = None,
    ) -> HttpResponse:
        """Show the history, the credentials, and the allowlist entry or invalidation of the learner."""
        if obj is not None:
            course_key = obj.course_certificate.course_key
            invalidation = find_invalidation(obj)
            credentials = Credential.objects.filter(user_id=obj.user_id, learning_context_key=course_key)
            entries = AllowlistEntry.objects.filter(
                user_id=obj.user_id, learning_context_key=course_key, is_active=True, configuration=None
            )
            context |= {
                "learner_url": get_learner_url(request, obj.user_id, course_key),
                "entries": list_entries(obj),
                "credentials": credentials.defer("evidence", "issuer", "signatories").order_by("-created"),
                "may_see_credentials": can_look_at(request, Credential, context_key=course_key),
                "allowlist_entry": entries.first()
                if can_look_at(request, AllowlistEntry, context_key=course_key)
                else None,
                "invalidation": invalidation
                if can_look_at(request, CertificateInvalidation, context_key=course_key)
                else None,
                "can_act": self.may(request, "evaluate", obj),
                "can_invalidate": self.may(request, "invalidate", obj) and invalidation is None,
                "can_revalidate": self.may(request, "revalidate", obj) and invalidation is not None,
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Buttons and actions

    has_evaluate_permission = permit("evaluate")
    has_invalidate_permission = permit("invalidate")
    has_revalidate_permission = permit("revalidate")

    @transaction.non_atomic_requests
    def evaluate_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Evaluate one learner again."""
        self.require_act(request, "evaluate")
        self._evaluate(request, [get_object_or_404(self, request, object_id)])
        return HttpResponseRedirect(get_url("learnercertificate_change", object_id))

    @transaction.non_atomic_requests
    def invalidate_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for notes. Then invalidate the certificate."""
        require(self.has_view_permission(request))
        self.require_act(request, "invalidate")
        return self.ask_about_one(request, INVALIDATE, object_id)

    @transaction.non_atomic_requests
    def revalidate_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for notes. Then lift the invalidation."""
        require(self.has_view_permission(request))
        self.require_act(request, "revalidate")
        return self.ask_about_one(request, REVALIDATE, object_id)

    @admin.action(permissions=["evaluate"], description=gettext_lazy("Evaluate selected learners again"))
    def evaluate_selected(self, request: HttpRequest, queryset: QuerySet[LearnerCertificate]) -> HttpResponse | None:
        """Evaluate the learners again with what the LMS says now."""
        if self.refuse_too_many(request, queryset):
            return None
        rows = confirm_all(self, request, queryset, title=_("Evaluate again"), compared=("status",))
        if not isinstance(rows, list):
            return rows
        self._evaluate(request, rows)
        return None

    def find_refusal(self, operation: Operation[LearnerCertificate], number: int) -> str:
        """Refuse to invalidate many certificates if a second person must confirm it. The list of credentials can wait for one."""
        if operation is not INVALIDATE or not needs_second_person(BulkAct.INVALIDATE, number):
            return ""
        return _("A second person must confirm so many. Invalidate the credentials in the list of credentials instead.")

    @admin.action(permissions=["invalidate"], description=gettext_lazy("Bar selected learners"))
    def invalidate_selected(self, request: HttpRequest, queryset: QuerySet[LearnerCertificate]) -> HttpResponse | None:
        """Ask for notes. Then invalidate each certificate."""
        return self.ask_about_many(request, INVALIDATE, queryset)

    @admin.action(permissions=["revalidate"], description=gettext_lazy("Lift the bars of selected learners"))
    def revalidate_selected(self, request: HttpRequest, queryset: QuerySet[LearnerCertificate]) -> HttpResponse | None:
        """Ask for notes. Then lift each invalidation."""
        return self.ask_about_many(request, REVALIDATE, queryset)

    def _evaluate(self, request: HttpRequest, rows: list[LearnerCertificate]) -> None:
        """Evaluate the learners run by run. If a run cannot be evaluated, continue with the others."""
        evaluated = changed = 0
        refusals: list[tuple[object, Exception]] = []
        rows.sort(key=_get_course_key)
        for course_key, group in groupby(rows, _get_course_key):
            before = {row.user_id: row.status for row in group}
            try:
                after = evaluate_course_certificates(course_key, list(before), actor=get_actor(request))
            except CredentialsError as error:
                refusals.append((course_key, error))
                continue
            evaluated += len(before)
            changed += sum(after.get(user_id, status) != status for user_id, status in before.items())
        report_refusals(request, refusals)
        if evaluated:
            log_act_on_many(request, LearnerCertificate, evaluated, _("Evaluated again"))
            text = ngettext("%d learner was evaluated", "%d learners were evaluated", evaluated) % evaluated
            messages.success(
                request, _("%(evaluated)s, %(changed)d changed.") % {"evaluated": text, "changed": changed}
            )

    # Columns and fields

    @admin.display(description=gettext_lazy("learner"), ordering="user__username")
    def learner(self, obj: LearnerCertificate) -> SafeString:
        """Return the user name and the e-mail address."""
        return show_learner(obj.user)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_badge(self, obj: LearnerCertificate) -> SafeString:
        """Return the status in its colour."""
        return format_html('<span class="lcred-badge lcred-{}">{}</span>', obj.status, obj.get_status_display())

    @admin.display(description=gettext_lazy("course run"), ordering="course_certificate__course_key")
    def course_run(self, obj: LearnerCertificate) -> SafeString:
        """Return the run with a link to its course certificate."""
        return link(get_url("coursecertificate_change", obj.course_certificate_id), obj.course_certificate)

    @admin.display(description=gettext_lazy("mode, grade"), ordering="grade")
    def mode_and_grade(self, obj: LearnerCertificate) -> SafeString:
        """Return the mode and the grade at the last evaluation of the standing."""
        return format_html('{}<br><span class="quiet">{}</span>', obj.mode or NOTHING, self.shown_grade(obj) or "")

    @admin.display(description=gettext_lazy("grade"), ordering="grade", empty_value="–")
    def shown_grade(self, obj: LearnerCertificate) -> str | None:
        """Return the grade in per cent, with the letter."""
        if obj.grade is None:
            return None
        return f"{to_percent(obj.grade)}% {obj.letter_grade}".strip()


def _get_course_key(row: LearnerCertificate) -> str:
    return row.course_certificate.course_key
