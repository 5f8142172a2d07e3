"""A database that the first schema filled is upgraded, and what it holds goes on as if it had been issued today.

``tests/data/first_schema.json`` holds the rows and files: learners, six types (one valid for minus five days, one for 3,000,000 days, one
whose context was changed after it had issued), credentials in every status, a lost worker's claim and file, standings and notes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from learning_credentials.storages import get_storage

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).resolve().parents[1] / "data" / "first_schema.json"
APP = "learning_credentials"
FIRST = [(APP, "0004_lcred_indexes")]


@pytest.fixture
def upgraded(transactional_db: None, world: Any) -> Iterator[Any]:
    """The database and the files of the first schema, after ``migrate``; the LMS knows the same course runs and learners."""
    data = json.loads(DATA.read_text("utf-8"))
    try:
        _migrate(FIRST)
        _load(data["rows"])
        _store(data["files"])
    finally:
        call_command("migrate", APP, verbosity=0)
    _fill(world, data["rows"])
    return world


def _migrate(targets: list[tuple[str, str]]) -> None:
    MigrationExecutor(connection).migrate(targets)


def _load(rows: list[dict[str, Any]]) -> None:
    """Insert the rows through the models as they were."""
    executor = MigrationExecutor(connection)
    apps = executor.loader.project_state(FIRST).apps
    with transaction.atomic(), connection.constraint_checks_disabled():
        for row in rows:
            model = apps.get_model(row["model"])
            values = {model._meta.pk.attname: model._meta.pk.to_python(row["pk"])}
            for name, value in row["fields"].items():
                field = model._meta.get_field(name)
                target = field.remote_field.model._meta.pk if field.is_relation else field
                values[field.attname] = target.to_python(value)
            created = model(**values)
            created.save_base(raw=True, force_insert=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(_style(), [apps.get_model(row["model"]) for row in rows]):
            cursor.execute(statement)


def _style() -> Any:
    from django.core.management.color import no_style

    return no_style()


def _store(files: dict[str, str]) -> None:
    for name, content in files.items():
        get_storage().save(name, ContentFile(content.encode()))


def _fill(world: Any, rows: list[dict[str, Any]]) -> None:
    contexts = {row["fields"]["learning_context_key"] for row in rows if "learning_context_key" in row["fields"]}
    for key in sorted(contexts):
        world.add_course_run(key, f"Introduction to {key.split('+')[1]}")
    for row in rows:
        if row["model"] == f"{APP}.credential" and row["fields"]["user"]:
            world.enrol(row["fields"]["user"], row["fields"]["learning_context_key"])


def test_nothing_that_was_issued_is_lost(upgraded):
    from learning_credentials.models import Credential

    assert Credential.objects.count() == 20
