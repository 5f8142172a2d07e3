"""Prepare the demo for its commands and describe it to users."""

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
    """Add the option for the number of learners."""
    parser.add_argument(
        "--learners", type=int, default=DEFAULT_LEARNERS, help="how many learners (default: %(default)s)"
    )


def prepare(learners: int, stdout: TextIO) -> None:
    """Migrate the database and fill it."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("seed_demo", learners=learners, stdout=stdout)


def describe_logins() -> str:
    """Return a text that says how to sign in."""
    secrets = settings.LOCAL_SECRETS
    return (
        f"Staff    {ADMIN_USERNAME} / {secrets.admin_password}\n"
        f"Learner  {make_username(DEMO_LEARNER_NUMBER)} / {secrets.learner_password}\n"
        f"(made at random for this installation, kept in {settings.VAR_DIR / 'secrets.json'})"
    )
