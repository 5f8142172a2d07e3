"""Options out of bounds that were stored past the check, or before there was one: an error at once, and no certificate without a name."""

from __future__ import annotations

import time

import pytest
from django.core.exceptions import ValidationError

from learning_credentials import api
from learning_credentials.exceptions import GenerationError
from learning_credentials.models import Credential, CredentialType
from tests.factories import CredentialAssetFactory, CredentialConfigurationFactory, UserFactory
from tests.unit.pdf.support import make_pdf

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "course-v1:A+B+C"


@pytest.fixture
def configuration(world):
    world.add_course_run(KEY, "Algebra")
    return CredentialConfigurationFactory(
        learning_context_key=KEY,
        credential_type__retrieval_func="tests.plugins.retrieve_everyone",
        credential_type__generation_func="learning_credentials.generators.generate_pdf_credential",
        credential_type__custom_options={},
    )


def store(configuration, options):
    CredentialType.objects.filter(pk=configuration.credential_type_id).update(custom_options=options)
    configuration.credential_type.refresh_from_db()


def issue(world, configuration):
    user = UserFactory(first_name="Ada Example", last_name="")
    world.enrol(user.pk, KEY)
    api.issue_pending_credentials(configuration.pk)
    return Credential.objects.get(user=user)


BOMBS = {
    "char_space": {"text_elements": {"name": {"char_space": 1000}}},
    "negative char_space": {"defaults": {"char_space": -1e6}},
    "huge number": {"text_elements": {"name": {"char_space": 1e308}}},
    "size": {"text_elements": {"name": {"size": 1e-9}}},
    "elements": {"text_elements": {f"e{number}": {"text": "{name}", "y": 100} for number in range(20_000)}},
    "text": {"text_elements": {"extra": {"text": "abc " * 250_000, "y": 100}}},
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_was_stored_past_the_check_is_an_error_at_once(world, configuration, bomb):
    store(configuration, BOMBS[bomb])

    start = time.process_time()
    credential = issue(world, configuration)

    assert time.process_time() - start < 5
    assert (credential.status, credential.error_code) == (Credential.Status.ERROR, "invalid_options")
    assert credential.artifact_name == ""
    with pytest.raises(ValidationError) as caught:
        configuration.credential_type.full_clean()
    assert "custom_options" in caught.value.message_dict


@pytest.mark.parametrize(
    "place", [{"x": 300, "align": "left"}, {"x": 0, "align": "right"}, {"y": 200}], ids=["right", "left", "above"]
)
def test_a_certificate_without_a_readable_name_is_not_issued(world, configuration, place):
    """The template was replaced by a smaller one after the options were saved."""
    CredentialAssetFactory(slug="small", kind="pdf_template", content=make_pdf(300, 200))
    store(
        configuration,
        {"template": "small", "text_elements": {"name": {"y": 100, **place}, "context": False, "date": False}},
    )

    with pytest.raises(GenerationError, match=r"text_elements\.name: 'John Doë' is off the page") as caught:
        api.preview_credential(configuration.pk)
    assert caught.value.code == "name_off_page"
    credential = issue(world, configuration)
    assert (credential.status, credential.error_code) == (Credential.Status.ERROR, "name_off_page")


def test_another_text_off_the_page_is_a_problem_of_the_preview_and_a_warning(world, configuration):
    CredentialAssetFactory(slug="small", kind="pdf_template", content=make_pdf(300, 200))
    elements = {"name": {"y": 100}, "context": {"y": 250}, "date": {"y": 50, "x": 295, "align": "left"}}
    store(configuration, {"template": "small", "text_elements": elements})

    with pytest.raises(GenerationError, match=r"text_elements\.context: '.*' is off the page, so nobody sees it"):
        api.preview_credential(configuration.pk)
    credential = issue(world, configuration)
    assert credential.status == Credential.Status.AVAILABLE
    warnings = str(list(credential.events.values()))
    assert "is off the page, so nobody sees it" in warnings
    assert "does not fit on the page" in warnings
