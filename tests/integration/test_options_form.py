"""The server's side of the form of options: what the scripts are told, who may ask, and mistakes in the words of the form."""

from __future__ import annotations

import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from learning_credentials import api, discovery
from learning_credentials.exceptions import OptionsError
from learning_credentials.lms import get_lms
from learning_credentials.models import ContextGrant, CredentialType
from tests.factories import CredentialAssetFactory, CredentialConfigurationFactory, CredentialTypeFactory, UserFactory
from tests.integration.admin_pages import form_errors, staff_with
from tests.integration.admin_types import change_url, form

pytestmark = pytest.mark.django_db

ADD = reverse("admin:learning_credentials_credentialtype_add")
SOURCES = reverse("admin:learning_credentials_credentialconfiguration_option_sources")
TYPE_OPTIONS = reverse("admin:learning_credentials_credentialconfiguration_type_options")
HOST = "tests.integration.option_plugins"
RUN, PATH = "course-v1:Uni+Maths+2026", "path-v1:Uni+Science+2026"


@pytest.fixture
def host(app_settings):
    app_settings(PROCESSOR_MODULES=[HOST, "tests.plugins"], GENERATOR_MODULES=[HOST, "tests.plugins"])


def read_about(page, field="custom_options"):
    """Return what the page tells the scripts about an editor."""
    found = [json.loads(text) for text in re.findall(r'<script type="application/json">(.*?)</script>', page.text)]
    return next(about for about in found if about["field"] == field)


def ask(client, **question):
    response = client.get(SOURCES, question)
    assert response.status_code == 200
    return response.json()


def test_functions_are_offered_by_what_they_do(admin, host):
    page = admin.get(ADD)
    fields = page.context["adminform"].form.fields
    offered = dict(fields["retrieval_func"].choices) | dict(fields["generation_func"].choices)
    assert offered["learning_credentials.processors.retrieve_completions"] == "Completed share of the course"
    assert offered["learning_credentials.generators.generate_pdf_credential"] == "PDF certificate"
    assert offered[f"{HOST}.retrieve_readers"] == "Readers of the book", "the title of the decorator"
    assert offered[f"{HOST}.generate_cover"] == "The cover of the book", "the first line of the docstring"


def test_functions_with_one_title_are_told_apart_by_their_paths(admin, app_settings):
    app_settings(PROCESSOR_MODULES=["tests.plugins", "tests.integration.option_twins"])
    offered = dict(admin.get(ADD).context["adminform"].form.fields["retrieval_func"].choices)
    assert offered["tests.integration.option_twins.retrieve_all"] == (
        "Everyone who is enrolled (tests.integration.option_twins.retrieve_all)"
    )
    assert offered["tests.plugins.retrieve_everyone"] == "Everyone who is enrolled (tests.plugins.retrieve_everyone)"


def test_the_path_of_the_chosen_function_is_in_small_print(admin):
    row = CredentialTypeFactory()
    page = admin.get(change_url(row)).text
    assert '<div class="lcred-path quiet"><code>tests.plugins.retrieve_everyone</code></div>' in page


def test_the_options_of_a_hosts_plug_ins_are_described(admin, host):
    described = read_about(admin.get(ADD))["descriptions"]
    fields = {field["name"]: field for field in described[f"{HOST}.retrieve_readers"]["fields"]}
    assert (fields["share"]["kind"], fields["share"]["label"], fields["share"]["default"]) == (
        "percent",
        "Share of the book",
        0.8,
    )
    assert described["tests.plugins.retrieve_everyone"]["fields"] is None


def test_the_form_works_without_functions(admin, app_settings):
    app_settings(PROCESSOR_MODULES=["tests.nowhere"])
    described = read_about(admin.get(ADD))["descriptions"]
    assert set(described) >= {"learning_credentials.generators.generate_pdf_credential"}
    assert "learning_credentials.processors.retrieve_completions" not in described


