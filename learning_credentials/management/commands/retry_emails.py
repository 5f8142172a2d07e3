"""Send failed e-mails again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from learning_credentials.services.notices import count_failed_announcements, retry_announcements

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """``manage.py retry_emails [--yes]``."""

    help = (
        "Send all e-mails about credentials again that failed, whether the app still tries them again or has "
        "given them up. Run this command when the mail server works again. The beat then sends the e-mails "
        "within minutes. Without --yes the command only says how many there are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the option."""
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, **options: Any) -> None:
        """Count the failed e-mails. With ``--yes``, let the next announcing send them."""
        failing, given_up = count_failed_announcements()
        self.stdout.write(
            f"{failing + given_up} e-mails failed. The app has given up {given_up} of them and will try "
            f"{failing} again."
        )
        if not options["yes"]:
            self.stdout.write("Nothing was changed. Run the command again with --yes to send them again.")
            return
        self.stdout.write(
            f"{retry_announcements()} e-mails will be sent the next time the beat sends e-mails. Any "
            "others are already due soon."
        )
