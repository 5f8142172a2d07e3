"""Makes a key for signing badges."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from learning_credentials.badges.keys import create_key

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Makes a key for signing badges and prints it, or writes it to a file that only its owner may read.

    The key goes into the setting ``SIGNING_KEYS``, best by way of a file or of the environment. Nothing is changed or kept elsewhere.
    """

    help = "Make a key for signing badges."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument(
            "--file", type=Path, help="write the key to this new file, for its owner only, in place of printing it"
        )

    def handle(self, **options: Any) -> None:
        """Print the secret alone on the standard output, and what goes with it beside it."""
        key = create_key()
        private = key.export()
        path: Path | None = options["file"]
        if path is None:
            self.stdout.write(private)
        else:
            try:
                with os.fdopen(
                    os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
                ) as file:
                    file.write(f"{private}\n")
            except OSError as error:
                msg = f"{path} cannot be made: {error.strerror}"
                raise CommandError(msg) from error
        self.stderr.write(
            f"Public part: {key.verifying_key.multikey}\n"
            "SIGNING_KEYS gets {'private_key': …, 'is_active': True}. A key that signed before stays listed as {'public_key': …}."
        )
