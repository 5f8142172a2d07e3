"""What a confirmation page showed is what is done, by everything that is done to many rows; and the admin's log knows of it."""

from __future__ import annotations

import csv
import io
from base64 import b64decode
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.admin import credential_operations, messages, standing_operations
from learning_credentials.admin.allowlist import AllowlistEntryAdmin
from learning_credentials.admin.certificate_invalidations import CertificateInvalidationAdmin
from learning_credentials.models import (
    AllowlistEntry,
    CertificateInvalidation,
    Credential,
    CredentialConfiguration,
    GenerationRun,
    HostMessage,
    LearnerCertificate,
    StrayPlace,
)
from learning_credentials.services.common import discard_message
from tests.factories import (
    AllowlistEntryFactory,
    CertificateInvalidationFactory,
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    LearnerCertificateFactory,
    UserFactory,
)
from tests.integration.admin_forms import read_form
from tests.integration.admin_pages import left_out_of, messages_of, staff_with

KEY = "course-v1:Demo+Algebra+2026"

pytestmark = pytest.mark.django_db(transaction=True)


def address(model):
    return reverse(f"admin:learning_credentials_{model}_changelist")


class Act:
    """An action on all pages of a list, from the list to the page that asks, and on to what comes of it."""

    def __init__(self, client, model, name, rows=(), *, all_pages=True, query=""):
        self._client, self._url = client, f"{address(model)}{query}"
        keys = [str(row.pk) for row in rows] or ["0"]
        selected = {"action": name, "_selected_action": keys, "index": "0", "select_across": "1" if all_pages else "0"}
        self.page = client.post(self._url, selected)

    def confirm(self, **values):
        answer = {**read_form(self.page), **values}
        # What a browser sends of several inputs of one name.
        return self._client.post(self._url, answer, follow=True)


def status(row):
    return type(row).objects.get(pk=row.pk).status


@pytest.mark.parametrize(
    "operation",
    [
        credential_operations.INVALIDATE,
        credential_operations.REISSUE,
        credential_operations.RENEW,
        credential_operations.CHANGE_EXPIRY,
        credential_operations.LIFT_BLOCK,
        credential_operations.OVERRIDE_DATE,
        standing_operations.INVALIDATE,
        standing_operations.REVALIDATE,
        AllowlistEntryAdmin.end_operation,
        CertificateInvalidationAdmin.end_operation,
        messages.DISCARD,
    ],
    ids=lambda operation: operation.name,
)
def test_the_explanation_is_about_one_row_or_names_the_number(operation):
    one, several = operation.explanation(1), operation.explanation(3)
    assert not any(letter.isdigit() for letter in one)
    assert "these 3 " in several


