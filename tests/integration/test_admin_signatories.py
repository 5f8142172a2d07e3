"""The admin takes as many signatories for a type as a credential can show."""

from __future__ import annotations

import pytest
from django.urls import reverse

from learning_credentials.models import CredentialType
from tests.factories import SignatoryFactory, UserFactory
from tests.integration.admin_types import form

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("count", "is_saved"), [(8, True), (9, False)])
def test_a_type_has_at_most_eight_signatories(client, count, is_saved):
    client.force_login(UserFactory(superuser=True))
    rows = {}
    for index in range(count):
        rows[f"type_signatories-{index}-position"] = str(index + 1)
        rows[f"type_signatories-{index}-signatory"] = SignatoryFactory().pk
    answer = client.post(
        reverse("admin:learning_credentials_credentialtype_add"),
        form(**{"type_signatories-TOTAL_FORMS": str(count), **rows}),
    )

    assert CredentialType.objects.exists() is is_saved
    if not is_saved:
        assert "Please submit at most 8 forms." in answer.content.decode()
