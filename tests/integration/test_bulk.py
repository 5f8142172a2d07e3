"""Acts on many rows: a list or a selection, the plan of each row, the confirmation, the work, and the result of each row."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from learning_credentials import api
from learning_credentials.models import Credential, Job, JobRow
from learning_credentials.storages import get_storage
from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory
from tests.integration.admin_forms import read_form
from tests.integration.admin_pages import messages_of, staff_with

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(job, name="change"):
    return reverse(f"admin:learning_credentials_job_{name}", args=[job.pk])


def plan(client, act, pasted="", **values):
    """Send a list. Return the job and its page."""
    url = reverse("admin:learning_credentials_credential_list_act", args=[act])
    response = client.post(url, {**read_form(client.get(url)), "pasted": pasted, **values}, follow=True)
    return Job.objects.first(), response


def confirm(client, job, **values):
    return client.post(page_of(job, "confirm"), {"plan": job.plan, **values}, follow=True)


def rows_of(job):
    """The state and the code of each row, by its line."""
    return {row.position: (row.state, row.code) for row in JobRow.objects.filter(job=job)}


def results_of(client, job):
    content = b"".join(client.get(page_of(job, "results")).streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


@pytest.fixture
def learners(configuration, world):
    users = [UserFactory(username=f"learner{number}", email=f"learner{number}@example.org") for number in range(5)]
    for user in users:
        world.enrol(user.pk, configuration.learning_context_key)
    return users


@pytest.fixture
def issued(configuration, learners):
    """Issue to all learners. Return the credentials in the order of the learners."""
    api.issue_pending_credentials(configuration.pk)
    return [Credential.objects.get(user=user) for user in learners]


class TestPlans:
    def test_every_row_says_what_will_happen(self, admin, configuration, issued, learners):
        other = CredentialFactory(user=learners[1], available=True)
        UserFactory(username="twin1", email="twin@example.org")
        UserFactory(username="twin2", email="TWIN@example.org")
        UserFactory(username="nothing")
        api.invalidate_credential(issued[4].pk, reason="Earlier")
        lines = [
            "learner0",  # 1: fine
            "learner1",  # 2: has two credentials
            "learner2@EXAMPLE.org",  # 3: fine, by address
            str(issued[3].verify_uuid),  # 4: fine, by id
            f"https://credentials.example.org/credentials/{issued[4].verify_uuid}/",  # 5: invalidated already
            other.verify_code[:5].lower() + " " + other.verify_code[5:],  # 6: fine, by code
            "twin@example.org",  # 7: two accounts
            "nobody",  # 8
            "nothing",  # 9: no credential
            "learner0",  # 10: twice
            str(issued[3].pk),  # 11: the same as line 4
        ]
        job, page = plan(admin, "invalidate", "\n".join(lines), reason="Exam annulled")
        waiting, out = "waiting", "left_out"
        assert rows_of(job) == {
            1: (waiting, ""),
            2: (out, "ambiguous"),
            3: (waiting, ""),
            4: (waiting, ""),
            5: (out, "wrong_state"),
            6: (waiting, ""),
            7: (out, "ambiguous"),
            8: (out, "unknown"),
            9: (out, "no_credential"),
            10: (out, "duplicate"),
            11: (out, "duplicate"),
        }
        assert "4 rows will be done." in page.text
        assert "7 rows are left out." in page.text
        assert "It is already in line 4" in page.text
        assert not Credential.objects.filter(status="invalidated").exclude(pk=issued[4].pk).exists()
        narrowed, _page = plan(
            admin, "invalidate", "learner1\n", reason="Exam annulled", configuration=configuration.pk
        )
        assert rows_of(narrowed) == {1: (waiting, "")}

    def test_the_rows_of_one_result_are_shown_by_a_link(self, admin, issued):
        job, page = plan(admin, "invalidate", "learner0\nnobody\nnobody2", reason="Exam annulled")
        link = f"{page_of(job)}?result=left_out&amp;code=unknown#rows"
        assert link in page.text
        shown = admin.get(page_of(job), {"result": "left_out", "code": "unknown"})
        assert [row.given for row in shown.context["page"]] == ["nobody", "nobody2"]

    def test_nothing_is_done_by_a_page_that_shows_another_plan(self, admin, issued):
        job, _page = plan(admin, "invalidate", "learner0", reason="Exam annulled")
        admin.post(page_of(job, "options"), {"reason": "Another reason"})
        page = confirm(admin, job)
        assert "after you read it" in messages_of(page)[0]
        job.refresh_from_db()
        assert job.state == "draft"
        confirm(admin, job)
        issued[0].refresh_from_db()
        assert issued[0].invalidation_reason == "Another reason"
        assert issued[0].blocks_reissue is False  # as the box was left

    def test_a_confirmation_counts_once(self, admin, issued):
        job, _page = plan(admin, "invalidate", "learner0", reason="Exam annulled")
        confirm(admin, job)
        assert "after you read it" in messages_of(confirm(admin, job))[0]
        assert LogEntry.objects.filter(object_repr__startswith="Invalidate: started").count() == 1

    def test_a_draft_can_be_discarded(self, admin, issued):
        job, _page = plan(admin, "invalidate", "learner0", reason="Exam annulled")
        admin.post(page_of(job, "discard"))
        assert not Job.objects.exists()

    @pytest.mark.parametrize(
        ("pasted", "message"),
        [
            ("", "Paste a list, or choose a file."),
            ("learner0,Exam annulled", "the list has no header"),
            ("reason,note\nx,y", "has no column that says who is meant"),
        ],
    )
    def test_a_list_that_cannot_be_read_is_refused(self, admin, pasted, message):
        _job, page = plan(admin, "invalidate", pasted, reason="Exam annulled")
        assert message in page.text
        assert not Job.objects.exists()

    def test_queries_do_not_grow_with_the_rows(self, admin, configuration, django_assert_max_num_queries):
        CredentialFactory.create_batch(30, available=True, configuration=configuration)
        names = [row.user.username for row in Credential.objects.select_related("user")]
        url = reverse("admin:learning_credentials_credential_list_act", args=["invalidate"])
        with django_assert_max_num_queries(40):
            admin.post(url, {"pasted": "\n".join(names), "reason": "Exam annulled"})
        job = Job.objects.get()
        assert job.total == 30
        with django_assert_max_num_queries(15):
            admin.get(page_of(job))


class TestActs:
    def test_invalidate(self, admin, issued, learners):
        job, _page = plan(
            admin,
            "invalidate",
            "user name;reason;note\nlearner0;Copied;case 7\nlearner1;;\nlearner9;;",
            reason="Exam annulled",
        )
        page = confirm(admin, job)
        job.refresh_from_db()
        assert (job.state, job.total, job.done, job.failed, job.left_out) == ("finished", 2, 2, 0, 1)
        assert "finished" in page.text
        for credential, reason in zip(issued[:2], ("Copied", "Exam annulled"), strict=True):
            credential.refresh_from_db()
            assert (credential.status, credential.invalidation_reason) == ("invalidated", reason)
            assert credential.blocks_reissue
            event = credential.events.get(action="invalidated")
            assert event.actor.username == "registrar"
            assert event.detail["job"] == job.pk
        assert [(row["line"], row["given"], row["result"], row["note"]) for row in results_of(admin, job)] == [
            ("2", "learner0", "done", "case 7"),
            ("3", "learner1", "done", ""),
            ("4", "learner9", "left_out", ""),
        ]
        assert LogEntry.objects.filter(object_repr__startswith="Invalidate: started").exists()

    def test_reissue(self, admin, issued, learners):
        learners[0].first_name = "Renamed"
        learners[0].save()
        job, _page = plan(admin, "reissue", "learner0\nlearner1", reason="New template")
        confirm(admin, job)
        assert {result["result"] for result in results_of(admin, job)} == {"done"}
        successor = Credential.objects.get(replaces=issued[0])
        assert successor.status == "available"
        assert str(successor.verify_uuid) in results_of(admin, job)[0]["why"]

    def test_change_name(self, admin, issued):
        job, _page = plan(
            admin,
            "change_name",
            "username,name\nlearner0,Ada Lovelace\nlearner1,\nlearner2,a@example.org\n",
            reason="Corrected",
        )
        assert rows_of(job) == {2: ("waiting", ""), 3: ("left_out", "no_value"), 4: ("left_out", "malformed")}
        confirm(admin, job)
        successor = Credential.objects.get(replaces=issued[0])
        assert (successor.user_full_name, successor.status) == ("Ada Lovelace", "available")
        issued[0].refresh_from_db()
        assert (issued[0].status, issued[0].user_full_name) == ("invalidated", issued[0].user_full_name)

    def test_change_expiry(self, admin, issued):
        text = "id,expires\n" + "\n".join(
            f"{credential.verify_uuid},{expiry}"
            for credential, expiry in zip(issued, ("2099-12-31", "never", "31/12/2099", "1999-01-01", ""), strict=True)
        )
        job, _page = plan(
            admin, "change_expiry", text, reason="Extended", expires_at_0="2098-01-01", expires_at_1="10:00:00"
        )
        assert rows_of(job) == {
            2: ("waiting", ""),
            3: ("left_out", "unchanged"),
            4: ("left_out", "malformed"),
            5: ("left_out", "malformed"),
            6: ("waiting", ""),
        }
        confirm(admin, job)
        for credential in issued:
            credential.refresh_from_db()
        assert issued[0].expires_at == datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)
        assert issued[4].expires_at == datetime(2098, 1, 1, 10, tzinfo=UTC)
        assert issued[0].events.filter(action="expiry_changed", reason="Extended").count() == 1

    def test_issue(self, admin, configuration, learners, world):
        UserFactory(username="stranger")
        api.issue_credential(configuration.pk, learners[0].pk)
        job, _page = plan(
            admin,
            "issue",
            "learner0\nlearner1\nlearner2\nstranger\nnobody",
            configuration=configuration.pk,
            reason="Asked",
        )
        assert rows_of(job) == {
            1: ("left_out", "already_held"),
            2: ("waiting", ""),
            3: ("waiting", ""),
            4: ("left_out", "not_enrolled"),
            5: ("left_out", "unknown"),
        }
        confirm(admin, job)
        made = Credential.objects.filter(user__in=learners[1:3])
        assert {row.status for row in made} == {"available"}
        assert made[0].events.get(action="created").actor.username == "registrar"
        assert Credential.objects.count() == 3

    def test_make_files_again(self, admin, issued):
        before = {row.pk: (row.artifact_name, row.artifact_sha256) for row in issued}
        job, _page = plan(admin, "render_again", "\n".join(str(row.verify_uuid) for row in issued), reason="New logo")
        confirm(admin, job)
        assert {result["result"] for result in results_of(admin, job)} == {"done"}
        for row in issued:
            same = {name: getattr(row, name) for name in ("verify_uuid", "user_full_name", "issued_at", "verify_code")}
            row.refresh_from_db()
            assert {name: getattr(row, name) for name in same} == same
            assert row.status == "available"
            assert row.artifact_name != before[row.pk][0]
            event = row.events.get(action="rendered_again")
            assert event.detail["former_sha256"] == before[row.pk][1]
            assert get_storage().exists(row.artifact_name)

    def test_a_copy_of_the_former_file_is_still_recognised(self, admin, configuration, learners):
        type(configuration.credential_type).objects.filter(pk=configuration.credential_type_id).update(
            generation_func="learning_credentials.generators.generate_pdf_credential"
        )
        credential = api.issue_credential(configuration.pk, learners[0].pk)
        with get_storage().open(credential.artifact_name) as file:
            former = file.read()
        options = {"text_elements": {"name": {"color": "#804000"}}}
        type(configuration.credential_type).objects.update(custom_options=options)
        job, _page = plan(admin, "render_again", "learner0", reason="New colour")
        confirm(admin, job)
        credential.refresh_from_db()
        with get_storage().open(credential.artifact_name) as file:
            present = file.read()
        assert present != former
        for content in (former, present):
            found = api.inspect_file(content)
            assert (found.verdict, found.verification.verify_uuid) == ("unchanged", credential.verify_uuid)
        assert api.inspect_file(former + b"%changed\n").verdict == "changed"


class TestSelections:
    def choose(self, client, name, rows, **values):
        url = reverse("admin:learning_credentials_credential_changelist")
        data = {"action": name, "_selected_action": [str(row.pk) for row in rows], "index": "0", **values}
        return client.post(url, data, follow=True)

    def test_files_again(self, admin, issued):
        page = self.choose(admin, "render_again_selected", issued[:2])
        job = Job.objects.get()
        assert "Rows: 2." in page.text
        assert admin.get(page_of(job)).status_code == 302  # to what must be entered first
        admin.post(page_of(job, "options"), {"reason": "New logo"})
        job.refresh_from_db()
        confirm(admin, job)
        assert Credential.objects.filter(events__action="rendered_again").count() == 2

    def test_more_than_a_request_can_do_becomes_a_job(self, admin, configuration, monkeypatch):
        monkeypatch.setattr("learning_credentials.admin.credentials.MAX_AT_ONCE", 3)
        rows = CredentialFactory.create_batch(4, available=True, configuration=configuration)
        self.choose(admin, "invalidate_selected", rows[:1], select_across="1")
        job = Job.objects.get()
        added = CredentialFactory(available=True, configuration=configuration)
        admin.post(page_of(job, "options"), {"reason": "Exam annulled", "blocks_reissue": "on"})
        job.refresh_from_db()
        confirm(admin, job)
        assert Credential.objects.filter(status="invalidated").count() == 4
        added.refresh_from_db()
        assert added.status == "available"

    def test_what_changed_after_the_plan_is_refused(self, admin, issued):
        self.choose(admin, "render_again_selected", issued[:1])
        Job.objects.all().delete()
        job, _page = plan(admin, "invalidate", "learner0\nlearner1", reason="Exam annulled")
        api.reissue_credential(issued[0].pk, reason="By somebody else")
        confirm(admin, job)
        assert rows_of(job) == {1: ("refused", "changed_meanwhile"), 2: ("done", "")}
        job.refresh_from_db()
        assert (job.done, job.failed) == (1, 1)


class TestSecondPerson:
    @pytest.fixture(autouse=True)
    def _two_are_too_many(self, app_settings):
        app_settings(CONFIRM_REVOCATIONS_ABOVE=1)

    @pytest.fixture
    def held(self, admin, issued):
        job, page = plan(admin, "invalidate", "learner0\nlearner1", reason="Exam annulled", blocks_reissue="on")
        assert "A second person must confirm this" in page.text
        confirm(admin, job)
        job.refresh_from_db()
        assert job.state == "held"
        return job

    @pytest.fixture
    def colleague(self, client_of):
        return client_of(staff_with("view_credential", "change_credential"))

    def test_another_person_confirms(self, held, colleague, issued):
        page = colleague.get(page_of(held))
        assert "Confirm: Invalidate 2 rows" in page.text
        assert "Exam annulled" in page.text
        colleague.post(page_of(held, "approve"), {"note": "Agreed"})
        held.refresh_from_db()
        assert (held.state, held.done, held.decision_note) == ("finished", 2, "Agreed")
        issued[0].refresh_from_db()
        event = issued[0].events.get(action="invalidated")
        assert event.actor.username == "registrar"
        assert event.detail["confirmed_by"] == held.decided_by_id
        assert LogEntry.objects.filter(object_repr__startswith="Confirmed as the second person").exists()

    def test_the_same_person_cannot(self, admin, held, issued):
        assert "You asked for it" in admin.get(page_of(held)).text
        page = admin.post(page_of(held, "approve"), follow=True)
        assert "another person must decide" in messages_of(page)[0]
        held.refresh_from_db()
        assert held.state == "held"
        assert Credential.objects.filter(status="invalidated").count() == 0

    def test_nobody_without_the_permission_can(self, held, client_of):
        reader = client_of(staff_with("view_credential"))
        assert reader.post(page_of(held, "approve")).status_code == 404
        held.refresh_from_db()
        assert held.state == "held"

    def test_another_person_declines(self, held, colleague, admin):
        colleague.post(page_of(held, "decline"), {"note": "Wrong list"})
        held.refresh_from_db()
        assert held.state == "declined"
        assert "Wrong list" in admin.get(page_of(held)).text
        page = colleague.post(page_of(held, "approve"), follow=True)
        assert "does not wait" in messages_of(page)[0]
        assert not Credential.objects.filter(status="invalidated").exists()

    def test_the_person_who_asked_can_withdraw(self, admin, held, colleague):
        admin.post(page_of(held, "stop"))
        colleague.post(page_of(held, "approve"))
        held.refresh_from_db()
        assert held.state == "stopped"
        assert "stopped before it began" in messages_of(admin.post(page_of(held, "continue"), follow=True))[0]
        assert not Credential.objects.filter(status="invalidated").exists()

    def test_the_list_shows_what_waits(self, held, colleague):
        page = colleague.get(reverse("admin:learning_credentials_job_changelist"), {"state__exact": "held"})
        assert "waiting for a second person" in page.text

    def test_fewer_need_nobody(self, admin, issued):
        job, _page = plan(admin, "invalidate", "learner0", reason="Exam annulled")
        confirm(admin, job)
        issued[0].refresh_from_db()
        assert issued[0].status == "invalidated"

    def test_other_acts_need_nobody(self, admin, issued):
        job, _page = plan(admin, "reissue", "learner0\nlearner1", reason="New template")
        confirm(admin, job)
        job.refresh_from_db()
        assert job.state == "finished"

    def test_the_action_of_the_list_waits_too(self, admin, issued):
        TestSelections().choose(admin, "invalidate_selected", issued[:2])
        job = Job.objects.get()
        admin.post(page_of(job, "options"), {"reason": "Exam annulled"})
        job.refresh_from_db()
        confirm(admin, job)
        job.refresh_from_db()
        assert job.state == "held"
        assert not Credential.objects.filter(status="invalidated").exists()


class TestPermissions:
    @pytest.mark.parametrize(
        ("codename", "act", "is_allowed"),
        [
            ("change_credential", "invalidate", True),
            ("change_credential", "issue", False),
            ("add_credential", "issue", True),
            ("add_credential", "reissue", False),
            ("view_credential", "change_name", False),
            ("view_job", "invalidate", False),
        ],
    )
    def test_each_act_needs_its_own(self, client_of, codename, act, is_allowed):
        client = client_of(staff_with("view_credential", codename))
        url = reverse("admin:learning_credentials_credential_list_act", args=[act])
        assert client.get(url).status_code == (200 if is_allowed else 403)
        assert client.post(url, {"pasted": ""}).status_code == (200 if is_allowed else 403)

    def test_an_unknown_act_has_no_page(self, admin):
        assert admin.get("/admin/learning_credentials/credential/list/nothing/").status_code == 404

    def test_a_draft_is_for_its_owner_alone(self, admin, issued, client_of):
        job, _page = plan(admin, "invalidate", "learner0", reason="Exam annulled")
        other = client_of(staff_with("change_credential"))
        for name in ("confirm", "discard", "stop", "options"):
            assert other.post(page_of(job, name), {"plan": job.plan, "reason": "x"}).status_code in {302, 404}
        assert other.get(page_of(job)).status_code == 302  # Django's answer to a row that is not in the list
        job.refresh_from_db()
        assert (job.state, job.parameters["reason"]) == ("draft", "Exam annulled")

    def test_a_person_who_lost_the_permission_cannot_go_on(self, client_of, issued, settings):
        person = staff_with("view_credential", "change_credential")
        client = client_of(person)
        settings.CELERY_TASK_ALWAYS_EAGER = True
        job, _page = plan(client, "invalidate", "learner0", reason="Exam annulled")
        person.is_active = False
        person.save()
        from learning_credentials.services.common import confirm_job

        confirm_job(job.pk, plan=job.plan, actor=person)
        job.refresh_from_db()
        assert (job.state, job.error_code) == ("failed", "not_permitted")
        issued[0].refresh_from_db()
        assert issued[0].status == "available"


class TestFiles:
    def test_formulas_are_no_formulas_in_the_results(self, admin, issued):
        job, _page = plan(admin, "invalidate", '"=HYPERLINK(""x"")"\nlearner0', reason="+1")
        confirm(admin, job)
        first, second = results_of(admin, job)
        assert first["given"].startswith("'=")
        assert second["reason"] == "'+1"

    def test_another_configuration_is_left_alone(self, admin, issued, learners):
        other = CredentialConfigurationFactory()
        job, _page = plan(admin, "invalidate", "learner0", reason="x", configuration=other.pk)
        assert rows_of(job) == {1: ("left_out", "no_credential")}
        confirm(admin, job)
        job.refresh_from_db()
        assert job.state == "draft"
