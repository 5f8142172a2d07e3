"""Send failed e-mails again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from learning_credentials import api

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """``manage.py retry_emails [--yes]``."""

    help = (
        "Have all e-mails about credentials sent that failed, those that are tried again later and those that are not tried any more. Run "
        "it when the mail server works again. The next announcing by the beat sends them. Without --yes it only says how many there are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the option."""
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, **options: Any) -> None:
        """Count the failed e-mails. With ``--yes``, let the next announcing send them."""
        failing, given_up = api.count_failed_announcements()
        self.stdout.write(
            f"E-mails that failed: {failing + given_up}, of which {given_up} are not tried any more and {failing} are tried again later."
        )
        if not options["yes"]:
            self.stdout.write("Nothing was changed. Run it again with --yes to have them sent.")
            return
        self.stdout.write(
            f"{api.retry_announcements()} e-mails are sent with the next announcing. Any others are tried again soon in any case."
        )
