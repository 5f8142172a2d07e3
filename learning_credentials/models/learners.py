"""Define the model with which learners are found by name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel

MAX_WORDS = 500


class Learner(TimeStampedModel):
    """The words with which staff find one account: of the user name, the names, the e-mail address, and the names on credentials.

    The host's table of accounts cannot be searched quickly, or without regard to accents. A row is only for searching. It follows the
    account: it is written after the account is saved, and the sweep writes rows that are missing.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    #: Folded words, each with a space before it. PostgreSQL has an index for the beginnings of words, see the migration.
    words = models.CharField(_("words"), max_length=MAX_WORDS, default="", blank=True, editable=False)

    class Meta:
        db_table = "lcred_learner"
        verbose_name = _("learner")
        verbose_name_plural = _("learners")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.user)
