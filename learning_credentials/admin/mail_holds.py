"""Provide the admin of waiting e-mails: the acts of staff whose e-mails wait, with buttons to call them back or to send them now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from learning_credentials.admin.base import (
    NOTHING,
    ReadOnlyAdmin,
    get_actor,
    get_object_or_404,
    get_url,
    link,
    report_error,
)
from learning_credentials.admin.large_lists import LargeChangeList
from learning_credentials.admin.recent_actions import log_act
from learning_credentials.admin.scoping import limit_to_viewer, may_act_on
from learning_credentials.exceptions import CredentialsError
from learning_credentials.lms import Act
from learning_credentials.models import MailHold
from learning_credentials.services.credentials import (
    HeldMails,
    call_back_mails,
    count_held_mails,
    is_called_back,
    list_unsent,
    list_waiting,
    release_mails,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

#: How many credentials the page of an act lists.
MAX_LISTED = 100


@dataclass(frozen=True)
class MailBox:
    """What pages show about the e-mails of one act: the counts in words, and the buttons that the user can press."""

    hold: MailHold
    text: str
    can_call_back: bool
    can_release: bool


def make_mail_box(request: HttpRequest, hold: MailHold | None) -> MailBox | None:
    """Return what to show about the e-mails of an act. Return None if none of them waits and none was called back."""
    if hold is None:
        return None
    held = count_held_mails([hold.pk])[hold.pk]
    if not held.waiting and not held.called_back and not hold.called_back_at:
        return None
    may_act = may_act_on(request, Act.SEND_MAIL, hold)
    return MailBox(
        hold,
        describe_held(hold, held),
        can_call_back=may_act and hold.called_back_at is None and bool(held.waiting),
        can_release=may_act and hold.released_at is None and bool(held.waiting or held.called_back),
    )


def describe_held(hold: MailHold, held: HeldMails) -> str:
    """Return in words how many e-mails of an act wait until when, and how many were called back."""
    parts = []
    if held.waiting and held.first_due and held.last_due:
        first, last = write_time(held.first_due), write_time(held.last_due)
        text = ngettext(
            "%(number)d e-mail waits until %(time)s.", "%(number)d e-mails wait until %(time)s.", held.waiting
        )
        parts.append(text % {"number": held.waiting, "time": first if first == last else f"{first} – {last}"})
    if held.called_back:
        text = ngettext("%d e-mail was called back.", "%d e-mails were called back.", held.called_back)
        parts.append(text % held.called_back)
    if hold.called_back_at:
        parts.append(_("E-mails about later credentials of this act are not sent either."))
    return " ".join(parts) or _("No e-mail waits.")


def write_time(moment: datetime) -> str:
    """Return a time of today as the time of day, and others with their date, in the time zone of the user."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate()
    return str(formats.time_format(local.time()) if is_today else formats.localize(local))


