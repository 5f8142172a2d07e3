"""Grades and completion are the same figure on PDF, page, facade and badge: per cent, rounded half up."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import ValidationError
from pypdf import PdfReader
from rest_framework.test import APIClient

from learning_credentials import api
from learning_credentials.models import CredentialType
from learning_credentials.services.common.artifacts import open_file
from learning_credentials.services.credentials.achievements import AchievementFactory
from learning_credentials.services.issuing.chunks import issue_chunk
from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]


@pytest.fixture
def issue(world):
    """Issue a PDF that prints the grade, with what was measured."""

    def make(evidence, **options):
        configuration = CredentialConfigurationFactory(
            credential_type__generation_func="learning_credentials.generators.generate_pdf_credential",
            credential_type__badge_shows_results=True,
            custom_options={"text_elements": {"grade": {"text": "Grade: {grade}", "y": 150}}, **options},
        )
        world.add_course_run(configuration.learning_context_key, "A course")
        user = UserFactory()
        world.enrol(user.pk, configuration.learning_context_key)
        credential = CredentialFactory(
            configuration=configuration,
            user=user,
            evidence=evidence,
            achievement=AchievementFactory(configuration.credential_type, configuration).make(evidence),
        )
        issue_chunk([credential.pk])
        credential.refresh_from_db()
        assert credential.error_message == ""
        return credential

    return make


def list_figures(credential):
    """What each way out says, as text without the sign."""
    client = APIClient()
    public = f"/credentials/{credential.verify_uuid}/"
    with open_file(credential.artifact_name) as file:
        printed = PdfReader(io.BytesIO(file.read())).pages[0].extract_text()
    (printed,) = [line.removeprefix("Grade: ") for line in printed.splitlines() if line.startswith("Grade: ")]
    told = api.verify_credential(credential.verify_uuid).results
    badge = client.get(f"{public}badge.json").json()["credentialSubject"]["result"][0]["value"]
    page = client.get(public).content.decode()
    return printed, page, told, badge


@pytest.mark.parametrize(
    ("grade", "decimals", "percent"),
    [
        (1.05, 0, "105"),
        (0.845, 0, "85"),
        (0.845, 1, "84.5"),
        (0.145, 0, "15"),
        (0.285, 0, "29"),
        (1, 0, "100"),
        (1.125, 0, "113"),
        (1.125, 1, "112.5"),
        (0.0, 0, "0"),
        (0.84499999999, 0, "85"),
        (0.844, 0, "84"),
        (1 / 3, 2, "33.33"),
        (0.9, 1, "90.0"),
        (1.5, 0, "150"),
    ],
)
@pytest.mark.parametrize("key", ["grade", "current_grades"])
def test_the_same_figure_everywhere(issue, grade, decimals, percent, key):
    credential = issue({key: grade if key == "grade" else {"Total": grade}}, grade_decimals=decimals)
    printed, page, told, badge = list_figures(credential)
    assert printed == f"{percent}%"
    assert f"<bdi>{percent}%</bdi>" in page
    number = told["grade"] if key == "grade" else told["current_grades"]["Total"]
    assert number == float(percent) / 100
    assert badge == percent


@pytest.mark.parametrize(
    ("language", "printed"), [("es", "84,5\N{NO-BREAK SPACE}%"), ("fr", "84,5\N{NO-BREAK SPACE}%"), ("", "84.5%")]
)
def test_the_pages_figure_is_in_the_readers_language(issue, language, printed):
    credential = issue({"grade": 0.845}, grade_decimals=1)
    page = APIClient().get(f"/credentials/{credential.verify_uuid}/", headers={"accept-language": language or "en"})
    assert printed in page.content.decode()


def test_the_documents_figure_is_in_its_language(issue):
    credential = issue({"grade": 0.845}, grade_decimals=1, language="es")
    assert list_figures(credential)[0].replace("\N{NO-BREAK SPACE}", " ") == "84,5 %"


@pytest.mark.parametrize("completion", [0.995, 0.8449999999])
def test_completion_too(issue, completion):
    credential = issue({"grade": "A", "current_completion": completion})
    percent = {0.995: "100", 0.8449999999: "85"}[completion]
    printed, page, told, badge = list_figures(credential)
    assert (printed, told["grade"], badge) == ("A", "A", percent)
    assert told["current_completion"] == float(percent) / 100
    assert f"{percent}%" in page


@pytest.mark.parametrize(("grade", "said"), [(15, "15"), (3.7, "3.7"), ("B+", "B+"), ("17/20", "17/20")])
def test_grades_on_another_scale_stand_as_they_are(issue, grade, said):
    credential = issue({"grade": grade, "current_completion": 1.0})
    printed, page, told, badge = list_figures(credential)
    assert (printed, told["grade"], badge) == (said, grade, "100")
    assert said in page


def test_a_badge_above_the_scale_names_no_greatest_value(issue):
    credential = issue({"grade": 1.05})
    badge = APIClient().get(f"/credentials/{credential.verify_uuid}/badge.json").json()
    (described,) = badge["credentialSubject"]["achievement"]["resultDescription"]
    assert described["valueMin"] == "0"
    assert "valueMax" not in described


def test_what_was_issued_keeps_its_decimals_until_it_is_reissued(issue, world):
    credential = issue({"grade": 0.845}, grade_decimals=1)
    configuration = credential.configuration
    configuration.custom_options = {**configuration.custom_options, "grade_decimals": 0}
    configuration.save()
    printed, _page, told, badge = list_figures(credential)
    assert (printed, told["grade"], badge) == ("84.5%", 0.845, "84.5")
    printed, _page, told, badge = list_figures(api.reissue_credential(credential.pk, reason="Rounded"))
    assert (printed, told["grade"], badge) == ("85%", 0.85, "85")


@pytest.mark.parametrize("decimals", [-1, 5, "1", True, 0.5, None])
def test_decimals_are_checked(decimals):
    generator = "learning_credentials.generators.generate_pdf_credential"
    made = CredentialType(
        name="N",
        slug="n",
        retrieval_func="tests.plugins.retrieve_everyone",
        generation_func=generator,
        custom_options={"grade_decimals": decimals},
    )
    with pytest.raises(ValidationError) as caught:
        made.full_clean()
    assert "grade_decimals" in str(caught.value)
