"""Invalidate credentials from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.management.commands._changes import ChangeCommand
from learning_credentials.services.desk import BulkAct, needs_second_person, request_invalidation
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

    def hand_over(self, chosen: list[UUID], options: dict[str, Any]) -> bool:
        """Let the job wait for a second person if there are more credentials than one person may invalidate at once."""
        if not needs_second_person(BulkAct.INVALIDATE, len(chosen)):
            return False
        job = request_invalidation(
            chosen,
            reason=options["reason"],
            blocks_reissue=not options["allow_reissue"],
            source=self.get_source(options),
        )
        self.stdout.write(
            f"Nothing was changed yet. A second person must confirm job {job.pk} in the admin: {job.total} credentials, "
            f"{job.left_out} left out"
        )
        return True

    def change(self, uuid: UUID, options: dict[str, Any]) -> str:
        """Invalidate one credential."""
        blocks = not options["allow_reissue"]
        credential = invalidate_credential(uuid, reason=options["reason"], blocks_reissue=blocks)
        return f"{credential.verify_uuid}: invalidated"
