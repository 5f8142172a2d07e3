"""Who is to be issued what: learners who enrol in waves, under one configuration of PDFs and one of slow texts."""

from __future__ import annotations

from learning_credentials.models import CredentialConfiguration
from tests.services.world import enrol_learners, make_configuration

GENERATORS = ("tests.services.plugins.generate_slowly", "learning_credentials.generators.generate_pdf_credential")


def make_configurations() -> None:
    """Make the two configurations."""
    for generator in GENERATORS:
        make_configuration(generator, is_enabled=True)


def enrol(count: int) -> None:
    """Enrol more learners, and have the schedule come by."""
    enrol_learners(count)
    come_due()


def come_due() -> None:
    """Have the schedule come by for every configuration."""
    CredentialConfiguration.objects.update(next_run_at=None)
