"""Define the model of generation runs. Progress bars show runs, and the sweep resumes them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel

from learning_credentials.models.mail_holds import MailHold
from learning_credentials.models.types import CredentialConfiguration


class GenerationRun(TimeStampedModel):
    """One pass over the learners of a configuration.

    A run is *evaluated* when every learner was checked. It is *finished* when none of its credentials is GENERATING.

    While a run is *paused*, no worker evaluates it or claims its credentials. A *cancelled* run is evaluated no further: its credentials
    that no worker had claimed are cancelled. What was issued stays, until somebody *undoes* the run: then the credentials whose learners
    were not e-mailed are withdrawn.

    A *dry run* issues nothing. Its ``total`` is how many credentials it would issue, and ``forecast`` says more.
    """

    configuration = models.ForeignKey(
        CredentialConfiguration, verbose_name=_("configuration"), on_delete=models.CASCADE, related_name="runs"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Empty if the schedule started the run."),
    )
    is_dry_run = models.BooleanField(_("dry run"), default=False, editable=False)
    # What a dry run has found. Of a real run: what its requester had been told that it would do.
    forecast = models.JSONField(default=dict, editable=False)
    # The values of the configuration that a dry run uses instead of the saved ones.
    changes = models.JSONField(default=dict, editable=False)
    checked = models.PositiveIntegerField(_("learners checked"), default=0)
    total = models.PositiveIntegerField(_("to issue"), default=0)
    done = models.PositiveIntegerField(_("issued"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    # For each reason, how many learners were skipped and the ids of the first of them. Also how many other learners received nothing.
    skipped_detail = models.JSONField(default=dict, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    evaluated_at = models.DateTimeField(_("evaluated"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("cancelled by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    undo_requested_at = models.DateTimeField(_("undoing began"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("undone by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    undo_reason = models.TextField(_("why it was undone"), default="", blank=True)
    mail_hold = models.OneToOneField(
        MailHold, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="run"
    )
    lease_token = models.CharField(max_length=36, default="", blank=True, editable=False)
    lease_renewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # How often the evaluation failed, and until when the sweep then waits.
    attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0, editable=False)
    resume_after = models.DateTimeField(null=True, blank=True, editable=False)
    error_code = models.CharField(_("error"), max_length=64, default="", blank=True)
    error_message = models.TextField(_("error message"), default="", blank=True)

    class Meta:
        db_table = "lcred_run"
        verbose_name = _("generation run")
        verbose_name_plural = _("generation runs")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("finished_at", "lease_renewed_at"), name="lcred_run_unfinished"),)

    def __str__(self) -> str:
        return f"run {self.pk} of {self.configuration}"
