"""What page, facade and badge say was asked is what the configuration asked, as it was when the credential was issued."""

from __future__ import annotations

import json
import re

import pytest
from rest_framework.test import APIClient

from demo.lms.seed import seed_demo
from learning_credentials import api
from learning_credentials.models import Credential, CredentialConfiguration, CredentialType
from learning_credentials.options import merge
from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory
from tests.integration.admin_forms import read_form

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]

TYPES_OWN, OWN = "At least 90 % of the course completed.", "At least 80 % of the course completed."
BADGE = "learning_credentials.generators.generate_open_badge"


@pytest.fixture
def issue(world):
    """Issue a badge by a configuration with some texts."""

    def make(**values):
        configuration = CredentialConfigurationFactory(
            credential_type__criteria=TYPES_OWN,
            credential_type__description="What the type says.",
            credential_type__generation_func=BADGE,
            credential_type__custom_options={"badge_format": "json"},
            **values,
        )
        world.add_course_run(configuration.learning_context_key, "A course")
        user = UserFactory()
        world.enrol(user.pk, configuration.learning_context_key)
        return api.issue_credential(configuration.pk, user.pk)

    return make


def list_said(credential, name="criteria"):
    """What each way out says."""
    client = APIClient()
    public = f"/credentials/{credential.verify_uuid}/"
    achievement = client.get(f"{public}badge.json").json()["credentialSubject"]["achievement"]
    return {
        achievement["criteria"]["narrative"] if name == "criteria" else achievement["description"],
        getattr(api.verify_credential(credential.verify_uuid), name),
        credential.achievement[name],
    }


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("criteria", {}, TYPES_OWN),
        ("criteria", {"criteria": OWN}, OWN),
        ("criteria", {"description": "What they did here."}, TYPES_OWN),
        ("description", {"description": "What they did here."}, "What they did here."),
        ("description", {"criteria": OWN}, "What the type says."),
    ],
)
def test_the_configurations_text_comes_before_the_types(issue, name, values, said):
    credential = issue(**values)
    assert list_said(credential, name) == {said}
    page = APIClient().get(f"/credentials/{credential.verify_uuid}/").content.decode()
    assert said in page


@pytest.mark.parametrize("criteria", ["", OWN])
def test_what_was_issued_keeps_its_text(issue, criteria):
    credential = issue(criteria=criteria)
    CredentialConfiguration.objects.update(criteria="Something else.", description="Else.")
    CredentialType.objects.update(criteria="Something else again.", description="Else.")
    assert list_said(credential) == {criteria or TYPES_OWN}
    successor = api.reissue_credential(credential.pk, reason="The template")
    assert list_said(successor) == {criteria or TYPES_OWN}


def test_what_is_older_than_the_record_says_what_the_configuration_says(course):
    credential = CredentialFactory(configuration=course, available=True, achievement={})
    CredentialConfiguration.objects.update(criteria=OWN)
    assert api.verify_credential(credential.verify_uuid).criteria == OWN
    assert api.reissue_credential(credential.pk, reason="A record").achievement["criteria"] == OWN


def test_a_copy_takes_the_texts_along(course, world):
    course.criteria, course.description = OWN, "What they did here."
    course.save()
    world.add_course_run("course-v1:Tests+Copy+2026", "A copy")
    copied = api.copy_configuration(course.pk, "course-v1:Tests+Copy+2026")
    assert (copied.criteria, copied.description) == (OWN, "What they did here.")


def test_staff_enter_them_in_the_admin(course, admin_client):
    url = f"/admin/learning_credentials/credentialconfiguration/{course.pk}/change/"
    data = read_form(admin_client.get(url))
    assert {"criteria", "description"} <= set(data)
    response = admin_client.post(url, {**data, "criteria": OWN, "description": "What they did here."})
    assert response.status_code == 302
    course.refresh_from_db()
    assert (course.criteria, course.description) == (OWN, "What they did here.")


def list_numbers(value):
    """Every number in options, fractions in per cent. The places of texts are no criteria."""
    if isinstance(value, dict):
        items = [item for name, item in value.items() if name != "text_elements"]
        return {number for item in items for number in list_numbers(item)}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {round(value * 100)} if value <= 1 else {int(value)}
    return set()


@pytest.mark.urls("demo.urls")
def test_the_demo_says_what_it_asks(app_settings):
    app_settings(
        LMS_BACKEND="demo.lms.backend.DemoLMS",
        PROCESSOR_MODULES=["demo.lms.credentials"],
        GENERATOR_MODULES=["demo.lms.credentials"],
    )
    seed_demo(1)
    rows = CredentialConfiguration.objects.select_related("credential_type")
    assert len(rows) == 13
    for configuration in rows:
        said = api.get_criteria(configuration.pk, "en")
        options = merge(configuration.credential_type.custom_options, configuration.custom_options)
        asked = list_numbers({name: value for name, value in options.items() if name != "tables"})  # a layout
        assert said
        assert {int(number) for number in re.findall(r"(\d+)(?:%| days)", said)} == asked, (str(configuration), said)


@pytest.mark.urls("demo.urls")
def test_a_badge_and_a_page_of_the_demo_say_so(app_settings):
    app_settings(
        LMS_BACKEND="demo.lms.backend.DemoLMS",
        PROCESSOR_MODULES=["demo.lms.credentials"],
        GENERATOR_MODULES=["demo.lms.credentials"],
    )
    seed_demo(40)
    configuration = CredentialConfiguration.objects.get(
        learning_context_key="run:WRI120+2026-spring", credential_type__slug="completion"
    )
    api.issue_pending_credentials(configuration.pk)
    credential = Credential.objects.filter(status=Credential.Status.AVAILABLE)[0]
    assert list_said(credential) == {"At least 80% of the course completed."}
    assert "90" not in json.dumps(credential.achievement)
