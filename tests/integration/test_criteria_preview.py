"""Operators see the criteria that credentials will say, in English and in the site's language, before they save."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.test import Client

from learning_credentials import api
from learning_credentials.models import CredentialConfiguration
from tests.factories import CredentialConfigurationFactory, CredentialTypeFactory, UserFactory
from tests.integration import criteria_plugins

pytestmark = pytest.mark.django_db(transaction=True)

KEY, PATH = "course-v1:Tests+Preview+2026", "path:preview"
BASE = "/admin/learning_credentials"
COMPLETIONS = "learning_credentials.processors.retrieve_completions"
GRADES = "learning_credentials.processors.retrieve_subsection_grades"
ATTENDANCE = "tests.integration.criteria_plugins.retrieve_attendance"
OWN = "Whatever the operator says."


@pytest.fixture(autouse=True)
def _host(app_settings, world):
    criteria_plugins.INSTEAD.clear()
    app_settings(PROCESSOR_MODULES=["tests.plugins", "tests.integration.criteria_plugins"])
    world.add_course_run(KEY, "Statistics")
    world.add_learning_path(PATH, "Natural Sciences", steps=[KEY])


def read(markup):
    return html.unescape(re.sub(r"<[^>]+>", "|", markup))


def show(client, url):
    page = client.get(url).content.decode()
    address, shown = re.search(r'<div class="lcred-criteria" data-url="([^"]+)">(.*?)</div>', page, re.DOTALL).groups()
    return html.unescape(address), read(shown)


def ask(client, address, options, **entered):
    text = options if isinstance(options, str) else json.dumps(options)
    response = client.post(address, {"custom_options": text, **entered})
    assert response.status_code == 200
    return read(response.json()["html"])


def test_a_configuration_shows_what_it_will_say(admin, settings):
    settings.LANGUAGE_CODE = "fr"
    configuration = CredentialConfigurationFactory(
        learning_context_key=KEY, credential_type__retrieval_func=COMPLETIONS, custom_options={"required_completion": 1}
    )
    url = f"{BASE}/credentialconfiguration/{configuration.pk}/change/"
    address, shown = show(admin, url)
    for said in ("The whole course completed.", "Cours achevé en totalité."):
        assert said in shown
    # The preview shows unsaved input, also if the form has no input for the context and the type.
    for entered in ({}, {"learning_context_key": KEY, "credential_type": configuration.credential_type_id}):
        shown = ask(admin, address, {"required_completion": 0.5}, **entered)
        assert "At least 50% of the course completed." in shown
        assert "Au moins 50\xa0% du cours achevé." in shown
    assert OWN in ask(admin, address, {}, criteria=OWN)
    assert "Natural Sciences" in ask(admin, address, {}, learning_context_key=PATH)
    configuration.refresh_from_db()
    assert configuration.custom_options == {"required_completion": 1}


def test_a_new_configuration_shows_it_too(admin):
    chosen = CredentialTypeFactory(retrieval_func=COMPLETIONS, custom_options={"required_completion": 0.7})
    address, _ = show(admin, f"{BASE}/credentialconfiguration/add/")
    assert "Choose a type first" in ask(admin, address, {}, learning_context_key=KEY, credential_type="")
    shown = ask(admin, address, "", learning_context_key=KEY, credential_type=chosen.pk)
    assert "At least 70% of the course completed." in shown
    shown = ask(admin, address, {}, learning_context_key="no:such", credential_type=chosen.pk)
    assert "does not know the learning context 'no:such'" in shown
    assert not CredentialConfiguration.objects.exists()


def test_a_type_shows_what_a_course_will_say(admin):
    used = CredentialTypeFactory(retrieval_func=COMPLETIONS, custom_options={"required_completion": 0.7})
    address, shown = show(admin, f"{BASE}/credentialtype/{used.pk}/change/")
    assert "At least 70% of the course completed." in shown
    shown = ask(admin, address, {"required_grades": {"Total": 0.6}}, retrieval_func=GRADES)
    assert "A total grade of at least 60%." in shown
    assert "required_grades: " in ask(admin, address, {}, retrieval_func=GRADES)
    assert "enter a text" in ask(admin, address, {}, retrieval_func="tests.plugins.retrieve_everyone").lower()
    address, _ = show(admin, f"{BASE}/credentialtype/add/")
    assert "3 sessions attended." in ask(admin, address, {}, retrieval_func=ATTENDANCE)


def test_the_types_own_text_is_named_as_such(admin):
    configuration = CredentialConfigurationFactory(
        learning_context_key=KEY, credential_type__retrieval_func=COMPLETIONS, credential_type__criteria=OWN
    )
    _, shown = show(admin, f"{BASE}/credentialconfiguration/{configuration.pk}/change/")
    assert f"{OWN}|" in shown
    assert "This is the type’s text." in shown
    assert api.get_criteria(configuration.pk) == OWN


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("{", "This is not valid JSON"),
        ("[]", "The options must be a JSON object."),
        ({"required_completion": 7}, "required_completion: must be from 0 to 1"),
        ({"steps": {"x": 1}}, "steps.x"),
    ],
    ids=["syntax", "list", "range", "nested"],
)
def test_mistakes_are_told_where_the_text_would_be(admin, options, said):
    used = CredentialTypeFactory(retrieval_func=COMPLETIONS)
    address, _ = show(admin, f"{BASE}/credentialtype/{used.pk}/change/")
    assert said in ask(admin, address, options)


def test_the_form_works_without_the_writer_and_the_lms(admin, world):
    configuration = CredentialConfigurationFactory(learning_context_key=KEY, credential_type__retrieval_func=ATTENDANCE)
    criteria_plugins.INSTEAD["collect"] = lambda: 1 / 0
    url = f"{BASE}/credentialconfiguration/{configuration.pk}/change/"
    assert "ZeroDivisionError" in show(admin, url)[1]
    world.outage = True
    assert "No text can be written yet" in show(admin, url)[1]


def test_entered_text_is_escaped(admin):
    used = CredentialTypeFactory(retrieval_func=COMPLETIONS)
    address, _ = show(admin, f"{BASE}/credentialtype/{used.pk}/change/")
    response = admin.post(address, {"custom_options": "{}", "criteria": "<script>alert(1)</script>"})
    assert "<script>" not in response.json()["html"]


def test_it_needs_a_permission_and_a_post(admin):
    address = f"{BASE}/credentialtype/criteria/"
    assert admin.get(address).status_code == 405
    client = Client()
    client.force_login(UserFactory(staff=True))
    assert client.post(address, {"custom_options": "{}"}).status_code == 403
    assert Client().post(address, {}).status_code == 302
