"""Pages say what an act would do before it is done, and say what changed since."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.models import CourseCertificate, Credential, CredentialConfiguration, GenerationRun
from learning_credentials.services.desk.consequences import runs
from learning_credentials.services.notices import announce_pending_credentials
from tests.integration.admin_forms import read_form
from tests.integration.admin_pages import messages_of, staff_with

pytestmark = pytest.mark.django_db(transaction=True)


def url(name, pk):
    return reverse(f"admin:learning_credentials_{name}", args=[pk])


def read_hidden(response):
    """Return the hidden inputs of a page that asks."""
    found = re.findall(r'<textarea hidden name="([^"]+)">\n(.*?)</textarea>', response.text, re.DOTALL)
    return {name: html.unescape(value) for name, value in found}


class TestGenerating:
    def test_it_is_said_and_done(self, admin, course, enrol):
        learners = enrol(count=3)
        page = admin.get(url("credentialconfiguration_generate", course.pk))
        assert "3 e-mails would be sent, each 10 minutes after its credential is issued." in page.text
        for learner in learners:
            assert f">{learner.username}</a>" in page.text
        assert not GenerationRun.objects.exists()
        response = admin.post(url("credentialconfiguration_generate", course.pk), read_hidden(page), follow=True)
        assert "1 run was started." in messages_of(response)
        assert Credential.objects.count() == 3

    def test_what_changed_meanwhile_is_said(self, admin, course, enrol):
        enrol(count=2)
        page = admin.get(url("credentialconfiguration_generate", course.pk))
        enrol("Ada")
        again = admin.post(url("credentialconfiguration_generate", course.pk), read_hidden(page))
        assert "the consequences changed after the page was shown" in messages_of(again)[0]
        assert "3 e-mails would be sent" in again.text
        assert not Credential.objects.exists()
        admin.post(url("credentialconfiguration_generate", course.pk), read_hidden(again))
        assert Credential.objects.count() == 3

    def test_for_many_learners_a_dry_run_finds_it(self, admin, course, enrol, app_settings, monkeypatch):
        app_settings(ELIGIBILITY_BATCH_SIZE=2)
        monkeypatch.setattr(runs, "SMALL", 3)
        enrol(count=5)
        page = admin.get(url("credentialconfiguration_generate", course.pk))
        action = url("credentialconfiguration_dry_run", course.pk)
        assert f'action="{action}"' in page.text
        page = admin.post(action, follow=True)
        assert "dry run, finished" in page.text
        dry = GenerationRun.objects.get()
        enrol("Ada")
        page = admin.post(url("credentialconfiguration_generate", course.pk), {"dry_run": dry.pk}, follow=True)
        assert f"Dry run #{dry.pk} said that 5 credentials would be issued. This run found 6." in page.text

    def test_it_needs_the_permission(self, client, course):
        client.force_login(staff_with("view_credentialconfiguration"))
        assert client.get(url("credentialconfiguration_generate", course.pk)).status_code == 403


class TestSaving:
    @pytest.fixture
    def disabled(self, course, enrol):
        enrol(count=2)
        CredentialConfiguration.objects.update(is_enabled=False)
        return course

    def save(self, admin, configuration, **changes):
        page_url = url("credentialconfiguration_change", configuration.pk)
        return admin.post(page_url, {**read_form(admin.get(page_url)), **changes})

    def test_enabling_says_who_will_receive_one(self, admin, disabled):
        page = self.save(admin, disabled, is_enabled="on")
        assert "What the next run would do with these values" in page.text
        assert "2 e-mails would be sent at once." in page.text
        disabled.refresh_from_db()
        assert not disabled.is_enabled
        response = admin.post(url("credentialconfiguration_change", disabled.pk), read_hidden(page))
        assert response.status_code == 302
        disabled.refresh_from_db()
        assert disabled.is_enabled
        assert not Credential.objects.exists()

    def test_a_save_without_consequences_asks_nothing(self, admin, disabled):
        assert self.save(admin, disabled, description="A course about tests").status_code == 302
        api.issue_pending_credentials(disabled.pk)
        assert self.save(admin, disabled, is_enabled="on").status_code == 302

    def test_somebody_else_who_saved_meanwhile_is_not_overwritten(self, admin, disabled):
        page = self.save(admin, disabled, is_enabled="on")
        CredentialConfiguration.objects.update(is_enabled=True, custom_options={"a": 1})
        response = admin.post(url("credentialconfiguration_change", disabled.pk), read_hidden(page))
        assert "Nothing was saved: somebody else changed this" in html.unescape(response.text)

    def test_another_available_date(self, admin, course, enrol):
        enrol(count=2)
        api.issue_pending_credentials(course.pk)
        run = CourseCertificate.objects.get()
        page_url = url("coursecertificate_change", run.pk)
        CourseCertificate.objects.update(pacing="instructor")
        tomorrow = timezone.localtime(timezone.now() + timedelta(days=2))
        changes = {"available_date_0": f"{tomorrow:%Y-%m-%d}", "available_date_1": "12:00:00", "reason": "Too early"}
        page = admin.post(page_url, {**read_form(admin.get(page_url)), **changes})
        assert "Have credentials that would be hidden at once" in page.text
        assert "2 files stay as they are" in page.text
        assert CourseCertificate.objects.get().available_date is None
        assert admin.post(page_url, read_hidden(page)).status_code == 302
        assert CourseCertificate.objects.get().available_date is not None


class TestOperations:
    def test_revoking_and_reissuing(self, admin, course, enrol, world):
        (learner,) = enrol("Ada")
        credential = api.issue_credential(course.pk, learner.pk)
        page = admin.get(url("credential_invalidate", credential.pk)).text
        assert "Would lose their credential at once" in page
        assert "This takes effect at once for everybody." in page
        world.set_profile(learner.pk, display_name="Ada King")
        page = admin.get(url("credential_reissue", credential.pk)).text
        assert "Ada Tester → Ada King" in page
        assert "1 e-mail would be sent, 10 minutes after its credential is issued." in page
        credential.refresh_from_db()
        assert credential.status == "available"
        mail.outbox.clear()
        announce_pending_credentials()
        assert mail.outbox == []