class TestCredentials:
    def test_what_was_added_meanwhile_is_left_alone(self, admin, configuration):
        shown = CredentialFactory.create_batch(3, available=True, configuration=configuration)
        act = Act(admin, "credential", "invalidate_selected")
        assert "3 credentials" in act.page.text
        assert "these 3 credentials are no longer valid" in act.page.text
        added = CredentialFactory.create_batch(2, available=True, configuration=configuration)
        assert messages_of(act.confirm(reason="Exam annulled")) == ["3 credentials were revoked."]
        assert {status(row) for row in shown} == {"invalidated"}
        assert {status(row) for row in added} == {"available"}

    @pytest.mark.parametrize("all_pages", [False, True])
    def test_what_changed_meanwhile_is_left_out_and_listed(self, admin, configuration, all_pages):
        shown = CredentialFactory.create_batch(3, available=True, configuration=configuration)
        act = Act(admin, "credential", "invalidate_selected", shown, all_pages=all_pages)
        revoked, reissued, kept = shown
        api.invalidate_credential(revoked.pk, reason="By somebody else")
        api.reissue_credential(reissued.pk, reason="By somebody else")
        page = act.confirm(reason="Exam annulled")
        assert messages_of(page) == ["1 credential was revoked."]
        reasons = left_out_of(page)
        assert len(reasons) == 2
        assert all("Status: Valid → Revoked" in reason for reason in reasons)
        assert status(kept) == "invalidated"
        kept.refresh_from_db()
        assert kept.invalidation_reason == "Exam annulled"
        revoked.refresh_from_db()
        assert revoked.invalidation_reason == "By somebody else"

    def test_one_row_is_not_spoken_of_as_several(self, admin, configuration):
        shown = CredentialFactory(error=True, configuration=configuration)
        page = Act(admin, "credential", "lift_block_selected", [shown], all_pages=False).page
        assert 'value="Lift the block"' in page.text
        assert "Lift the blocks" not in page.text.split('id="content"')[1]

    def test_all_that_was_left_out_is_in_a_file(self, admin, configuration):
        shown = CredentialFactory.create_batch(130, error=True, configuration=configuration, user_full_name="=1+1")
        act = Act(admin, "credential", "lift_block_selected")
        assert 'value="Lift the blocks"' in act.page.text
        page = act.confirm(reason="Appeal granted")
        assert len(left_out_of(page)) == 100
        assert "and 30 more, in the file" in page.text
        content = b64decode(page.context["download"].partition(",")[2]).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(content)))
        assert {row["id"] for row in rows} == {str(row.pk) for row in shown}
        assert all("has no block to lift" in row["reason"] for row in rows)

    def test_the_same_page_confirmed_twice_does_nothing_twice(self, admin, configuration):
        shown = CredentialFactory.create_batch(2, available=True, configuration=configuration)
        act = Act(admin, "credential", "reissue_selected")
        for _time in range(2):
            page = act.confirm(reason="New template")
        assert messages_of(page) == []
        assert len(left_out_of(page)) == 2
        assert Credential.objects.count() == 4
        assert all(row.events.count() == 1 for row in shown)

    def test_a_page_that_was_changed_or_is_somebody_elses_is_shown_again(self, admin, client, configuration):
        CredentialFactory.create_batch(2, available=True, configuration=configuration)
        act = Act(admin, "credential", "invalidate_selected")
        token = read_form(act.page)["_selection"]
        for name in ("_selection", "nothing"):
            page = act.confirm(
                reason="Mine", **{name: "changed"}, **({} if name == "_selection" else {"_selection": ""})
            )
            assert messages_of(page) == [
                "Nothing was done yet. This page shows the rows that are selected now. Check them and confirm."
            ]
        other = Act(admin, "credential", "reissue_selected")
        assert messages_of(other.confirm(reason="Mine", _selection=token)) != []
        client.force_login(UserFactory(superuser=True))
        assert "Nothing was done yet" in messages_of(act.confirm(reason="Mine"))[0]
        assert not Credential.objects.filter(status="invalidated").exists()

    def test_a_mistake_in_the_form_keeps_what_was_shown(self, admin, configuration):
        CredentialFactory.create_batch(2, available=True, configuration=configuration)
        act = Act(admin, "credential", "invalidate_selected")
        CredentialFactory(available=True, configuration=configuration)
        act.page = act.confirm(reason=" ")
        assert "2 credentials" in act.page.text
        assert messages_of(act.confirm(reason="Exam annulled")) == ["2 credentials were revoked."]

    def test_what_died_half_way_can_be_repeated(self, admin, configuration, monkeypatch):
        shown = CredentialFactory.create_batch(4, available=True, configuration=configuration)
        act = Act(admin, "credential", "invalidate_selected")
        for row in shown[:2]:  # what a process did before it was killed
            api.invalidate_credential(row.pk, reason="Exam annulled")
        page = act.confirm(reason="Exam annulled")
        assert messages_of(page) == ["2 credentials were revoked."]
        assert len(left_out_of(page)) == 2

    def test_one_credential_too(self, admin):
        credential = CredentialFactory(invalidated=True, blocks_reissue=True)
        page = reverse("admin:learning_credentials_credential_lift_block", args=[credential.pk])
        values = {**read_form(admin.get(page)), "reason": "Appeal granted"}
        api.lift_reissue_block(credential.pk, reason="By somebody else")
        response = admin.post(page, values, follow=True)
        assert len(response.redirect_chain) == 1
        assert "Blocks reissue: yes → no" in messages_of(response)[0]
        assert credential.events.count() == 1

    def test_retry_asks_where_all_pages_were_selected(self, admin, configuration):
        shown = CredentialFactory.create_batch(2, error=True, configuration=configuration)
        act = Act(admin, "credential", "retry_selected", query="?status__exact=error")
        assert "2 credentials" in act.page.text
        assert {status(row) for row in shown} == {"error"}
        added = CredentialFactory(error=True, configuration=configuration)
        api.retry_credentials([shown[0].pk])
        page = act.confirm()
        first, second = messages_of(page)
        assert first.count("Status: Failed →") == 1
        assert second == "1 credential will be tried again."
        assert status(added) == "error"

    def test_queries_do_not_grow_with_what_is_only_shown(self, admin, configuration, django_assert_max_num_queries):
        CredentialFactory.create_batch(60, available=True, configuration=configuration)
        with django_assert_max_num_queries(16):
            Act(admin, "credential", "invalidate_selected")


