"""Custom fields in the admin: defined in a type's form, filled in a configuration's, and listed where texts are edited."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from learning_credentials.models import CredentialConfiguration, CredentialType
from tests.factories import CredentialConfigurationFactory, CredentialTypeFactory
from tests.integration.admin_forms import Tab
from tests.integration.admin_pages import form_errors
from tests.integration.admin_types import change_url, form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

ADD = reverse("admin:learning_credentials_credentialtype_add")
PDF = "learning_credentials.generators.generate_pdf_credential"
HOURS = {"name": "hours", "label": "Hours of study", "kind": "duration", "required": True}
LEVEL = {
    "name": "level",
    "label": "Level",
    "kind": "choice",
    "choices": [{"value": "b", "label": "Beginner"}, {"value": "m", "label": "Master"}],
}


@pytest.fixture
def credential_type():
    return CredentialTypeFactory(custom_fields=[HOURS, LEVEL], generation_func=PDF)


@pytest.fixture
def configuration(credential_type, world):
    world.add_course_run("course-v1:Demo+Algebra+2026", "Algebra")
    return CredentialConfigurationFactory(
        credential_type=credential_type,
        learning_context_key="course-v1:Demo+Algebra+2026",
        field_values={"hours": "12 hours", "level": "m"},
    )


def configuration_url(row):
    return reverse("admin:learning_credentials_credentialconfiguration_change", args=[row.pk])


def test_definitions_are_saved(admin):
    response = admin.post(ADD, form(custom_fields=json.dumps([HOURS, LEVEL])))
    assert response.status_code == 302, form_errors(response, "custom_fields")
    assert CredentialType.objects.get().custom_fields == [HOURS, LEVEL]


def test_no_definitions_are_an_empty_list(admin):
    assert admin.post(ADD, form(custom_fields=" ")).status_code == 302
    assert CredentialType.objects.get().custom_fields == []


def test_a_mistake_in_a_definition_is_named_by_its_path(admin):
    wrong = [HOURS, LEVEL, {"name": "credits", "label": "Credits", "kind": "number", "limits": {"max": "ten"}}]
    response = admin.post(ADD, form(custom_fields=json.dumps(wrong)))
    assert form_errors(response, "custom_fields") == ["custom_fields.2.limits.max: Input should be a valid number"]
    assert not CredentialType.objects.exists()


def test_a_text_prints_only_fields_that_the_type_has(admin):
    options = {"text_elements": {"hours": {"text": "{field.hours} {field.size}", "y": 90}}}
    values = {"generation_func": PDF, "custom_options": json.dumps(options), "custom_fields": json.dumps([HOURS])}
    response = admin.post(ADD, form(retrieval_func="learning_credentials.processors.retrieve_completions", **values))
    (error,) = form_errors(response, "custom_options")
    assert error == (
        "text_elements.hours.text: the type has no custom field for {field.size}. The placeholders of its custom "
        "fields are: {field.hours}"
    )


def test_a_field_that_a_text_prints_stays(admin, credential_type):
    credential_type.custom_options = {"text_elements": {"hours": {"text": "{field.hours}", "y": 90}}}
    credential_type.save()
    page = Tab(admin, change_url(credential_type)).send(custom_fields=json.dumps([LEVEL]))
    assert "text_elements.hours.text: the type has no custom field for {field.hours}" in str(
        form_errors(page, "custom_options")
    )


def test_the_table_of_placeholders_has_samples(admin, configuration, credential_type):
    for url in (change_url(credential_type), configuration_url(configuration)):
        page = admin.get(url).text
        assert "<code>{field.hours}</code></td><td>Hours of study</td><td>12 hours</td>" in page
        assert "<code>{field.level}</code></td><td>Level</td><td>Beginner</td>" in page
        assert "<code>{context_organisation}</code>" in page


def test_definitions_that_values_need_stay(admin, configuration, credential_type):
    changed = [{**HOURS, "limits": {"max": "10 hours"}}]
    page = Tab(admin, change_url(credential_type)).send(custom_fields=json.dumps(changed))
    where = f"(in the configuration for {configuration.learning_context_key})"
    assert form_errors(page, "custom_fields") == [
        f"field_values.level: unknown field. The fields of the type are hours {where}",
        f"field_values.hours: 12 hours is more than the maximum, 10 hours {where}",
    ]
    credential_type.refresh_from_db()
    assert credential_type.custom_fields == [HOURS, LEVEL]


def test_each_field_has_an_input(admin, configuration):
    tab = Tab(admin, configuration_url(configuration))
    assert {name: value for name, value in tab.values.items() if name.startswith("field_values")} == {
        "field_values.hours": "12 hours",
        "field_values.level": "m",
    }
    assert '<option value="b">Beginner</option>' in tab.page.text
    assert "Required: learners without a value receive no credential. For example 12 hours." in tab.page.text
    page = tab.send(**{"field_values.hours": "soon"})
    assert form_errors(page, "field_values") == [
        "field_values.hours: 'soon' is not a duration such as '12 hours' or '2 weeks'"
    ]
    assert tab.values["field_values.hours"] == "soon"
    page = tab.send(**{"field_values.hours": " 2 weeks ", "field_values.level": ""})
    assert page.status_code == 302, page.context["adminform"].form.errors
    assert CredentialConfiguration.objects.get().field_values == {"hours": "2 weeks"}


def test_numbers_and_dates_have_inputs_of_their_own(admin, configuration):
    limits = {"min": 0.5, "max": 60, "decimals": 1}
    definitions = [
        {"name": "credits", "label": "Credits", "kind": "number", "limits": limits},
        {"name": "first_day", "label": "First day", "kind": "date", "limits": {"min": "2026-01-01"}},
    ]
    CredentialConfiguration.objects.update(field_values={"credits": 7.5})
    CredentialType.objects.update(custom_fields=definitions)
    tab = Tab(admin, configuration_url(configuration))
    assert (tab.values["field_values.credits"], tab.values["field_values.first_day"]) == ("7.5", "")
    page = tab.send(**{"field_values.credits": "a few", "field_values.first_day": "2025-12-31"})
    assert form_errors(page, "field_values") == [
        "field_values.credits: 'a few' is not a number",
        "field_values.first_day: 2025-12-31 is less than the minimum, 2026-01-01",
    ]
    assert tab.send(**{"field_values.credits": "30", "field_values.first_day": "2026-02-01"}).status_code == 302
    assert CredentialConfiguration.objects.get().field_values == {"credits": 30, "first_day": "2026-02-01"}


def test_the_inputs_are_those_of_the_type_that_was_chosen(admin, configuration):
    other = CredentialTypeFactory(custom_fields=[HOURS, {"name": "term", "label": "Term", "kind": "text"}])
    tab = Tab(admin, configuration_url(configuration))
    page = tab.send(credential_type=str(other.pk))
    assert form_errors(page, "field_values") == [
        "field_values.level: unknown field. The fields of the type are hours, term"
    ]
    assert "The type has no such custom field. Delete the value." in page.text
    assert {name for name in tab.values if name.startswith("field_values")} == {
        "field_values.hours",
        "field_values.term",
        "field_values.level",
    }
    assert tab.send(**{"field_values.level": "", "field_values.term": "Spring"}).status_code == 302
    assert CredentialConfiguration.objects.get().field_values == {"hours": "12 hours", "term": "Spring"}


def test_before_a_type_is_chosen_values_are_json(admin, credential_type, world):
    world.add_course_run("course-v1:Demo+Logic+2026", "Logic")
    tab = Tab(admin, reverse("admin:learning_credentials_credentialconfiguration_add"))
    chosen = {"learning_context_key": "course-v1:Demo+Logic+2026", "credential_type": str(credential_type.pk)}
    page = tab.send(field_values='{"hours": ', **chosen)
    assert form_errors(page, "field_values")[0].startswith("This is not valid JSON: line 1, column 11")
    page = tab.send(field_values='{"hours": "soon", "size": 1}')
    assert form_errors(page, "field_values") == [
        "field_values.size: unknown field. The fields of the type are hours, level",
        "field_values.hours: 'soon' is not a duration such as '12 hours' or '2 weeks'",
    ]
    assert tab.send(field_values='{"hours": "3 days"}').status_code == 302
    assert CredentialConfiguration.objects.get().field_values == {"hours": "3 days"}


def test_two_tabs_do_not_overwrite_each_other(admin, configuration):
    first, second = (Tab(admin, configuration_url(configuration)) for _ in range(2))
    first.send(**{"field_values.hours": "1 day"})
    second.send(**{"field_values.hours": "2 days"})
    assert second.is_conflict
    assert CredentialConfiguration.objects.get().field_values == {"hours": "1 day", "level": "m"}


def test_a_form_without_the_values_keeps_them(admin, configuration):
    """A script may post the form of the version before."""
    tab = Tab(admin, configuration_url(configuration))
    assert tab.send("field_values.hours", "field_values.level", is_enabled="on").status_code == 302
    assert CredentialConfiguration.objects.get().field_values == {"hours": "12 hours", "level": "m"}
