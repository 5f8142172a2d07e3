"""Define the models of example credentials: trials with a made-up learner that show staff whether credentials can be made."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel

from learning_credentials.models.fields import KeyField
from learning_credentials.models.types import CredentialConfiguration


class ExampleCredentialSet(TimeStampedModel):
    """All examples that were made for one learning context at one time."""

    learning_context_key = KeyField(_("learning context"), max_length=255, db_index=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        db_table = "lcred_example_set"
        verbose_name = _("set of examples")
        verbose_name_plural = _("sets of examples")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"examples {self.pk} for {self.learning_context_key}"


class ExampleCredential(TimeStampedModel):
    """One example: its inputs and its result. Learners never see it."""

    class Status(models.TextChoices):
        STARTED = "started", _("started")
        SUCCESS = "success", _("success")
        ERROR = "error", _("error")

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    example_set = models.ForeignKey(ExampleCredentialSet, on_delete=models.CASCADE, related_name="examples")
    configuration = models.ForeignKey(CredentialConfiguration, on_delete=models.CASCADE, related_name="examples")
    mode = models.CharField(_("mode"), max_length=64, default="", blank=True)
    full_name = models.CharField(_("name"), max_length=255)
    inputs = models.JSONField(
        _("inputs"),
        default=dict,
        help_text=_("The functions, the merged options and the texts that the example was made from."),
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.STARTED)
    error_code = models.CharField(_("error"), max_length=64, default="", blank=True)
    error_reason = models.TextField(_("reason"), default="", blank=True)
    artifact_name = models.CharField(_("file"), max_length=255, default="", blank=True)
    artifact_media_type = models.CharField(_("media type"), max_length=100, default="", blank=True)

    class Meta:
        db_table = "lcred_example"
        verbose_name = _("example credential")
        verbose_name_plural = _("example credentials")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"example of {self.configuration}: {self.status}"
