"""Fill the demo LMS: ``manage.py seed_demo``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.lms.seed import DEFAULT_LEARNERS, DEFAULT_SEED, seed_demo

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Create courses, learners and configured credentials. The command can be repeated."""

    help = "Fill the demo LMS with courses, learners and configured credentials. Running it again adds only what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the number of learners and the random seed."""
        parser.add_argument(
            "--learners", type=int, default=DEFAULT_LEARNERS, help="how many learners (default: %(default)s)"
        )
        parser.add_argument(
            "--seed", type=int, default=DEFAULT_SEED, help="what decides who they are (default: %(default)s)"
        )

    def handle(self, *, learners: int, seed: int, **_options: Any) -> None:
        """Create the data and print what was added."""
        if learners < 1:
            raise CommandError("--learners must be at least 1")
        result = seed_demo(
            learners,
            seed,
            admin_password=settings.LOCAL_SECRETS.admin_password,
            learner_password=settings.LOCAL_SECRETS.learner_password,
        )
        self.stdout.write(f"{result.learners} learners, {result.added} of them new")
