"""Provide the admin of credentials: read-only pages with buttons that call the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from learning_credentials.admin import bulk
from learning_credentials.admin.base import (
    get_actor,
    get_object_or_404,
    get_url,
    report_error,
)
from learning_credentials.admin.confirmations import confirm_all
from learning_credentials.admin.credential_displays import CredentialChangeList, CredentialDisplays
from learning_credentials.admin.credential_operations import (
    CHANGE_EXPIRY,
    INVALIDATE,
    LIFT_BLOCK,
    OVERRIDE_DATE,
    REISSUE,
    RENEW,
)
from learning_credentials.admin.desk.overview import make_overview_urls
from learning_credentials.admin.files import serve
from learning_credentials.admin.filters import (
    BlockFilter,
    ContextKeyFilter,
    ErrorFilter,
    ExpiryFilter,
    MailFilter,
    StatusFilter,
    TypeFilter,
    WarningFilter,
    find_uuid,
)
from learning_credentials.admin.learners import get_learner_url
from learning_credentials.admin.operations import MAX_AT_ONCE
from learning_credentials.admin.recent_actions import log_act_on_many
from learning_credentials.admin.scoping import permit
from learning_credentials.admin.searching import LearnerSearchAdmin, find_configuration_ids, find_user_ids, name_begins
from learning_credentials.admin.undo_buttons import UndoButtons
from learning_credentials.exceptions import CredentialsError
from learning_credentials.lms import Act
from learning_credentials.models import Credential
from learning_credentials.services.credentials import retry_credentials
from learning_credentials.services.desk import BulkAct, needs_second_person
from learning_credentials.services.notices import retry_announcements
from learning_credentials.services.public import get_file_name
from learning_credentials.storages import get_storage
from learning_credentials.verify_codes import read_code

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern

    from learning_credentials.admin.operations import Operation

Status = Credential.Status

#: The operations that can also be done in the background.
BULK_ACTS = {
    INVALIDATE.name: BulkAct.INVALIDATE,
    REISSUE.name: BulkAct.REISSUE,
    CHANGE_EXPIRY.name: BulkAct.CHANGE_EXPIRY,
}


@admin.register(Credential)
class CredentialAdmin(UndoButtons, LearnerSearchAdmin[Credential], CredentialDisplays):
    """Show issued credentials and their history."""

    change_form_template = "admin/learning_credentials/credential/change_form.html"
    change_list_template = "admin/learning_credentials/credential/change_list.html"
    list_display = ("learner", "status_and_error", "award", "dates", "visits")
    list_select_related = ("user",)
    list_filter = (
        StatusFilter,
        ContextKeyFilter,
        TypeFilter,
        "issued_at",
        ExpiryFilter,
        BlockFilter,
        ErrorFilter,
        MailFilter,
        WarningFilter,
    )
    search_fields = ("user_full_name", "learning_context_key", "learning_context_name")  # and the learner's
    search_help_text = gettext_lazy(
        "Name, user name, e-mail address, verification id, code or address, or context. In lists of over 10,000 "
        "rows, enter the beginning of the name."
    )
    indexed_orderings = ("issued_at", "-issued_at")
    advice_for_many = gettext_lazy("Use the manage.py commands for more.")
    list_per_page = 50
    actions = (
        "invalidate_selected",
        "reissue_selected",
        "render_again_selected",
        "lift_block_selected",
        "renew_selected",
        "change_expiry_selected",
        "override_date_selected",
        "retry_selected",
        "send_again_selected",
        *UndoButtons.own_actions,
    )

    acts = {  # noqa: RUF012
        "invalidate": Act.INVALIDATE_CREDENTIAL,
        "reissue": Act.REISSUE_CREDENTIAL,
        "lift_block": Act.LIFT_BLOCK,
        "change_dates": Act.CHANGE_DATES,
        "retry": Act.RETRY_CREDENTIAL,
        "send_mail": Act.SEND_MAIL,
        "download": Act.DOWNLOAD_FILE,
    }

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the buttons and the address of the file."""
        wrap = self.admin_site.admin_view
        name = "learning_credentials_credential"
        return [
            path("list/", wrap(self.list_view), name=f"{name}_list"),
            path("list/<str:act>/", wrap(self.list_act_view), name=f"{name}_list_act"),
            path("<uuid:object_id>/invalidate/", wrap(self.invalidate_view), name=f"{name}_invalidate"),
            path("<uuid:object_id>/reissue/", wrap(self.reissue_view), name=f"{name}_reissue"),
            path("<uuid:object_id>/renew/", wrap(self.renew_view), name=f"{name}_renew"),
            path("<uuid:object_id>/expiry/", wrap(self.change_expiry_view), name=f"{name}_change_expiry"),
            path("<uuid:object_id>/lift-block/", wrap(self.lift_block_view), name=f"{name}_lift_block"),
            path("<uuid:object_id>/date/", wrap(self.override_date_view), name=f"{name}_override_date"),
            path("<uuid:object_id>/retry/", wrap(require_POST(self.retry_view)), name=f"{name}_retry"),
            path("<uuid:object_id>/artifact/", wrap(self.artifact_view), name=f"{name}_artifact"),
            *make_overview_urls(self),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        """Leave out columns that only the page of a credential shows."""
        return super().get_queryset(request).defer("issuer", "signatories", "achievement")

    @transaction.non_atomic_requests
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer acts on a list to users who may do one."""
        offered = {"can_work_on_lists": bool(bulk.list_acts(request))}
        return super().changelist_view(request, {**offered, **(extra_context or {})})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        """Return the list class that loads the visibility."""
        return CredentialChangeList

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Credential],
        search_term: str,
    ) -> tuple[QuerySet[Credential], bool]:
        """Search also for an id, alone or within an address, and for a code in any spelling."""
        if found := find_uuid(search_term):
            return queryset.filter(Q(verify_uuid=found) | Q(pk=found)), False
        typed = read_code(search_term)
        # A name can look like a code by chance.
        if typed and not typed.problem and (coded := queryset.filter(verify_code=typed.code)).exists():
            return coded, False
        return super().get_search_results(request, queryset, search_term)

    def match_name(self, request: HttpRequest, folded: str) -> Q:  # noqa: ARG002
        """Match the name on the credential itself."""
        return Q(search_name__contains=folded)

    def match_in_large(self, request: HttpRequest, text: str) -> Q:
        """Match names with the index. Learners and contexts are found in their own tables first."""
        condition = name_begins(text)
        if user_ids := find_user_ids(request, text):
            condition |= Q(user_id__in=user_ids)
        if configuration_ids := find_configuration_ids(text):
            condition |= Q(configuration_id__in=configuration_ids)
        return condition

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Credential | None = None,
    ) -> HttpResponse:
        """Show the history, and the buttons that the status and the user's permissions allow."""
        if obj is not None:
            holds = obj.status == Status.AVAILABLE and bool(obj.is_current)
            context |= {
                "learner_url": get_learner_url(request, obj.user_id, obj.learning_context_key),
                "events": obj.events.select_related("actor"),
                "can_invalidate": self.may(request, "invalidate", obj) and obj.status != Status.INVALIDATED,
                "can_reissue": self.may(request, "reissue", obj) and holds,
                "can_renew": self.may(request, "reissue", obj) and holds and obj.is_expired,
                "can_change_expiry": self.may(request, "change_dates", obj) and holds,
                "can_lift_block": self.may(request, "lift_block", obj) and obj.blocks_reissue,
                "can_override_date": self.may(request, "change_dates", obj),
                "can_retry": self.may(request, "retry", obj) and obj.status == Status.ERROR,
                **self.list_undo_buttons(request, obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    @transaction.non_atomic_requests
    def artifact_view(self, request: HttpRequest, object_id: UUID) -> HttpResponseBase:
        """Send the artifact to staff, also for a credential that is no longer valid."""
        self.require_act(request, "download")
        credential = get_object_or_404(self, request, object_id)
        if not credential.artifact_name:
            raise Http404
        try:
            file = get_storage().open(credential.artifact_name, "rb")
        except Exception as error:
            # Each storage raises its own errors.
            messages.error(
                request, _("The file cannot be opened: %(error)s") % {"error": f"{type(error).__name__}: {error}"}
            )
            return HttpResponseRedirect(get_url("credential_change", object_id))
        return serve(file, credential.artifact_media_type, get_file_name(credential))

    def list_view(self, request: HttpRequest) -> HttpResponse:
        """Show the acts that can be done with a list."""
        return bulk.choose_act(self, request)

    @transaction.non_atomic_requests
    def list_act_view(self, request: HttpRequest, act: str) -> HttpResponse:
        """Ask for a list, and plan an act for its rows."""
        return bulk.ask_for_list(self, request, act)

    def hand_over(
        self, request: HttpRequest, operation: Operation[Credential], queryset: QuerySet[Credential]
    ) -> HttpResponse | None:
        """Do an act in the background if it is about too many credentials for a request, or if a second person must confirm it."""
        act = BULK_ACTS.get(operation.name)
        number = queryset.count() if act else 0
        if act is None or (number <= MAX_AT_ONCE and not needs_second_person(act, number)):
            return None
        return bulk.start_with_selection(request, act, queryset)

    def find_refusal(self, operation: Operation[Credential], number: int) -> str:
        """Refuse to invalidate many credentials in a request if a second person must confirm it."""
        act = BULK_ACTS.get(operation.name)
        if act is None or not needs_second_person(act, number):
            return ""
        return _("A second person must confirm this. Select the credentials in the list again.")

    # Buttons and actions

    has_invalidate_permission = permit("invalidate")
    has_reissue_permission = permit("reissue")
    has_lift_block_permission = permit("lift_block")
    has_change_dates_permission = permit("change_dates")
    has_retry_permission = permit("retry")
    has_send_mail_permission = permit("send_mail")

    @transaction.non_atomic_requests
    def invalidate_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Ask for a reason. Then invalidate the credential."""
        return self._ask_about_one(request, INVALIDATE, object_id, act="invalidate")

    @transaction.non_atomic_requests
    def reissue_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Ask for a reason. Then reissue the credential."""
        return self._ask_about_one(request, REISSUE, object_id, act="reissue")

    @transaction.non_atomic_requests
    def renew_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Ask for a reason. Then renew the credential."""
        return self._ask_about_one(request, RENEW, object_id, act="reissue")

    @transaction.non_atomic_requests
    def change_expiry_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Ask for a time and a reason. Then change the expiry."""
        return self._ask_about_one(request, CHANGE_EXPIRY, object_id, act="change_dates")

    @transaction.non_atomic_requests
    def lift_block_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Ask for a reason. Then lift the block."""
        return self._ask_about_one(request, LIFT_BLOCK, object_id, act="lift_block")

    @transaction.non_atomic_requests
    def override_date_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Ask for a date and a reason. Then show this date."""
        return self._ask_about_one(request, OVERRIDE_DATE, object_id, act="change_dates")

    @transaction.non_atomic_requests
    def retry_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Retry a failed credential."""
        self.require_act(request, "retry")
        credential = get_object_or_404(self, request, object_id)
        retry(request, [credential.pk])
        return HttpResponseRedirect(get_url("credential_change", object_id))

    @admin.action(permissions=["invalidate"], description=gettext_lazy("Revoke selected credentials"))
    def invalidate_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a reason. Then invalidate each credential."""
        return self.ask_about_many(request, INVALIDATE, queryset)

    @admin.action(permissions=["reissue"], description=gettext_lazy("Reissue selected credentials"))
    def reissue_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a reason. Then reissue each credential."""
        return self.ask_about_many(request, REISSUE, queryset)

    @admin.action(permissions=["reissue"], description=gettext_lazy("Make the files of selected credentials again"))
    def render_again_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a reason. Then make the files again in the background."""
        return bulk.start_with_selection(request, BulkAct.RENDER_AGAIN, queryset)

    @admin.action(permissions=["reissue"], description=gettext_lazy("Renew selected credentials that have expired"))
    def renew_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a reason. Then renew each credential."""
        return self.ask_about_many(request, RENEW, queryset)

    @admin.action(
        permissions=["change_dates"],
        description=gettext_lazy("Change the expiry of selected credentials"),
    )
    def change_expiry_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a time and a reason. Then change the expiry of each credential."""
        return self.ask_about_many(request, CHANGE_EXPIRY, queryset)

    @admin.action(
        permissions=["lift_block"],
        description=gettext_lazy("Lift the blocks of selected credentials"),
    )
    def lift_block_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a reason. Then lift each block."""
        return self.ask_about_many(request, LIFT_BLOCK, queryset)

    @admin.action(
        permissions=["change_dates"],
        description=gettext_lazy("Set the date on the public page of selected credentials"),
    )
    def override_date_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a date and a reason. Then show this date for each credential."""
        return self.ask_about_many(request, OVERRIDE_DATE, queryset)

    @admin.action(
        permissions=["retry"],
        description=gettext_lazy("Retry selected credentials that failed"),
    )
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Retry failed credentials. Leave others unchanged."""
        rows = confirm_all(self, request, queryset, title=_("Try again"), compared=("status",))
        if not isinstance(rows, list):
            return rows
        retry(request, [row.pk for row in rows])
        return None

    @admin.action(
        permissions=["send_mail"],
        description=gettext_lazy("Send e-mails of selected credentials again"),
    )
    def send_again_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Let the next announcing send failed e-mails. Leave others unchanged."""
        rows = confirm_all(self, request, queryset, title=_("Send e-mails again"))
        if not isinstance(rows, list):
            return rows
        number = retry_announcements([row.pk for row in rows])
        if number:
            log_act_on_many(request, Credential, number, _("E-mails sent again"))
            text = ngettext("%d e-mail will be sent again soon.", "%d e-mails will be sent again soon.", number)
            messages.success(request, text % number)
        if skipped := len(rows) - number:
            text = ngettext(
                "%d credential was left out: its e-mail did not fail, or will be sent again soon anyway.",
                "%d credentials were left out: their e-mails did not fail, or will be sent again soon anyway.",
                skipped,
            )
            messages.warning(request, text % skipped)
        return None

    def _ask_about_one(
        self, request: HttpRequest, operation: Operation[Credential], object_id: UUID, *, act: str
    ) -> HttpResponse:
        self.require_act(request, act)
        return self.ask_about_one(request, operation, object_id)


def retry(request: HttpRequest, credential_uuids: list[UUID]) -> None:
    """Enqueue failed credentials again and report their number."""
    try:
        number = retry_credentials(credential_uuids, actor=get_actor(request))
    except CredentialsError as error:
        report_error(request, error)
        return
    if number:
        log_act_on_many(request, Credential, number, _("Tried again"))
        messages.success(
            request,
            ngettext("%d credential will be tried again.", "%d credentials will be tried again.", number) % number,
        )
    if skipped := len(credential_uuids) - number:
        text = ngettext(
            "%d credential was left out: it did not fail.",
            "%d credentials were left out: they did not fail.",
            skipped,
        )
        messages.warning(request, text % skipped)