class TestOthers:
    """The same for everything else that is done to many rows."""

    def test_allowlist(self, admin):
        shown = AllowlistEntryFactory.create_batch(3)
        act = Act(admin, "allowlistentry", "remove_selected")
        added = AllowlistEntryFactory()
        api.remove_allowlist_entry(shown[0].pk, notes="By somebody else")
        page = act.confirm(notes="The term is over")
        assert messages_of(page) == ["2 entries were removed."]
        assert len(left_out_of(page)) == 1
        assert list(AllowlistEntry.objects.filter(is_active=True)) == [added]

    def test_invalidations(self, admin, world):
        shown = CertificateInvalidationFactory.create_batch(3)
        act = Act(admin, "certificateinvalidation", "lift_selected")
        added = CertificateInvalidationFactory()
        api.lift_certificate_invalidation(shown[0].pk, notes="By somebody else")
        page = act.confirm(notes="Appeal granted")
        assert messages_of(page) == ["2 bars were lifted."]
        assert len(left_out_of(page)) == 1
        assert list(CertificateInvalidation.objects.filter(is_active=True)) == [added]

    def test_standings(self, admin, world):
        run = CourseCertificateFactory(course_key=KEY)
        shown = LearnerCertificateFactory.create_batch(3, course_certificate=run)
        act = Act(admin, "learnercertificate", "invalidate_selected")
        added = LearnerCertificateFactory(course_certificate=run)
        api.invalidate_certificate(shown[0].user_id, KEY, notes="By somebody else")
        page = act.confirm(notes="Exam annulled")
        assert messages_of(page) == ["2 learners were barred."]
        assert len(left_out_of(page)) == 1
        assert status(added) == "downloadable"

    def test_evaluating_standings(self, admin, world, configuration):
        run = CourseCertificateFactory(course_key=KEY)
        LearnerCertificateFactory.create_batch(2, course_certificate=run)
        act = Act(admin, "learnercertificate", "evaluate_selected")
        assert LearnerCertificate.objects.filter(status="downloadable").count() == 2
        added = LearnerCertificateFactory(course_certificate=run)
        assert messages_of(act.confirm())[0].startswith("2 learners were evaluated")
        assert status(added) == "downloadable"

    def test_evaluating_by_status(self, admin, world, configuration):
        run = CourseCertificateFactory(course_key=KEY)
        LearnerCertificateFactory.create_batch(2, course_certificate=run, status="notpassing")
        page = reverse("admin:learning_credentials_coursecertificate_regenerate", args=[run.pk])
        values = {**read_form(admin.get(page)), "statuses": ["notpassing"]}
        LearnerCertificateFactory(course_certificate=run, status="notpassing")
        again = admin.post(page, values)
        assert "The page showed 2, and now there are 3." in again.text
        assert not LogEntry.objects.exists()
        assert messages_of(admin.post(page, {**read_form(again), "statuses": ["notpassing"]}, follow=True)) == [
            "3 learners will be evaluated again."
        ]

    def test_runs(self, admin, world, configuration):
        act = Act(admin, "credentialconfiguration", "generate_now")
        added = CredentialConfigurationFactory()
        assert not GenerationRun.objects.exists()
        act.confirm()
        assert [run.configuration for run in GenerationRun.objects.all()] == [configuration]
        assert not added.runs.exists()

    def test_refreshing(self, admin, world, configuration):
        CourseCertificateFactory(course_key=KEY)
        act = Act(admin, "coursecertificate", "refresh_selected")
        assert "1 course run" in act.page.text
        assert messages_of(act.confirm())[0].startswith("The LMS was asked.")

    def test_messages(self, admin):
        shown = [HostMessage.objects.create(kind="staff", context_key=f"run:{number}") for number in range(2)]
        acts = [Act(admin, "hostmessage", name) for name in ("retry_selected", "discard_selected")]
        added = HostMessage.objects.create(kind="staff", context_key="run:added")
        discard_message(shown[0].pk, reason="By somebody else")
        page = acts[1].confirm(reason="Twice")
        assert messages_of(page) == ["1 message was discarded."]
        assert left_out_of(page) == [f"message {shown[0].pk}: The row was deleted at the same time."]
        assert list(HostMessage.objects.all()) == [added]
        assert [text.partition(": ")[2] for text in messages_of(acts[0].confirm())[:2]] == [
            "The row was deleted at the same time."
        ] * 2

    def test_deleting(self, admin):
        shown = CredentialConfigurationFactory.create_batch(2)
        act = Act(admin, "credentialconfiguration", "delete_selected", shown)
        added = CredentialConfigurationFactory()
        keys = [str(row.pk) for row in shown]
        act.confirm(_selected_action=keys, post="yes")
        assert list(CredentialConfiguration.objects.all()) == [added]


