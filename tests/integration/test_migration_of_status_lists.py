"""Status lists that the version before filled are published as they were, and new credentials get places in new lists."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from learning_credentials import api
from learning_credentials.badges.documents import read_document
from learning_credentials.badges.keys import create_key
from learning_credentials.badges.status_list import BitList
from learning_credentials.models import Credential, StatusList
from learning_credentials.services.credentials import status_lists
from tests.factories import CredentialFactory

APP = "learning_credentials"
BEFORE = (APP, "0004_lcred_indexes")
#: More than a list with mirrored places has.
ALLOCATED = 70_000


@pytest.fixture
def before():
    """The models of the version before."""
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE])
    yield executor.loader.project_state([BEFORE]).apps
    migrate_all()


def migrate_all():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes(APP))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_lists_of_the_version_before_go_on(before, client, app_settings):
    cache.clear()
    keys = [{"private_key": create_key().export(), "is_active": True}]
    app_settings(SIGNING_KEYS=keys)
    credential_type = before.get_model(APP, "CredentialType").objects.create(
        name="Lab",
        slug="lab",
        retrieval_func="tests.plugins.retrieve_everyone",
        generation_func="tests.plugins.generate_text_credential",
    )
    configuration = before.get_model(APP, "CredentialConfiguration").objects.create(
        learning_context_key="course-v1:Tests+Old+2026", credential_type=credential_type
    )
    old_list = before.get_model(APP, "StatusList").objects.create(allocated=ALLOCATED)
    places = {"held": 16, "revoked": 17, "revoked later": 100_003}
    for name, index in places.items():
        gone = {"status": "invalidated", "is_current": None, "invalidated_at": timezone.now()}
        before.get_model(APP, "Credential").objects.create(
            configuration=configuration,
            user_full_name=name,
            learning_context_key=configuration.learning_context_key,
            learning_context_name="Old",
            credential_type_name="Lab",
            issued_at=timezone.now(),
            artifact_name="x",
            status_list=old_list,
            status_list_index=index,
            **(gone if name == "revoked" else {"status": "available"}),
        )

    migrate_all()

    kept = StatusList.objects.get()
    assert (kept.is_mirrored, kept.allocated, kept.secret) == (False, ALLOCATED, old_list.secret)
    held, later = (Credential.objects.get(user_full_name=name) for name in ("held", "revoked later"))
    badge = read_document(api.get_badge(held.verify_uuid).encode())
    path = urlsplit(badge["credentialStatus"]["statusListCredential"]).path

    def read_bits():
        return BitList.decode(read_document(client.get(path).content)["credentialSubject"]["encodedList"]).list_set()

    assert (path, badge["credentialStatus"]["statusListIndex"]) == (f"/credentials/status/{kept.pk}/", "16")
    assert read_bits() == [17]
    api.invalidate_credential(later.pk, reason="Issued in error.")
    assert read_bits() == [17, 100_003]

    new_list, _ = status_lists.ensure_place(CredentialFactory(available=True))
    assert new_list != kept.pk
    assert StatusList.objects.get(pk=new_list).is_mirrored
    kept.refresh_from_db()
    assert kept.allocated == ALLOCATED
