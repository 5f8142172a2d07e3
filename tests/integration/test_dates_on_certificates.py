"""Calendars on certificates: refused in the admin, an error of one credential, and printed on the file."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from learning_credentials import api
from learning_credentials.models import Credential, CredentialConfiguration, CredentialType
from learning_credentials.periods import Period
from learning_credentials.storages import get_storage
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.unit.pdf.support import read_with_pdfium

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "course-v1:A+B+C"


@pytest.fixture
def configuration(world) -> CredentialConfiguration:
    world.add_course_run(KEY, "Algebra")
    return CredentialConfigurationFactory(
        learning_context_key=KEY,
        credential_type__retrieval_func="tests.plugins.retrieve_everyone",
        credential_type__generation_func="learning_credentials.generators.generate_pdf_credential",
        credential_type__custom_options={
            "defaults": {"calendar": "islamic-umalqura", "numerals": "arab"},
            "text_elements": {"date": {"language": "ar"}},
        },
    )


def issue(world, configuration: CredentialConfiguration) -> Credential:
    user = UserFactory(first_name="Ada Example", last_name="")
    world.enrol(user.pk, KEY)
    api.issue_pending_credentials(configuration.pk)
    return Credential.objects.get(user=user)


def test_a_certificate_prints_the_day_in_its_calendar(world, configuration):
    credential = issue(world, configuration)
    api.override_issue_date(credential.uuid, datetime(2026, 11, 22, 12, tzinfo=UTC).date(), reason="A test")
    renewed = api.reissue_credential(credential.uuid, reason="A test")

    with get_storage().open(renewed.artifact_name) as file:
        text = read_with_pdfium(file.read())
    assert "١٤٤٨" in text
    assert "2026" not in text


def test_a_date_outside_the_calendar_is_an_error_of_the_credential(world, configuration):
    CredentialType.objects.filter(pk=configuration.credential_type_id).update(
        valid_for=Period(years=100),
        custom_options={
            "text_elements": {"until": {"text": "{expiry_date}", "y": 150, "calendar": "islamic-umalqura"}}
        },
    )
    credential = issue(world, configuration)

    assert (credential.status, credential.error_code) == (Credential.Status.ERROR, "date_out_of_range")
    assert credential.error_message.startswith("text_elements.until: ")
    assert credential.artifact_name == ""


def test_a_type_with_an_unknown_calendar_is_not_saved(configuration):
    configuration.credential_type.custom_options = {"defaults": {"calendar": "mayan"}}
    with pytest.raises(ValidationError, match=r"defaults\.calendar: .*'islamic-umalqura'"):
        configuration.credential_type.full_clean()


def test_the_admin_shows_the_options_and_how_to_print_a_second_language(admin_client):
    page = admin_client.get(reverse("admin:learning_credentials_credentialtype_add")).content.decode()
    assert "{issue_date|de}" in page
    assert "date_format" in page
    assert "islamic-umalqura" in page
