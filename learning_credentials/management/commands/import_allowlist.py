"""Import an allowlist from the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from learning_credentials.exceptions import CredentialsError
from learning_credentials.services.staff import RowResult, RowStatus, import_allowlist, write_allowlist_results

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """``manage.py import_allowlist FILE --context KEY [--configuration ID]``."""

    help = (
        "Put the learners of a CSV file on the allowlist. The columns are user name or e-mail address, and "
        "notes. The command prints one line of CSV for each row. It imports all rows that are correct."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("file", metavar="FILE", help="the CSV file, or - for standard input")
        parser.add_argument(
            "--context", required=True, metavar="KEY", help="the key of the course run, or of the learning context"
        )
        parser.add_argument(
            "--configuration",
            type=int,
            metavar="ID",
            help="the configuration whose criteria are waived. Without it, the grade for the course "
            "certificate of the run is waived",
        )

    def handle(self, **options: Any) -> None:
        """Import the file and print the result of each row."""
        try:
            results = self._import(options)
        except CredentialsError as error:
            msg = f"{error.code}: {error}"
            raise CommandError(msg) from error
        write_allowlist_results(results, self.stdout)
        added = sum(result.status is RowStatus.ADDED for result in results)
        refused = sum(result.status.is_refusal for result in results)
        already = len(results) - added - refused
        self.stderr.write(f"{added} added, {already} already on the list, {refused} refused")
        if refused:
            msg = f"{refused} of {len(results)} rows were refused"
            raise CommandError(msg)

    def _import(self, options: dict[str, Any]) -> list[RowResult]:
        if options["file"] == "-":
            return self._read(sys.stdin.buffer, options)
        try:
            with Path(options["file"]).open("rb") as file:
                return self._read(file, options)
        except OSError as error:
            msg = f"{options['file']} cannot be read: {error.strerror}"
            raise CommandError(msg) from error

    def _read(self, file: IO[bytes], options: dict[str, Any]) -> list[RowResult]:
        return import_allowlist(options["context"], file, configuration_id=options["configuration"])