class TestCommands:
    @pytest.fixture
    def terminal(self, monkeypatch):
        """A person at the terminal, who types."""

        class Terminal(io.StringIO):
            def isatty(self):
                return True

        def type_(text):
            monkeypatch.setattr("sys.stdin", Terminal(f"{text}\n"))

        return type_

    @pytest.mark.parametrize("name", ["invalidate_credentials", "reissue_credentials"])
    @pytest.mark.parametrize("answer", ["no", ""])
    def test_a_person_is_asked(self, terminal, capsys, configuration, name, answer):
        credentials = CredentialFactory.create_batch(2, available=True, configuration=configuration)
        terminal(answer)
        call_command(name, configuration=configuration.pk, reason="Exam annulled")
        assert "2 credentials will be changed. Type 'yes' to continue" in capsys.readouterr().out
        assert {status(row) for row in credentials} == {"available"}
        terminal("yes")
        call_command(name, context=KEY, reason="Exam annulled")
        assert {status(row) for row in credentials} == {"invalidated"}

    def test_scripts_are_not_asked(self, terminal, capsys, configuration):
        for flags in ([], ["--no-input"], ["--yes"]):
            credential = CredentialFactory(available=True, configuration=configuration)
            if flags:
                terminal("no")
            call_command("invalidate_credentials", *flags, configuration=configuration.pk, reason="Exam annulled")
            assert status(credential) == "invalidated"
            assert "1 credentials will be changed" in capsys.readouterr().out


class TestRecentActions:
    """One entry an act, whatever the number of rows."""

    def entries(self):
        return [(entry.content_type.model, entry.object_repr, entry.change_message) for entry in LogEntry.objects.all()]

    def test_an_act_on_many(self, admin, configuration):
        CredentialFactory.create_batch(3, available=True, configuration=configuration)
        act = Act(admin, "credential", "invalidate_selected")
        api.invalidate_credential(Credential.objects.first().pk, reason="By somebody else")
        act.confirm(reason="Exam annulled")
        assert self.entries() == [("credential", "Revoke: 2 credentials", "Revoke. 1 left out. Exam annulled")]
        assert LogEntry.objects.get().user.username == "registrar"
        assert "Revoke: 2 credentials" in admin.get(reverse("admin:index")).text

    def test_an_act_on_one_links_to_it(self, admin):
        credential = CredentialFactory(available=True)
        page = reverse("admin:learning_credentials_credential_invalidate", args=[credential.pk])
        admin.post(page, {**read_form(admin.get(page)), "reason": "Exam annulled"})
        assert self.entries() == [("credential", f"Revoke: {credential}", "Revoke. Exam annulled")]
        assert reverse("admin:learning_credentials_credential_change", args=[credential.pk]) in (
            admin.get(reverse("admin:index")).text
        )

    def test_nothing_done_is_no_entry(self, admin, configuration):
        CredentialFactory(error=True, configuration=configuration)
        Act(admin, "credential", "lift_block_selected").confirm(reason="Appeal granted")
        assert self.entries() == []

    def test_a_run_and_examples(self, admin, configuration):
        for page in ("generate", "examples"):
            admin.post(reverse(f"admin:learning_credentials_credentialconfiguration_{page}", args=[configuration.pk]))
        made, started = self.entries()
        assert (made[0], made[2]) == ("examplecredentialset", "Made")
        assert started == ("generationrun", f"Started: {GenerationRun.objects.get()}", "Started")

    def test_exports(self, admin, configuration):
        run = CourseCertificateFactory(course_key=KEY)
        LearnerCertificateFactory(course_certificate=run)
        for page, row in (("credentialconfiguration", configuration), ("coursecertificate", run)):
            assert admin.get(reverse(f"admin:learning_credentials_{page}_issued", args=[row.pk])).status_code == 200
        assert admin.get(reverse("admin:learning_credentials_coursecertificate_kept", args=[run.pk])).status_code == 200
        assert self.entries() == [
            (model, f"{act}: {row}", act)
            for model, row, act in (
                ("coursecertificate", KEY, "Downloaded “Kept without passing (CSV)”"),
                ("coursecertificate", KEY, "Downloaded “Issued (CSV)”"),
                ("credentialconfiguration", configuration, "Downloaded “Issued (CSV)”"),
            )
        ]

    def test_the_allowlist(self, admin, world, configuration):
        users = UserFactory.create_batch(3)
        text = "".join(f"{user.username},\n" for user in users) + "nobody,\n"
        file = io.BytesIO(text.encode())
        file.name = "list.csv"
        admin.post(reverse("admin:learning_credentials_allowlistentry_upload"), {"context_key": KEY, "file": file})
        assert self.entries() == [
            (
                "allowlistentry",
                "Add from a file: 3 allowlist entries",
                f"Add from a file. From the file “list.csv” for {KEY}: 3 of 4 rows added",
            )
        ]

    def test_an_export_that_is_refused_is_no_entry(self, client, configuration):
        client.force_login(staff_with("view_credentialconfiguration"))
        page = reverse("admin:learning_credentials_credentialconfiguration_issued", args=[configuration.pk])
        assert client.get(page).status_code == 403
        assert self.entries() == []