class WaitingFilter(admin.SimpleListFilter):
    """Filter by what became of the e-mails."""

    title = gettext_lazy("e-mails")
    parameter_name = "mails"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise]]:  # noqa: ARG002
        """Return waiting and called back."""
        return [("waiting", gettext_lazy("Waiting")), ("called_back", gettext_lazy("Called back"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MailHold]) -> QuerySet[MailHold]:  # noqa: ARG002
        """Return the acts with such e-mails. Few credentials wait for an e-mail, and an index contains them."""
        match self.value():
            case "waiting":
                return queryset.filter(pk__in=list_waiting().order_by().values("mail_hold"))
            case "called_back":
                unsent = list_unsent().filter(is_called_back(), mail_hold__isnull=False)
                return queryset.filter(pk__in=unsent.order_by().values("mail_hold"))
        return queryset


class MailHoldChangeList(LargeChangeList):
    """Count the e-mails of all acts of a page at once."""

    def get_results(self, request: HttpRequest) -> None:
        """Set the counts on each act."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        held = count_held_mails([hold.pk for hold in self.result_list])
        for hold in self.result_list:
            hold.held = held[hold.pk]


@admin.register(MailHold)
class MailHoldAdmin(ReadOnlyAdmin[MailHold]):
    """Show the acts of staff whose e-mails wait or waited."""

    change_form_template = "admin/learning_credentials/mailhold/change_form.html"
    list_display = ("what", "requested_by", "created", "mails", "decision")
    list_filter = (WaitingFilter, "act", "created")
    list_select_related = ("requested_by", "decided_by", "run__configuration__credential_type")
    search_fields = ("requested_by__username", "learning_context_key")
    fields = ("what", ("requested_by", "created"), "mails", "decision")
    readonly_fields = ("what", "mails", "decision")
    list_per_page = 50
    acts = {"send_mail": Act.SEND_MAIL}  # noqa: RUF012

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    def get_urls(self) -> list[URLPattern]:
        """Add the buttons."""
        wrap = self.admin_site.admin_view
        name = "learning_credentials_mailhold"
        return [
            path("<int:object_id>/call-back/", wrap(require_POST(self.call_back_view)), name=f"{name}_call_back"),
            path("<int:object_id>/send/", wrap(require_POST(self.release_view)), name=f"{name}_release"),
            *super().get_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        """Return the list class that counts the e-mails."""
        return MailHoldChangeList

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the buttons, and the learners whose e-mails wait or were called back."""
        hold: MailHold = context["original"]
        rows = limit_to_viewer(request, list_unsent().filter(mail_hold=hold)).order_by("pk")
        shown = list(rows[: MAX_LISTED + 1])
        context |= {
            "mail_box": make_mail_box(request, hold),
            "waiting_credentials": shown[:MAX_LISTED],
            "is_more": len(shown) > MAX_LISTED,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @transaction.non_atomic_requests
    def call_back_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Call back the e-mails of the act that were not sent yet."""
        text = ngettext_lazy_pair("%d e-mail was called back.", "%d e-mails were called back.")
        return self._decide(request, object_id, call_back_mails, _("E-mails called back"), text)

    @transaction.non_atomic_requests
    def release_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Have the e-mails of the act sent with the next announcement."""
        text = ngettext_lazy_pair(
            "%d e-mail will be sent with the next announcement.", "%d e-mails will be sent with the next announcement."
        )
        return self._decide(request, object_id, release_mails, _("E-mails sent without waiting"), text)

    def _decide(
        self,
        request: HttpRequest,
        object_id: int,
        decide: Callable[..., int],
        act: str,
        report: Callable[[int], str],
    ) -> HttpResponse:
        self.require_act(request, "send_mail")
        hold = get_object_or_404(self, request, object_id)
        try:
            number = decide(hold.pk, actor=get_actor(request))
        except CredentialsError as error:
            report_error(request, error)
        else:
            text = report(number)
            log_act(request, hold, act, text)
            messages.success(request, text)
        target = request.POST.get("next", "")
        is_safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
        return HttpResponseRedirect(target if is_safe else get_url("mailhold_change", object_id))

    # Columns and fields

    @admin.display(description=gettext_lazy("act"), ordering="pk")
    def what(self, obj: MailHold) -> SafeString | str:
        """Return the act, with a link to its run."""
        run = getattr(obj, "run", None)
        if run is None:
            text = '{}<br><span class="quiet">{}</span>'
            return format_html(text, obj.get_act_display(), obj.learning_context_key)
        shown = link(get_url("generationrun_change", run.pk), _("run #%d") % run.pk)
        return format_html('{}<br><span class="quiet">{}</span>', shown, run.configuration)

    @admin.display(description=gettext_lazy("e-mails"))
    def mails(self, obj: MailHold) -> str:
        """Return how many e-mails wait and until when."""
        held = getattr(obj, "held", None) or count_held_mails([obj.pk])[obj.pk]
        return describe_held(obj, held)

    @admin.display(description=gettext_lazy("decision"))
    def decision(self, obj: MailHold) -> str:
        """Return who called the e-mails back or had them sent at once, and when."""
        moment = obj.called_back_at or obj.released_at
        if moment is None:
            return NOTHING
        what = _("called back") if obj.called_back_at else _("sent at once")
        by = obj.decided_by.get_username() if obj.decided_by else _("the app")
        return _("%(what)s by %(by)s, %(when)s") % {"what": what, "by": by, "when": write_time(moment)}


def ngettext_lazy_pair(singular: str, plural: str) -> Callable[[int], str]:
    """Return a function that writes a number in words."""
    return lambda number: ngettext(singular, plural, number) % number
