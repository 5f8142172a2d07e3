"""A key that is typed or pasted in another Unicode form is the same key, at every entrance; it is stored in NFC, as the LMS has it."""

from __future__ import annotations

import io
import json
import unicodedata
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from rest_framework.test import APIClient

from learning_credentials import api, models, signals
from learning_credentials.data import LearnerQuery
from learning_credentials.lms.base import Step
from learning_credentials.services.course_runs import refresh_course_certificates
from learning_credentials.services.issuing import create_examples, get_latest_example_status
from learning_credentials.services.notices import work_off_messages
from learning_credentials.services.reports import iter_kept_certificates
from learning_credentials.services.standings import regenerate_certificates
from tests.factories import (
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    CredentialTypeFactory,
    UserFactory,
)
from tests.integration.admin_forms import read_form

pytestmark = pytest.mark.django_db(transaction=True)

BASE = "/api/learning_credentials/v1"
ADMIN = "/admin/learning_credentials"
KEY = "course-v1:Universität+Éducation+2026"
OTHER_KEY = "course-v1:Universität+Äpfel+2026"
PATH_KEY = "path:Größe"
COURSE = "Universität+Éducation"
RETRIEVAL_FUNC = "learning_credentials.processors.retrieve_course_certificates"
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
#: How the key reaches the app.
TYPED = unicodedata.normalize("NFD", KEY)


def decompose(text):
    return unicodedata.normalize("NFD", text)


@pytest.fixture(autouse=True)
def _lms(world):
    cache.clear()
    for key in (KEY, OTHER_KEY):
        world.add_course_run(key, "Éducation", parent_course_key=COURSE)
    world.add_learning_path(PATH_KEY, steps=[Step(KEY)])


@pytest.fixture
def configuration():
    return CredentialConfigurationFactory(learning_context_key=KEY, is_enabled=True, allow_self_generation=True)


@pytest.fixture
def run():
    CredentialConfigurationFactory(learning_context_key=KEY, credential_type__retrieval_func=RETRIEVAL_FUNC)
    return CourseCertificateFactory(course_key=KEY, available_date=JUNE)


@pytest.fixture
def learner(world):
    user = UserFactory(username="ada")
    world.enrol(user.pk, KEY)
    return user


@pytest.fixture
def staff():
    client = APIClient()
    client.force_login(UserFactory(superuser=True))
    return client


def send(client, method, path, body=None):
    return client.generic(method, f"{BASE}/{path}", json.dumps(body), content_type="application/json")


def test_the_cases_are_in_two_forms():
    assert TYPED != KEY == unicodedata.normalize("NFC", TYPED)


class TestStoring:
    """Whatever writes a row, the key is in NFC."""

    @pytest.mark.parametrize("way", ["create", "save", "bulk_create", "update", "bulk_update", "get_or_create"])
    def test_every_way_to_write(self, way):
        rows = models.CourseCertificate.objects
        row = models.CourseCertificate(course_key=TYPED)
        match way:
            case "create":
                row = rows.create(course_key=TYPED)
            case "save":
                row.save()
            case "bulk_create":
                [row] = rows.bulk_create([row])
            case "get_or_create":
                row, _created = rows.get_or_create(course_key=TYPED)
                assert rows.get_or_create(course_key=TYPED) == (row, False)
            case _:
                row = rows.create(course_key="course-v1:Other+Run+2026")
                if way == "update":
                    rows.update(course_key=TYPED)
                else:
                    row.course_key = TYPED
                    rows.bulk_update([row], ["course_key"])
        if "update" not in way:
            assert row.course_key == KEY
        assert rows.values_list("course_key", flat=True).get() == KEY

    def test_every_way_to_look(self):
        row = CourseCertificateFactory(course_key=KEY)
        rows = models.CourseCertificate.objects
        assert rows.get(course_key=TYPED) == rows.get(course_key__in=[TYPED]) == row
        assert not rows.exclude(course_key=TYPED).exists()

    def test_a_second_one_in_another_form_is_refused(self, configuration):
        twin = models.CredentialConfiguration(learning_context_key=TYPED, credential_type=configuration.credential_type)
        with pytest.raises(Exception, match="already exists"):
            twin.full_clean()