class TestFocus:
    """Enter pressed by mistake confirms nothing: the cursor is in the first field, or nowhere."""

    def focused(self, page):
        return [line for line in page.text.split("<") if " autofocus" in line]

    @pytest.mark.parametrize(
        ("name", "field"),
        [
            ("invalidate", "reason"),
            ("reissue", "reason"),
            ("override_date", "date_override"),
            ("change_expiry", "expires_at_0"),
        ],
    )
    def test_of_what_is_done_to_a_credential(self, admin, name, field):
        credential = CredentialFactory(available=True)
        page = admin.get(reverse(f"admin:learning_credentials_credential_{name}", args=[credential.pk]))
        (focused,) = self.focused(page)
        assert f'name="{field}"' in focused

    def test_of_a_field_with_an_error(self, admin):
        credential = CredentialFactory(available=True)
        page = reverse("admin:learning_credentials_credential_override_date", args=[credential.pk])
        (focused,) = self.focused(admin.post(page, {**read_form(admin.get(page)), "reason": ""}))
        assert 'name="reason"' in focused

    @pytest.mark.parametrize(
        ("page", "field"),
        [
            ("allowlistentry_add", "learner"),
            ("allowlistentry_upload", "file"),
            ("certificateinvalidation_add", "learner"),
            ("coursecertificate_add", "course_key"),
        ],
    )
    def test_of_other_pages(self, admin, page, field):
        (focused,) = self.focused(admin.get(reverse(f"admin:learning_credentials_{page}")))
        assert f'name="{field}"' in focused

    def test_of_a_page_without_fields(self, admin, configuration):
        assert self.focused(Act(admin, "credentialconfiguration", "generate_now").page) == []

    @pytest.mark.parametrize("model", ["credentialtype", "credentialconfiguration", "issuer", "credentialasset"])
    def test_of_a_new_row(self, admin, model):
        """Django's script focuses the first button where buttons stand above the form."""
        page = admin.get(reverse(f"admin:learning_credentials_{model}_add")).text
        assert "learning_credentials/admin/focus.js" in page
        assert "admin/js/change_form.js" not in page


class TestSwitches:
    """What is off is no error, and not shown as one."""

    @pytest.mark.parametrize("is_on", [False, True])
    def test_in_lists(self, admin, is_on):
        CredentialConfigurationFactory(allow_self_generation=is_on)
        CourseCertificateFactory(is_active=is_on)
        now = timezone.now()
        StrayPlace.objects.create(name="a/b", is_directory=is_on, begun_at=now, next_attempt_at=now)
        for model in ("credentialconfiguration", "coursecertificate"):
            page = admin.get(address(model)).text
            assert "icon-no.svg" not in page
            assert f">{'on' if is_on else 'off'}</span>" in page
        page = admin.get(address("strayplace")).text
        assert "icon-no.svg" not in page
        assert f'<td class="field-kind">{"directory" if is_on else "file"}</td>' in page

    def test_on_pages(self, admin):
        """Django draws the cross of a field that is only shown. The style sheet puts a neutral sign in its place, with its text."""
        run = CourseCertificateFactory()
        page = admin.get(reverse("admin:learning_credentials_coursecertificate_change", args=[run.pk])).text
        assert 'icon-no.svg" alt="False"' in page
        assert "learning_credentials/admin/admin.css" in page
        rules = Path(finders.find("learning_credentials/admin/admin.css")).read_text()
        assert 'img[src$="admin/img/icon-no.svg"] { content: url("off.svg"); }' in rules
        assert finders.find("learning_credentials/admin/off.svg")
