"""Invalidate credentials from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.management.commands._changes import ChangeCommand
from learning_credentials.services.staff import invalidate_credential

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.management.base import CommandParser


class Command(ChangeCommand):
    """``manage.py invalidate_credentials VERIFY_UUID… | --configuration ID | --context KEY --reason TEXT``."""

    help = "Invalidate credentials. By default the learner gets no new credential until the block is lifted."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        super().add_arguments(parser)
        parser.add_argument(
            "--allow-reissue", action="store_true", help="let the schedule issue new credentials to eligible learners"
        )

    def change(self, uuid: UUID, options: dict[str, Any]) -> str:
        """Invalidate one credential."""
        blocks = not options["allow_reissue"]
        credential = invalidate_credential(uuid, reason=options["reason"], blocks_reissue=blocks)
        return f"{credential.verify_uuid}: invalidated"
