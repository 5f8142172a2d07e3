"""Write everything that the app knows about a learner to a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from learning_credentials.management.commands._accounts import find_account
from learning_credentials.services.desk import export_learner

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """``manage.py export_learner USER FILE``."""

    help = "Write everything that the app knows about a learner to a new ZIP file, which only its owner can read."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("user", help="user name, e-mail address or id of the account")
        parser.add_argument("file", type=Path, help="the ZIP file to make")

    def handle(self, **options: Any) -> None:
        """Write the file. If that fails, leave none."""
        account = find_account(options["user"])
        path: Path = options["file"]
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            msg = f"{path} cannot be made: {error.strerror}"
            raise CommandError(msg) from error
        try:
            with os.fdopen(file, "w+b") as into:
                names = export_learner(account.pk, into)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self.stdout.write(f"{path}: {len(names)} files")
