"""The short code of a credential: who gets one, when it changes, and where it is shown."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from learning_credentials import api, verify_codes
from learning_credentials.models import Credential, CredentialType
from learning_credentials.services.credentials import codes, give_missing_codes
from learning_credentials.services.issuing import sweep_stale_credentials
from learning_credentials.verify_codes import format_code, make_code, read_code
from tests.factories import CredentialFactory
from tests.integration.statement_counts import count_statements
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)

PDF = "learning_credentials.generators.generate_pdf_credential"


def issue(course) -> list[Credential]:
    api.issue_pending_credentials(course.pk)
    return list(course.credentials.filter(is_current=True).order_by("user_id"))


def use_numbers(monkeypatch, *numbers: int) -> None:
    """Draw these random numbers first, so that codes collide."""
    left, draw = list(numbers), verify_codes.secrets.randbits
    monkeypatch.setattr(verify_codes.secrets, "randbits", lambda bits: left.pop(0) if left else draw(bits))


def test_each_credential_gets_its_own_code(course, enrol):
    enrol(count=30)

    found = {row.verify_code for row in issue(course)}

    assert len(found) == 30
    assert all(read_code(code).problem is None for code in found)


def test_the_code_stays_through_retries(course, enrol):
    enrol("Later")
    [row] = issue(course)
    code = row.verify_code
    assert row.status == "generating"
    for _ in range(2):
        Credential.objects.update(generation_started_at="2026-01-01T00:00Z")
        sweep_stale_credentials()
    row.refresh_from_db()
    assert row.attempts > 1
    Credential.objects.filter(pk=row.pk).update(status="error", error_code="x", user_full_name="Ada")
    api.retry_credentials([row.pk])
    row.refresh_from_db()

    assert (row.status, row.verify_code) == ("available", code)


def test_a_successor_and_a_renewal_get_codes_of_their_own(course, enrol):
    CredentialType.objects.update(valid_for="1 year")
    enrol("Ada")
    [first] = issue(course)
    second = api.reissue_credential(first.pk, reason="The seal was missing.")
    Credential.objects.filter(pk=second.pk).update(issued_at="2020-01-01T00:00Z", expires_at="2021-01-01T00:00Z")
    [third] = issue(course)

    assert third.replaces_id == second.pk
    assert len({row.verify_code for row in (first, second, third)} - {None}) == 3
    assert api.verify_credential(first.verify_uuid).verify_code == format_code(first.verify_code)


def test_a_code_that_is_taken_costs_the_same_for_any_number_of_learners(course, enrol, app_settings, monkeypatch):
    app_settings(NOTIFY_LEARNERS=False)
    CredentialFactory(verify_code=_of_number(7))

    def count(learners: int, *numbers: int) -> int:
        enrol(count=learners)
        use_numbers(monkeypatch, *numbers)
        with CaptureQueriesContext(connection) as queries:
            rows = issue(course)
        monkeypatch.undo()
        assert len({row.verify_code for row in rows} - {None, _of_number(7)}) == len(rows) == learners
        course.credentials.all().delete()
        get_user_model().objects.all().delete()
        return count_statements(queries)

    count(1)
    # One code is taken, and two new ones are the same.
    more = [count(learners, 7, 8, 8) - count(learners) for learners in (5, 60)]
    assert more[0] == more[1]


def _of_number(number: int) -> str:
    payload = "".join(verify_codes.ALPHABET[number >> shift & 31] for shift in range(0, 45, 5))
    return next(payload + char for char in verify_codes.ALPHABET if read_code(payload + char).problem is None)


def test_a_reissue_with_a_code_that_is_taken_takes_another(course, enrol, monkeypatch):
    enrol("Ada")
    [first] = issue(course)
    CredentialFactory(verify_code=_of_number(7))
    use_numbers(monkeypatch, 7)

    second = api.reissue_credential(first.pk, reason="The seal was missing.")

    assert second.status == "available"
    assert second.verify_code not in {None, _of_number(7), first.verify_code}


def test_codes_are_unique_and_compared_exactly():
    code = "ABCDE" + "00000"
    CredentialFactory(verify_code=code)
    CredentialFactory(verify_code=None)
    CredentialFactory(verify_code=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        CredentialFactory(verify_code=code)
    CredentialFactory(verify_code=code.lower())
    assert Credential.objects.filter(verify_code=code).count() == 1


class TestCredentialsFromBeforeCodes:
    def test_the_sweep_gives_them_one(self):
        rows = [CredentialFactory(available=True, verify_code=None) for _ in range(3)]
        kept = CredentialFactory(available=True)

        assert sweep_stale_credentials().codes_given == 3
        assert sweep_stale_credentials().codes_given == 0

        found = dict(Credential.objects.values_list("pk", "verify_code"))
        assert found[kept.pk] == kept.verify_code
        assert len({found[row.pk] for row in rows} - {None}) == 3

    def test_their_number_does_not_change_the_number_of_statements(self):
        counts = []
        for number in (2, 80):
            CredentialFactory.create_batch(number, verify_code=None)
            with CaptureQueriesContext(connection) as queries:
                assert give_missing_codes() == number
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_no_more_than_some_at_once(self, monkeypatch):
        monkeypatch.setattr(codes, "BACKFILL_LIMIT", 3)
        CredentialFactory.create_batch(5, verify_code=None)

        assert [give_missing_codes() for _ in range(3)] == [3, 2, 0]

    def test_two_sweeps_at_once_give_each_one_code(self):
        rows = CredentialFactory.create_batch(20, verify_code=None)

        assert_no_errors(at_once(*[give_missing_codes] * 2))

        assert len(set(Credential.objects.values_list("verify_code", flat=True)) - {None}) == len(rows)

    def test_a_code_that_is_taken_is_left_for_the_next_sweep(self, monkeypatch):
        CredentialFactory(verify_code=_of_number(7))
        CredentialFactory(verify_code=None)
        use_numbers(monkeypatch, 7)

        assert [give_missing_codes(), give_missing_codes()] == [0, 1]

    def test_pages_and_certificates_work_without_one(self, course, enrol, client, admin_client):
        course.credential_type.generation_func = PDF
        course.credential_type.save()
        row = CredentialFactory(
            configuration=course, user=enrol("Ada")[0], user_full_name="Ada", error=True, verify_code=None
        )
        api.retry_credentials([row.pk])
        row.refresh_from_db()
        assert (row.status, row.verify_code) == ("available", None)
        page = client.get(f"/credentials/{row.verify_uuid}/").content.decode()
        assert "Verification code" not in page
        assert "None" not in page
        assert api.verify_credential(row.verify_uuid).verify_code == ""
        assert (
            admin_client.get(reverse("admin:learning_credentials_credential_change", args=[row.pk])).status_code == 200
        )


class TestWhereItIsShown:
    @pytest.fixture
    def row(self, course, enrol):
        course.credential_type.generation_func = PDF
        course.credential_type.save()
        enrol("Ada")
        return issue(course)[0]

    def test_on_the_page_and_in_the_list(self, row, client):
        shown = format_code(row.verify_code)
        cache.clear()
        assert shown in client.get(f"/credentials/{row.verify_uuid}/").content.decode()
        client.force_login(row.user)
        assert shown in client.get("/credentials/").content.decode()

    def test_on_the_certificate_as_often_as_it_is_made(self, row):
        file, _media_type, _name = api.open_artifact(row.verify_uuid)
        with file:
            text = PdfReader(io.BytesIO(file.read())).pages[0].extract_text()
        assert format_code(row.verify_code) in text
        assert len(re.findall(r"\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b", text)) == 1

    def test_in_the_admin_which_finds_it_in_any_spelling(self, row, admin_client):
        other = CredentialFactory(available=True)
        url = reverse("admin:learning_credentials_credential_changelist")
        for spelling in (row.verify_code, format_code(row.verify_code).lower(), f" {format_code(row.verify_code)}. "):
            [found] = admin_client.get(url, {"q": spelling}).context["cl"].result_list
            assert found.pk == row.pk
        change = admin_client.get(reverse("admin:learning_credentials_credential_change", args=[row.pk]))
        assert format_code(row.verify_code) in change.content.decode()
        assert other.verify_code not in change.content.decode()

    def test_a_name_that_looks_like_a_code_is_searched_as_a_name(self, admin_client):
        name = next(
            name for name in (f"Kevenmar{a}{b}" for a in "abcdefgh" for b in "abcdefgh") if not read_code(name).problem
        )
        row = CredentialFactory(available=True, user_full_name=name)
        url = reverse("admin:learning_credentials_credential_changelist")

        [found] = admin_client.get(url, {"q": name}).context["cl"].result_list

        assert found.pk == row.pk

    def test_in_a_preview_as_a_dummy(self, row):
        preview = api.preview_credential(row.configuration_id)
        assert "00000-00000" in PdfReader(io.BytesIO(preview.content)).pages[0].extract_text()

    def test_a_code_that_was_made_here_is_read_here(self):
        assert read_code(make_code()).problem is None
