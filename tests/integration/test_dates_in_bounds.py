"""Dates from 1900 to 2200 are taken; others are refused, and where one is stored all the same nothing raises."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from learning_credentials import api
from learning_credentials.exceptions import DateOutOfRangeError
from learning_credentials.models import CourseCertificate, Credential, CredentialConfiguration, CredentialEvent
from learning_credentials.services.issuing import start_due_runs, sweep_stale_credentials
from tests.integration.admin_forms import read_form

pytestmark = pytest.mark.django_db(transaction=True)

YEARS = [1, 1899, 2201, 9999]
REFUSAL = "from 1900 to 2200"
#: The ends of the calendar, where some time zones have no such moment.
ENDS = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)]
FAR = [*ENDS, datetime(1, 6, 1, tzinfo=UTC), datetime(9999, 6, 1, tzinfo=UTC)]


@pytest.fixture
def issued(course, enrol):
    enrol("Ada")
    api.issue_pending_credentials(course.pk)
    return Credential.objects.get()


def page(name, *args):
    return reverse(f"admin:learning_credentials_{name}", args=args)


@pytest.mark.parametrize("year", YEARS)
class TestRefused:
    def test_override_of_the_date(self, issued, admin_client, year):
        with pytest.raises(DateOutOfRangeError, match=REFUSAL):
            api.override_issue_date(issued.pk, date(year, 6, 1), reason="Found in the archive")
        url = page("credential_override_date", issued.pk)
        response = admin_client.post(url, {"date_override": f"{year:04}-06-01", "reason": "Found", "confirm": "yes"})
        assert REFUSAL in response.content.decode()
        issued.date_override = date(year, 6, 1)
        with pytest.raises(ValidationError, match=REFUSAL):
            issued.full_clean()
        assert Credential.objects.get().date_override is None
        assert not CredentialEvent.objects.filter(action="date_overridden").exists()

    def test_change_of_the_expiry(self, issued, admin_client, year):
        with pytest.raises(DateOutOfRangeError, match=REFUSAL):
            api.change_expiry(issued.pk, datetime(year, 6, 1, tzinfo=UTC), reason="By the rules")
        url = page("credential_change_expiry", issued.pk)
        values = {
            "expires_at_0": f"{year:04}-06-01",
            "expires_at_1": "12:00:00",
            "reason": "By the rules",
            "confirm": "1",
        }
        assert REFUSAL in admin_client.post(url, values).content.decode()
        issued.expires_at = datetime(year, 6, 1, tzinfo=UTC)
        with pytest.raises(ValidationError, match=REFUSAL):
            issued.full_clean()
        assert Credential.objects.get().expires_at is None

    def test_available_date(self, issued, admin_client, course, year):
        moment = datetime(year, 6, 1, tzinfo=UTC)
        key = course.learning_context_key
        for change in (
            api.set_certificate_available_date,
            lambda *args: api.change_course_certificate(args[0], available_date=args[1]),
        ):
            with pytest.raises(DateOutOfRangeError, match=REFUSAL):
                change(key, moment)
        row = CourseCertificate.objects.get()
        row.available_date = moment
        with pytest.raises(ValidationError, match=REFUSAL):
            row.full_clean()
        url = page("coursecertificate_change", row.pk)
        data = read_form(admin_client.get(url)) | {
            "available_date_0": f"{year:04}-06-01",
            "available_date_1": "12:00:00",
            "reason": "Term dates",
        }
        assert REFUSAL in admin_client.post(url, data).content.decode()
        data = {"course_key": "course-v1:Tests+New+2026", "certificate_type": "honor"} | data
        assert REFUSAL in admin_client.post(page("coursecertificate_add"), data).content.decode()
        body = {"course_id": key, "certificate_available_date": moment.isoformat()}
        response = admin_client.post(
            "/api/learning_credentials/v1/course_certificates/", body, content_type="application/json"
        )
        assert response.status_code == 400
        assert CourseCertificate.objects.get().available_date is None

    def test_next_run(self, course, admin_client, year):
        url = page("credentialconfiguration_change", course.pk)
        data = read_form(admin_client.get(url)) | {"next_run_at_0": f"{year:04}-06-01", "next_run_at_1": "12:00:00"}
        assert REFUSAL in admin_client.post(url, data).content.decode()
        course.next_run_at = datetime(year, 6, 1, tzinfo=UTC)
        with pytest.raises(ValidationError, match=REFUSAL):
            course.full_clean()
        course.refresh_from_db()
        assert course.next_run_at is None


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2200, 12, 31)])
def test_the_bounds_are_included(issued, course, day):
    assert api.override_issue_date(issued.pk, day, reason="Found").date_override == day
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert api.set_certificate_available_date(course.learning_context_key, moment).available_date == moment
    course.next_run_at = moment
    course.full_clean()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York"])
@pytest.mark.parametrize("moment", FAR)
class TestStoredAllTheSame:
    def test_on_a_credential(self, issued, admin_client, client, settings, zone, moment):
        settings.TIME_ZONE = zone
        Credential.objects.update(expires_at=moment, date_override=moment.date())
        for url in (
            page("credential_changelist"),
            page("credential_change", issued.pk),
            page("credential_change_expiry", issued.pk),
            page("credential_override_date", issued.pk),
            reverse("learning_credentials:credential", args=[issued.verify_uuid]),
            f"/api/learning_credentials/v1/metadata/{issued.verify_uuid}/",
        ):
            assert admin_client.get(url).status_code == 200, url
        with suppress(SystemExit):
            call_command("verify_credential", str(issued.verify_uuid))
        client.force_login(issued.user)
        assert client.get(reverse("learning_credentials:credential_list")).status_code == 200
        api.reissue_credential(issued.pk, reason="Name corrected")
        if moment.year == 1:
            assert api.renew_credential(Credential.objects.get(is_current=True).pk, reason="Again")
        list(api.iter_issued_certificates())
        sweep_stale_credentials()

    def test_on_a_run(self, issued, admin_client, settings, course, enrol, zone, moment):
        settings.TIME_ZONE = zone
        CourseCertificate.objects.update(available_date=moment)
        row = CourseCertificate.objects.get()
        for url in (
            page("coursecertificate_changelist"),
            page("coursecertificate_change", row.pk),
            page("credential_change", issued.pk),
            reverse("learning_credentials:credential", args=[issued.verify_uuid]),
        ):
            assert admin_client.get(url).status_code in (200, 404), url
        enrol("Bea")
        api.issue_pending_credentials(course.pk)
        assert Credential.objects.filter(status="available").count() == 2

    def test_as_the_next_run(self, course, admin_client, settings, zone, moment):
        settings.TIME_ZONE = zone
        CredentialConfiguration.objects.update(next_run_at=moment, is_enabled=True)
        assert len(start_due_runs()) == (moment.year == 1)
        assert start_due_runs() == []
        CredentialConfiguration.objects.update(next_run_at=moment)
        for url in (page("credentialconfiguration_changelist"), page("credentialconfiguration_change", course.pk)):
            assert admin_client.get(url).status_code == 200

    def test_as_the_time_of_issue(self, issued, admin_client, settings, zone, moment):
        settings.TIME_ZONE = zone
        Credential.objects.update(issued_at=moment)
        assert admin_client.get(page("credential_change", issued.pk)).status_code == 200
        assert (
            admin_client.get(reverse("learning_credentials:credential", args=[issued.verify_uuid])).status_code == 200
        )
        with pytest.raises(DateOutOfRangeError):
            api.change_expiry(issued.pk, moment + timedelta(days=moment.year == 1), reason="By the rules")
        list(api.iter_issued_certificates())
