"""Adding to the allowlist says what still bars the learner; the entry is stored all the same."""

from __future__ import annotations

import io
import unicodedata
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from learning_credentials import api
from learning_credentials.models import AllowlistEntry, CourseCertificate, Credential, CredentialConfiguration
from learning_credentials.services.staff import describe_allowlist_obstacles
from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory
from tests.integration.admin_forms import read_form

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "course-v1:Tests+Listed+2026"
WORDS = {
    "not_enrolled": "the learner is not enrolled",
    "mode": "this enrolment mode receive no certificates",
    "restricted": "does not allow this learner certificates",
    "identity": "identity is not verified",
    "no_course_certificates": "the run issues no course certificates",
    "name_missing": "no name of the learner that can be published",
    "blocked": "blocked a new one: lift the block",
}


@pytest.fixture
def bar(world, app_settings):
    """A learner whom something bars from the certificate of a run."""

    def make(*obstacles):
        world.add_course_run(KEY, "Listed", categories={"Exam": 1.0})
        if "no_course_certificates" not in obstacles:
            CredentialConfigurationFactory(
                learning_context_key=KEY,
                credential_type__retrieval_func="learning_credentials.processors.retrieve_course_certificates",
            )
        if "identity" in obstacles:
            app_settings(IDENTITY_REQUIRED=True)
        user = UserFactory(username="ada")
        if "not_enrolled" not in obstacles:
            world.enrol(user.pk, KEY, mode="audit" if "mode" in obstacles else "verified")
        if "restricted" in obstacles:
            world.set_profile(user.pk, certificates_allowed=False)
        if "name_missing" in obstacles:
            world.set_profile(user.pk, display_name="")
        return user

    return make


@pytest.mark.parametrize(
    "obstacles",
    [
        (),
        ("not_enrolled",),
        ("mode",),
        ("restricted",),
        ("identity",),
        ("name_missing",),
        ("no_course_certificates",),
        ("no_course_certificates", "restricted", "not_enrolled"),
    ],
)
@pytest.mark.parametrize("way", ["facade", "csv", "form"])
def test_what_bars_the_learner_is_said(bar, admin_client, obstacles, way):
    user = bar(*obstacles)
    if way == "facade":
        api.add_allowlist_entry(user.pk, KEY)
        found = api.find_allowlist_obstacles(KEY, [user.pk]).get(user.pk, [])
        assert [obstacle.value for obstacle in found] == list(obstacles)
        said = describe_allowlist_obstacles(found)
    elif way == "csv":
        (result,) = api.import_allowlist(KEY, io.BytesIO(b"ada,late\n"))
        assert result.status == api.RowStatus.ADDED
        said = result.message
    else:
        url = "/admin/learning_credentials/allowlistentry/add/"
        data = {**read_form(admin_client.get(url)), "learner": "ada", "context_key": KEY}
        said = admin_client.post(url, data, follow=True).content.decode()
    assert all(WORDS[obstacle] in said for obstacle in obstacles)
    assert obstacles or "Nothing is issued yet" not in said
    entry = AllowlistEntry.objects.get(is_active=True)
    page = admin_client.get(f"/admin/learning_credentials/allowlistentry/{entry.pk}/change/").content.decode()
    assert all(WORDS[obstacle] in page for obstacle in obstacles)
    assert ("Nothing is issued yet" in page) is bool(obstacles)


@pytest.mark.parametrize("obstacles", [(), ("not_enrolled",), ("mode", "restricted")])
@pytest.mark.parametrize("way", ["csv", "form", "upload", "command"])
def test_what_bars_a_learner_who_is_on_the_list_already_is_said_too(
    bar, admin_client, obstacles, way, tmp_path, capsys
):
    user = bar(*obstacles)
    api.add_allowlist_entry(user.pk, KEY)
    address = "/admin/learning_credentials/allowlistentry"
    file = tmp_path / "list.csv"
    file.write_text("ada,late\n")
    if way == "csv":
        (result,) = api.import_allowlist(KEY, io.BytesIO(b"ada,late\n"))
        assert result.status == api.RowStatus.ALREADY
        said = result.message
    elif way == "command":
        call_command("import_allowlist", str(file), context=KEY)
        said = capsys.readouterr().out
    elif way == "upload":
        url = f"{address}/upload/"
        with file.open("rb") as opened:
            said = admin_client.post(url, {"file": opened, "context_key": KEY}).content.decode()
        assert "already on the list" in said
    else:
        data = {**read_form(admin_client.get(f"{address}/add/")), "learner": "ada", "context_key": KEY}
        said = admin_client.post(f"{address}/add/", data, follow=True).content.decode()
    assert all(WORDS[obstacle] in said for obstacle in obstacles)
    assert ("Nothing is issued yet" in said) is bool(obstacles)
    assert way != "form" or "The entry and its notes did not change" in said
    assert AllowlistEntry.objects.count() == 1


