"""The admin of credential types: discovered functions, documented options, mistakes with their place."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from learning_credentials.models import CredentialType
from learning_credentials.periods import Period
from tests.factories import (
    CredentialConfigurationFactory,
    CredentialTypeFactory,
    IssuerFactory,
    SignatoryFactory,
)
from tests.integration.admin_pages import count_queries, form_errors
from tests.integration.admin_types import change_url, form
from tests.plugins import retrieve_everyone

pytestmark = pytest.mark.django_db

ADD = reverse("admin:learning_credentials_credentialtype_add")


def test_discovered_functions_are_offered_those_of_the_host_included(admin):
    fields = admin.get(ADD).context["adminform"].form.fields
    retrieval = [path for path, _label in fields["retrieval_func"].choices]
    generation = [path for path, _label in fields["generation_func"].choices]
    assert "learning_credentials.processors.retrieve_subsection_grades" in retrieval
    assert "tests.plugins.retrieve_everyone" in retrieval
    assert "learning_credentials.generators.generate_pdf_credential" in generation
    assert "tests.plugins.generate_flaky" in generation
    offered = dict(fields["retrieval_func"].choices)
    assert offered["learning_credentials.processors.retrieve_completions"] == "Completed share of the course"
    assert (
        offered["tests.plugins.retrieve_one_by_one"] == "Everyone who is enrolled, by a function that knows no batches"
    )


def test_documented_options_and_placeholders_are_shown(admin):
    page = admin.get(ADD).content.decode()
    assert "required_completion" in page
    assert "template_multiline" in page
    assert "line_height" in page, "options of nested objects"
    assert "<code>{context_name}</code>" in page
    assert retrieve_everyone.__doc__.splitlines()[0] in page
    assert "documents no options" in page


def test_a_type_is_saved_with_its_signatories_in_order(admin):
    first, second = SignatoryFactory(), SignatoryFactory()
    response = admin.post(
        ADD,
        form(
            **{
                "type_signatories-TOTAL_FORMS": "2",
                "type_signatories-0-position": "2",
                "type_signatories-0-signatory": first.pk,
                "type_signatories-1-position": "1",
                "type_signatories-1-signatory": second.pk,
                "custom_options": '{"anything": {"goes": [1, 2]}}',
            }
        ),
    )
    assert response.status_code == 302, form_errors(response, "custom_options")
    saved = CredentialType.objects.get()
    assert saved.custom_options == {"anything": {"goes": [1, 2]}}
    assert [place.signatory for place in saved.type_signatories.all()] == [second, first]


def test_no_options_at_all_are_an_empty_object(admin):
    assert admin.post(ADD, form(custom_options=" ")).status_code == 302
    assert CredentialType.objects.get().custom_options == {}


def test_a_type_is_saved_with_the_options_that_the_empty_form_shows(admin):
    shown = admin.get(ADD).context["adminform"].form
    untouched = {name: shown[name].value() for name in ("custom_options", "page_options")}
    response = admin.post(ADD, form(**untouched))
    assert response.status_code == 302, response.context["adminform"].form.errors
    saved = CredentialType.objects.get()
    assert (saved.custom_options, saved.page_options) == ({}, {})


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("", None, None),
        ("1 year", Period(years=1), "1 year"),
        ("18 months", Period(months=18), "18 months"),
        ("1 Year and 6 months", Period(years=1, months=6), "1 year 6 months"),
        ("730 days", Period(days=730), "730 days"),
        ("2 Weeks, 1 day 12hours", Period(weeks=2, days=1, hours=12), "2 weeks 1 day 12 hours"),
        ("1 06:30:00", Period(days=1, hours=6, minutes=30), "1 day 6 hours 30 minutes"),
        ("P1Y6M", Period(years=1, months=6), "1 year 6 months"),
    ],
)
def test_validity_is_written_as_people_write_it(admin, typed, stored, shown):
    response = admin.post(ADD, form(valid_for=typed))
    assert response.status_code == 302, form_errors(response, "valid_for")
    saved = CredentialType.objects.get()
    assert saved.valid_for == stored
    assert admin.get(change_url(saved)).context["adminform"].form["valid_for"].value() == shown


@pytest.mark.parametrize(
    "typed",
    ["365", "2 moons", "days", "1 day and a bit", "1 dayish", "-5 days", "-P5D", "-1 00:00:00", "P", "90 seconds"],
)
def test_validity_of_nobody_knows_what_is_refused(admin, typed):
    response = admin.post(ADD, form(valid_for=typed))
    assert form_errors(response, "valid_for") == [
        "Enter numbers of years, months, weeks, days, hours or minutes, such as “1 year 6 months” or “90 days”."
    ]
    assert response.context["adminform"].form["valid_for"].value() == typed


@pytest.mark.parametrize(
    "typed", ["99999999999999 weeks", "101 years", "1201 months", "0 days", "23 hours", "P0D", "9" * 90 + " years"]
)
def test_validity_out_of_bounds_is_refused(admin, typed):
    assert form_errors(admin.post(ADD, form(valid_for=typed)), "valid_for") == [
        "Enter a period from 1 day to 100 years."
    ]


def test_options_are_printed_to_be_read(admin):
    stored = CredentialTypeFactory(custom_options={"title": "Größe", "deep": {"er": 1}})
    stored.refresh_from_db()  # PostgreSQL orders the keys in its own way
    page = admin.get(change_url(stored))
    assert page.context["adminform"].form["custom_options"].value() == json.dumps(
        stored.custom_options, indent=2, ensure_ascii=False
    )
    assert "Größe" in page.content.decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{\n  "a": 1,\n  "b": }', "line 3, column 8"),
        ('{"a": 1, "a": 2}', "“a” is used twice"),
        ('{"a": NaN}', "NaN is not valid JSON"),
        ('{"a": 1e999}', "1e999 is too large"),
        ('{"a": ' + "9" * 5000 + "}", "A number has too many digits"),
        (r'{"a": [{"b": "x\u0000"}]}', "“x�” contains a character that cannot be stored"),
        (r'{"\ud800": 1}', "“�” contains a character that cannot be stored"),
        ("[1]", "must be a JSON object"),
        ("[]", "must be a JSON object"),
        ('"text"', "must be a JSON object"),
    ],
)
def test_json_mistakes_are_named_with_their_place(admin, text, expected):
    response = admin.post(ADD, form(custom_options=text))
    assert response.status_code == 200
    assert any(expected in error for error in form_errors(response, "custom_options"))
    assert response.context["adminform"].form["custom_options"].value() == text, "what was typed is kept"
    assert not CredentialType.objects.exists()


def test_option_mistakes_are_shown_with_their_paths(admin):
    options = {
        "required_completion": "much",
        "text_elements": {"name": {"color": "purplish"}, "extra": {"text": "{nme}", "y": 10}},
        "colour": "red",
    }
    response = admin.post(
        ADD,
        form(
            retrieval_func="learning_credentials.processors.retrieve_completions",
            generation_func="learning_credentials.generators.generate_pdf_credential",
            custom_options=json.dumps(options),
        ),
    )
    found = form_errors(response, "custom_options")
    for path in (
        "required_completion: ",
        "text_elements.name.color",
        "text_elements.extra.text",
        "colour: unknown option",
    ):
        assert any(error.startswith(path) for error in found), (path, found)
    assert "text_elements.name.color" in response.content.decode()


def test_a_mistake_that_a_configuration_would_have_is_refused_with_its_context(admin):
    stored = CredentialTypeFactory(
        retrieval_func="learning_credentials.processors.retrieve_completions",
        custom_options={"required_completion": 0.5},
    )
    CredentialConfigurationFactory(
        credential_type=stored, learning_context_key="course-v1:A+B+C", custom_options={"required_grades": 3}
    )
    response = admin.post(
        change_url(stored),
        form(
            name=stored.name,
            slug=stored.slug,
            retrieval_func="learning_credentials.processors.retrieve_subsection_grades",
            generation_func=stored.generation_func,
        ),
    )
    assert any(
        "required_grades" in error and "course-v1:A+B+C" in error for error in form_errors(response, "custom_options")
    )


def test_a_stored_function_that_is_gone_is_kept_flagged_and_refused_on_save(admin):
    stored = CredentialTypeFactory(retrieval_func="gone.retrieve_it")
    page = admin.get(change_url(stored))
    bound = page.context["adminform"].form["retrieval_func"]
    assert bound.value() == "gone.retrieve_it"
    assert ("gone.retrieve_it", "gone.retrieve_it (not found)") in bound.field.choices
    assert "is not found now" in page.content.decode()
    response = admin.post(change_url(stored), form(retrieval_func="gone.retrieve_it"))
    assert any("is not a known processor" in error for error in form_errors(response, "retrieval_func"))


def test_broken_discovery_is_reported_on_a_page_that_works(admin, app_settings):
    stored = CredentialTypeFactory()
    app_settings(PROCESSOR_MODULES=["no.such.module"])
    for url in (ADD, change_url(stored)):
        response = admin.get(url)
        assert response.status_code == 200
        assert "no.such.module" in response.content.decode()
    assert admin.get(change_url(stored)).context["adminform"].form["retrieval_func"].value() == stored.retrieval_func
    response = admin.post(change_url(stored), form(name=stored.name, slug=stored.slug))
    assert response.status_code == 200
    assert any("no.such.module" in error for error in form_errors(response, "retrieval_func"))


def test_the_list_counts_configurations(admin):
    stored = CredentialConfigurationFactory().credential_type
    page = admin.get(reverse("admin:learning_credentials_credentialtype_changelist")).content.decode()
    assert f"?credential_type__id__exact={stored.pk}" in page


@pytest.mark.parametrize(
    ("model", "factory"),
    [("credentialtype", CredentialTypeFactory), ("issuer", IssuerFactory), ("signatory", SignatoryFactory)],
)
def test_queries_do_not_grow_with_the_rows(admin, django_assert_num_queries, model, factory):
    url = reverse(f"admin:learning_credentials_{model}_changelist")
    factory.create_batch(10)
    few = count_queries(admin, url)
    factory.create_batch(50)
    with django_assert_num_queries(few):
        assert len(admin.get(url).context["cl"].result_list) == 60
