"""Reports on course certificates and on what was issued."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from learning_credentials import api
from learning_credentials.exceptions import LMSUnavailableError
from learning_credentials.lms.world import Fact
from learning_credentials.models import Credential, LearnerCertificate
from learning_credentials.services.reports import iter_issued_certificates_csv, iter_kept_certificates
from tests.factories import CourseCertificateFactory, CredentialConfigurationFactory, CredentialFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

COURSE_CERTIFICATES = "learning_credentials.processors.retrieve_course_certificates"
PASSING, FAILING = {"Homework": 0.9, "Exam": 0.9}, {"Homework": 0.1, "Exam": 0.1}


@pytest.fixture
def add_learner(world, key):
    """Enrol a learner with a grade and evaluate the standing."""

    def add(scores=PASSING, mode="honor", *, is_evaluated=True, **values):
        user = UserFactory(**values)
        world.enrol(user.pk, key, mode)
        world.set_grade(user.pk, key, scores)
        if is_evaluated:
            api.evaluate_course_certificate(key, user.pk)
        return user

    return add


class TestStatus:
    def test_of_a_holder(self, add_learner, key):
        user = add_learner(mode="verified")
        answer = api.get_certificate_status(user.pk, key)
        assert {name: answer[name] for name in ("status", "mode")} == {"status": "downloadable", "mode": "verified"}
        assert answer["grade"] == pytest.approx(0.9)
        path = answer["download_url"].removeprefix("https://credentials.example.org")
        response = Client().get(path)
        assert response.status_code == 200
        assert b"".join(response.streaming_content)

    def test_no_record_reads_as_unavailable(self, add_learner, key):
        user = add_learner(is_evaluated=False)
        assert api.get_certificate_status(user.pk, key) == {"status": "unavailable", "mode": "honor"}
        api.change_course_certificate(key, certificate_type="verified")
        assert api.get_certificate_status(user.pk, key) == {"status": "unavailable", "mode": "verified"}

    def test_no_address_for_what_is_hidden_unfinished_or_revoked(self, add_learner, key):
        user = add_learner()
        api.set_certificate_available_date(key, timezone.now() + timedelta(days=1))
        hidden = api.get_certificate_status(user.pk, key)
        assert (hidden["status"], "download_url" in hidden) == ("downloadable", False)
        api.set_certificate_available_date(key, None)
        assert "download_url" in api.get_certificate_status(user.pk, key)
        Credential.objects.update(status="generating")
        assert "download_url" not in api.get_certificate_status(user.pk, key)
        Credential.objects.update(status="available")
        api.invalidate_certificate(user.pk, key, notes="Plagiarism")
        revoked = api.get_certificate_status(user.pk, key)
        assert (revoked["status"], "download_url" in revoked) == ("unavailable", False)

    def test_no_address_for_what_expired(self, add_learner, key):
        user, other = add_learner(), add_learner()
        past, future = (timezone.now() + timedelta(days=days) for days in (-1, 1))
        Credential.objects.filter(user=user).update(expires_at=past)
        Credential.objects.filter(user=other).update(expires_at=future)
        answer = api.get_certificate_status(user.pk, key)
        assert (answer["status"], answer["expired_at"], "download_url" in answer) == ("unavailable", past, False)
        answer = api.get_certificate_status(other.pk, key)
        assert (answer["status"], "expired_at" in answer, "download_url" in answer) == ("downloadable", False, True)
        infos = api.list_certificate_infos(key, [user.pk, other.pk])
        assert [infos[pk]["delivered"] for pk in (user.pk, other.pk)] == ["N", "Y"]

    def test_another_credential_of_the_run_is_no_certificate(self, key, world):
        user = UserFactory()
        world.enrol(user.pk, key)
        api.issue_credential(CredentialConfigurationFactory(learning_context_key=key).pk, user.pk)
        assert "download_url" not in api.get_certificate_status(user.pk, key)

    def test_of_many_takes_no_more_queries(self, add_learner, key):
        users = [add_learner() for _number in range(12)]
        counts = []
        for some in (users[:2], users):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                answers = api.list_certificate_statuses(key, [user.pk for user in some])
            counts.append(len(queries))
            assert all("download_url" in answers[user.pk] for user in some)
        assert counts[0] == counts[1]


class TestInfo:
    def test_eligible_delivered_and_type(self, add_learner, key, world):
        holder, failing, auditing = add_learner(), add_learner(FAILING), add_learner(mode="audit")
        allowed, restricted, stranger = add_learner(FAILING), add_learner(is_evaluated=False), UserFactory()
        api.add_allowlist_entry(allowed.pk, key)
        world.set_profile(restricted.pk, certificates_allowed=False)
        users = (holder, failing, auditing, allowed, restricted, stranger)
        infos = api.list_certificate_infos(key, [user.pk for user in users])
        assert [tuple(infos[user.pk].values()) for user in users] == [
            ("Y", "Y", "honor"),
            ("N", "N", "honor"),
            ("Y", "N", "audit"),
            ("Y", "Y", "honor"),
            ("N", "N", "honor"),
            ("N", "N", "N/A"),
        ]
        assert api.get_certificate_info(holder.pk, key) == {"eligible": "Y", "delivered": "Y", "type": "honor"}

    def test_a_restricted_learner_on_the_allowlist(self, add_learner, key, world):
        user = add_learner(FAILING)
        api.add_allowlist_entry(user.pk, key)
        world.set_profile(user.pk, certificates_allowed=False)
        assert api.get_certificate_info(user.pk, key)["eligible"] == "N"

    def test_hidden_is_not_delivered(self, add_learner, key):
        user = add_learner()
        api.set_certificate_available_date(key, timezone.now() + timedelta(days=1))
        assert api.get_certificate_info(user.pk, key) == {"eligible": "Y", "delivered": "N", "type": "honor"}

    def test_calls_to_the_lms_do_not_grow(self, add_learner, key, world):
        users = [add_learner() for _number in range(9)]
        world.calls.clear()
        api.list_certificate_infos(key, [user.pk for user in users])
        assert set(world.calls.values()) == {1}

    def test_an_lms_that_is_out_is_told(self, add_learner, key, world):
        user = add_learner()
        world.outage = True
        with pytest.raises(LMSUnavailableError):
            api.get_certificate_info(user.pk, key)


class TestIssued:
    def test_one_row_a_credential(self, add_learner, key, world):
        user = add_learner(mode="verified", username="ada", email="ada@example.com", first_name="Ada", last_name="L")
        revoked = add_learner()
        api.invalidate_certificate(revoked.pk, key, notes="Plagiarism")
        CredentialFactory(configuration__learning_context_key=key)  # not issued yet
        CredentialFactory(available=True)  # elsewhere
        first, second = api.iter_issued_certificates(key)
        credential = Credential.objects.get(user=user)
        assert (first.user_id, first.username, first.email, first.name) == (user.pk, "ada", "ada@example.com", "Ada L")
        assert (first.credential_type, first.mode, first.status) == (
            credential.credential_type_name,
            "verified",
            "available",
        )
        assert first.grade == pytest.approx(0.9)
        assert first.verify_url == api.get_verification_url(credential.verify_uuid)
        assert (second.status, second.user_id) == ("invalidated", revoked.pk)
        assert second.invalidation_reason
        assert [(row.mode, row.status, row.count) for row in api.count_issued_certificates(key)] == [
            ("honor", "invalidated", 1),
            ("verified", "available", 1),
        ]

    def test_dates_are_those_that_the_page_shows(self):
        run = CourseCertificateFactory(available_date=datetime(2026, 7, 1, 12, tzinfo=UTC))
        configuration = CredentialConfigurationFactory(learning_context_key=run.course_key)
        credentials = CredentialFactory.create_batch(2, configuration=configuration, available=True)
        api.override_issue_date(credentials[0].pk, date(2020, 2, 29), reason="As on paper")
        rows = {row.user_id: row for row in api.iter_issued_certificates(run.course_key)}
        for credential in credentials:
            shown = api.verify_credential(credential.verify_uuid).issue_date
            assert rows[credential.user_id].issue_date == shown
        assert rows[credentials[0].user_id].issue_date == date(2020, 2, 29)
        assert {row.mode for row in rows.values()} == {""}

    def test_of_a_learner_who_is_gone(self):
        credential = CredentialFactory(available=True)
        credential.user.delete()
        (row,) = api.iter_issued_certificates(credential.learning_context_key)
        assert (row.user_id, row.username, row.email, row.name) == (None, "", "", credential.user_full_name)

    def test_is_streamed_with_few_queries(self, monkeypatch):
        monkeypatch.setattr("learning_credentials.services.reports.exports.CHUNK_SIZE", 5)
        configuration = CredentialConfigurationFactory()
        CredentialFactory.create_batch(23, configuration=configuration, available=True)
        rows = api.iter_issued_certificates(configuration.learning_context_key)
        with CaptureQueriesContext(connection) as queries:
            next(rows)
        a_page = 4
        assert len(queries) <= a_page
        with CaptureQueriesContext(connection) as queries:
            assert len(list(rows)) == 22
        assert len(queries) <= 4 * a_page + 1

    def test_csv_holds_no_formula(self, key):
        configuration = CredentialConfigurationFactory(learning_context_key=key)
        CredentialFactory(configuration=configuration, available=True, user_full_name="=1+1")
        CredentialFactory(configuration=configuration, available=True, user_full_name='Zoë "Z", Ülo')
        text = "".join(iter_issued_certificates_csv(key))
        assert text.startswith("\ufeff")
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
        assert {row["name"] for row in rows} == {"'=1+1", 'Zoë "Z", Ülo'}
        assert {row["issue_date"] for row in rows} == {"2026-06-01"}

    def test_csv_holds_no_formula_where_other_signs_part_columns(self, key):
        """Spreadsheets of many countries part columns by semicolons; quotation marks within such a column mean nothing."""
        configuration = CredentialConfigurationFactory(learning_context_key=key)
        for name in ("Ada;=1+1", "Ada ;\t@SUM(A1)", "Ada\n+1", "Ada|-1", "Ada - Lovelace; the first"):
            CredentialFactory(configuration=configuration, available=True, user_full_name=name)
        text = "".join(iter_issued_certificates_csv(key)).removeprefix("\ufeff")
        names = {row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))}
        assert names == {"Ada;'=1+1", "Ada ;\t'@SUM(A1)", "Ada\n'+1", "Ada|'-1", "Ada - Lovelace; the first"}
        for delimiter in ",;|\t":
            cells = [
                cell
                for row in csv.reader(text.splitlines(), delimiter=delimiter, quoting=csv.QUOTE_NONE)
                for cell in row
            ]
            assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))] == []


class TestKept:
    def test_those_who_keep_it_although_they_fail(self, add_learner, key, world, app_settings):
        app_settings(ELIGIBILITY_BATCH_SIZE=2)
        passing, kept, allowed, taken, auditing, unknown, kept_too = [add_learner() for _number in range(7)]
        api.add_allowlist_entry(allowed.pk, key)
        for user in (kept, allowed, taken, auditing, unknown, kept_too):
            world.set_grade(user.pk, key, FAILING)
        world.enrol(auditing.pk, key, "audit")
        world.hide(Fact.GRADE, unknown.pk, key)
        api.evaluate_course_certificate(key, taken.pk, cause=api.Cause.GRADE_FAILING)
        api.evaluate_course_certificates(key, [user.pk for user in (passing, kept, allowed, unknown)])
        rows = list(iter_kept_certificates(key))
        assert [(row.user_id, row.username, row.mode) for row in rows] == [
            (user.pk, user.username, "honor") for user in (kept, kept_too)
        ]
        assert rows[0].grade == pytest.approx(0.1)
        assert LearnerCertificate.objects.get(user=kept).status == "downloadable"


class TestCommand:
    def test_to_standard_output_and_to_a_file(self, add_learner, key, tmp_path):
        user = add_learner()
        stdout = io.StringIO()
        call_command("report_issued_credentials", context=key, stdout=stdout)
        (row,) = csv.DictReader(io.StringIO(stdout.getvalue()))
        assert row["username"] == user.username

        path = tmp_path / "report.csv"
        call_command("report_issued_credentials", context=key, output=str(path))
        assert path.read_text(encoding="utf-8-sig") == stdout.getvalue().replace("\r\n", "\n")
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")

    def test_kept_and_counts(self, add_learner, key, world):
        user = add_learner()
        world.set_grade(user.pk, key, FAILING)
        kept, counts = io.StringIO(), io.StringIO()
        call_command("report_issued_credentials", "--kept", context=key, stdout=kept)
        call_command("report_issued_credentials", "--counts", context=key, stdout=counts)
        assert [row["username"] for row in csv.DictReader(io.StringIO(kept.getvalue()))] == [user.username]
        assert [row["count"] for row in csv.DictReader(io.StringIO(counts.getvalue()))] == ["1"]

    def test_of_one_configuration(self, add_learner, key):
        user = add_learner()
        [mine, other] = CredentialConfigurationFactory.create_batch(2, learning_context_key=key)
        held = CredentialFactory(available=True, configuration=mine)
        CredentialFactory(available=True, configuration=other)
        course_only = Credential.objects.get(user=user).configuration

        def read(*arguments, **options):
            stdout = io.StringIO()
            call_command("report_issued_credentials", *arguments, stdout=stdout, **options)
            return list(csv.DictReader(io.StringIO(stdout.getvalue())))

        assert [row["username"] for row in read(configuration=mine.pk)] == [held.user.username]
        assert [row["username"] for row in read(configuration=course_only.pk, context=key)] == [user.username]
        assert [row["count"] for row in read("--counts", configuration=mine.pk)] == ["1"]
        assert len(read(context=key)) == 3
        with pytest.raises(CommandError, match="--context or a configuration"):
            read()
        with pytest.raises(CommandError, match="--kept needs a course run"):
            read("--kept", configuration=mine.pk)

    def test_says_what_went_wrong(self, add_learner, key, world, tmp_path):
        add_learner()
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("report_issued_credentials", context=key, output=str(tmp_path / "no" / "such" / "dir"))
        world.outage = True
        with pytest.raises(CommandError, match="lms_unavailable"):
            call_command("report_issued_credentials", "--kept", context=key, stdout=io.StringIO())
