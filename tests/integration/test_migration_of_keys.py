"""Keys that the version before stored in another Unicode form are found again."""

from __future__ import annotations

import unicodedata

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from learning_credentials.models import AllowlistEntry, CourseCertificate, Credential, CredentialConfiguration
from tests.factories import CourseCertificateFactory, CredentialFactory, UserFactory

APP = "learning_credentials"
BEFORE = (APP, "0014_lcred_search")
KEYS = [f"course-v1:Tests+Größe{number}+2026" for number in range(3)]


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)


def decompose(model, column):
    """Store keys as the version before did when they were typed so."""
    with connection.cursor() as cursor:
        for key in KEYS:
            cursor.execute(
                f"UPDATE {model._meta.db_table} SET {column} = %s WHERE {column} = %s",  # noqa: S608
                [unicodedata.normalize("NFD", key), key],
            )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_keys_are_composed():
    runs = [CourseCertificateFactory(course_key=key) for key in KEYS]
    credentials = [CredentialFactory(configuration__learning_context_key=key) for key in KEYS]
    entry = AllowlistEntry.objects.create(user=UserFactory(), learning_context_key=KEYS[0])
    migrate([BEFORE])
    decompose(CourseCertificate, "course_key")
    for model in (Credential, CredentialConfiguration, AllowlistEntry):
        decompose(model, "learning_context_key")
    twin = CourseCertificateFactory(course_key=KEYS[0])
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes(APP))
    for key, run, credential in zip(KEYS, runs, credentials, strict=True):
        assert Credential.objects.get(learning_context_key=key) == credential
        assert CredentialConfiguration.objects.get(learning_context_key=key) == credential.configuration
        assert CourseCertificate.objects.get(course_key=key) == (twin if key == KEYS[0] else run)
    assert AllowlistEntry.objects.get(learning_context_key=KEYS[0]) == entry
    assert CourseCertificate.objects.count() == len(KEYS) + 1, "none is lost"
