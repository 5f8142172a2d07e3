"""Credentials: read-only pages, and buttons that call the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from learning_credentials import api
from learning_credentials.admin.base import (
    NOTHING,
    ReadOnlyAdmin,
    get_actor,
    get_object_or_404,
    get_url,
    link,
    report_error,
    report_refusals,
    require,
)
from learning_credentials.admin.fields import dump
from learning_credentials.admin.files import serve
from learning_credentials.admin.filters import ContextKeyFilter, find_uuid
from learning_credentials.admin.operations import (
    INVALIDATE,
    LIFT_BLOCK,
    MAX_AT_ONCE,
    REISSUE,
    Operation,
    report_too_many,
    report_unfinished,
)
from learning_credentials.exceptions import CredentialsError
from learning_credentials.models import Credential
from learning_credentials.storages import get_storage

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

#: How many credentials the page that asks for a reason lists by name.
MAX_LISTED = 20

Status = Credential.Status


@admin.register(Credential)
class CredentialAdmin(ReadOnlyAdmin[Credential]):
    """What was issued to whom, and what happened to it."""

    change_form_template = "admin/learning_credentials/credential/change_form.html"
    list_display = ("learner", "status_and_error", "context", "credential_type_name", "issued_at")
    list_select_related = ("user",)
    list_filter = (
        "status",
        ContextKeyFilter,
        "configuration__credential_type",
        "issued_at",
        "blocks_reissue",
        "error_code",
    )
    search_fields = ("user_full_name", "user__username", "learning_context_key", "learning_context_name")
    search_help_text = gettext_lazy("Name, user name, verification id or address, learning context")
    show_full_result_count = False
    list_per_page = 50
    actions = ("invalidate_selected", "reissue_selected", "lift_block_selected", "retry_selected")

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the buttons, and the file."""
        wrap = self.admin_site.admin_view
        name = "learning_credentials_credential"
        return [
            path("<uuid:object_id>/invalidate/", wrap(self.invalidate_view), name=f"{name}_invalidate"),
            path("<uuid:object_id>/reissue/", wrap(self.reissue_view), name=f"{name}_reissue"),
            path("<uuid:object_id>/lift-block/", wrap(self.lift_block_view), name=f"{name}_lift_block"),
            path("<uuid:object_id>/retry/", wrap(require_POST(self.retry_view)), name=f"{name}_retry"),
            path("<uuid:object_id>/artifact/", wrap(self.artifact_view), name=f"{name}_artifact"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        """Leave to the detail page what only it shows."""
        return super().get_queryset(request).defer("evidence", "issuer", "signatories")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Credential], search_term: str
    ) -> tuple[QuerySet[Credential], bool]:
        """Find a verification id, alone or within an address, by its index; everything else by text."""
        if verify_uuid := find_uuid(search_term):
            return queryset.filter(verify_uuid=verify_uuid), False
        return super().get_search_results(request, queryset, search_term)

    def get_fieldsets(self, request: HttpRequest, obj: Credential | None = None) -> list[tuple[Any, Any]]:  # noqa: ARG002
        """Leave out what does not apply to the credential."""
        sections: list[tuple[Any, tuple[Any, ...], bool]] = [
            (
                None,
                (
                    ("status_badge", "attempts"),
                    ("user_full_name", "user_link"),
                    ("credential_type_name", "context"),
                    ("configuration_link", "run_link"),
                    ("issued_at", "expires_at", "notified_at"),
                ),
                True,
            ),
            (_("What went wrong"), ("error_code", "error_message"), bool(obj and obj.error_code)),
            (_("Public"), ("verify_uuid", "public_page", "artifact"), True),
            (_("Replacement"), (("replaces_link", "successor_link"),), True),
            (
                _("Invalidation"),
                (("invalidated_at", "archived_at", "blocks_reissue"), "invalidation_reason"),
                bool(obj and obj.invalidated_at),
            ),
        ]
        snapshot = {
            "fields": ("issuer_text", "signatories_text", "evidence_text", "language"),
            "classes": ("collapse",),
        }
        shown = [(title, {"fields": fields}) for title, fields, applies in sections if applies]
        return [*shown, (_("As it was issued"), snapshot)]

    @transaction.non_atomic_requests
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Outside a transaction, for the sake of the actions."""
        return super().changelist_view(request, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Credential | None = None,
    ) -> HttpResponse:
        """Show the history, and offer the buttons that the status and the user's permissions allow."""
        if obj is not None:
            may_act = self.has_act_permission(request)
            context |= {
                "events": obj.events.select_related("actor"),
                "can_invalidate": may_act and obj.status != Status.INVALIDATED,
                "can_reissue": may_act and obj.status == Status.AVAILABLE,
                "can_lift_block": may_act and obj.blocks_reissue,
                "can_retry": may_act and obj.status == Status.ERROR,
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    @transaction.non_atomic_requests
    def artifact_view(self, request: HttpRequest, object_id: UUID) -> HttpResponseBase:
        """Send the artifact to staff, also of a credential that no longer holds."""
        require(self.has_view_permission(request))
        credential = get_object_or_404(self, request, object_id)
        if not credential.artifact_name:
            raise Http404
        try:
            file = get_storage().open(credential.artifact_name, "rb")
        except Exception as error:
            # Storages raise errors of their own making.
            messages.error(
                request, _("The file cannot be opened: %(error)s") % {"error": f"{type(error).__name__}: {error}"}
            )
            return HttpResponseRedirect(get_url("credential_change", object_id))
        extension = credential.artifact_name.rpartition(".")[2]
        return serve(file, credential.artifact_media_type, f"{credential.verify_uuid}.{extension}")

    # Buttons and actions

    @transaction.non_atomic_requests
    def invalidate_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Ask for a reason, then invalidate."""
        return self._ask_about_one(request, INVALIDATE, object_id)

    @transaction.non_atomic_requests
    def reissue_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Ask for a reason, then reissue."""
        return self._ask_about_one(request, REISSUE, object_id)

    @transaction.non_atomic_requests
    def lift_block_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Ask for a note, then lift the block."""
        return self._ask_about_one(request, LIFT_BLOCK, object_id)

    @transaction.non_atomic_requests
    def retry_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Try a failed credential again."""
        require(self.has_act_permission(request))
        credential = get_object_or_404(self, request, object_id)
        retry(request, [credential.pk])
        return HttpResponseRedirect(get_url("credential_change", object_id))

    @admin.action(permissions=["act"], description=gettext_lazy("Invalidate selected credentials"))
    def invalidate_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a reason, then invalidate each."""
        return self._ask_about_many(request, INVALIDATE, queryset)

    @admin.action(permissions=["act"], description=gettext_lazy("Reissue selected credentials"))
    def reissue_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a reason, then reissue each."""
        return self._ask_about_many(request, REISSUE, queryset)

    @admin.action(permissions=["act"], description=gettext_lazy("Lift the block of selected credentials"))
    def lift_block_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a note, then lift each block."""
        return self._ask_about_many(request, LIFT_BLOCK, queryset)

    @admin.action(permissions=["act"], description=gettext_lazy("Retry selected credentials that failed"))
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> None:
        """Try failed credentials again; others are left alone."""
        retry(request, list(queryset.values_list("pk", flat=True)))

    def _ask_about_one(self, request: HttpRequest, operation: Operation, object_id: UUID) -> HttpResponse:
        require(self.has_act_permission(request))
        credential = get_object_or_404(self, request, object_id)
        own_page = get_url("credential_change", object_id)
        return self._ask(request, operation, [credential], {"cancel_url": own_page}) or HttpResponseRedirect(own_page)

    def _ask_about_many(
        self, request: HttpRequest, operation: Operation, queryset: QuerySet[Credential]
    ) -> HttpResponse | None:
        if (number := queryset.count()) > MAX_AT_ONCE:
            messages.error(request, report_too_many(number))
            return None
        hidden = [
            ("action", request.POST["action"]),
            ("select_across", request.POST.get("select_across", "0")),
            *((helpers.ACTION_CHECKBOX_NAME, key) for key in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)),
        ]
        context = {"hidden": hidden, "cancel_url": request.get_full_path()}
        return self._ask(request, operation, list(queryset), context)

    def _ask(
        self, request: HttpRequest, operation: Operation, credentials: list[Credential], context: dict[str, Any]
    ) -> HttpResponse | None:
        """Show the form; with a valid one posted, act, report and return None."""
        is_answered = request.method == "POST" and "confirm" in request.POST
        form = operation.form_class(request.POST if is_answered else None)
        if is_answered and form.is_valid():
            outcome = operation.apply_to_all(credentials, form.cleaned_data, get_actor(request))
            if outcome.done:
                messages.success(request, operation.report(outcome.done))
            if outcome.unfinished:
                messages.warning(request, report_unfinished(outcome.unfinished))
            report_refusals(request, outcome.refusals)
            return None
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": operation.title,
            "operation": operation,
            "form": form,
            "media": self.media + form.media,
            "listed": credentials[:MAX_LISTED],
            "number": len(credentials),
            "rest": max(0, len(credentials) - MAX_LISTED),
        }
        return TemplateResponse(request, "admin/learning_credentials/credential/operation.html", context)

    # Columns and fields

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_badge(self, obj: Credential) -> SafeString:
        """The status, coloured."""
        return format_html('<span class="lcred-badge lcred-{}">{}</span>', obj.status, obj.get_status_display())

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_and_error(self, obj: Credential) -> SafeString:
        """The status, and what went wrong if anything."""
        return format_html('{}<br><span class="quiet">{}</span>', self.status_badge(obj), obj.error_code)

    @admin.display(description=gettext_lazy("learner"), ordering="user_full_name")
    def learner(self, obj: Credential) -> SafeString:
        """Name and user name; none of the latter after retirement."""
        username = obj.user.get_username() if obj.user else NOTHING
        return format_html('{}<br><span class="quiet">{}</span>', obj.user_full_name, username)

    @admin.display(description=gettext_lazy("learning context"), ordering="learning_context_key")
    def context(self, obj: Credential) -> SafeString:
        """Name and key."""
        return format_html('{}<br><span class="quiet">{}</span>', obj.learning_context_name, obj.learning_context_key)

    @admin.display(description=gettext_lazy("account"))
    def user_link(self, obj: Credential) -> str:
        """The learner's user name and id."""
        return f"{obj.user.get_username()} ({obj.user.pk})" if obj.user else NOTHING

    @admin.display(description=gettext_lazy("configuration"))
    def configuration_link(self, obj: Credential) -> SafeString:
        """The configuration it was issued for."""
        return link(get_url("credentialconfiguration_change", obj.configuration_id), obj.configuration)

    @admin.display(description=gettext_lazy("run"))
    def run_link(self, obj: Credential) -> SafeString | str:
        """The run that asked for it."""
        return (
            link(get_url("generationrun_change", obj.generation_run_id), obj.generation_run)
            if obj.generation_run
            else NOTHING
        )

    @admin.display(description=gettext_lazy("public page"))
    def public_page(self, obj: Credential) -> SafeString | str:
        """Where anyone can verify it."""
        if obj.status not in {Status.AVAILABLE, Status.INVALIDATED}:
            return NOTHING
        url = api.get_verification_url(obj.verify_uuid)
        return link(url, url)

    @admin.display(description=gettext_lazy("artifact"))
    def artifact(self, obj: Credential) -> SafeString | str:
        """The file, for staff."""
        if not obj.artifact_name:
            return NOTHING
        return format_html(
            '<a href="{}">{}</a><br><span class="quiet">{}<br>SHA-256 {}</span>',
            get_url("credential_artifact", obj.pk),
            _("Open the file"),
            obj.artifact_media_type,
            obj.artifact_sha256,
        )

    @admin.display(description=gettext_lazy("replaces"))
    def replaces_link(self, obj: Credential) -> SafeString | str:
        """Its predecessor."""
        return (
            link(get_url("credential_change", obj.replaces_id), obj.replaces.verify_uuid) if obj.replaces else NOTHING
        )

    @admin.display(description=gettext_lazy("replaced by"))
    def successor_link(self, obj: Credential) -> SafeString | str:
        """Its successor."""
        successor: Credential | None = getattr(obj, "successor", None)
        return link(get_url("credential_change", successor.pk), successor.verify_uuid) if successor else NOTHING

    @admin.display(description=gettext_lazy("issuer"))
    def issuer_text(self, obj: Credential) -> SafeString:
        """The issuer's snapshot."""
        return _pre(obj.issuer)

    @admin.display(description=gettext_lazy("signatories"))
    def signatories_text(self, obj: Credential) -> SafeString:
        """The signatories' snapshot."""
        return _pre(obj.signatories)

    @admin.display(description=gettext_lazy("evidence"))
    def evidence_text(self, obj: Credential) -> SafeString:
        """What earned it."""
        return _pre(obj.evidence)


def retry(request: HttpRequest, credential_uuids: list[UUID]) -> None:
    """Enqueue failed credentials again and report how many."""
    try:
        number = api.retry_credentials(credential_uuids, actor=get_actor(request))
    except CredentialsError as error:
        report_error(request, error)
        return
    if number:
        messages.success(
            request, ngettext("%d credential is tried again.", "%d credentials are tried again.", number) % number
        )
    if skipped := len(credential_uuids) - number:
        text = ngettext(
            "%d credential was left alone: only failed ones can be tried again.",
            "%d credentials were left alone: only failed ones can be tried again.",
            skipped,
        )
        messages.warning(request, text % skipped)


def _pre(value: Any) -> SafeString:
    return format_html('<pre class="lcred-pre">{}</pre>', dump(value))
