"""How long credentials are valid: by the calendar, within bounds, and never past what an error can say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.exceptions import ValidityError
from learning_credentials.models import Credential, CredentialConfiguration, CredentialType, GenerationRun
from learning_credentials.periods import Period
from learning_credentials.services.credentials import get_expiry
from learning_credentials.services.issuing import issue_chunk, start_due_runs
from tests.factories import CredentialConfigurationFactory, CredentialTypeFactory
from tests.integration.admin_forms import Tab

pytestmark = pytest.mark.django_db

Status = Credential.Status

#: What only a change past every form can store.
ODD = ["-P5D", "P0D", "PT1H", "P101Y", "P99999999Y", "P999999999999999999D", "soon"]


def run_all(configuration) -> None:
    """Issue to everyone who is eligible."""
    api.issue_pending_credentials(configuration.pk)


@pytest.mark.parametrize("value", ["1 year", Period(years=1), "P1Y"])
def test_a_period_is_assigned_as_text_or_as_what_it_is(value):
    stored = CredentialTypeFactory(valid_for=value)
    stored.full_clean()
    stored.refresh_from_db()
    assert stored.valid_for == Period(years=1)
    assert CredentialType.objects.filter(valid_for="1 year").get() == stored


def test_a_duration_can_be_assigned_and_counts_in_days():
    stored = CredentialTypeFactory(valid_for=timedelta(days=365))
    stored.refresh_from_db()
    assert stored.valid_for == Period(days=365)


@pytest.mark.parametrize(
    "value", [timedelta(days=-5), "0 days", "101 years", Period(hours=23), timedelta.max, "-5 days"]
)
def test_the_model_refuses_a_validity_out_of_bounds(value):
    row = CredentialTypeFactory()
    row.valid_for = value
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert set(caught.value.message_dict) == {"valid_for"}


@pytest.mark.parametrize("value", [timedelta(), "2 years", timedelta(days=-1), "never"])
def test_the_model_refuses_an_interval_out_of_bounds(value):
    row = CredentialConfigurationFactory()
    row.interval = value
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert set(caught.value.message_dict) == {"interval"}


@pytest.mark.parametrize(
    ("issued_at", "valid_for", "expires_at"),
    [
        (datetime(2024, 2, 29, 12, tzinfo=UTC), "1 year", datetime(2025, 2, 28, 12, tzinfo=UTC)),
        (datetime(2026, 8, 31, 12, tzinfo=UTC), "18 months", datetime(2028, 2, 29, 12, tzinfo=UTC)),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "30 days", datetime(2026, 3, 31, 12, tzinfo=UTC)),
    ],
)
def test_all_who_ask_are_told_the_same_expiry(client, course, enrol, settings, issued_at, valid_for, expires_at):
    settings.TIME_ZONE = "UTC"
    CredentialType.objects.update(valid_for=valid_for)
    enrol("Ada")
    run_all(course)
    Credential.objects.update(status=Status.GENERATING, issued_at=issued_at, expires_at=None, artifact_name="")
    issue_chunk([Credential.objects.get().pk])
    row = Credential.objects.get()
    assert row.expires_at == expires_at
    assert api.verify_credential(row.verify_uuid).expires_at == expires_at
    answer = client.get(f"/api/learning_credentials/v1/metadata/{row.verify_uuid}/").json()
    assert datetime.fromisoformat(answer["expires_at"]) == expires_at
    page = client.get(reverse("learning_credentials:credential", args=[row.verify_uuid])).text
    assert f'datetime="{expires_at.isoformat()}"' in page


@pytest.mark.parametrize("stored", ODD)
def test_a_validity_that_got_past_every_form_is_an_error_that_says_so(course, enrol, stored):
    _store("lcred_type", "valid_for", course.credential_type_id, stored)
    enrol("Ada", "Bea")
    run_all(course)
    rows = Credential.objects.all()
    assert {(row.status, row.error_code) for row in rows} == {(Status.ERROR, "validity_out_of_range")}
    shown = Period.read_stored(stored).describe()
    assert all(f"is valid for “{shown}”" in row.error_message for row in rows)
    assert all("from 1 day to 100 years" in row.error_message for row in rows)

    CredentialType.objects.update(valid_for="1 year")
    run_all(course)
    assert set(Credential.objects.values_list("status", flat=True)) == {Status.AVAILABLE}


@pytest.mark.parametrize("stored", ODD)
def test_an_interval_that_got_past_every_form_stops_no_schedule(course, enrol, stored):
    enrol("Ada")
    _store("lcred_configuration", "interval", course.pk, stored)
    for next_run_at in (None, timezone.now() - timedelta(days=3), datetime(1, 1, 1, tzinfo=UTC)):
        CredentialConfiguration.objects.filter(pk=course.pk).update(next_run_at=next_run_at)
        start_due_runs()
        course.refresh_from_db()
        assert timezone.now() < course.next_run_at <= timezone.now() + timedelta(days=367)
    assert GenerationRun.objects.filter(configuration=course).exists()


def test_a_schedule_by_the_month_stays_on_its_day(course, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    due = datetime(2020, 5, 15, 1, 30, tzinfo=UTC)
    CredentialConfiguration.objects.update(next_run_at=due, interval="1 month")
    start_due_runs()
    course.refresh_from_db()
    local = timezone.localtime(course.next_run_at, timezone.get_default_timezone())
    assert (local.day, local.hour, local.minute) == (15, 3, 30)
    assert timezone.now() < course.next_run_at <= timezone.now() + timedelta(days=31)


def test_a_preview_says_what_is_wrong_with_the_validity(course):
    _store("lcred_type", "valid_for", course.credential_type_id, "-P5D")
    with pytest.raises(ValidityError, match="is valid for “-P5D”"):
        api.preview_credential(course.pk)


@pytest.mark.parametrize("stored", ["-P5D", "P99999Y", "soon"])
def test_pages_show_an_odd_period_and_the_check_names_it(admin_client, course, stored):
    _store("lcred_type", "valid_for", course.credential_type_id, stored)
    _store("lcred_configuration", "interval", course.pk, stored)
    shown = Period.read_stored(stored).describe()
    for name, pk in (("credentialtype", course.credential_type_id), ("credentialconfiguration", course.pk)):
        page = admin_client.get(reverse(f"admin:learning_credentials_{name}_change", args=[pk]))
        assert f'value="{shown}"' in page.text
        assert admin_client.get(reverse(f"admin:learning_credentials_{name}_changelist")).status_code == 200
    messages = [
        message
        for message in run_checks(tags=["learning_credentials"], databases=["default"])
        if message.id == "learning_credentials.W020"
    ]
    assert [
        str(row) in message.msg for row, message in zip((course.credential_type, course), messages, strict=True)
    ] == [
        True,
        True,
    ]
    assert all(f"“{shown}”" in message.msg for message in messages)
    CredentialType.objects.update(valid_for="1 year")
    CredentialConfiguration.objects.update(interval="1 day")
    found = run_checks(tags=["learning_credentials"], databases=["default"])
    assert "learning_credentials.W020" not in {message.id for message in found}


@pytest.mark.parametrize(
    ("days", "valid_for", "interval"),
    [
        (365, "P365D", "P365D"),
        (-5, "-P5D", "PT1M"),
        (0, "P0D", "PT1M"),
        (500_000, "P100Y", "P1Y"),
        (1.5, "P1DT12H", "P1DT12H"),
    ],
)
def test_what_becomes_of_durations_that_were_stored_before(days, valid_for, interval):
    migration = import_module("learning_credentials.migrations.0006_lcred_periods")
    assert str(migration.as_period("valid_for", timedelta(days=days))) == valid_for
    assert str(migration.as_period("interval", timedelta(days=days))) == interval


def _store(table: str, column: str, pk: int, text: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {connection.ops.quote_name(column)} = %s WHERE id = %s", [text, pk])  # noqa: S608


def test_the_day_of_expiry_is_that_of_the_project(course, enrol, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    CredentialType.objects.update(valid_for="1 month")
    enrol("Ada")
    run_all(course)
    issued_at = datetime(2026, 1, 30, 20, tzinfo=UTC)  # 31 January in Tokyo
    Credential.objects.update(status=Status.GENERATING, issued_at=issued_at, expires_at=None, artifact_name="")
    issue_chunk([Credential.objects.get().pk])
    expires_at = Credential.objects.get().expires_at
    assert timezone.localtime(expires_at, timezone.get_default_timezone()).date() == date(2026, 2, 28)


def test_a_type_can_be_valid_until_a_day_of_the_year(settings, admin):
    settings.TIME_ZONE = "UTC"
    row = CredentialTypeFactory()
    page = Tab(admin, reverse("admin:learning_credentials_credentialtype_change", args=[row.pk]))
    assert page.send(valid_for="6 months until Dec 31").status_code == 302
    row.refresh_from_db()
    assert row.valid_for == Period(months=6, end="12-31")
    assert get_expiry(row, datetime(2026, 5, 1, tzinfo=UTC)) == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert get_expiry(row, datetime(2026, 8, 1, tzinfo=UTC)) == datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)
    again = Tab(admin, reverse("admin:learning_credentials_credentialtype_change", args=[row.pk]))
    assert again.values["valid_for"] == "6 months until 31 December"


def test_the_interval_of_a_schedule_has_no_end():
    row = CredentialConfigurationFactory()
    row.interval = "until 31 December"
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert caught.value.message_dict == {"interval": ["Enter a period from 1 minute to 1 year."]}
