"""Restore revocations that a database backup does not contain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from learning_credentials import api
from learning_credentials.exceptions import CredentialsError

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from learning_credentials.services.staff import RestorePlan


class Command(BaseCommand):
    """``manage.py after_restore [--list FILE]… [--log FILE]… [--allow-reissue] [--yes]``."""

    help = (
        "Run this after the database was restored from a backup, before the site and its workers start. It begins new status lists, so "
        "that no place is handed out twice. It invalidates what was revoked after the backup, which it reads in the log of revocations "
        "and in published status lists, and lifts the blocks that the log says were lifted. "
        "Without --yes it only says what it would do. It can be repeated."
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
            help="a signed status list that was published after the backup; can be given more than once",
        )
        parser.add_argument(
            "--log",
            dest="logs",
            action="append",
            type=Path,
            default=[],
            metavar="FILE",
            help="a log of revocations, in place of the file in REVOCATION_LOG; can be given more than once",
        )
        parser.add_argument(
            "--allow-reissue",
            action="store_true",
            help="let the schedule issue anew to eligible learners whose credential only a list tells to be revoked",
        )
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, **options: Any) -> None:
        """Make the plan and show it. With ``--yes``, apply it."""
        plan = self._plan(options)
        self._show(plan)
        if not options["yes"]:
            self.stdout.write("Nothing was changed. Run it again with --yes to do this.")
            return
        done = api.apply_restore(plan)
        self.stdout.write(
            f"{done.lists_closed} status lists closed, {done.revoked} credentials invalidated, {done.places_revoked} places revoked, "
            f"{done.lifted} blocks lifted"
        )

    def _plan(self, options: dict[str, Any]) -> RestorePlan:
        logs: list[Path] = list(options["logs"])
        configured = api.get_revocation_log()
        if not logs and configured is not None:
            if not configured.is_file():
                msg = f"REVOCATION_LOG: there is no file {configured}; name the log with --log"
                raise CommandError(msg)
            logs = [configured]
        if not logs and not options["lists"]:
            self.stderr.write(
                "Neither a log nor a list: revocations since the backup are not known, and will not be made good."
            )
        try:
            lists = []
            for path in options["lists"]:
                content = path.read_bytes()
                self._check(path, content)
                lists.append(content)
            return api.plan_restore(lists, logs, blocks_reissue=not options["allow_reissue"])
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
            api.plan_restore([content], [])
        except CredentialsError as error:
            msg = f"{path}: {error.code}: {error}"
            raise CommandError(msg) from error

    def _show(self, plan: RestorePlan) -> None:
        self.stdout.write(f"Status lists to close: {plan.lists_to_close}. New credentials get places in a new list.")
        if plan.lists_to_make:
            self.stdout.write(
                f"Status lists to make: {len(plan.lists_to_make)}, which were published and are not in the database."
            )
        self.stdout.write(f"Places to revoke of credentials that were lost: {len(plan.places)}.")
        self.stdout.write(f"Credentials to invalidate: {len(plan.revocations)}.")
        for item in plan.revocations:
            self.stdout.write(f"  {item.verify_uuid} ({item.source}): {item.reason}")
        self.stdout.write(f"Blocks to lift: {len(plan.lifts)}.")
        for lift in plan.lifts:
            self.stdout.write(f"  {lift.verify_uuid}: {lift.reason}")
        for user_id, at in plan.retired.items():
            self.stdout.write(f"Account {user_id} was retired on {at:%Y-%m-%d}: retire it again.")
        for problem in plan.problems:
            self.stderr.write(self.style.WARNING(problem))