class TestRest:
    def test_configured_and_eligibility(self, staff, configuration, learner):
        address = quote(TYPED)
        assert send(staff, "GET", f"configured/{address}/").json()["credential_count"] == 1
        found = send(staff, "GET", f"eligibility/{address}/?username=ada").json()
        assert found["learning_context_key"] == KEY
        assert [item["configuration_id"] for item in found["credentials"]] == [configuration.pk]
        asked = send(staff, "POST", f"eligibility/{address}/{configuration.pk}/", {"username": "ada"})
        assert asked.status_code == 202
        assert models.Credential.objects.get().learning_context_key == KEY

    def test_course_certificates(self, staff, run):
        address = f"course_certificates/{quote(TYPED)}/"
        assert send(staff, "GET", address).json()["course_id"] == KEY
        july = {"course_id": TYPED, "certificate_available_date": "2026-07-01T00:00:00Z"}
        for method, path in (("PUT", address), ("PATCH", address), ("POST", "course_certificates/")):
            answer = send(staff, method, path, july)
            assert (answer.status_code, answer.json()["course_id"]) == (200, KEY), answer.json()
        assert models.CourseCertificate.objects.get().pk == run.pk

    def test_a_course_certificate_that_is_made(self, staff):
        assert send(staff, "POST", "course_certificates/", {"course_id": TYPED}).status_code == 201
        assert models.CourseCertificate.objects.get().course_key == KEY

    @pytest.mark.parametrize("names", [{"course_runs": [TYPED]}, {"courses": [decompose(COURSE)]}])
    def test_learner_status(self, staff, run, learner, names):
        api.add_allowlist_entry(learner.pk, KEY)
        work_off_messages("allowlist_added", KEY)
        models.CourseCertificate.objects.update(available_date=None)
        answer = send(staff, "POST", "learner_cert_status/", {"username": "ada", **names}).json()
        assert [(item["course_run"]["key"], item["status"]) for item in answer["status"]] == [(KEY, "awarded")]

    def test_program_status(self, staff, learner):
        body = {"username": "ada", "program_uuid": decompose(PATH_KEY)}
        answer = send(staff, "POST", "learner_program_status/", body)
        assert [item["course_run"]["key"] for item in answer.json()["status"]] == [KEY]

    def test_oneself_by_name(self):
        user = UserFactory(username="zoë")
        client = APIClient()
        client.force_login(user)
        body = {"username": decompose("zoë"), "course_runs": [KEY]}
        answer = send(client, "POST", "learner_cert_status/", body)
        assert (answer.status_code, answer.json()["lms_user_id"]) == (200, user.pk)


class TestCommands:
    def test_generate(self, configuration, learner, capsys):
        call_command("generate_credentials", context=TYPED)
        assert "1 issued" in capsys.readouterr().out

    @pytest.mark.parametrize("name", ["invalidate_credentials", "reissue_credentials"])
    def test_changes(self, name, configuration, capsys):
        CredentialFactory(available=True, configuration=configuration)
        call_command(name, context=TYPED, reason="Why", dry_run=True)
        assert "1 would be changed" in capsys.readouterr().out

    def test_report(self, configuration, capsys):
        CredentialFactory(available=True, configuration=configuration, user__username="holder")
        call_command("report_issued_credentials", context=TYPED)
        assert "holder" in capsys.readouterr().out

    def test_import_allowlist(self, run, learner, tmp_path, capsys):
        file = tmp_path / "list.csv"
        file.write_text("ada,late\n")
        call_command("import_allowlist", str(file), context=TYPED)
        assert "added" in capsys.readouterr().out
        assert models.AllowlistEntry.objects.get().learning_context_key == KEY


