"""Create a key for signing badges."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from learning_credentials.badges.keys import create_key, load_keys
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationError

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Create a key for signing badges. Print it, or write it to a file that only its owner can read.

    Put the key into the setting ``SIGNING_KEYS``, preferably from a file or the environment. The command changes nothing else and stores
    the key nowhere else.
    """

    help = "Make a key for signing badges."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--file",
            type=Path,
            help="write the key to this new file instead of printing it. Only the owner can read the file",
        )

    def handle(self, **options: Any) -> None:
        """Print only the secret on standard output. Print everything else on standard error."""
        key = create_key()
        private = key.export()
        path: Path | None = options["file"]
        if path is None:
            self._check_output()
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
        self.stderr.write(f"Public part: {key.verifying_key.multikey}\n{_write_setting()}")

    def _check_output(self) -> None:
        """Refuse to write the secret if the shell redirects the output to a file that others can read."""
        with suppress(OSError):
            state = os.fstat(self.stdout.fileno())
            if stat.S_ISREG(state.st_mode) and state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise CommandError("others can read the file that the output goes to. Use --file instead")


def _write_setting() -> str:
    """Return the new value of the setting.

    The listed keys stay, so that badges that were signed with them can still be verified.
    """
    try:
        listed = load_keys(get_settings()).listed
    except ConfigurationError as error:
        return f"Correct the settings before you add the key: {error}"
    lines = ['{"private_key": …, "is_active": True}', *(f'{{"public_key": "{key.multikey}"}}' for key in listed)]
    return "\n".join(['"SIGNING_KEYS": [', *(f"    {line}," for line in lines), "]"])