def test_a_configuration_is_told_what_it_inherits(admin):
    row = CredentialConfigurationFactory(credential_type__custom_options={"size": "large"}, custom_options={"a": 1})
    about = read_about(admin.get(reverse("admin:learning_credentials_credentialconfiguration_change", args=[row.pk])))
    assert about["inherited"] == {"size": "large"}
    assert about["functions"] == {
        "retrieval_func": "tests.plugins.retrieve_everyone",
        "generation_func": "tests.plugins.generate_text_credential",
    }
    other = CredentialTypeFactory(custom_options={"size": "small"})
    said = admin.get(TYPE_OPTIONS, {"type": other.pk}).json()
    assert said["inherited"] == {"size": "small"}
    assert admin.get(TYPE_OPTIONS, {"type": "1000000"}).status_code == 404
    assert admin.get(TYPE_OPTIONS, {"type": "x"}).json() == {"functions": {}, "inherited": {}}


@pytest.mark.parametrize("url", [SOURCES, TYPE_OPTIONS])
def test_only_people_who_see_the_page_may_ask(client, url):
    assert client.get(url).status_code == 302
    client.force_login(UserFactory(staff=True))
    assert client.get(url).status_code == 403
    client.force_login(staff_with("view_credentialconfiguration"))
    assert client.get(url).status_code in {400, 404}


def test_options_with_markup_stay_in_their_script(admin):
    row = CredentialConfigurationFactory(credential_type__custom_options={"text": "</script><script>alert(1)</script>"})
    page = admin.get(reverse("admin:learning_credentials_credentialconfiguration_change", args=[row.pk]))
    assert "<script>alert" not in page.text
    assert read_about(page)["inherited"]["text"].startswith("</script>")


def test_categories_come_with_their_weights(admin, world):
    world.add_course_run(RUN, "Mathematics", categories={"Homework": 0.4, "Exam": 0.6})
    assert ask(admin, kind="categories", key=RUN) == {
        "items": [
            ["Homework", "counts 40%"],
            ["Exam", "counts 60%"],
            ["Total", "the weighted grade over all categories"],
        ]
    }
    assert [name for name, _text in ask(admin, kind="categories")["items"]] == ["Total"]
    unknown = ask(admin, kind="categories", key="course-v1:Uni+Nowhere+2026")
    assert "knows no assignment categories" in unknown["trouble"]
    assert [name for name, _text in unknown["items"]] == ["Total"]


def test_a_learning_path_has_the_categories_of_its_courses(admin, world):
    other = "course-v1:Uni+Physics+2026"
    world.add_course_run(RUN, "Mathematics", categories={"Homework": 0.4, "Exam": 0.6})
    world.add_course_run(other, "Physics", categories={"Lab": 0.4, "Exam": 0.5, "Homework": 0.1})
    world.add_learning_path(PATH, "Science", steps=[RUN, other])
    items = dict(ask(admin, kind="categories", key=PATH)["items"])
    assert items == {"Homework": "", "Exam": "", "Lab": "counts 40%", "Total": "the weighted grade over all categories"}


def test_the_policies_of_many_courses_are_one_question(admin, world):
    world.add_course_run(RUN, "Mathematics", categories={"Exam": 1.0})
    other = "course-v1:Uni+Physics+2026"
    world.add_course_run(other, "Physics", categories={"Lab": 0.5, "Test": 0.5})
    found = {
        key: (dict(items), trouble)
        for key, items, trouble in ask(admin, kind="policies", key=[RUN, "x", other])["items"]
    }
    assert found[RUN] == ({"Exam": "counts 100%", "Total": "the weighted grade over all categories"}, "")
    assert set(found[other][0]) == {"Lab", "Test", "Total"}
    assert "knows no assignment categories" in found["x"][1]
    world.outage = True
    world.calls.clear()
    items = ask(admin, kind="policies", key=[RUN, other])["items"]
    assert all("does not answer" in trouble for _key, _items, trouble in items)
    assert world.calls == {"find_contexts": 1}


def test_an_lms_that_does_not_answer_is_told(admin, world):
    world.outage = True
    for kind in ("categories", "titles"):
        assert "does not answer" in ask(admin, kind=kind, key=RUN)["trouble"]
    assert ask(admin, kind="contexts", q="a") == {"items": []}


