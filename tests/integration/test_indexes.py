"""What keeps a million credentials usable: indexes that serve the queries made every minute, and none that is paid for in vain."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from learning_credentials import models
from learning_credentials.services.issuing import sweep_stale_credentials
from learning_credentials.services.notices import announce_pending_credentials
from tests.factories import CredentialFactory

APP = "learning_credentials"
LARGE = (
    models.AllowlistEntry,
    models.CertificateEvent,
    models.CertificateInvalidation,
    models.Credential,
    models.CredentialEvent,
    models.DailyCount,
    models.LearnerCertificate,
)


def list_indexes(model) -> list[tuple[str, ...]]:
    """Columns of each index of a model's table, unique constraints included."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table).values()
    return sorted(tuple(item["columns"]) for item in found if item["index"] or item["unique"])


@pytest.mark.django_db
@pytest.mark.parametrize("model", LARGE)
def test_no_index_is_the_beginning_of_another(model):
    indexes = list_indexes(model)
    for index in indexes:
        longer = [other for other in indexes if other[: len(index)] == index]
        assert longer == [index]


@pytest.mark.django_db
@pytest.mark.parametrize("model", LARGE)
def test_every_foreign_key_begins_an_index(model):
    beginnings = {index[0] for index in list_indexes(model)}
    constrained = [field for field in model._meta.fields if field.remote_field and field.db_constraint]
    assert {field.column for field in constrained} <= beginnings


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans of other databases depend on what is in the tables")
@pytest.mark.parametrize("sweep", [sweep_stale_credentials, announce_pending_credentials])
def test_sweeps_read_no_whole_table(sweep):
    CredentialFactory.create_batch(3, available=True)
    with CaptureQueriesContext(connection) as captured:
        sweep()
    statements = [query["sql"] for query in captured if "lcred_credential" in query["sql"]]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            plan = [row[3] for row in cursor.fetchall()]
            assert not [step for step in plan if step.startswith("SCAN lcred_credential")], statement


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans of other databases depend on what is in the tables")
@pytest.mark.parametrize("choice", ["expired", "soon"])
def test_what_expires_is_found_through_its_index(admin_client, choice):
    CredentialFactory.create_batch(3, available=True)
    with CaptureQueriesContext(connection) as captured:
        admin_client.get("/admin/learning_credentials/credential/", {"expiry": choice})
    statements = [query["sql"] for query in captured if '"expires_at" <= ' in query["sql"]]
    assert statements
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            plan = " ".join(row[3] for row in cursor.fetchall())
            assert "lcred_credential_expiry" in plan, statement


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_with_rows_and_forth():
    CredentialFactory(available=True)
    before = [list_indexes(model) for model in LARGE]
    call_command("migrate", APP, "zero", verbosity=0)
    call_command("migrate", APP, verbosity=0)
    assert [list_indexes(model) for model in LARGE] == before
