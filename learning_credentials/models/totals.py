"""Define the model of daily totals, which the overview reads instead of the history."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from learning_credentials.models.fields import KeyField


class DailyTotal(models.Model):
    """What happened in one learning context on one day that is over. The sweep counts it from the history and the visits.

    The row with an empty key has the sums of all contexts. Every counted day has that row, also if nothing happened.
    """

    day = models.DateField(_("day"))
    learning_context_key = KeyField(_("learning context"), max_length=255, default="", blank=True)
    issued = models.PositiveIntegerField(_("issued"), default=0)
    revoked = models.PositiveIntegerField(_("revoked"), default=0)
    verified = models.PositiveIntegerField(_("verified"), default=0)
    downloaded = models.PositiveIntegerField(_("downloaded"), default=0)
    shared = models.PositiveIntegerField(_("shared"), default=0)
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        db_table = "lcred_daily_total"
        verbose_name = _("daily total")
        verbose_name_plural = _("daily totals")
        ordering = ("day", "learning_context_key")
        # The key comes first: a page reads one context, or the sums, for a period.
        constraints = (models.UniqueConstraint(fields=("learning_context_key", "day"), name="lcred_daily_total_once"),)
        # To replace the rows of a day.
        indexes = (models.Index(fields=("day",), name="lcred_daily_total_day"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.learning_context_key or 'all'}"
