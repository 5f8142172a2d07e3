"""List names that no font can draw, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from learning_credentials.exceptions import CredentialsError
from learning_credentials.services.reports import iter_undrawable_names

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """``manage.py list_undrawable_names [--context KEY]``."""

    help = (
        "List the names of learning contexts and of their learners that no font can draw, neither the shipped "
        "fonts nor those of the server. Font assets that a type names in its options are not considered."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--context", metavar="KEY", help="one learning context. Default: all that have an enabled configuration"
        )

    def handle(self, **options: Any) -> None:
        """Write one line for each name, and then the number of names."""
        count = 0
        try:
            for found in iter_undrawable_names(options["context"]):
                whose = "the name of the context" if found.user_id is None else f"learner {found.user_id}"
                self.stdout.write(f"{found.learning_context_key}\t{whose}\t{found.name}\t{found.characters}")
                count += 1
        except CredentialsError as error:
            msg = f"{error.code}: {error}"
            raise CommandError(msg) from error
        self.stdout.write(f"{count} names cannot be drawn.")
