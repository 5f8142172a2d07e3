"""What every demo command does first, and what it tells people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command

from demo.lms.people import DEMO_LEARNER_NUMBER, make_username
from demo.lms.seed import ADMIN_USERNAME, DEFAULT_LEARNERS

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from typing import TextIO


def add_learners_argument(parser: ArgumentParser) -> None:
    """Add the option that sets the demo's size."""
    parser.add_argument(
        "--learners", type=int, default=DEFAULT_LEARNERS, help="how many learners (default: %(default)s)"
    )


def prepare(learners: int, stdout: TextIO) -> None:
    """Bring the database up to date and fill it."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("seed_demo", learners=learners, stdout=stdout)


def describe_logins() -> str:
    """Say how to log in."""
    secrets = settings.LOCAL_SECRETS
    return (
        f"Staff    {ADMIN_USERNAME} / {secrets.admin_password}\n"
        f"Learner  {make_username(DEMO_LEARNER_NUMBER)} / {secrets.learner_password}\n"
        f"(made at random for this installation, kept in {settings.VAR_DIR / 'secrets.json'})"
    )
