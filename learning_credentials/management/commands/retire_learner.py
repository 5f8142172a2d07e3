"""Erase the data of a learner from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from learning_credentials.data import Keep
from learning_credentials.exceptions import CredentialsError
from learning_credentials.management.commands._accounts import find_account
from learning_credentials.services.desk import retire_learner

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

KEPT = {
    Keep.NOTHING: "Nothing stays of the credentials. Their pages answer like unknown ids.",
    Keep.TOMBSTONE: "Their pages say that they were withdrawn at the holder's request. They name nobody.",
    Keep.ANONYMOUS_RECORD: "Their pages say that they were withdrawn. Results stay without a name, for statistics.",
}


class Command(BaseCommand):
    """``manage.py retire_learner USER [--keep tombstone] [--no-input]``."""

    help = "Erase what the app knows about a learner, and withdraw the learner's credentials. This cannot be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("user", help="user name, e-mail address or id of the account")
        parser.add_argument(
            "--keep",
            choices=[keep.value for keep in Keep],
            default=Keep.TOMBSTONE.value,
            help="what stays of the credentials (default: tombstone)",
        )
        parser.add_argument("--no-input", action="store_true", help="do not ask")

    def handle(self, **options: Any) -> None:
        """Say what will happen, ask, and do it."""
        account = find_account(options["user"])
        keep = Keep(options["keep"])
        number = account.learning_credentials.count()
        self.stdout.write(f"{account.get_username()} (id {account.pk}): {number} credentials will be withdrawn.")
        self.stdout.write(KEPT[keep])
        if not options["no_input"] and input("This cannot be undone. Type the id of the account to go on: ") != str(
            account.pk
        ):
            msg = "Nothing was done."
            raise CommandError(msg)
        try:
            done = retire_learner(account.pk, keep=keep)
        except (CredentialsError, OSError) as error:
            msg = f"Nothing was done: {error}"
            raise CommandError(msg) from error
        self.stdout.write(
            f"{done.credentials} credentials were withdrawn, and {done.rows} other rows were deleted or emptied. The next "
            "sweep deletes the files. The account itself is not changed: deactivate or delete it too."
        )
