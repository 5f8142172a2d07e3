"""Restore revocations that a database backup does not contain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from learning_credentials.exceptions import CredentialsError
from learning_credentials.services.credentials import get_revocation_log_path
from learning_credentials.services.staff import apply_restore, plan_restore

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from learning_credentials.services.staff import RestorePlan


class Command(BaseCommand):
    """``manage.py after_restore [--list FILE]… [--log FILE]… [--allow-reissue] [--yes]``."""

    help = (
        "Run this command after the database was restored from a backup, before the site and its workers "
        "start. It starts new status lists, so that no place is used twice. It reads what was revoked after "
        "the backup, in the log of revocations and in published status lists, and invalidates those "
        "credentials. It also lifts the blocks that the log says were lifted. Without --yes it only lists "
        "what it would do. You can repeat it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--list",
            dest="lists",
            action="append",
            type=Path,
            default=[],
            metavar="FILE",
            help="a signed status list that was published after the backup. You can give several",
        )
        parser.add_argument(
            "--log",
            dest="logs",
            action="append",
            type=Path,
            default=[],
            metavar="FILE",
            help="a log of revocations, instead of the file in REVOCATION_LOG. You can give several",
        )
        parser.add_argument(
            "--allow-reissue",
            action="store_true",
            help="let the schedule issue new credentials to eligible learners if only a list says that the "
            "old one was revoked",
        )
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, **options: Any) -> None:
        """Make the plan and show it. With ``--yes``, apply it."""
        plan = self._plan(options)
        self._show(plan)
        if not options["yes"]:
            self.stdout.write("Nothing was changed. Run it again with --yes to do this.")
            return
        done = apply_restore(plan)
        self.stdout.write(
            f"{done.lists_closed} status lists closed, {done.revoked} credentials invalidated, {done.places_revoked} places revoked, "
            f"{done.lifted} blocks lifted"
        )

    def _plan(self, options: dict[str, Any]) -> RestorePlan:
        logs: list[Path] = list(options["logs"])
        configured = get_revocation_log_path()
        if not logs and configured is not None:
            if not configured.is_file():
                msg = f"REVOCATION_LOG: there is no file {configured}. Name the log with --log"
                raise CommandError(msg)
            logs = [configured]
        if not logs and not options["lists"]:
            self.stderr.write(
                "There is neither a log nor a list. Revocations since the backup are unknown and will not be restored."
            )
        try:
            lists = []
            for path in options["lists"]:
                content = path.read_bytes()
                self._check(path, content)
                lists.append(content)
            return plan_restore(lists, logs, blocks_reissue=not options["allow_reissue"])
        except OSError as error:
            msg = f"{error.filename} cannot be read: {error.strerror}"
            raise CommandError(msg) from error
        except CredentialsError as error:
            msg = f"{error.code}: {error}"
            raise CommandError(msg) from error

    @staticmethod
    def _check(path: Path, content: bytes) -> None:
        """Refuse a file that is not a status list of this site, and name it."""
        try:
            plan_restore([content], [])
        except CredentialsError as error:
            msg = f"{path}: {error.code}: {error}"
            raise CommandError(msg) from error

    def _show(self, plan: RestorePlan) -> None:
        self.stdout.write(f"Status lists to close: {plan.lists_to_close}. New credentials get places in a new list.")
        if plan.lists_to_make:
            self.stdout.write(
                f"Status lists to make, which were published and are not in the database: {len(plan.lists_to_make)}."
            )
        self.stdout.write(f"Places of lost credentials to revoke: {len(plan.places)}.")
        self.stdout.write(f"Credentials to invalidate: {len(plan.revocations)}.")
        for item in plan.revocations:
            self.stdout.write(f"  {item.verify_uuid} ({item.source}): {item.reason}")
        self.stdout.write(f"Blocks to lift: {len(plan.lifts)}.")
        for lift in plan.lifts:
            self.stdout.write(f"  {lift.verify_uuid}: {lift.reason}")
        for user_id, at in plan.retired.items():
            self.stdout.write(f"Account {user_id} was retired on {at:%Y-%m-%d}. Retire it again.")
        for problem in plan.problems:
            self.stderr.write(self.style.WARNING(problem))
