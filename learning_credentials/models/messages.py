"""Define the model of messages from and to the host. Messages are stored until they are processed."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learning_credentials.models.fields import KeyField


class HostMessage(models.Model):
    """One message. It is written in the transaction of the change that it describes and deleted when its work is done.

    It refers to no other table. So the app can store a message even if the host names a learner or a run that does not exist.
    """

    kind = models.CharField(_("kind"), max_length=32, help_text=_("What the message says, such as grade_failing."))
    context_key = KeyField(
        _("course run"),
        max_length=255,
        default="",
        blank=True,
        help_text=_("Empty if the message is about all runs of the learners."),
    )
    # ``user_ids`` (list), ``actor_id`` and ``reason``. Only ``user_ids`` is required.
    payload = models.JSONField(_("content"), default=dict, encoder=DjangoJSONEncoder)
    created = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    # While a worker has the message, this is the end of the worker's lease.
    next_attempt_at = models.DateTimeField(
        _("next attempt"),
        null=True,
        blank=True,
        default=timezone.now,
        help_text=_("Empty if the app has given up. Staff must then retry or discard the message."),
    )
    lease_token = models.CharField(max_length=36, default="", blank=True, editable=False)
    error_code = models.CharField(_("error"), max_length=64, default="", blank=True)
    error_message = models.TextField(_("error message"), default="", blank=True)

    class Meta:
        db_table = "lcred_host_message"
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("next_attempt_at",), name="lcred_message_due"),
            models.Index(fields=("kind", "context_key"), name="lcred_message_group"),
        )

    def __str__(self) -> str:
        return f"message {self.pk}: {self.kind} {self.context_key}".rstrip()
