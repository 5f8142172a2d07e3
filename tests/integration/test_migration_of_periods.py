"""Durations that the version before stored become periods of the calendar."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

APP = "learning_credentials"
BEFORE, AFTER = (APP, "0005_lcred_trust"), (APP, "0006_lcred_periods")


def migrate(target: tuple[str, str]):
    """Migrate forward or backward; return the apps as they are then."""
    executor = MigrationExecutor(connection)
    executor.migrate([target])
    return executor.loader.project_state([target]).apps


@pytest.fixture
def _migrated_again():
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes(APP))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_migrated_again")
def test_durations_become_periods_and_back():
    apps = migrate(BEFORE)
    credential_type = apps.get_model(APP, "CredentialType")
    lengths = {"year": timedelta(days=365), "past": timedelta(days=-5), "never": None, "long": timedelta(days=90_000)}
    for name, valid_for in lengths.items():
        row = credential_type.objects.create(name=name, slug=name, valid_for=valid_for)
        interval = timedelta(hours=12) if name == "year" else timedelta(seconds=-1)
        apps.get_model(APP, "CredentialConfiguration").objects.create(
            learning_context_key=f"course-v1:Tests+{name}+2026", credential_type=row, interval=interval
        )

    apps = migrate(AFTER)
    rows = apps.get_model(APP, "CredentialType").objects.values_list("name", "valid_for")
    assert {name: valid_for and str(valid_for) for name, valid_for in rows} == {
        "year": "P365D",
        "past": "-P5D",
        "never": None,
        "long": "P100Y",
    }
    intervals = apps.get_model(APP, "CredentialConfiguration").objects.values_list("interval", flat=True)
    assert sorted(str(interval) for interval in intervals) == ["PT12H", "PT1M", "PT1M", "PT1M"]

    credential_type = migrate(BEFORE).get_model(APP, "CredentialType")
    assert credential_type.objects.get(name="year").valid_for == timedelta(days=365)
