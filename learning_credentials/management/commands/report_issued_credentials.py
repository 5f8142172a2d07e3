"""Write reports on credentials from the command line."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from learning_credentials.exceptions import CredentialsError
from learning_credentials.services.reports import (
    iter_issued_certificates_csv,
    iter_issued_counts_csv,
    iter_kept_certificates_csv,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """``manage.py report_issued_credentials --context KEY | --configuration ID [--kept | --counts] [--output FILE]``."""

    help = "Print as CSV which credentials were issued in a learning context or by a configuration."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--context", metavar="KEY", help="all credentials that were issued in this learning context"
        )
        parser.add_argument(
            "--configuration", type=int, metavar="ID", help="only credentials that this configuration issued"
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--kept",
            action="store_true",
            help="instead: the learners who keep the course certificate of the run although they do not pass now",
        )
        which.add_argument(
            "--counts", action="store_true", help="instead: the number of credentials by type, mode and status"
        )
        parser.add_argument(
            "--output", metavar="FILE", help="write to this file, with a byte order mark for spreadsheets"
        )

    def handle(self, **options: Any) -> None:
        """Write the report line by line."""
        if options["context"] is None and options["configuration"] is None:
            raise CommandError("name a learning context with --context or a configuration with --configuration")
        if options["kept"] and options["configuration"] is not None:
            raise CommandError("--kept needs a course run: name it with --context, without --configuration")
        try:
            self._write(options)
        except CredentialsError as error:
            msg = f"{error.code}: {error}"
            raise CommandError(msg) from error

    def _write(self, options: dict[str, Any]) -> None:
        make: Callable[..., Iterable[str]] = partial(
            iter_issued_counts_csv if options["counts"] else iter_issued_certificates_csv,
            configuration_id=options["configuration"],
        )
        if options["kept"]:
            make = iter_kept_certificates_csv
        if not options["output"]:
            for line in make(options["context"], has_bom=False):
                self.stdout.write(line, ending="")
            return
        try:
            with Path(options["output"]).open("w", encoding="utf-8", newline="") as file:
                file.writelines(make(options["context"], has_bom=True))
        except OSError as error:
            msg = f"{options['output']} cannot be written: {error.strerror}"
            raise CommandError(msg) from error
