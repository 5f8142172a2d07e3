"""Define the models of credentials and their history.

They contain only data and constraints. ``services`` decides what can happen to a credential.
"""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from model_utils.models import TimeStampedModel

from learning_credentials.folding import MAX_FOLDED
from learning_credentials.models.fields import CodeField, DayField, FoldedField, KeyField, MomentField
from learning_credentials.models.mail_holds import MailHold
from learning_credentials.models.runs import GenerationRun
from learning_credentials.models.types import CredentialConfiguration
from learning_credentials.verify_codes import LENGTH


class Credential(TimeStampedModel):
    """One credential of one learner.

    A credential is *live* if ``is_current`` is True, whatever its status. An available credential that is not live has expired and was
    renewed. ``uuid`` is internal and never public. ``verify_uuid`` is the public id, and
    ``verify_code`` the short code that people type. The code is NULL while a credential from before there were codes waits for the sweep.
    """

    class Status(models.TextChoices):
        GENERATING = "generating", _("Being made")
        AVAILABLE = "available", pgettext_lazy("credential", "Valid")
        ERROR = "error", _("Failed")
        INVALIDATED = "invalidated", _("Revoked")

    uuid = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    verify_uuid = models.UUIDField(_("verification id"), unique=True, default=uuid4, editable=False)
    #: As `verify_codes` stores it. Its unique constraint is in ``Meta``: with ``unique=True`` PostgreSQL would keep a second index.
    verify_code = CodeField(_("verification code"), max_length=LENGTH, null=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("learner"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="learning_credentials",
        db_index=False,
    )
    configuration = models.ForeignKey(
        CredentialConfiguration,
        verbose_name=_("configuration"),
        on_delete=models.PROTECT,
        related_name="credentials",
        db_index=False,
    )

    # Snapshots: a credential permanently shows the values from when it was issued.
    user_full_name = models.CharField(_("name"), max_length=255)
    #: Folded by save(). Code that updates the name in another way must set this field too.
    search_name = FoldedField(source="user_full_name", max_length=MAX_FOLDED, default="", blank=True, editable=False)
    language = models.CharField(_("language"), max_length=20, default="", blank=True)
    learning_context_key = KeyField(_("learning context"), max_length=255)
    learning_context_name = models.CharField(_("context name"), max_length=255)
    credential_type_name = models.CharField(_("credential type"), max_length=255)
    issuer = models.JSONField(_("issuer"), default=dict, blank=True)
    signatories = models.JSONField(_("signatories"), default=list, blank=True)
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    achievement = models.JSONField(
        _("achievement"),
        default=dict,
        blank=True,
        help_text=_("What the badge says about the achievement: description, criteria, and the slug of the image."),
    )
    # NULL: the credential was issued by a version without the column, or there is nothing to store. Adding such a column locks no table.
    custom_fields = models.JSONField(
        _("custom fields"),
        null=True,
        blank=True,
        help_text=_("Values of the type's custom fields, with their labels and where they are shown."),
    )
    context_details = models.JSONField(
        _("context details"),
        null=True,
        blank=True,
        help_text=_("What the LMS said about the course or learning path: organisation, dates, effort."),
    )
    name_parts = models.JSONField(_("parts of the name"), null=True, blank=True)

    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.GENERATING)
    is_current = models.BooleanField(_("current"), null=True, default=True, help_text=_("True or NULL, never False."))
    issued_at = MomentField(_("issued"), null=True, blank=True)
    date_override = DayField(
        _("date on the public page"),
        null=True,
        blank=True,
        help_text=_("The date that is shown instead of the date of issue. Empty if staff have set none."),
    )
    expires_at = MomentField(_("expires"), null=True, blank=True)

    # The claim: the worker that has it (empty for none), since when the credential waits or is worked on, and the number of attempts.
    generation_task_id = models.CharField(max_length=36, default="", blank=True, editable=False)
    generation_started_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    generation_run = models.ForeignKey(
        GenerationRun,
        verbose_name=_("run"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="credentials",
        db_index=False,
    )
    error_code = models.CharField(_("error"), max_length=64, default="", blank=True)
    error_message = models.TextField(_("error message"), default="", blank=True)

    artifact_name = models.CharField(_("file"), max_length=255, default="", blank=True)
    artifact_media_type = models.CharField(_("media type"), max_length=100, default="", blank=True)
    artifact_sha256 = models.CharField(_("SHA-256"), max_length=64, default="", blank=True)
    # NULL: one page, or the credential was issued by a version without the column. Adding such a column locks no table.
    artifact_pages = models.PositiveSmallIntegerField(_("pages"), null=True, blank=True)

    # Where verifiers look up the badge's status. Retries keep the place, and no other credential ever gets it.
    status_list = models.ForeignKey(
        "learning_credentials.StatusList",
        verbose_name=_("status list"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="credentials",
        db_index=False,
    )
    status_list_index = models.PositiveIntegerField(
        _("place in the status list"), null=True, blank=True, editable=False
    )
    is_indexable = models.BooleanField(
        _("found by search engines"),
        default=False,
        help_text=_("Whether the learner allows search engines to list the public page."),
    )

    invalidated_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    invalidation_reason = models.TextField(_("reason for the revocation"), default="", blank=True)
    blocks_reissue = models.BooleanField(
        _("blocks reissue"),
        default=False,
        help_text=_("The learner gets no new credential until this block is lifted."),
    )
    archived_at = models.DateTimeField(_("file archived"), null=True, blank=True)
    replaces = models.OneToOneField(
        "self", verbose_name=_("replaces"), null=True, blank=True, on_delete=models.PROTECT, related_name="successor"
    )
    is_renewal = models.BooleanField(
        _("renewal"),
        default=False,
        editable=False,
        help_text=_("Whether this credential renews an expired one. The expired one keeps its page."),
    )
    notified_at = models.DateTimeField(_("mail sent"), null=True, blank=True)
    #: Until then no worker sends the e-mail, because it waits for an act of staff, a worker is sending it, or the last attempt failed.
    notification_held_until = models.DateTimeField(_("next try to e-mail"), null=True, blank=True, editable=False)
    notification_attempts = models.PositiveSmallIntegerField(_("failed e-mails"), default=0, editable=False)
    notification_error = models.CharField(
        _("e-mail failed with"), max_length=500, default="", blank=True, editable=False
    )

    # Without a constraint, because MariaDB and MySQL would add an index, and a constraint is one more look-up for each credential.
    # Waiting e-mails are found by status and ``notified_at``.
    mail_hold = models.ForeignKey(
        MailHold,
        verbose_name=_("act of staff"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.DO_NOTHING,
        related_name="credentials",
        db_index=False,
        db_constraint=False,
    )
    mail_called_back_at = models.DateTimeField(_("e-mail called back"), null=True, blank=True, editable=False)

    class Meta:
        db_table = "lcred_credential"
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        ordering = ("-issued_at", "uuid")
        permissions = (
            ("issue_credential", _("Can issue credentials")),
            ("invalidate_credential", _("Can invalidate credentials")),
            ("reissue_credential", _("Can reissue and renew credentials")),
            ("lift_block", _("Can lift blocks of credentials")),
            ("change_dates", _("Can change expiries and shown dates")),
            ("retry_credential", _("Can retry failed credentials")),
            ("send_mail", _("Can send e-mails to learners again")),
            ("download_file", _("Can download files of credentials")),
            ("export_credentials", _("Can export credentials and learners")),
            ("view_personal_data", _("Can see all about one learner")),
        )
        # Each index slows down issuing. So a foreign key has no separate index if another index or a unique constraint begins with it, and
        # a text has only the index that queries use.
        indexes = (
            models.Index(fields=("status", "generation_started_at"), name="lcred_credential_sweep"),
            models.Index(fields=("generation_run", "status"), name="lcred_credential_run"),
            models.Index(fields=("configuration", "status"), name="lcred_credential_count"),
            models.Index(fields=("status", "archived_at"), name="lcred_credential_archive"),
            # The failed e-mails are in it, so that counting them reads no rows.
            models.Index(
                fields=("status", "notified_at", "uuid", "notification_attempts"), name="lcred_credential_unsent"
            ),
            models.Index(fields=("-issued_at", "uuid"), name="lcred_credential_newest"),
            # The classes serve the beginnings of keys too, with every collation of the database.
            models.Index(
                fields=("learning_context_key", "-issued_at"),
                name="lcred_credential_context",
                opclasses=("varchar_pattern_ops", "timestamptz_ops"),
            ),
            models.Index(fields=("status_list", "status"), name="lcred_credential_revoked"),
            models.Index(fields=("artifact_sha256",), name="lcred_credential_sha256"),
            # Few of many credentials have expired or will soon. The admin's filter and the renewal command look for them.
            models.Index(fields=("status", "expires_at"), name="lcred_credential_expiry"),
            models.Index(fields=("artifact_name",), name="lcred_credential_file"),
            # For searching names by their first letters, with every collation of the database.
            models.Index(fields=("search_name",), name="lcred_credential_search", opclasses=("varchar_pattern_ops",)),
        )
        constraints = (
            # A unique constraint treats NULLs as different on every database. So there is at most one live credential also on databases
            # that ignore conditional constraints (MySQL, MariaDB).
            models.UniqueConstraint(fields=("user", "configuration", "is_current"), name="lcred_credential_one_live"),
            models.UniqueConstraint(fields=("status_list", "status_list_index"), name="lcred_credential_status_place"),
            models.UniqueConstraint(fields=("verify_code",), name="lcred_credential_code"),
            models.CheckConstraint(
                condition=Q(is_current=True) | Q(is_current__isnull=True), name="lcred_credential_current_not_false"
            ),
            models.CheckConstraint(
                condition=~Q(status="invalidated") | Q(is_current__isnull=True, invalidated_at__isnull=False),
                name="lcred_credential_invalidated",
            ),
            models.CheckConstraint(
                condition=~Q(status="available") | (Q(issued_at__isnull=False) & ~Q(artifact_name="")),
                name="lcred_credential_available",
            ),
        )

    @property
    def is_expired(self) -> bool:
        """Return whether the expiry time has passed."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    def __str__(self) -> str:
        return f"{self.credential_type_name} of {self.user_full_name} in {self.learning_context_name}"


class CredentialEvent(models.Model):
    """One entry in a credential's history. Entries are only added."""

    class Action(models.TextChoices):
        CREATED = "created", _("created")
        ISSUED = "issued", _("issued")
        FAILED = "failed", _("failed")
        RETRIED = "retried", _("retried")
        INVALIDATED = "invalidated", _("revoked")
        CANCELLED = "cancelled", _("cancelled")
        REPLACED = "replaced", _("replaced")
        REISSUE_DISCARDED = "reissue_discarded", _("reissue discarded")
        BLOCK_LIFTED = "block_lifted", _("block lifted")
        DATE_OVERRIDDEN = "date_overridden", _("date on the public page set")
        RENEWED = "renewed", _("renewed")
        EXPIRY_CHANGED = "expiry_changed", _("expiry changed")
        UNDONE = "undone", _("award undone")
        RESTORED = "restored", _("revocation undone")
        MAIL_CALLED_BACK = "mail_called_back", _("e-mail called back")
        MAIL_RELEASED = "mail_released", _("e-mail sent at once")
        RENDERED_AGAIN = "rendered_again", _("file made again")

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(_("action"), max_length=30, choices=Action.choices)
    from_status = models.CharField(_("from"), max_length=20, choices=Credential.Status.choices, default="", blank=True)
    to_status = models.CharField(_("to"), max_length=20, choices=Credential.Status.choices, default="", blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reason = models.TextField(_("why"), default="", blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        db_table = "lcred_event"
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("pk",)
        # For the numbers and the acts of a period. The numbers read only the index.
        indexes = (models.Index(fields=("action", "created_at"), name="lcred_event_recent"),)

    def __str__(self) -> str:
        return f"{self.action} {self.created_at:%Y-%m-%d %H:%M:%S}"
