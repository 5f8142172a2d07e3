"""The factories make rows that the database and the models accept."""

import pytest

from learning_credentials.storages import get_storage
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "factory",
    [
        factories.UserFactory,
        factories.CredentialAssetFactory,
        factories.IssuerFactory,
        factories.SignatoryFactory,
        factories.CredentialTypeFactory,
        factories.TypeSignatoryFactory,
        factories.CredentialConfigurationFactory,
        factories.GenerationRunFactory,
        factories.CredentialFactory,
        factories.CredentialEventFactory,
        factories.CourseCertificateFactory,
        factories.LearnerCertificateFactory,
        factories.AllowlistEntryFactory,
        factories.CertificateInvalidationFactory,
    ],
)
def test_two_rows_stand_side_by_side(factory):
    first, second = factory.create_batch(2)

    assert first.pk != second.pk
    assert str(first)


@pytest.mark.parametrize("trait", ["available", "error", "invalidated"])
def test_traits_satisfy_the_constraints(trait):
    credential = factories.CredentialFactory(**{trait: True})

    credential.refresh_from_db()
    assert credential.status == trait


def test_an_available_credential_has_its_file():
    credential = factories.CredentialFactory(available=True, content=b"abc")

    with get_storage().open(credential.artifact_name) as file:
        assert file.read() == b"abc"
