"""Define the model of places in the storage that may contain stray files. No row refers to a stray file."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel


class StrayPlace(TimeStampedModel):
    """A directory of the storage, or one file. The sweep checks it until it contains no stray files.

    The row is written in the transaction that can cause strays: when a claim is taken back, released or cancelled, or a file is replaced.
    """

    name = models.TextField(_("directory or file"))
    is_directory = models.BooleanField(_("directory"), default=True)
    file_names = models.JSONField(
        _("files"),
        default=list,
        blank=True,
        help_text=_(
            "Names that were chosen before the files were stored. Used if the storage cannot list a directory."
        ),
    )
    # A late worker, or a storage whose answer was lost, may still write there for a while.
    begun_at = models.DateTimeField(_("since"))
    attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    deleted = models.PositiveIntegerField(_("files deleted"), default=0)
    last_error = models.TextField(_("last error"), default="", blank=True)

    class Meta:
        db_table = "lcred_stray"
        verbose_name = _("place with stray files")
        verbose_name_plural = _("places with stray files")
        ordering = ("-attempts", "begun_at")
        indexes = (models.Index(fields=("next_attempt_at",), name="lcred_stray_due"),)

    def __str__(self) -> str:
        return self.name