def test_titles_of_many_courses_are_one_question(admin, world):
    keys = [f"course-v1:Uni+C{number}+2026" for number in range(60)]
    for key in keys:
        world.add_course_run(key, f"Course {key}")
    world.calls.clear()
    said = ask(admin, kind="titles", key=[*keys, "course-v1:Uni+Nowhere+2026", "x" * 300])
    assert dict(said["items"])[keys[3]] == f"Course {keys[3]}"
    assert len(said["items"]) == 60
    assert world.calls["find_contexts"] == 1


def test_an_account_that_is_limited_to_a_course_learns_nothing_of_others(client, world):
    other = "course-v1:Uni+Physics+2026"
    world.add_course_run(RUN, "Mathematics", categories={"Exam": 1.0})
    world.add_course_run(other, "Physics", categories={"Lab": 1.0})
    user = staff_with("view_credentialconfiguration", "change_credentialconfiguration")
    grant = ContextGrant(user=user, context_key=RUN)
    grant.said = grant.hash_content()
    grant.save()
    client.force_login(user)
    assert dict(ask(client, kind="titles", key=[RUN, other])["items"]) == {RUN: "Mathematics"}
    assert [key for key, _name in ask(client, kind="contexts", q="Uni")["items"]] == [RUN]
    assert "Exam" in dict(ask(client, kind="categories", key=RUN)["items"])
    world.calls.clear()
    said = ask(client, kind="categories", key=other)
    assert "Lab" not in dict(said["items"])
    assert said["trouble"]
    assert world.calls["get_grading_policy"] == 0


def test_assets_are_suggested_by_kind(admin, pdf_template_assets, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        said = ask(admin, kind="assets", asset_kind="image", q="sun")
    assert said["items"] == [["sunrise", "A picture of the morning"]]
    assert {slug for slug, _text in ask(admin, kind="assets")["items"]} == {"sunrise", "moon"}


@pytest.fixture
def pdf_template_assets():
    CredentialAssetFactory(slug="sunrise", description="A picture of the morning", kind="image")
    CredentialAssetFactory(slug="moon", description="A picture of the night", kind="image")


def test_languages_have_names(admin):
    assert ["fr", "French"] in ask(admin, kind="languages")["items"]


def test_a_backend_without_a_policy_of_its_own_reads_grades(admin, world, app_settings):
    app_settings(LMS_BACKEND="tests.integration.option_twins.OldLMS")
    world.add_course_run(RUN, "Mathematics", categories={"Homework": 0.4, "Exam": 0.6})
    assert get_lms().get_grading_policy(RUN) == {}
    world.enrol(UserFactory().pk, RUN)
    assert get_lms().get_grading_policy(RUN) == {"Homework": 0.4, "Exam": 0.6}


def test_the_form_the_facade_and_the_command_line_name_the_option_that_was_meant(admin, world, host, capsys):
    functions = {
        "retrieval_func": f"{HOST}.retrieve_readers",
        "generation_func": "learning_credentials.generators.generate_pdf_credential",
    }
    options = {"shaer": 0.5, "defaults": {"colour": "#000000"}}
    response = admin.post(ADD, form(**functions, custom_options=json.dumps(options)))
    errors = form_errors(response, "custom_options")
    assert errors[0].startswith("shaer: unknown option. Did you mean share? The known options are ")
    assert "defaults.colour: unknown option. Did you mean defaults.color?" in errors
    row = CredentialConfigurationFactory(credential_type__generation_func=functions["generation_func"])
    CredentialType.objects.update(custom_options=options)
    with pytest.raises(OptionsError, match=r"Did you mean defaults\.color\?"):
        api.preview_credential(row.pk)
    user = UserFactory()
    world.add_course_run(row.learning_context_key, "Mathematics")
    world.enrol(user.pk, row.learning_context_key)
    with pytest.raises(CommandError):
        call_command("generate_credentials", "--configuration", str(row.pk), "--user", user.username)
    assert "defaults.colour: unknown option. Did you mean defaults.color?" in capsys.readouterr().err


def test_titles_can_be_translated_later(app_settings):
    app_settings(PROCESSOR_MODULES=["tests.integration.option_twins"])
    assert discovery.get_processor("tests.integration.option_twins.retrieve_lazy").title == "Learners"
