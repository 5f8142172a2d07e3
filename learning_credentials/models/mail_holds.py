"""Define the model of acts by staff whose e-mails wait, so that staff can call them back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel

from learning_credentials.models.fields import KeyField


class MailHold(TimeStampedModel):
    """One act by staff in one learning context. The e-mails about its credentials wait for ``MAIL_DELAY`` after each credential was issued.

    Each credential of the act refers to the hold, and has the time of its e-mail in ``notification_held_until``. If the e-mails are called
    back, they are not sent, also those about credentials that the act issues later.
    """

    class Act(models.TextChoices):
        RUN = "run", _("run")
        RETRY = "retry", _("retry of failed credentials")
        ISSUE = "issue", _("credential for one learner")
        REISSUE = "reissue", _("reissue")
        RENEWAL = "renewal", _("renewal")
        RESTORATION = "restoration", _("undoing of a revocation")
        STANDING = "standing", _("change of certificate status")

    act = models.CharField(_("act"), max_length=20, choices=Act.choices)
    learning_context_key = KeyField(_("learning context"), max_length=255, default="", blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # At most one of the two is set.
    released_at = models.DateTimeField(_("sent at once"), null=True, blank=True)
    called_back_at = models.DateTimeField(_("called back"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Who called the e-mails back, or had them sent at once."),
    )

    class Meta:
        db_table = "lcred_mail_hold"
        verbose_name = _("waiting e-mails")
        verbose_name_plural = _("waiting e-mails")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"e-mails of act {self.pk}: {self.get_act_display()}"
