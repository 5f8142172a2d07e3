"""List stray files in the storage: files that no row refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from learning_credentials.exceptions import StorageUnavailableError
from learning_credentials.services.common import delete_stray_files, find_stray_files

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """List stray files of the app, for example after an error in an earlier version."""

    help = (
        "List files of credentials, examples and assets in the storage that no database row uses. Do not use "
        "this command if two sites share the same folder of a storage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--delete", action="store_true", help="give the files to the sweep, which deletes them after one day"
        )

    def handle(self, **options: Any) -> None:
        """List the files. With ``--delete``, let the sweep delete them."""
        try:
            found = find_stray_files()
        except StorageUnavailableError as error:
            raise CommandError(str(error)) from error
        for name in found:
            self.stdout.write(name)
        if options["delete"]:
            delete_stray_files(found)
        self.stderr.write(f"{len(found)} files that no row uses")
