"""Provide the base of commands that change issued credentials."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from learning_credentials.exceptions import CredentialsError
from learning_credentials.models import Credential

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.management.base import CommandParser
    from django.db.models import QuerySet


class ChangeCommand(BaseCommand):
    """Base of commands that apply one change to chosen credentials, one by one. If one is refused, the others are still changed."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("verify_uuids", nargs="*", metavar="VERIFY_UUID", help="verification ids of credentials")
        parser.add_argument(
            "--configuration", type=int, metavar="ID", help="all available credentials of a configuration"
        )
        parser.add_argument("--context", metavar="KEY", help="all available credentials of a learning context")
        parser.add_argument(
            "--reason", required=True, help="the reason, for the history and for everyone who verifies the credential"
        )
        parser.add_argument("--dry-run", action="store_true", help="only list the credentials that would be changed")
        parser.add_argument(
            "--no-input",
            "--yes",
            action="store_false",
            dest="interactive",
            help="do not ask before credentials of a configuration or context are changed. Scripts without a "
            "terminal are never asked",
        )

    def get_rows(self) -> QuerySet[Credential]:
        """Return the credentials from which ``--configuration`` and ``--context`` select."""
        return Credential.objects.filter(status=Credential.Status.AVAILABLE)

    def change(self, uuid: UUID, options: dict[str, Any]) -> str:
        """Change one credential. Return a text that says what happened."""
        raise NotImplementedError

    def hand_over(self, chosen: list[UUID], options: dict[str, Any]) -> bool:  # noqa: ARG002
        """Return whether the change was handed over to a job, so that nothing is left to do here."""
        return False

    def get_source(self, options: dict[str, Any]) -> str:
        """Return in words how the credentials were chosen."""
        named = [f"--{name} {options[name]}" for name in ("configuration", "context") if options[name]]
        return " ".join(["manage.py", *(named or ["with verification ids"])])

    def handle(self, **options: Any) -> None:
        """Change the chosen credentials."""
        chosen = self._choose(options)
        if options["dry_run"]:
            for uuid in chosen:
                self.stdout.write(_get_public_id(uuid))
            self.stdout.write(f"{len(chosen)} would be changed")
            return
        if not self._is_confirmed(options, len(chosen)):
            self.stdout.write("Nothing was changed.")
            return
        if self.hand_over(chosen, options):
            return
        refused = 0
        for uuid in tqdm(chosen, unit="credential", file=self.stderr, disable=None):
            try:
                self.stdout.write(self.change(uuid, options))
            except CredentialsError as error:
                refused += 1
                self.stderr.write(self.style.ERROR(f"{_get_public_id(uuid)}: {error.code}: {error}"))
        self.stdout.write(f"{len(chosen) - refused} changed, {refused} refused")
        if refused:
            msg = f"{refused} of {len(chosen)} were refused"
            raise CommandError(msg)

    def _is_confirmed(self, options: dict[str, Any], number: int) -> bool:
        """Return whether to continue. Say how many credentials a filter selected, and ask a person at the terminal.

        Exactly these credentials are changed, whatever matches the filter later.
        """
        if options["verify_uuids"] or not number:
            return True
        text = f"{number} credentials will be changed"
        if not options["interactive"] or not sys.stdin.isatty():
            self.stdout.write(text)
            return True
        return input(f"{text}. Type 'yes' to continue: ").strip().lower() == "yes"

    def _choose(self, options: dict[str, Any]) -> list[UUID]:
        if not options["verify_uuids"] and options["configuration"] is None and not options["context"]:
            raise CommandError("name the credentials by their verification ids, by --configuration or by --context")
        if options["verify_uuids"]:
            return [self._find(text) for text in options["verify_uuids"]]
        rows = self.get_rows()
        if options["configuration"] is not None:
            rows = rows.filter(configuration_id=options["configuration"])
        if options["context"]:
            rows = rows.filter(learning_context_key=options["context"])
        return list(rows.order_by("issued_at", "pk").values_list("pk", flat=True))

    def _find(self, text: str) -> UUID:
        from django.core.exceptions import ValidationError

        try:
            return Credential.objects.values_list("pk", flat=True).get(verify_uuid=text)
        except (Credential.DoesNotExist, ValidationError):
            msg = f"no credential has the verification id '{text}'"
            raise CommandError(msg) from None


def _get_public_id(uuid: UUID) -> str:
    """Return the public id of a credential. Operators know it by this id."""
    return str(Credential.objects.only("verify_uuid").get(pk=uuid).verify_uuid)
