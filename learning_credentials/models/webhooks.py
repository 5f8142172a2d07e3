"""Define the models of webhooks: the addresses of other systems, and what the app sends to each of them."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel

from learning_credentials.models.fields import KeyField


class Webhook(TimeStampedModel):
    """The address of another system that wants to hear about events."""

    name = models.CharField(
        _("name"), max_length=100, help_text=_("Which system listens, for example “Student records”.")
    )
    url = models.URLField(
        _("address"),
        max_length=500,
        help_text=_("The app sends each event to this address as an HTTP POST request. It must begin with https://."),
    )
    events = models.JSONField(
        _("events"), default=list, blank=True, help_text=_("Leave all unselected to send every type of event.")
    )
    learning_context_key = KeyField(
        _("learning context"),
        max_length=255,
        default="",
        blank=True,
        help_text=_("Send only events of this course run or learning path. Leave empty to send the events of all."),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)
    disabled_reason = models.CharField(_("disabled because"), max_length=200, default="", blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    secret = models.CharField(max_length=100, default="", blank=True, editable=False)
    # After a rotation both secrets sign until this time.
    former_secret = models.CharField(max_length=100, default="", blank=True, editable=False)
    former_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    # For each source of events: the last event that was read, and the last one before which nothing can appear any more.
    positions = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        db_table = "lcred_webhook"
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event for one webhook. Its ``uuid`` is the same in each attempt, so that the receiver can ignore repeated ones."""

    webhook = models.ForeignKey(Webhook, verbose_name=_("webhook"), on_delete=models.CASCADE, related_name="deliveries")
    uuid = models.UUIDField(_("message id"), default=uuid4, unique=True, editable=False)
    event = models.CharField(_("event"), max_length=50)
    #: The row that the event is about, such as ``credential:12``. It is never sent.
    source = models.CharField(max_length=60)
    learning_context_key = KeyField(_("learning context"), max_length=255, default="", blank=True)
    occurred_at = models.DateTimeField(_("event time"))
    created = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    # Composed before the first attempt, and the same in all attempts. As text, because a database can change the order of keys in JSON.
    body = models.TextField(_("request"), default="", blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True, default=timezone.now)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    last_attempt_at = models.DateTimeField(_("last attempt"), null=True, blank=True)
    milliseconds = models.PositiveIntegerField(_("time in milliseconds"), null=True, blank=True)
    response_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    response_body = models.TextField(_("answer"), default="", blank=True)
    error_message = models.TextField(_("error message"), default="", blank=True)

    class Meta:
        db_table = "lcred_webhook_delivery"
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("webhook", "source"), name="lcred_delivery_once"),)
        indexes = (
            models.Index(fields=("webhook", "next_attempt_at"), name="lcred_delivery_due"),
            models.Index(fields=("created",), name="lcred_delivery_created"),
        )

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
