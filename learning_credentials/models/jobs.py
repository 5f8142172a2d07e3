"""Define the models of jobs: long work that somebody asked for and that a worker does row by row."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One piece of long work, such as the invalidation of the credentials of a list.

    A job begins as a *draft*, which shows what would happen to each row. When somebody confirms the draft, the workers do it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("not confirmed")
        HELD = "held", _("waiting for a second person")
        WAITING = "waiting", _("waiting")
        WORKING = "working", _("in progress")
        FINISHED = "finished", _("finished")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")
        DECLINED = "declined", _("declined")

    kind = models.CharField(_("what"), max_length=32)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Empty if a command started the job, or if the account was deleted."),
    )
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    #: Where the rows came from, in words, such as the name of a file.
    source = models.CharField(_("rows from"), max_length=255, default="", blank=True)
    #: What the operator entered. None: the operator was not asked yet.
    parameters = models.JSONField(_("entered"), null=True, encoder=DjangoJSONEncoder, editable=False)
    #: Changes whenever the draft is planned. A confirmation names the plan that its page showed.
    plan = models.CharField(max_length=36, default="", blank=True, editable=False)
    total = models.PositiveIntegerField(_("rows"), default=0)
    left_out = models.PositiveIntegerField(_("left out"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    failed = models.PositiveIntegerField(_("refused"), default=0)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("second person"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_note = models.TextField(_("note of the second person"), default="", blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    lease_token = models.CharField(max_length=36, default="", blank=True, editable=False)
    lease_renewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # How often the work failed in a row, and until when the sweep then waits.
    attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0, editable=False)
    resume_after = models.DateTimeField(null=True, blank=True, editable=False)
    error_code = models.CharField(_("error"), max_length=64, default="", blank=True)
    error_message = models.TextField(_("error message"), default="", blank=True)
    #: The file that the job made, in the private storage, and the name under which it is downloaded. Both are empty without a file.
    file_name = models.CharField(max_length=255, default="", blank=True, editable=False)
    file_label = models.CharField(_("file"), max_length=255, default="", blank=True, editable=False)
    file_size = models.BigIntegerField(_("bytes"), default=0, editable=False)

    class Meta:
        db_table = "lcred_job"
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("state", "lease_renewed_at"), name="lcred_job_state"),)

    def __str__(self) -> str:
        return f"job {self.pk}"


class JobRow(models.Model):
    """One row of a job: what was given, what it means, and what came of it.

    It refers to no account and no credential, so that neither the deletion of an account nor that of an unfinished reissue has to wait for
    a job. Rows are deleted some time after the job has ended.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("will be done")
        LEFT_OUT = "left_out", _("left out")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="rows", db_index=False)
    #: From 1. For a file, the line.
    position = models.PositiveIntegerField(_("line"))
    given = models.CharField(_("given"), max_length=255, default="", blank=True)
    #: The internal id of the credential, and the primary key of the learner as a text.
    credential = models.UUIDField(null=True, blank=True, editable=False)
    learner = models.CharField(max_length=64, default="", blank=True, editable=False)
    #: The credential or the learner in words.
    subject = models.CharField(_("subject"), max_length=600, default="", blank=True)
    #: Values of this row alone, such as a name or a reason, and what the page showed of the credential.
    values = models.JSONField(default=dict, encoder=DjangoJSONEncoder, editable=False)
    state = models.CharField(_("result"), max_length=20, choices=State.choices, default=State.WAITING)
    code = models.CharField(_("code"), max_length=64, default="", blank=True)
    message = models.TextField(_("why"), default="", blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        db_table = "lcred_job_row"
        verbose_name = _("row of a job")
        verbose_name_plural = _("rows of a job")
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("job", "position"), name="lcred_job_row_once"),)
        indexes = (models.Index(fields=("job", "state", "attempts", "position"), name="lcred_job_row_next"),)

    def __str__(self) -> str:
        return f"{self.position}: {self.given}"
