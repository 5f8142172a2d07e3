"""Reissue credentials from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.management.commands._changes import ChangeCommand
from learning_credentials.services.common import get_verification_url
from learning_credentials.services.issuing import reissue_credential

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.management.base import CommandParser
    from django.db.models import QuerySet

    from learning_credentials.models import Credential


class Command(ChangeCommand):
    """``manage.py reissue_credentials VERIFY_UUID… | --configuration ID | --context KEY --reason TEXT [--no-email]``."""

    help = (
        "Reissue credentials with today's names and template. Each new credential replaces the old one and "
        "keeps the date of the award."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        super().add_arguments(parser)
        parser.add_argument(
            "--no-email", action="store_true", help="do not e-mail the learners that their credentials were replaced"
        )

    def get_rows(self) -> QuerySet[Credential]:
        """Leave out renewed credentials: their renewals are reissued."""
        return super().get_rows().filter(is_current=True)

    def change(self, uuid: UUID, options: dict[str, Any]) -> str:
        """Reissue one credential."""
        successor = reissue_credential(uuid, reason=options["reason"], notify=not options["no_email"])
        return f"{get_verification_url(successor.verify_uuid)}: {successor.status}"
