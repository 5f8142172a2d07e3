"""Provide the admin of webhooks: which systems hear of which events, a test, new secrets, and the log of deliveries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from learning_credentials.admin.base import (
    NOTHING,
    ActingAdmin,
    BaseModelForm,
    ReadOnlyAdmin,
    can_look_at,
    get_object_or_404,
    get_url,
    has_model_permission,
    link,
    require,
)
from learning_credentials.admin.confirmations import confirm_all
from learning_credentials.admin.editing import EditingAdmin
from learning_credentials.admin.recent_actions import log_act, log_act_on_many
from learning_credentials.models import Webhook, WebhookDelivery
from learning_credentials.services.notices import (
    EVENTS,
    RefusedAddressError,
    check_url,
    prepare_webhook,
    redeliver,
    rotate_secret,
    send_test,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

DELIVERY_STATES: dict[str, _StrPromise] = {
    "waiting": gettext_lazy("waiting"),
    "delivered": gettext_lazy("delivered"),
    "failing": gettext_lazy("failed, will be tried again"),
    "given_up": gettext_lazy("given up"),
}
#: What each event means. Events of later versions that have no label here are shown by name.
EVENT_LABELS: dict[str, _StrPromise] = {
    "credential.issued": gettext_lazy("A credential was issued"),
    "credential.failed": gettext_lazy("A credential could not be made"),
    "credential.revoked": gettext_lazy("A credential was revoked"),
    "credential.replaced": gettext_lazy("A credential was replaced by a corrected one"),
    "credential.renewed": gettext_lazy("A credential was renewed"),
    "credential.expiry_changed": gettext_lazy("The expiry of a credential changed"),
    "credential.date_changed": gettext_lazy("The date on the public page of a credential changed"),
    "certificate_status.changed": gettext_lazy("The certificate status of a learner changed"),
    "run.finished": gettext_lazy("A generation run finished"),
}
#: The colours for the states, from `admin.css`.
COLOURS = {"waiting": "waiting", "delivered": "finished", "failing": "issuing", "given_up": "failed"}


def get_state(row: WebhookDelivery) -> str:
    """Return the state of a delivery: a key of `DELIVERY_STATES`."""
    if row.delivered_at:
        return "delivered"
    if row.next_attempt_at is None:
        return "given_up"
    return "failing" if row.error_message else "waiting"


class WebhookForm(BaseModelForm[Webhook]):
    """Edit a webhook. The address is checked before it is stored."""

    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=lambda: [(name, f"{EVENT_LABELS.get(name, name)} ({name})") for name in EVENTS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("Select none to send every type of event, also types that later versions add."),
    )

    def clean_url(self) -> str:
        """Refuse addresses that the app does not send to."""
        url: str = self.cleaned_data["url"]
        try:
            check_url(url)
        except RefusedAddressError as error:
            raise forms.ValidationError(str(error)) from error
        return url


@admin.register(Webhook)
class WebhookAdmin(EditingAdmin[Webhook]):
    """Manage the systems that hear of events."""

    form = WebhookForm
    change_form_template = "admin/learning_credentials/webhook/change_form.html"
    list_display = ("name", "url", "learning_context_key", "condition", "last_delivery")
    list_filter = ("is_enabled",)
    search_fields = ("name", "url", "learning_context_key")
    fields = ("name", "url", "events", "learning_context_key", "is_enabled", "condition")
    readonly_fields = ("condition",)
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}  # noqa: RUF012

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the buttons."""
        wrap = self.admin_site.admin_view
        name = "learning_credentials_webhook"
        return [
            path("<int:object_id>/test/", wrap(require_POST(self.test_view)), name=f"{name}_test"),
            path("<int:object_id>/secret/", wrap(require_POST(self.secret_view)), name=f"{name}_secret"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        """Find the last delivery in the same query."""
        newest = WebhookDelivery.objects.filter(webhook=models.OuterRef("pk"), delivered_at__isnull=False)
        last = newest.order_by("-pk").values("delivered_at")[:1]
        return super().get_queryset(request).annotate(last_delivered_at=models.Subquery(last))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Tell the template which buttons the user can use."""
        original = context.get("original")
        context["can_act"] = original is not None and self.has_change_permission(request, original)
        context["can_see_deliveries"] = can_look_at(request, WebhookDelivery)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        """Make the secret of a new webhook. A webhook that is enabled again starts with a clean record."""
        if not change:
            prepare_webhook(obj)
        super().save_model(request, obj, form, change)
        if change and "is_enabled" in form.changed_data and obj.is_enabled:
            Webhook.objects.filter(pk=obj.pk).update(disabled_reason="", failing_since=None)
        if not change:
            _show_secret(request, obj.secret)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Say how many deliveries are deleted too, without loading them."""
        keys = [obj.pk for obj in objs]
        number = WebhookDelivery.objects.filter(webhook__in=keys).count()
        counts = {Webhook._meta.verbose_name_plural: len(keys), WebhookDelivery._meta.verbose_name_plural: number}  # noqa: SLF001
        lacking = set() if self.has_delete_permission(request) else {Webhook._meta.verbose_name}  # noqa: SLF001
        return [str(obj) for obj in objs], counts, lacking, []

    @transaction.non_atomic_requests
    def test_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Add a test event."""
        webhook = get_object_or_404(self, request, object_id)
        require(self.has_change_permission(request, webhook))
        delivery = send_test(webhook.pk)
        log_act(request, webhook, _("Test sent"))
        if webhook.is_enabled:
            messages.success(request, _("The test is sent within a minute. This page shows the answer."))
        else:
            messages.warning(request, _("The test is sent when the webhook is enabled."))
        page = get_url("webhookdelivery_change", delivery.pk)
        return HttpResponseRedirect(page if can_look_at(request, WebhookDelivery) else self._own_page(object_id))

    @transaction.non_atomic_requests
    def secret_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Make a new secret and show it once."""
        webhook = get_object_or_404(self, request, object_id)
        require(self.has_change_permission(request, webhook))
        _show_secret(request, rotate_secret(webhook.pk))
        messages.info(request, _("The former secret also signs for another 24 hours."))
        log_act(request, webhook, _("New secret"))
        return HttpResponseRedirect(self._own_page(object_id))

    @staticmethod
    def _own_page(object_id: int) -> str:
        return get_url("webhook_change", object_id)

    @admin.display(description=gettext_lazy("state"))
    def condition(self, obj: Webhook) -> SafeString | str:
        """Return whether the webhook works, fails or is off, and why."""
        if obj.pk is None:
            return NOTHING
        if not obj.is_enabled:
            return format_html('<span class="lcred-badge lcred-ended">{}</span> {}', _("off"), obj.disabled_reason)
        if obj.failing_since:
            since = _("fails since %s") % timezone.localtime(obj.failing_since).strftime("%Y-%m-%d %H:%M %Z")
            return format_html('<span class="lcred-badge lcred-failed">{}</span>', since)
        return format_html('<span class="lcred-badge lcred-active">{}</span>', _("on"))

    @admin.display(description=gettext_lazy("last delivery"))
    def last_delivery(self, obj: Webhook) -> Any:
        """Return when a delivery last arrived."""
        moment = getattr(obj, "last_delivered_at", None)
        return timezone.localtime(moment) if moment else NOTHING


def _show_secret(request: HttpRequest, secret: str) -> None:
    text = _("The secret is %s. Copy it now to the other system: it is not shown again.") % secret
    messages.warning(request, text)


class DeliveryStateFilter(admin.SimpleListFilter):
    """Filter by state."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise]]:  # noqa: ARG002
        """Return all states."""
        return list(DELIVERY_STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> QuerySet[WebhookDelivery]:  # noqa: ARG002
        """Return the deliveries in that state. The rules are those of `get_state`."""
        waiting = queryset.filter(delivered_at=None, next_attempt_at__isnull=False)
        found = {
            "delivered": queryset.filter(delivered_at__isnull=False),
            "given_up": queryset.filter(delivered_at=None, next_attempt_at=None),
            "failing": waiting.exclude(error_message=""),
            "waiting": waiting.filter(error_message=""),
        }
        return found.get(self.value() or "", queryset)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ActingAdmin[WebhookDelivery], ReadOnlyAdmin[WebhookDelivery]):
    """Show what was sent to other systems and what they answered."""

    list_display = ("event", "webhook", "learning_context_key", "occurred_at", "state", "attempts", "problem")
    list_select_related = ("webhook",)
    list_filter = (DeliveryStateFilter, "webhook", "event")
    search_fields = ("learning_context_key", "uuid")
    fields = (
        ("event", "webhook_link", "state"),
        ("message_id", "learning_context_key"),
        ("occurred_at", "created"),
        ("attempts", "last_attempt_at", "next_attempt_at", "delivered_at"),
        "request_body",
        ("response_status", "milliseconds"),
        "response_body",
        "error_message",
    )
    readonly_fields = ("webhook_link", "state", "message_id", "request_body", "created")
    actions = ("send_again",)

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Return whether the user can send deliveries again: the ``change`` permission for webhooks."""
        return has_model_permission(request, "change", Webhook)

    @admin.action(permissions=["send"], description=gettext_lazy("Send selected deliveries again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> HttpResponse | None:
        """Make the deliveries due, with the same message ids."""
        rows = confirm_all(self, request, queryset, title=_("Send again"))
        if not isinstance(rows, list):
            return rows
        number = redeliver([row.pk for row in rows])
        log_act_on_many(request, WebhookDelivery, number, _("Sent again"))
        text = ngettext("%d delivery is sent again.", "%d deliveries are sent again.", number) % number
        messages.success(request, text)
        return None

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: WebhookDelivery) -> SafeString:
        """Return the state in its colour."""
        state = get_state(obj)
        return format_html('<span class="lcred-badge lcred-{}">{}</span>', COLOURS[state], DELIVERY_STATES[state])

    @admin.display(description=gettext_lazy("webhook"))
    def webhook_link(self, obj: WebhookDelivery) -> SafeString:
        """Return the webhook with a link to it."""
        return link(get_url("webhook_change", obj.webhook_id), obj.webhook)

    @admin.display(description=gettext_lazy("message id"))
    def message_id(self, obj: WebhookDelivery) -> str:
        """Return the id that the receiver gets."""
        return f"msg_{obj.uuid.hex}"

    @admin.display(description=gettext_lazy("request"))
    def request_body(self, obj: WebhookDelivery) -> SafeString | str:
        """Return what was sent."""
        if not obj.body:
            return NOTHING
        return format_html(
            '<pre class="lcred-pre">{}</pre>', json.dumps(json.loads(obj.body), ensure_ascii=False, indent=2)
        )

    @admin.display(description=gettext_lazy("problem"))
    def problem(self, obj: WebhookDelivery) -> str:
        """Return the error of the last attempt."""
        return obj.error_message[:200] or NOTHING