@pytest.mark.parametrize("way", ["course certificate", "configuration"])
def test_a_credential_in_error_is_told_of(bar, course, enrol, way):
    user = bar()
    key, configuration, target = KEY, CredentialConfiguration.objects.get(learning_context_key=KEY), {}
    if way == "configuration":
        (user,) = enrol("Ada")
        key, configuration, target = course.learning_context_key, course, {"configuration_id": course.pk}
    CredentialFactory(error=True, configuration=configuration, user=user)
    found = api.find_allowlist_obstacles(key, [user.pk], **target)
    assert found == {user.pk: ["failed"]}
    assert "status “error”" in describe_allowlist_obstacles(found[user.pk])


@pytest.mark.parametrize("way", ["course certificate", "configuration"])
def test_nothing_bars_a_learner_who_holds_the_credential(bar, course, way):
    """Learners who leave the course afterwards keep what was issued."""
    user = bar("not_enrolled")
    key, configuration = (KEY, CredentialConfiguration.objects.get(learning_context_key=KEY))
    if way == "configuration":
        key, configuration = course.learning_context_key, course
    target = {"configuration_id": course.pk} if way == "configuration" else {}
    assert api.find_allowlist_obstacles(key, [user.pk], **target) == {user.pk: ["not_enrolled"]}
    row = CredentialFactory(available=True, configuration=configuration, user=user)
    assert api.find_allowlist_obstacles(key, [user.pk], **target) == {}
    Credential.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(days=1))
    assert api.find_allowlist_obstacles(key, [user.pk], **target) == {user.pk: ["not_enrolled"]}


def test_obstacles_are_asked_for_once_however_many_rows_there_are(bar, world):
    bar()

    def count(number):
        users = UserFactory.create_batch(number)
        rows = "".join(f"{user.username},x\n" for user in users)
        api.import_allowlist(KEY, io.StringIO(rows))
        more = "".join(f"{user.username},x\n" for user in UserFactory.create_batch(number))
        with CaptureQueriesContext(connection) as queries:
            results = api.import_allowlist(KEY, io.StringIO(rows + more))
        assert all("the learner is not enrolled" in result.message for result in results)
        return len(queries)

    count(1)
    assert count(2) == count(20)


def test_of_another_configuration_too(course, enrol, world):
    (enrolled,) = enrol("Ada")
    blocked = CredentialFactory(invalidated=True, configuration=course, blocks_reissue=True).user
    absent = UserFactory()
    people = [enrolled.pk, blocked.pk, absent.pk]
    found = api.find_allowlist_obstacles(course.learning_context_key, people, configuration_id=course.pk)
    assert found == {blocked.pk: ["blocked", "not_enrolled"], absent.pk: ["not_enrolled"]}


def test_a_run_that_was_switched_off(bar):
    user = bar()
    CourseCertificate.objects.create(course_key=KEY, is_active=True)
    api.change_course_certificate(KEY, is_active=False)
    assert api.find_allowlist_obstacles(KEY, [user.pk]) == {user.pk: ["no_course_certificates"]}


def test_while_the_lms_does_not_answer_the_entry_is_stored(bar, world):
    user = bar()
    world.outage = True
    (result,) = api.import_allowlist(KEY, io.BytesIO(b"ada,late\n"))
    assert "could check" in result.message
    assert api.find_allowlist_obstacles(KEY, [user.pk]) == {user.pk: ["not_checked"]}


NAME = unicodedata.normalize("NFC", "zoë.ångström")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_user_names_are_found_in_any_unicode_form(bar, admin_client, form, course, world):
    bar()
    user = UserFactory(username=NAME)
    typed = unicodedata.normalize(form, NAME)
    world.enrol(user.pk, KEY)
    world.enrol(user.pk, course.learning_context_key)
    (result,) = api.import_allowlist(KEY, io.BytesIO(f"{typed},late\n".encode()))
    assert result.status == api.RowStatus.ADDED
    url = "/admin/learning_credentials/allowlistentry/add/"
    data = {**read_form(admin_client.get(url)), "learner": typed, "context_key": KEY}
    assert admin_client.post(url, data).status_code == 302
    client = APIClient()
    client.force_authenticate(UserFactory(superuser=True))
    found = client.get(f"/api/learning_credentials/v1/eligibility/{course.learning_context_key}/", {"username": typed})
    assert found.json()["username"] == NAME
