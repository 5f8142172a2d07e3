"""What pages, lists and reports say of credentials that expire and of what renews them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from learning_credentials import api
from learning_credentials.models import Credential, CredentialType
from learning_credentials.services.public import inspect_text
from learning_credentials.services.reports import iter_issued_certificates_csv
from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory
from tests.integration.admin_pages import left_out_of, messages_of, staff_with

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
KEY = "course-v1:Demo+Algebra+2026"
LIST = reverse("admin:learning_credentials_credential_changelist")
OWN = reverse("learning_credentials:credential_list")


@pytest.fixture
def configuration(world):
    world.add_course_run(KEY, "Algebra")
    return CredentialConfigurationFactory(learning_context_key=KEY, credential_type__valid_for="1 year")


def make(configuration, days: int | None, **values: object) -> Credential:
    """An available credential that expires in so many days."""
    expires_at = None if days is None else timezone.now() + timedelta(days=days)
    return CredentialFactory(configuration=configuration, available=True, expires_at=expires_at, **values)


@pytest.fixture
def expired(configuration):
    return make(configuration, -10, user_full_name="Ada Tester")


def url(page: str, credential: Credential) -> str:
    return reverse(f"admin:learning_credentials_credential_{page}", args=[credential.pk])


def page_of(client, credential: Credential, **headers: str) -> str:
    response = client.get(reverse("learning_credentials:credential", args=[credential.verify_uuid]), headers=headers)
    assert response.status_code == 200
    return response.text


class TestPublicPage:
    def test_the_old_page_says_expired_and_links_to_the_new_one(self, client, expired):
        assert "renews it" not in page_of(client, expired)
        new = api.renew_credential(expired.pk)
        page = page_of(client, expired)
        assert "This credential has expired" in page
        assert f'<a href="/credentials/{new.verify_uuid}/">See the credential that renews it</a>' in page
        assert "revoked" not in page.lower()
        assert "replaced" not in page.lower()
        assert "this credential is valid" in page_of(client, new)
        assert "qui la renouvelle" in page_of(client, expired, accept_language="fr")

    def test_rest_the_command_and_the_file_agree(self, client, expired, capsys):
        new = api.renew_credential(expired.pk)
        answer = client.get(f"/api/learning_credentials/v1/metadata/{expired.verify_uuid}/").json()
        assert (answer["status"], answer["is_valid"]) == ("available", False)
        assert (answer["renewed_by"], answer["replaced_by"]) == (str(new.verify_uuid), None)
        call_command("verify_credential", str(new.verify_uuid))
        assert b"".join(client.get(f"/credentials/{expired.verify_uuid}/download/")) == b"a certificate"
        found = inspect_text(str(expired.verify_uuid))
        assert found.verdict == "expired"

    def test_a_renewal_that_is_hidden_or_unfinished_is_not_named(self, client, configuration, expired):
        CredentialFactory(
            configuration=configuration,
            user=expired.user,
            replaces=expired,
            is_renewal=True,
            is_current=None,
            error=True,
        )
        assert api.verify_credential(expired.verify_uuid).renewed_by is None
        assert "renews it" not in page_of(client, expired)


class TestOwnList:
    def test_expiry_is_shown_and_filtered(self, client, configuration):
        user = UserFactory()
        client.force_login(user)
        old = make(configuration, -10, user=user)
        assert "?state=" not in client.get(OWN).text
        other = CredentialConfigurationFactory(credential_type__name="Diploma")
        make(other, 100, user=user)
        page = client.get(OWN).text
        assert "Expired on" in page
        assert "Valid until" in page
        only = client.get(OWN, {"state": "expired"}).text
        assert f"credential-{old.verify_uuid}" in only
        assert "Diploma" not in only
        assert "Diploma" in client.get(OWN, {"state": "valid"}).text
        assert "Diploma" in client.get(OWN, {"state": "nonsense"}).text

    def test_a_renewed_one_links_to_its_successor(self, client, expired):
        client.force_login(expired.user)
        new = api.renew_credential(expired.pk)
        page = client.get(OWN).text
        assert f'<a href="/credentials/{new.verify_uuid}/">See the credential that renews it</a>' in page


class TestAdmin:
    def test_the_list_shows_and_filters_expiry(self, admin, configuration, expired):
        renewed = make(configuration, -20, user_full_name="Bea Tester")
        api.renew_credential(renewed.pk)
        make(configuration, 10, user_full_name="Cleo Tester")
        make(configuration, None, user_full_name="Dora Tester")
        page = admin.get(LIST).text
        assert f"expired on {date_format(timezone.localtime(expired.expires_at))}" in page
        assert "and renewed" in page
        assert "valid until" in page
        shown = {}
        for value in ("expired", "renewed", "soon", "never"):
            rows = admin.get(LIST, {"expiry": value}).context["cl"].result_list
            shown[value] = sorted(row.user_full_name for row in rows)
        assert shown == {
            "expired": ["Ada Tester"],
            "renewed": ["Bea Tester"],
            "soon": ["Cleo Tester"],
            "never": ["Dora Tester"],
        }

    def test_renewing_one(self, admin, expired):
        assert "Renew…" in admin.get(url("change", expired)).text
        assert "The criteria are not checked again" in admin.get(url("renew", expired)).text
        response = admin.post(url("renew", expired), {"confirm": "yes", "reason": ""}, follow=True)
        assert messages_of(response) == ["1 credential was renewed."]
        new = Credential.objects.get(replaces=expired)
        assert new.events.first().actor.get_username() == "registrar"
        page = admin.get(url("change", expired)).text
        assert "Renew…" not in page
        assert "Reissue…" not in page
        assert "Change the expiry…" not in page
        assert str(new.verify_uuid) in page

    def test_renewing_many_says_which_cannot(self, admin, configuration, expired):
        holds = make(configuration, 100, user_full_name="Cleo Tester")
        data = {"action": "renew_selected", "_selected_action": [str(expired.pk), str(holds.pk)]}
        response = admin.post(LIST, {**data, "confirm": "yes", "reason": ""}, follow=True)
        assert messages_of(response) == ["1 credential was renewed."]
        (refused,) = left_out_of(response)
        assert "Cleo Tester" in refused
        assert "not expired" in refused

    def test_changing_the_expiry(self, admin, client, expired):
        page = admin.get(url("change_expiry", expired)).text
        assert "Reissue the credential to make the file again" in page
        answer = {"confirm": "yes", "expires_at_0": "2027-05-31", "expires_at_1": "12:00:00", "reason": "A late exam"}
        assert messages_of(admin.post(url("change_expiry", expired), answer, follow=True)) == [
            "The expiry of 1 credential was set."
        ]
        expired.refresh_from_db()
        assert expired.expires_at == datetime(2027, 5, 31, 12, tzinfo=UTC)
        assert expired.events.last().reason == "A late exam"
        answer = {"confirm": "yes", "expires_at_0": "1990-05-31", "expires_at_1": "12:00:00", "reason": "A slip"}
        (refusal,) = messages_of(admin.post(url("change_expiry", expired), answer, follow=True))
        assert "after the award" in refusal
        answer = {"confirm": "yes", "expires_at_0": "", "expires_at_1": "", "reason": "For life"}
        admin.post(url("change_expiry", expired), answer, follow=True)
        expired.refresh_from_db()
        assert expired.expires_at is None

    @pytest.mark.parametrize("page", ["renew", "change_expiry"])
    def test_who_may_only_look_may_not(self, client, expired, page):
        client.force_login(staff_with("view_credential"))
        assert client.get(url(page, expired)).status_code == 403
        assert client.post(url(page, expired), {"confirm": "yes", "reason": "x"}).status_code == 403

    def test_reissuing_says_that_the_expiry_stays(self, admin, expired):
        assert "the new one has expired too" in admin.get(url("reissue", expired)).text


def test_the_report_has_a_column_for_expiry(configuration, expired):
    make(configuration, None)
    lines = "".join(iter_issued_certificates_csv(KEY)).removeprefix("\ufeff").splitlines()
    column = lines[0].split(",").index("expiry_date")
    assert sorted(line.split(",")[column] for line in lines[1:]) == ["", expired.expires_at.date().isoformat()]


def test_the_commands(configuration, expired, capsys):
    holds = make(configuration, 100)
    call_command("renew_credentials", configuration=configuration.pk, reason="A new period")
    new = Credential.objects.get(replaces=expired)
    assert capsys.readouterr().out.splitlines()[-1] == "1 changed, 0 refused"
    call_command("reissue_credentials", configuration=configuration.pk, reason="A new template")
    assert capsys.readouterr().out.splitlines()[-1] == "2 changed, 0 refused"
    assert set(Credential.objects.filter(status=Status.INVALIDATED)) == {new, holds}


def test_a_program_is_renewed_like_any_other(world):
    world.add_course_run(KEY, "Algebra")
    user = UserFactory(first_name="Ada", last_name="Tester")
    world.add_learning_path("path-v1:Demo+Data", "Data", steps=[KEY])
    program = CredentialConfigurationFactory(learning_context_key="path-v1:Demo+Data")
    CredentialType.objects.update(valid_for="18 months")
    for key in (KEY, "path-v1:Demo+Data"):
        world.enrol(user.pk, key)
    api.issue_pending_credentials(program.pk)
    past = timezone.now() - timedelta(days=700)
    Credential.objects.update(issued_at=past, expires_at=past + timedelta(days=540))
    mail.outbox.clear()
    api.issue_pending_credentials(program.pk)
    new = Credential.objects.get(is_renewal=True)
    assert (new.status, new.is_current) == (Status.AVAILABLE, True)
    assert new.evidence["constituent_runs"] == [KEY]
    assert "renewed" in mail.outbox[0].subject
