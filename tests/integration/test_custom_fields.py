"""Custom fields from the type to the certificate: whose value counts, what is refused, and what stays when something changes later."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from learning_credentials import api
from learning_credentials.exceptions import GenerationError
from learning_credentials.models import Credential
from learning_credentials.services.issuing.chunks import issue_chunk
from learning_credentials.services.issuing.runs import create_run, evaluate_run
from learning_credentials.services.reports import iter_issued_certificates_csv
from tests import plugins
from tests.integration.admin_pages import messages_of
from tests.integration.statement_counts import count_statements
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
HOURS = {"name": "hours", "label": "Hours", "kind": "duration", "required": True, "on_page": True, "badge": "result"}
LICENCE = {"name": "licence", "label": "Licence number", "kind": "text", "badge": "licenseNumber"}
CREDITS = {"name": "credits", "label": "Credits", "kind": "number", "on_page": True, "badge": "creditsEarned"}


@pytest.fixture(autouse=True)
def fields():
    """Return the values that the processor gives, by user id."""
    plugins.FIELDS.clear()
    yield plugins.FIELDS
    plugins.FIELDS.clear()


@pytest.fixture
def course(course):
    """Return a configuration whose type has fields and whose files list their values."""
    credential_type = course.credential_type
    credential_type.custom_fields = [HOURS, LICENCE, CREDITS]
    credential_type.retrieval_func = "tests.plugins.retrieve_with_fields"
    credential_type.generation_func = "tests.plugins.generate_field_list"
    credential_type.save()
    course.field_values = {"hours": "12 hours"}
    course.save()
    return course


def read_file(credential) -> str:
    file, _media_type, _name = api.open_artifact(credential.verify_uuid)
    with file:
        content = file.read()
    if content.startswith(b"%PDF"):
        return PdfReader(io.BytesIO(content)).pages[0].extract_text()
    return content.decode()


def get(user) -> Credential:
    return Credential.objects.get(user=user, is_current=True)


def issue(course):
    return api.issue_pending_credentials(course.pk)


class TestWhoseValueCounts:
    def test_the_configurations_value_is_everyones(self, course, enrol):
        ada, ben = enrol("Ada", "Ben")
        issue(course)
        assert read_file(get(ada)) == read_file(get(ben)) == "hours=PT12H"

    def test_the_lms_and_then_the_processor_replace_it(self, course, enrol, fields, world):
        ada, ben, eve = enrol("Ada", "Ben", "Eve")
        world.set_learner_fields(ada.pk, course.learning_context_key, hours="2 weeks", licence="AB-1", shoe_size=44)
        world.set_learner_fields(ben.pk, course.learning_context_key, hours="2 weeks", licence="AB-2")
        fields[ben.pk] = {"hours": "3 weeks", "licence": None}
        issue(course)
        assert read_file(get(ada)) == "hours=P2W\nlicence=AB-1"
        assert read_file(get(ben)) == "hours=P3W"
        assert read_file(get(eve)) == "hours=PT12H"
        assert get(ben).evidence == {"is_enrolled": True}, "values are no evidence"

    def test_the_lms_is_asked_once_a_batch(self, course, enrol, world, app_settings):
        app_settings(ELIGIBILITY_BATCH_SIZE=10)
        enrol(count=20)
        issue(course)
        assert world.calls["get_learner_fields"] == 2

    def test_values_of_a_request_count_too(self, course, enrol, fields):
        (ada,) = enrol("Ada")
        fields[ada.pk] = {"licence": "AB-1"}
        assert read_file(api.issue_credential(course.pk, ada.pk)) == "hours=PT12H\nlicence=AB-1"

    def test_values_of_learners_on_the_allowlist_count_too(self, course, enrol, fields):
        ada, ben = enrol("Ada", "Ben")
        fields[ada.pk] = fields[ben.pk] = {"licence": "AB-1"}
        course.credential_type.retrieval_func = "tests.plugins.retrieve_nobody_with_fields"
        course.credential_type.save()
        api.add_allowlist_entry(ben.pk, course.learning_context_key, configuration_id=course.pk, notes="By the dean.")
        issue(course)
        assert [row.user for row in Credential.objects.all()] == [ben]
        assert read_file(get(ben)) == "hours=PT12H\nlicence=AB-1"

    def test_a_type_without_fields_takes_no_values(self, course, enrol, fields):
        course.credential_type.custom_fields = []
        course.credential_type.save()
        course.field_values = {}
        course.save()
        (ada,) = enrol("Ada")
        fields[ada.pk] = {"anything": 1}
        issue(course)
        assert (get(ada).status, get(ada).custom_fields) == (Status.AVAILABLE, None)
        assert get(ada).evidence == {"is_enrolled": True, "fields": {"anything": 1}}, "as before there were fields"

    def test_more_learners_with_own_values_need_no_more_statements(self, course, enrol, fields, app_settings):
        app_settings(NOTIFY_LEARNERS=False)
        counts = []
        for size in (1, 10, 60):  # the first makes what is made once
            for user in enrol(count=size):
                fields[user.pk] = {"licence": f"AB-{user.pk}"}
            waiting = []
            with CaptureQueriesContext(connection) as queries:
                evaluate_run(create_run(course.pk).pk, waiting.extend)
                assert len(issue_chunk(waiting).issued) == size
            counts.append(count_statements(queries))
        assert counts[1] == counts[2]


class TestWhatCannotBePrinted:
    def test_a_missing_required_value_is_the_learners_error(self, course, enrol, fields):
        course.field_values = {}
        course.save()
        ada, ben = enrol("Ada", "Ben")
        fields[ben.pk] = {"hours": "1 day"}
        run = issue(course)
        assert (run.done, run.failed) == (1, 1)
        assert (get(ada).status, get(ada).error_code) == (Status.ERROR, "field_missing")
        assert "“Hours” (hours). Enter a value in the configuration" in get(ada).error_message
        with pytest.raises(GenerationError, match="Hours"):
            api.issue_credential(course.pk, ada.pk)

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"size": 1}, "size: unknown field. The fields of the type are credits, hours, licence"),
            ({"hours": "long"}, "hours: 'long' is not a duration"),
            ({"licence": "a\0b"}, "licence: 'a\\x00b' contains a line break"),
            ({"credits": float("inf")}, "credits: inf is not a number"),
            ("everything", "must be a JSON object"),
            ([1], "must be a JSON object"),
        ],
    )
    def test_a_wrong_value_is_the_learners_error(self, course, enrol, fields, values, message):
        ada, ben = enrol("Ada", "Ben")
        fields[ada.pk] = values
        run = issue(course)
        assert (run.done, run.failed) == (1, 1)
        assert (get(ada).status, get(ada).error_code) == (Status.ERROR, "field_invalid")
        assert message in get(ada).error_message
        assert get(ben).status == Status.AVAILABLE

    def test_many_wrong_values_end_no_run(self, course, enrol, fields):
        users = enrol(count=30)
        fields.update({user.pk: {"hours": 5} for user in users[1:]})
        run = issue(course)
        assert (run.done, run.failed) == (1, 29)
        assert run.finished_at

    def test_the_next_run_reads_the_values_again(self, course, enrol, fields):
        (ada,) = enrol("Ada")
        fields[ada.pk] = {"licence": 5}
        issue(course)
        fields[ada.pk] = {"licence": "AB-1"}
        issue(course)
        assert read_file(get(ada)) == "hours=PT12H\nlicence=AB-1"

    def test_staff_who_try_again_need_no_run(self, course, enrol):
        course.field_values = {}
        course.save()
        users = enrol("Ada", "Ben", "Eve")
        issue(course)
        course.field_values = {"hours": "3 hours"}
        course.save()
        with CaptureQueriesContext(connection) as few:
            assert api.retry_credentials([get(users[0]).pk]) == 1
        with CaptureQueriesContext(connection) as more:
            assert api.retry_credentials([get(user).pk for user in users[1:]]) == 2
        assert len(more) <= len(few) + 2  # each test row is looked up with one query
        assert [read_file(get(user)) for user in users] == ["hours=PT3H"] * 3

    def test_two_who_try_again_at_once_print_one_learners_values_once(self, course, enrol, fields):
        """The run and two of the staff, while the values change: one of them wins, and one whole set of values is printed."""
        (ada,) = enrol("Ada")
        fields[ada.pk] = {"licence": 5, "credits": "none"}
        issue(course)
        key = get(ada).pk
        sets = ({"licence": "AB-1", "credits": 1}, {"licence": "AB-2", "credits": 2}, {"licence": "AB-3", "credits": 3})

        def change_and(act, values):
            def both():
                fields[ada.pk] = values
                return act()

            return both

        acts = (lambda: issue(course), *[lambda: api.retry_credentials([key])] * 2)
        results = at_once(*map(change_and, acts, sets))
        assert_no_errors(results)
        assert read_file(get(ada)) in {f"hours=PT12H\nlicence=AB-{number}\ncredits={number}" for number in (1, 2, 3)}
        assert get(ada).events.filter(action="issued").count() == 1
        assert get(ada).events.filter(action="retried").count() == 1

    def test_values_are_fixed_at_the_first_attempt_whatever_else_fails(self, course, enrol, fields, world):
        (ada,) = enrol("Ada")
        world.set_profile(ada.pk, display_name="")
        fields[ada.pk] = {"licence": "AB-1"}
        issue(course)
        assert get(ada).error_code == "name_missing"
        fields[ada.pk] = {"licence": "AB-2"}
        world.set_profile(ada.pk, display_name="Ada Tester", given_name="Ada", family_name="Tester")
        issue(course)
        assert read_file(get(ada)) == "hours=PT12H\nlicence=AB-1"
        assert get(ada).name_parts == {"given": "Ada", "family": "Tester"}

    def test_it_is_said_before_anybody_is_issued_nothing(self, course, admin, settings):
        def warn():
            found = run_checks(databases=["default"])
            return [message.msg for message in found if message.id == "learning_credentials.W040"]

        assert warn() == []
        course.credential_type.retrieval_func = "learning_credentials.processors.retrieve_completions"
        course.credential_type.save()
        course.field_values = {}
        course.save()
        assert warn() == [], "the LMS can give values"
        from learning_credentials.lms.base import LMSBackend
        from learning_credentials.lms.fake import FakeLMS

        FakeLMS.capabilities, before = LMSBackend.capabilities, FakeLMS.capabilities
        try:
            (text,) = warn()
            assert text.endswith("these required custom fields have no value: hours.")
            page = admin.get(f"/admin/learning_credentials/credentialconfiguration/{course.pk}/change/")
            assert any("Nothing can be issued" in text and "hours" in text for text in messages_of(page))
        finally:
            FakeLMS.capabilities = before


class TestWhatStays:
    def test_a_change_of_the_type_changes_nothing_issued(self, course, enrol, client):
        (ada,) = enrol("Ada")
        issue(course)
        before = get(ada).custom_fields
        course.credential_type.custom_fields = [{**HOURS, "label": "Workload", "on_page": False}]
        course.credential_type.save()
        course.field_values = {"hours": "99 hours"}
        course.save()
        assert get(ada).custom_fields == before
        page = client.get(f"/credentials/{get(ada).verify_uuid}/").content.decode()
        assert "<bdi>Hours</bdi>" in page
        assert "<bdi>12 hours</bdi>" in page

    def test_a_reissue_keeps_values_and_labels_and_takes_what_is_public_from_the_type(self, course, enrol, fields):
        (ada,) = enrol("Ada")
        fields[ada.pk] = {"licence": "AB-1"}
        issue(course)
        fields[ada.pk] = {"licence": "AB-2"}
        course.credential_type.custom_fields = [{**HOURS, "label": "Workload", "on_page": False}, LICENCE]
        course.credential_type.save()
        successor = api.reissue_credential(get(ada).pk, reason="A new template.")
        assert read_file(successor) == "hours=PT12H\nlicence=AB-1"
        assert api.verify_credential(successor.verify_uuid).custom_fields == ()
        assert successor.custom_fields["fields"][0]["label"] == "Hours"

    def test_a_reissue_gives_the_configurations_values_to_what_was_issued_without(self, course, enrol):
        (ada,) = enrol("Ada")
        issue(course)
        Credential.objects.update(custom_fields=None, context_details=None, name_parts=None)
        assert read_file(api.reissue_credential(get(ada).pk, reason="With hours.")) == "hours=PT12H"

    @pytest.mark.parametrize("is_eligible", [True, False])
    def test_a_renewal_has_the_present_values(self, course, enrol, fields, world, is_eligible):
        (ada,) = enrol("Ada")
        fields[ada.pk] = {"licence": "AB-1"}
        issue(course)
        Credential.objects.update(
            issued_at=datetime(2020, 1, 1, tzinfo=UTC), expires_at=datetime(2021, 1, 1, tzinfo=UTC)
        )
        fields[ada.pk] = {"licence": "AB-2"}
        course.field_values = {"hours": "1 day"}
        course.save()
        if not is_eligible:
            world.unenrol(ada.pk, course.learning_context_key)
        renewal = api.renew_credential(get(ada).pk)
        # Without the criteria, nobody gives new values of the learner's own.
        assert read_file(renewal) == f"hours=P1D\nlicence={'AB-2' if is_eligible else 'AB-1'}"

    def test_a_copy_has_the_values(self, course, world):
        world.add_course_run("course-v1:Other+Run+2026", "Other")
        copied = api.copy_configuration(course.pk, "course-v1:Other+Run+2026")
        assert copied.field_values == {"hours": "12 hours"}
        assert api.copy_credential_type(course.credential_type_id, name="B", slug="b").custom_fields == [
            HOURS,
            LICENCE,
            CREDITS,
        ]


class TestPDF:
    @pytest.fixture
    def course(self, course, world):
        course.credential_type.generation_func = "learning_credentials.generators.generate_pdf_credential"
        course.credential_type.custom_options = {
            "text_elements": {
                "hours": {"text": "Workload: {field.hours}", "y": 90},
                "licence": {"text": "Licence {field.licence}", "y": 70},
                "run": {
                    "text": "{course_key} | {context_organisation} | {context_start} | {context_end} | {effort}",
                    "y": 50,
                    "size": 8,
                },
                "who": {"text": "{family_name}, {given_name}", "y": 30},
            }
        }
        course.credential_type.full_clean()
        course.credential_type.save()
        world.add_course_run(
            course.learning_context_key,
            "Introduction to Tests",
            parent_course_key="Tests+101",
            organisation="Aurora Academy",
            starts_at=datetime(2026, 1, 5, 8, tzinfo=UTC),
            ends_at=datetime(2026, 6, 30, 18, tzinfo=UTC),
            effort="4 hours a week",
        )
        return course

    def test_texts_print_the_values(self, course, enrol, fields, world):
        ada, ben = enrol("Ada", "Ben")
        world.set_profile(ada.pk, display_name="Ada Tester", given_name="Ada", family_name="Tester")
        fields[ada.pk] = {"licence": "AB-1", "hours": "2 weeks"}
        issue(course)
        text = read_file(get(ada))
        assert "Workload: 2 weeks" in text
        assert "Licence AB-1" in text
        assert "Tests+101 | Aurora Academy | January 5, 2026 | June 30, 2026 | 4 hours a week" in text
        assert "Tester, Ada" in text
        other = read_file(get(ben))
        assert "Workload: 12 hours" in other
        assert "Licence" not in other, "a text without any value is left out"

    def test_the_dates_of_the_run_are_those_at_the_time_of_issue(self, course, enrol, world):
        (ada,) = enrol("Ada")
        issue(course)
        world.add_course_run(course.learning_context_key, "Moved", starts_at=datetime(2027, 1, 5, 8, tzinfo=UTC))
        assert "January 5, 2026" in read_file(api.reissue_credential(get(ada).pk, reason="A new template."))

    def test_a_preview_has_samples(self, course):
        course.field_values = {}
        course.save()
        artifact = api.preview_credential(course.pk)
        text = PdfReader(io.BytesIO(artifact.content)).pages[0].extract_text()
        assert "Workload: 12 hours" in text
        assert "Licence AB-123456" in text
        assert "Doë, John" in text


class TestPublic:
    @pytest.fixture
    def credential(self, course, enrol, fields, signing_key):
        (ada,) = enrol("Ada")
        fields[ada.pk] = {"licence": "AB-1", "credits": 2.5}
        course.credential_type.custom_fields = [{**HOURS, "label": "<ساعات>"}, LICENCE, CREDITS]
        course.credential_type.save()
        issue(course)
        return get(ada)

    def test_the_page_shows_what_the_type_says(self, credential, client):
        page = client.get(f"/credentials/{credential.verify_uuid}/").content.decode()
        assert "<dt><bdi>&lt;ساعات&gt;</bdi></dt><dd><bdi>12 hours</bdi></dd>" in page
        assert "<dt><bdi>Credits</bdi></dt><dd><bdi>2.5</bdi></dd>" in page
        assert "AB-1" not in page
        arabic = client.get(f"/credentials/{credential.verify_uuid}/", headers={"accept-language": "ar"})
        assert "<bdi>12 ساعة</bdi>" in arabic.content.decode()

    def test_rest_tells_the_same(self, credential, client):
        url = f"/api/learning_credentials/v1/metadata/{credential.verify_uuid}/"
        assert client.get(url, headers={"accept-language": "fr"}).json()["custom_fields"] == [
            {"name": "hours", "label": "<ساعات>", "kind": "duration", "value": "PT12H", "text": "12\xa0heures"},
            {"name": "credits", "label": "Credits", "kind": "number", "value": 2.5, "text": "2,5"},
        ]

    def test_the_badge_says_what_the_type_says(self, credential, client):
        document = json.loads(client.get(f"/credentials/{credential.verify_uuid}/badge.json").content)
        subject = document["credentialSubject"]
        assert (subject["licenseNumber"], subject["creditsEarned"]) == ("AB-1", 2.5)
        assert [(item["value"]) for item in subject["result"]] == ["12 hours"]
        assert [item["name"] for item in subject["achievement"]["resultDescription"]] == ["<ساعات>"]

    def test_the_badge_is_known_again(self, credential, client):
        content = client.get(f"/credentials/{credential.verify_uuid}/badge.json").content
        found = api.inspect_file(content)
        assert (found.is_valid, found.verdict.value) == (True, "unchanged")
        assert found.verification.custom_fields == api.verify_credential(credential.verify_uuid).custom_fields

    def test_exports_have_a_column_for_each(self, credential, course):
        lines = list(csv.reader(iter_issued_certificates_csv(course.learning_context_key, has_bom=False)))
        assert lines[0][-3:] == ["field.hours", "field.licence", "field.credits"]
        assert lines[1][-3:] == ["PT12H", "AB-1", "2.5"]

    def test_the_admin_shows_what_is_stored(self, credential, admin):
        page = admin.get(f"/admin/learning_credentials/credential/{credential.pk}/change/").content.decode()
        assert "<bdi>Licence number</bdi>: <bdi>AB-1</bdi>" in page


def test_a_date_in_the_badge_is_a_time(course, enrol, signing_key, client):
    course.credential_type.custom_fields = [
        {"name": "began", "label": "Began", "kind": "date", "badge": "activityStartDate"}
    ]
    course.credential_type.save()
    course.field_values = {"began": date(2026, 1, 5).isoformat()}
    course.save()
    (ada,) = enrol("Ada")
    issue(course)
    document = json.loads(client.get(f"/credentials/{get(ada).verify_uuid}/badge.json").content)
    assert document["credentialSubject"]["activityStartDate"] == "2026-01-05T00:00:00Z"
