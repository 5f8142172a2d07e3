"""Define the models of course certificates: settings of course runs, standings, allowlist, invalidations and their history."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel

from learning_credentials.models.fields import KeyField, MomentField
from learning_credentials.models.types import CredentialConfiguration

DEFAULT_MODE = "honor"


class CourseCertificate(TimeStampedModel):
    """The certificate settings of one course run.

    They say whether there are course certificates, and from when the credentials of the run are visible. The available date is stored only
    here, so changing it changes what every learner sees at once.
    """

    class Pacing(models.TextChoices):
        SELF = "self", _("self-paced")
        INSTRUCTOR = "instructor", _("instructor-paced")

    course_key = KeyField(_("course run"), max_length=255, unique=True)
    certificate_type = models.CharField(
        _("mode"),
        max_length=64,
        default=DEFAULT_MODE,
        help_text=_("The run's default mode, such as honor or verified."),
    )
    available_date = MomentField(
        _("available date"),
        null=True,
        blank=True,
        help_text=_(
            "The credentials of this run are visible from this time on. Leave empty if they are always visible."
        ),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Whether this run issues course certificates.")
    )
    # Copies of the LMS's values that decide about visibility. Tasks refresh them, so a public answer never asks the LMS.
    pacing = models.CharField(_("pacing"), max_length=20, choices=Pacing.choices, default=Pacing.INSTRUCTOR)
    shows_early = models.BooleanField(_("shows certificates early"), default=False)
    refreshed_at = models.DateTimeField(_("refreshed from the LMS"), null=True, blank=True)
    allows_self_generation = models.BooleanField(
        _("self-generation"),
        default=False,
        help_text=_("Whether learners can request their course certificate themselves."),
    )

    class Meta:
        db_table = "lcred_course_certificate"
        verbose_name = _("course run")
        verbose_name_plural = _("course runs")
        ordering = ("course_key",)

    def __str__(self) -> str:
        return self.course_key


class LearnerCertificate(TimeStampedModel):
    """The standing of one learner in one course run.

    The app sets only the first four statuses. The others are historical: the app reads, shows and filters them but never sets them.
    """

    class Status(models.TextChoices):
        DOWNLOADABLE = "downloadable", _("downloadable")
        NOTPASSING = "notpassing", _("not passing")
        UNAVAILABLE = "unavailable", _("unavailable")
        UNVERIFIED = "unverified", _("unverified")
        # Historical.
        DELETED = "deleted", _("deleted")
        DELETING = "deleting", _("deleting")
        ERROR = "error", _("error")
        GENERATING = "generating", _("generating")
        REGENERATING = "regenerating", _("regenerating")
        REQUESTING = "requesting", _("requesting")
        RESTRICTED = "restricted", _("restricted")
        AUDITING = "auditing", _("auditing")
        AUDIT_PASSING = "audit_passing", _("audit, passing")
        AUDIT_NOTPASSING = "audit_notpassing", _("audit, not passing")
        HONOR_PASSING = "honor_passing", _("honor, passing")
        INVALIDATED = "invalidated", _("invalidated")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("learner"),
        on_delete=models.CASCADE,
        related_name="learning_credentials_standings",
        db_index=False,
    )
    course_certificate = models.ForeignKey(
        CourseCertificate,
        verbose_name=_("course run"),
        on_delete=models.PROTECT,
        related_name="standings",
        db_index=False,
    )
    status = models.CharField(_("status"), max_length=32, choices=Status.choices)
    mode = models.CharField(_("mode"), max_length=64, default="", blank=True)
    grade = models.FloatField(_("grade"), null=True, blank=True, help_text=_("Overall grade, from 0 to 1."))
    letter_grade = models.CharField(_("letter grade"), max_length=16, default="", blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        db_table = "lcred_learner_certificate"
        verbose_name = _("certificate status")
        verbose_name_plural = _("certificate status")
        ordering = ("-modified",)
        constraints = (
            models.UniqueConstraint(fields=("user", "course_certificate"), name="lcred_learner_certificate_one"),
        )
        # The foreign keys have no separate indexes, because these indexes and the unique constraint begin with them.
        permissions = (("evaluate_learner", _("Can evaluate learners again")),)
        indexes = (
            models.Index(fields=("course_certificate", "status"), name="lcred_standing_by_status"),
            models.Index(fields=("modified",), name="lcred_standing_newest"),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.course_certificate}: {self.status}"


class ActiveOnce(TimeStampedModel):
    """Base of entries about a learner in a context that are active or were active. They are never deleted, so their history stays.

    ``is_active`` is True or NULL, never False. A unique constraint treats NULLs as different. So on every database there is at most one
    active entry.
    """

    # There is no separate index, because the unique constraints begin with this column.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("learner"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    learning_context_key = KeyField(_("learning context"), max_length=255)
    notes = models.TextField(_("notes"), blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    is_active = models.BooleanField(_("active"), null=True, default=True)

    class Meta:
        abstract = True


class AllowlistEntry(ActiveOnce):
    """An entry that waives a requirement for a learner.

    It waives the grade for the course certificate of a course run, or the criteria of one named configuration.
    """

    configuration = models.ForeignKey(
        CredentialConfiguration,
        verbose_name=_("configuration"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="allowlist_entries",
        help_text=_("Empty if the entry is about the course certificate of the run."),
    )
    # The configuration's id as text, or empty. A NULL would differ from every other NULL in the unique constraint.
    scope = models.CharField(max_length=20, default="", editable=False, blank=True)

    class Meta:
        db_table = "lcred_allowlist_entry"
        verbose_name = _("allowlist entry")
        verbose_name_plural = _("allowlist entries")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("learning_context_key",), name="lcred_allowlist_context", opclasses=("varchar_pattern_ops",)
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("user", "learning_context_key", "scope", "is_active"), name="lcred_allowlist_one_active"
            ),
            models.CheckConstraint(
                condition=Q(is_active=True) | Q(is_active__isnull=True), name="lcred_allowlist_active_not_false"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.learning_context_key}"


class CertificateInvalidation(ActiveOnce):
    """An entry that blocks a learner from the course certificate of a run until staff lift it."""

    class Meta:
        db_table = "lcred_certificate_invalidation"
        verbose_name = _("barred learner")
        verbose_name_plural = _("barred learners")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("learning_context_key",), name="lcred_invalidation_context", opclasses=("varchar_pattern_ops",)
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("user", "learning_context_key", "is_active"), name="lcred_invalidation_one_active"
            ),
            models.CheckConstraint(
                condition=Q(is_active=True) | Q(is_active__isnull=True), name="lcred_invalidation_active_not_false"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.learning_context_key}"


class CertificateEvent(models.Model):
    """One entry in the history of certificate settings, a standing, an allowlist entry or an invalidation.

    Entries are only added.
    """

    class Subject(models.TextChoices):
        COURSE_CERTIFICATE = "course_certificate", _("course run")
        STANDING = "standing", _("certificate status")
        ALLOWLIST = "allowlist", _("allowlist")
        INVALIDATION = "invalidation", _("barred learner")

    subject = models.CharField(_("what"), max_length=20, choices=Subject.choices)
    subject_id = models.BigIntegerField(_("id"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("learner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    learning_context_key = KeyField(_("learning context"), max_length=255)
    field = models.CharField(_("changed"), max_length=32, help_text=_("The value that changed."))
    from_value = models.CharField(_("from"), max_length=64, default="", blank=True)
    to_value = models.CharField(_("to"), max_length=64, default="", blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reason = models.TextField(_("why"), default="", blank=True)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        db_table = "lcred_certificate_event"
        verbose_name = _("certificate event")
        verbose_name_plural = _("certificate events")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("subject", "subject_id"), name="lcred_cert_event_subject"),
            models.Index(fields=("learning_context_key", "user"), name="lcred_cert_event_learner"),
            models.Index(fields=("subject", "created_at"), name="lcred_cert_event_recent"),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.field}: {self.from_value} to {self.to_value}"
