"""Set up the measured host: Django, tables, learners, assets and configurations. Only child processes use this module."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from learning_credentials.models import CredentialConfiguration

PROCESSOR = "learning_credentials.processors.retrieve_completions"
PDF_GENERATOR = "learning_credentials.generators.generate_pdf_credential"
TEXT_GENERATOR = "benchmarks.plugins.generate_text_credential"
PDF_OPTIONS = {"template": "template", "defaults": {"font": "font"}}
_INSERT_BATCH = 5000


def start(*, with_tables: bool = True) -> None:
    """Load Django and create the tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    import django

    django.setup()
    from benchmarks import celery  # noqa: F401  tasks must find it as the default application

    if with_tables:
        from django.core.management import call_command

        call_command("migrate", verbosity=0)


def add_learners(count: int) -> None:
    """Add users with the ids 1 to count."""
    from django.contrib.auth.models import User

    from benchmarks.names import get_name

    for start_id in range(1, count + 1, _INSERT_BATCH):
        ids = range(start_id, min(start_id + _INSERT_BATCH, count + 1))
        User.objects.bulk_create(
            User(
                pk=pk,
                username=f"learner{pk}",
                first_name=get_name(pk),
                email=f"learner{pk}@example.org",
                password="!",  # noqa: S106
            )
            for pk in ids
        )


def add_assets(template: bytes, font: Path) -> None:
    """Store a template and a font under the slugs that `PDF_OPTIONS` names."""
    import hashlib

    from django.core.files.base import ContentFile

    from learning_credentials.data import AssetKind
    from learning_credentials.models import CredentialAsset

    for slug, kind, suffix, content in (
        ("template", AssetKind.PDF_TEMPLATE, "pdf", template),
        ("font", AssetKind.FONT, "ttf", font.read_bytes()),
    ):
        CredentialAsset.objects.create(
            slug=slug,
            kind=kind.value,
            file=ContentFile(content, name=f"{slug}.{suffix}"),
            sha256=hashlib.sha256(content).hexdigest(),
        )


def add_configuration(name: str, learners: int, generator: str = PDF_GENERATOR) -> CredentialConfiguration:
    """Add a configuration for its own context with this many learners."""
    from benchmarks.lms import make_key
    from learning_credentials.models import CredentialConfiguration, CredentialType, Issuer

    credential_type, _created = CredentialType.objects.get_or_create(
        slug=generator.rpartition(".")[2].replace("_", "-"),
        defaults={
            "name": f"Certificate by {generator.rpartition('.')[2]}",
            "issuer": Issuer.objects.get_or_create(name="Example University")[0],
            "retrieval_func": PROCESSOR,
            "generation_func": generator,
            "custom_options": PDF_OPTIONS if generator == PDF_GENERATOR else {},
        },
    )
    return CredentialConfiguration.objects.create(
        learning_context_key=make_key(name, learners), credential_type=credential_type, is_enabled=True
    )


def forget_mail() -> int:
    """Empty the in-memory mailbox. Return how many e-mails it contained."""
    from django.core import mail

    outbox = getattr(mail, "outbox", [])
    count = len(outbox)
    outbox.clear()
    return count


@contextmanager
def counting_queries() -> Iterator[Callable[[], int]]:
    """Count statements, except those that begin, end or mark transactions."""
    from django.db import connection

    count = 0

    def count_one(execute: Callable[..., object], sql: str, *args: object) -> object:
        nonlocal count
        count += not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK"))
        return execute(sql, *args)

    with connection.execute_wrapper(count_one):
        yield lambda: count


def get_peak_memory() -> float:
    """Return the largest amount of memory that this process used, in MB."""
    try:
        from pathlib import Path

        status = Path("/proc/self/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        import resource
        import sys

        unit = 1024**2 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
