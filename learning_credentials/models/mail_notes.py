"""Define the model of notes about e-mails that a worker is sending."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailNote(models.Model):
    """One e-mail to a learner that a worker handed to the mail server, or will hand to it now.

    The worker inserts a note before each e-mail. It begins an e-mail only after the mail server accepted the one before. So a note with a
    later one of the same claim means that the e-mail was sent. At the end of the batch, the worker writes ``Credential.notified_at`` and
    deletes its notes.

    A worker inserts a row for each e-mail, so the table has only what is necessary. It has no foreign key: the database would check each
    credential once more.
    """

    credential_uuid = models.UUIDField(primary_key=True, editable=False)
    #: The batch of one worker.
    claim = models.UUIDField(editable=False)
    #: In each claim, later notes have later times.
    begun_at = models.DateTimeField(editable=False)

    class Meta:
        db_table = "lcred_mail_note"
        verbose_name = _("e-mail in progress")
        verbose_name_plural = _("e-mails in progress")
        ordering = ("begun_at",)

    def __str__(self) -> str:
        return f"e-mail about {self.credential_uuid}"
