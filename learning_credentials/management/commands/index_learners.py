"""Prepare the search of learners."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from learning_credentials.services.common import refresh_missing_learners


class Command(BaseCommand):
    """``manage.py index_learners``."""

    help = (
        "Write the words with which staff find learners, for all accounts that have none yet. The sweep does the same "
        "for some accounts at a time. Run this command once after an upgrade if there are many accounts. It can be "
        "stopped and started again."
    )

    def handle(self, **_options: Any) -> None:
        """Write the words and say for how many accounts."""
        self.stdout.write(f"{refresh_missing_learners()} accounts can be found now.")
