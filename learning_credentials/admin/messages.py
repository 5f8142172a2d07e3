"""Provide the admin of unprocessed messages from and to the host: what waits, since when, and why it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.base import NOTHING
from learning_credentials.admin.confirmations import confirm_all
from learning_credentials.admin.operations import OperatingAdmin, Operation, ReasonForm
from learning_credentials.admin.recent_actions import log_act_on_many
from learning_credentials.admin.scoping import permit
from learning_credentials.models import HostMessage
from learning_credentials.services.common import discard_message, retry_messages
from learning_credentials.services.desk import is_overdue

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

STATES: dict[str, _StrPromise] = {
    "waiting": gettext_lazy("waiting"),
    "working": gettext_lazy("being processed"),
    "failing": gettext_lazy("failed, will be tried again"),
    "given_up": gettext_lazy("given up"),
}
#: The colours for the states, from `admin.css`.
COLOURS = {"waiting": "waiting", "working": "evaluating", "failing": "issuing", "given_up": "failed"}
#: How many learners a page lists.
MAX_LEARNERS = 20

KINDS: dict[str, _StrPromise] = {
    "tell_standings": gettext_lazy("to the LMS: certificate status changed"),
    "grade_passing": gettext_lazy("from the LMS: grade is passing"),
    "grade_failing": gettext_lazy("from the LMS: grade is failing"),
    "mode_changed": gettext_lazy("from the LMS: mode changed"),
    "identity_verified": gettext_lazy("from the LMS: identity verified"),
    "staff": gettext_lazy("evaluate: requested by staff"),
    "allowlist_added": gettext_lazy("evaluate: added to the allowlist"),
    "allowlist_removed": gettext_lazy("evaluate: removed from the allowlist"),
    "invalidated": gettext_lazy("evaluate: learner barred"),
    "invalidation_withdrawn": gettext_lazy("evaluate: bar lifted"),
}


def get_state(row: HostMessage) -> str:
    """Return the state of a message: a key of `STATES`."""
    if row.next_attempt_at is None:
        return "given_up"
    if row.lease_token and row.next_attempt_at > timezone.now():
        return "working"
    return "failing" if row.error_code else "waiting"


class ResultFilter(admin.SimpleListFilter):
    """Filter by the result of the last attempt."""

    title = gettext_lazy("result")
    parameter_name = "result"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise]]:  # noqa: ARG002
        """Return the results that may need attention, and waiting."""
        return [(name, STATES[name]) for name in ("waiting", "failing", "given_up")] + [
            ("overdue", gettext_lazy("due for over an hour"))
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[HostMessage]) -> QuerySet[HostMessage]:  # noqa: ARG002
        """Return the messages with that result."""
        if self.value() == "given_up":
            return queryset.filter(next_attempt_at=None)
        if self.value() == "overdue":
            return queryset.filter(is_overdue(timezone.now()))
        if self.value() == "failing":
            return queryset.exclude(error_code="").exclude(next_attempt_at=None)
        return queryset.filter(error_code="") if self.value() == "waiting" else queryset


def _discard(row: HostMessage, values: dict[str, Any], actor: AbstractBaseUser) -> None:
    discard_message(row.pk, reason=values["reason"], actor=actor)


DISCARD = Operation[HostMessage](
    name="discard",
    title=gettext_lazy("Discard"),
    explanation=lambda number: (
        ngettext(
            "The app will not do what this message asks for: no certificate status changes, or the LMS is not told about the change. "
            "You cannot undo this.",
            "The app will not do what these %(number)d messages ask for: no certificate status changes, or the LMS is not told about "
            "them. You cannot undo this.",
            number,
        )
        % {"number": number}
    ),
    button=gettext_lazy("Discard"),
    form_class=ReasonForm,
    apply=_discard,
    report=lambda number: ngettext("%d message was discarded.", "%d messages were discarded.", number) % number,
    is_dangerous=True,
)


@admin.register(HostMessage)
class HostMessageAdmin(OperatingAdmin[HostMessage]):
    """Show the messages. The list is usually empty, because a message is deleted when its work is done."""

    list_display = ("what", "context_key", "learners", "state", "attempts", "created", "next_attempt_at", "error")
    list_filter = (ResultFilter, "kind", "error_code")
    search_fields = ("context_key",)
    fields = (
        "what",
        "context_key",
        "learners",
        "state",
        ("created", "attempts", "next_attempt_at"),
        ("error_code", "error_message"),
    )
    readonly_fields = ("what", "learners", "state", "created")
    actions = ("retry_selected", "discard_selected")
    acts = {"discard": ("delete_hostmessage",)}  # noqa: RUF012

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    has_discard_permission = permit("discard")

    @admin.action(permissions=["act"], description=gettext_lazy("Try selected messages again now"))
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[HostMessage]) -> HttpResponse | None:
        """Make the messages due. Only messages that still exist are counted, because a worker may have finished some meanwhile."""
        rows = confirm_all(self, request, queryset, title=_("Try again"))
        if not isinstance(rows, list):
            return rows
        number = retry_messages([row.pk for row in rows])
        if number:
            log_act_on_many(request, HostMessage, number, _("Tried again"))
        text = ngettext("%d message will be tried again now.", "%d messages will be tried again now.", number) % number
        messages.success(request, text)
        return None

    @admin.action(permissions=["discard"], description=gettext_lazy("Discard selected messages"))
    def discard_selected(self, request: HttpRequest, queryset: QuerySet[HostMessage]) -> HttpResponse | None:
        """Ask for a reason. Then delete each message."""
        return self.ask_about_many(request, DISCARD, queryset)

    # Columns and fields

    @admin.display(description=gettext_lazy("message"), ordering="kind")
    def what(self, obj: HostMessage) -> str:
        """Return what the message says."""
        return str(KINDS.get(obj.kind, obj.kind))

    @admin.display(description=gettext_lazy("learners"))
    def learners(self, obj: HostMessage) -> str:
        """Return the user ids of the first learners and the number of the others."""
        user_ids = obj.payload.get("user_ids", ())
        shown = ", ".join(map(str, user_ids[:MAX_LEARNERS]))
        rest = len(user_ids) - MAX_LEARNERS
        return shown if rest <= 0 else f"{shown} + {rest}"

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: HostMessage) -> SafeString:
        """Return the state in its colour."""
        state = get_state(obj)
        return format_html('<span class="lcred-badge lcred-{}">{}</span>', COLOURS[state], STATES[state])

    @admin.display(description=gettext_lazy("error"), ordering="error_code")
    def error(self, obj: HostMessage) -> SafeString | str:
        """Return the error code and the beginning of the message."""
        if not obj.error_code:
            return NOTHING
        return format_html('{}<br><span class="quiet">{}</span>', obj.error_code, obj.error_message[:200])