class TestAdmin:
    def test_allowlist_form_and_file(self, staff, run, learner):
        url = f"{ADMIN}/allowlistentry/add/"
        data = {**read_form(staff.get(url)), "learner": "ada", "context_key": TYPED}
        assert staff.post(url, data).status_code == 302
        assert models.AllowlistEntry.objects.get().learning_context_key == KEY
        url = f"{ADMIN}/allowlistentry/upload/"
        file = io.BytesIO(b"ada,late\n")
        file.name = "list.csv"
        page = staff.post(url, {**read_form(staff.get(url)), "file": file, "context_key": TYPED}, format="multipart")
        assert "already on the list" in page.content.decode()

    def test_allowlist_of_a_configuration(self, staff, configuration, learner):
        url = f"{ADMIN}/allowlistentry/add/"
        data = {**read_form(staff.get(url)), "learner": "ada", "context_key": TYPED, "configuration": configuration.pk}
        assert staff.post(url, data).status_code == 302
        assert models.AllowlistEntry.objects.get().configuration == configuration

    def test_an_address_in_another_form(self, staff, run, world):
        user = UserFactory(email="zoë@example.org")
        world.enrol(user.pk, KEY)
        (result,) = api.import_allowlist(KEY, io.StringIO(decompose("zoë@example.org\n")))
        assert result.status == api.RowStatus.ADDED
        url = f"{ADMIN}/certificateinvalidation/add/"
        data = {
            **read_form(staff.get(url)),
            "learner": decompose("zoë@example.org"),
            "context_key": TYPED,
            "notes": "x",
        }
        assert staff.post(url, data).status_code == 302
        assert models.CertificateInvalidation.objects.get().learning_context_key == KEY

    def test_course_certificate(self, staff):
        url = f"{ADMIN}/coursecertificate/add/"
        data = {**read_form(staff.get(url)), "course_key": TYPED, "certificate_type": "honor"}
        assert staff.post(url, data).status_code == 302
        assert models.CourseCertificate.objects.get().course_key == KEY
        page = staff.post(url, data)
        assert "already in the list" in page.content.decode()

    def test_configuration(self, staff):
        url = f"{ADMIN}/credentialconfiguration/add/"
        chosen = {"learning_context_key": TYPED, "credential_type": CredentialTypeFactory().pk}
        page = staff.post(url, {**read_form(staff.get(url)), **chosen})
        assert page.status_code == 302, page.content.decode()
        assert models.CredentialConfiguration.objects.get().learning_context_key == KEY

    def test_copying(self, staff, configuration):
        copied = api.copy_configuration(configuration.pk, decompose(OTHER_KEY))
        assert copied.learning_context_key == OTHER_KEY

    @pytest.mark.parametrize(
        ("model", "asked"),
        [
            ("credential", {"q": decompose("Éducation+")}),
            ("credential", {"learning_context_key": TYPED}),
            ("credentialconfiguration", {"q": decompose("Éducation+")}),
            ("credentialconfiguration", {"learning_context_key": TYPED}),
            ("coursecertificate", {"q": decompose("Éducation+")}),
            ("allowlistentry", {"q": decompose("Éducation+")}),
            ("allowlistentry", {"learning_context_key": TYPED}),
        ],
    )
    def test_search_and_filter(self, staff, configuration, run, learner, model, asked):
        CredentialFactory(available=True, configuration=configuration, learning_context_name="Other")
        api.add_allowlist_entry(learner.pk, KEY)
        page = staff.get(f"{ADMIN}/{model}/", asked)
        assert page.context["cl"].result_count >= 1

    def test_suggestions(self, staff):
        found = staff.get(f"{ADMIN}/credentialconfiguration/contexts/", {"q": decompose("Éducation")}).json()
        assert KEY in [item["key"] for item in found["contexts"]]


class TestFacade:
    def test_signals(self, run, learner):
        with transaction.atomic():
            signals.grade_now_passing.send(None, user_id=learner.pk, course_key=TYPED)
            assert models.HostMessage.objects.get().context_key == KEY

    def test_standings(self, run, learner):
        api.add_allowlist_entry(learner.pk, TYPED)
        assert api.evaluate_course_certificate(TYPED, learner.pk) == "downloadable"
        assert api.evaluate_course_certificates(TYPED, [learner.pk]) == {learner.pk: "downloadable"}
        assert api.get_certificate_status(learner.pk, TYPED)["status"] == "downloadable"
        assert api.list_certificate_infos(TYPED, [learner.pk])[learner.pk]["eligible"] == "Y"
        assert regenerate_certificates(TYPED, statuses=["downloadable"]) == 1
        assert [row.username for row in iter_kept_certificates(TYPED)] == []
        query = LearnerQuery(username="ada", course_runs=(TYPED,), include_unearned=True)
        assert [item.run_key for item in api.get_learner_status(query).runs] == [KEY]

    def test_runs(self, run):
        assert api.get_course_certificate(TYPED).pk == run.pk
        assert api.set_certificate_available_date(TYPED, None).pk == run.pk
        refresh_course_certificates([TYPED])
        assert models.CertificateEvent.objects.get().learning_context_key == KEY

    def test_examples(self, configuration):
        create_examples(TYPED)
        assert get_latest_example_status(TYPED) == "success"

    def test_steps_of_a_path(self, world, learner):
        steps = {TYPED: {"required_completion": 0.2}}
        options = {"required_completion": 0.9, "steps": steps}
        configuration = CredentialConfigurationFactory(
            learning_context_key=PATH_KEY,
            custom_options=options,
            credential_type__retrieval_func="learning_credentials.processors.retrieve_completions",
        )
        configuration.full_clean()
        world.enrol(learner.pk, PATH_KEY)
        world.set_completion(learner.pk, KEY, 0.5)
        assert api.get_eligibility(configuration.pk, learner.pk).is_eligible
        configuration.custom_options = {**options, "steps": {**steps, KEY: {"required_completion": 0.3}}}
        with pytest.raises(Exception, match="has one course run twice"):
            configuration.full_clean()
