"""E-mails of acts by staff wait, and can be called back or sent at once. None is lost, and none is sent twice."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.exceptions import GenerationError, InvalidTransitionError
from learning_credentials.models import Credential, CredentialConfiguration, CredentialEvent, MailHold, MailNote
from learning_credentials.services.credentials import (
    call_back_mails,
    call_back_mails_about,
    count_held_mails,
    list_waiting,
    release_mails,
    release_mails_about,
)
from learning_credentials.services.issuing import issue_chunk, start_due_runs
from learning_credentials.services.notices import announce_pending_credentials
from tests.factories import UserFactory
from tests.integration import chunk_plugins
from tests.integration.admin_pages import count_queries, messages_of, staff_with
from tests.integration.mails import DyingProcess, count_told, in_another_process, let_time_pass
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status


@pytest.fixture
def registrar():
    return UserFactory(superuser=True, username="dean", email="")


@pytest.fixture
def waiting(course, enrol, registrar, app_settings, use_mail_backend):
    """Return the hold of a run with six credentials. Tests can watch the e-mails."""
    app_settings(NOTIFICATION_CLAIM_TIMEOUT=60)
    enrol(count=6)
    api.issue_pending_credentials(course.pk, actor=registrar)
    assert mail.outbox == []
    use_mail_backend("tests.integration.chunk_plugins.WatchedMail")
    yield MailHold.objects.get()
    chunk_plugins.AFTER_MAIL.clear()


def wait_ten_minutes():
    let_time_pass(600)
    return announce_pending_credentials()


class TestWhichWait:
    def test_those_of_a_run_by_staff_wait_ten_minutes(self, waiting):
        assert announce_pending_credentials() == 0
        for credential in Credential.objects.all():
            left = credential.notification_held_until - timezone.now()
            assert timedelta(minutes=9) < left <= timedelta(minutes=10)
        let_time_pass(9 * 60)
        assert announce_pending_credentials() == 0
        let_time_pass(61)
        assert announce_pending_credentials() == 6
        assert count_told() == [1] * 6
        assert not Credential.objects.filter(notified_at=None).exists()
        assert announce_pending_credentials() == 0

    def test_those_of_the_schedule_do_not_wait(self, course, enrol):
        enrol(count=2)
        CredentialConfiguration.objects.update(next_run_at=None)
        start_due_runs()
        assert len(mail.outbox) == 2
        assert not MailHold.objects.exists()

    def test_a_learner_who_asks_is_told_at_once(self, course, enrol):
        (learner,) = enrol("Ada")
        course.allow_self_generation = True
        course.save()
        api.request_credential(course.pk, learner.pk)
        assert len(mail.outbox) == 1

    def test_staff_who_issue_to_one_learner(self, course, enrol, registrar):
        (learner,) = enrol("Ada")
        api.issue_credential(course.pk, learner.pk, actor=registrar)
        assert mail.outbox == []
        assert MailHold.objects.get().learning_context_key == course.learning_context_key
        assert wait_ten_minutes() == 1

    def test_retries_reissues_and_renewals_by_staff(self, course, enrol, registrar):
        (learner,) = enrol("Ada")
        credential = api.issue_credential(course.pk, learner.pk)
        assert len(mail.outbox) == 1
        new = api.reissue_credential(credential.pk, reason="A new font", actor=registrar)
        Credential.objects.filter(pk=new.pk).update(expires_at=timezone.now() - timedelta(days=1))
        assert len(mail.outbox) == 1
        assert wait_ten_minutes() == 1
        assert mail.outbox[-1].subject.startswith("Your credential was replaced")
        api.renew_credential(new.pk, actor=registrar)
        assert len(mail.outbox) == 2
        assert wait_ten_minutes() == 1
        assert [hold.act for hold in MailHold.objects.order_by("pk")] == ["reissue", "renewal"]

    def test_a_retry_by_staff(self, course, enrol, registrar):
        enrol("Faulty")
        api.issue_pending_credentials(course.pk)
        Credential.objects.update(user_full_name="Ada")
        failed = Credential.objects.get()
        assert api.retry_credentials([failed.pk], actor=registrar) == 1
        assert Credential.objects.get().status == Status.AVAILABLE
        assert mail.outbox == []
        assert wait_ten_minutes() == 1

    @pytest.mark.parametrize("changes", [{"MAIL_DELAY": 0}, {"NOTIFY_LEARNERS": False}])
    def test_nothing_waits_if_a_setting_says_so(self, course, enrol, registrar, app_settings, changes):
        app_settings(**changes)
        enrol(count=2)
        api.issue_pending_credentials(course.pk, actor=registrar)
        assert len(mail.outbox) == (0 if "NOTIFY_LEARNERS" in changes else 2)
        assert not MailHold.objects.exists()
        assert not list_waiting().exists()


class TestCallingBack:
    def test_nobody_is_told_any_more(self, waiting, registrar):
        assert call_back_mails(waiting.pk, actor=registrar) == 6
        assert wait_ten_minutes() == 0
        assert count_held_mails([waiting.pk])[waiting.pk].called_back == 6
        with pytest.raises(InvalidTransitionError):
            call_back_mails(waiting.pk)

    def test_later_credentials_of_the_act_are_not_announced_either(self, course, enrol, registrar):
        enrol("Ada", "Faulty")
        api.issue_pending_credentials(course.pk, actor=registrar)
        call_back_mails(MailHold.objects.get().pk)
        Credential.objects.filter(status=Status.ERROR).update(user_full_name="Grace", status=Status.GENERATING)
        assert len(issue_chunk(list(Credential.objects.values_list("pk", flat=True))).issued) == 1
        assert wait_ten_minutes() == 0
        assert count_held_mails([MailHold.objects.get().pk])[MailHold.objects.get().pk].called_back == 2

    def test_they_can_be_sent_after_all_and_once(self, waiting, registrar):
        call_back_mails(waiting.pk, actor=registrar)
        assert release_mails(waiting.pk, actor=registrar) == 6
        assert announce_pending_credentials() == 6
        assert count_told() == [1] * 6
        assert wait_ten_minutes() == 0

    def test_single_ones(self, waiting, registrar):
        first, second, *_rest = Credential.objects.order_by("pk").values_list("pk", flat=True)
        assert call_back_mails_about([first, second], actor=registrar, reason="The name is wrong") == [first, second]
        assert call_back_mails_about([first], actor=registrar) == []
        assert release_mails_about([second], actor=registrar) == [second]
        assert announce_pending_credentials() == 1
        assert wait_ten_minutes() == 4
        assert list(Credential.objects.filter(notified_at=None).values_list("pk", flat=True)) == [first]
        actions = CredentialEvent.objects.filter(credential=second).order_by("pk").values_list("action", flat=True)
        assert list(actions)[-2:] == ["mail_called_back", "mail_released"]

    @pytest.mark.parametrize("number", [1, 3, 6])
    def test_while_a_worker_sends_each_is_either_sent_or_called_back(self, waiting, number):
        called_back = []
        sender = threading.get_ident()

        def call_back(_message):
            if threading.get_ident() == sender and len(mail.outbox) == number:
                called_back.append(in_another_process(lambda: call_back_mails(waiting.pk)))

        chunk_plugins.AFTER_MAIL.append(call_back)
        assert wait_ten_minutes() == number
        assert called_back == [6 - number]
        assert count_told() == [1] * number
        assert Credential.objects.exclude(notified_at=None).count() == number
        assert not MailNote.objects.exists()
        assert count_held_mails([waiting.pk])[waiting.pk].called_back == 6 - number

    @pytest.mark.parametrize("statements", range(8))
    def test_a_process_that_dies_while_it_calls_back_has_done_all_or_nothing(self, waiting, statements):
        process = DyingProcess(statements)
        with process.running():
            call_back_mails(waiting.pk)
        sent = wait_ten_minutes()
        assert sent in (0, 6)
        assert (MailHold.objects.get().called_back_at is None) == (sent == 6)
        assert len(mail.outbox) == sent

    @pytest.mark.parametrize("statements", range(14))
    def test_a_process_that_dies_while_it_sends_what_waited(self, waiting, statements):
        let_time_pass(600)
        process = DyingProcess(statements)
        with process.running():
            announce_pending_credentials()
        let_time_pass(12 * 60 + 61)
        announce_pending_credentials()
        let_time_pass(12 * 60 + 61)
        announce_pending_credentials()
        assert sorted({*count_told()}) in ([1], [1, 2])
        assert len(count_told()) == 6
        assert len(mail.outbox) <= 7
        assert not MailNote.objects.exists()

    def test_several_decide_at_once(self, waiting):
        def call_back():
            return call_back_mails_about(list(Credential.objects.values_list("pk", flat=True)))

        let_time_pass(600)
        results = at_once(call_back, call_back, announce_pending_credentials)
        assert_no_errors(results)
        *called_back, sent = results
        assert sum(map(len, called_back)) + sent == 6
        assert len(mail.outbox) == sent
        announce_pending_credentials()
        assert len(mail.outbox) == sent


class TestUndoing:
    def test_before_its_mail_an_award_leaves_no_block(self, waiting, registrar, course):
        pk = Credential.objects.values_list("pk", flat=True)[0]
        undone = api.undo_award(pk, reason="The wrong template", actor=registrar)
        assert (undone.status, undone.blocks_reissue, undone.is_current) == (Status.INVALIDATED, False, None)
        event = undone.events.last()
        assert (event.action, event.actor, event.reason) == ("undone", registrar, "The wrong template")
        assert wait_ten_minutes() == 5
        assert api.issue_pending_credentials(course.pk).done == 1

    def test_after_its_mail_it_is_refused(self, waiting):
        wait_ten_minutes()
        with pytest.raises(InvalidTransitionError, match="Revoke the credential instead"):
            api.undo_award(Credential.objects.first().pk, reason="Too late")
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 6

    @pytest.mark.parametrize("number", [1, 4])
    def test_while_a_worker_sends_each_is_either_told_or_undone(self, waiting, number):
        sender = threading.get_ident()

        def undo_all():
            done = 0
            for pk in Credential.objects.values_list("pk", flat=True):
                with suppress(InvalidTransitionError):
                    api.undo_award(pk, reason="Stop")
                    done += 1
            return done

        undone = []

        def undo(_message):
            if threading.get_ident() == sender and len(mail.outbox) == number:
                undone.append(in_another_process(undo_all))

        chunk_plugins.AFTER_MAIL.append(undo)
        assert wait_ten_minutes() == number
        assert undone == [6 - number]
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == number
        assert wait_ten_minutes() == 0

    def test_a_renewal_gives_back_the_expired_credential(self, course, enrol, registrar):
        (learner,) = enrol("Ada")
        credential = api.issue_credential(course.pk, learner.pk)
        Credential.objects.update(expires_at=timezone.now() - timedelta(days=1))
        renewal = api.renew_credential(credential.pk, actor=registrar)
        api.undo_award(renewal.pk, reason="Not yet", actor=registrar)
        credential.refresh_from_db()
        assert (credential.status, credential.is_current) == (Status.AVAILABLE, True)
        again = api.renew_credential(credential.pk, actor=registrar)
        assert again.pk != renewal.pk
        assert again.replaces_id == credential.pk

    def test_a_reissue_cannot_be_undone(self, course, enrol, registrar):
        (learner,) = enrol("Ada")
        credential = api.issue_credential(course.pk, learner.pk)
        new = api.reissue_credential(credential.pk, reason="A new font", actor=registrar)
        with pytest.raises(InvalidTransitionError, match="cannot become valid again"):
            api.undo_award(new.pk, reason="No")


class TestUndoingRevocations:
    @pytest.fixture
    def revoked(self, course, enrol, registrar):
        (learner,) = enrol("Ada")
        credential = api.issue_credential(course.pk, learner.pk)
        mail.outbox.clear()
        return api.invalidate_credential(credential.pk, reason="Plagiarism", actor=registrar)

    def test_the_block_is_lifted_and_a_successor_issued(self, revoked, registrar):
        successor = api.undo_revocation(revoked.pk, reason="A mistake", actor=registrar)
        revoked.refresh_from_db()
        assert (revoked.status, revoked.blocks_reissue) == (Status.INVALIDATED, False)
        assert (successor.status, successor.is_current, successor.replaces_id) == (Status.AVAILABLE, True, revoked.pk)
        assert successor.issued_at == revoked.issued_at
        assert api.verify_credential(revoked.verify_uuid).replaced_by == successor.verify_uuid
        assert [event.action for event in revoked.events.order_by("pk")][-2:] == ["block_lifted", "restored"]
        assert mail.outbox == []
        assert wait_ten_minutes() == 1
        assert "You have earned" in mail.outbox[0].body
        assert "Plagiarism" not in mail.outbox[0].body

    def test_it_is_undone_only_once(self, revoked):
        results = at_once(*[lambda: api.undo_revocation(revoked.pk, reason="A mistake")] * 3)
        assert sum(isinstance(result, Credential) for result in results) >= 1
        assert Credential.objects.filter(is_current=True).count() == 1
        with pytest.raises(InvalidTransitionError, match="replaced"):
            api.undo_revocation(revoked.pk, reason="Again")

    def test_not_beside_another_credential(self, revoked, course):
        api.lift_reissue_block(revoked.pk, reason="A mistake")
        api.issue_pending_credentials(course.pk)
        with pytest.raises(InvalidTransitionError, match="another credential"):
            api.undo_revocation(revoked.pk, reason="Again")

    def test_a_successor_that_fails_can_be_retried(self, revoked, world):
        world.set_profile(revoked.user_id, display_name="Faulty Tester")
        with pytest.raises(GenerationError, match="cannot be printed"):
            api.undo_revocation(revoked.pk, reason="A mistake")
        Credential.objects.filter(status=Status.ERROR).update(user_full_name="Ada")
        assert api.retry_credentials(Credential.objects.filter(status=Status.ERROR).values_list("pk", flat=True)) == 1
        assert Credential.objects.get(is_current=True).status == Status.AVAILABLE

    def test_the_status_decides_about_a_course_certificate(self, run, world, registrar):
        learner = UserFactory()
        world.enrol(learner.pk, run.learning_context_key, mode="honor")
        world.set_grade(learner.pk, run.learning_context_key, {"Exam": 0.9})
        api.issue_pending_credentials(run.pk)
        credential = Credential.objects.get()
        api.invalidate_credential(credential.pk, reason="Plagiarism", actor=registrar)
        assert api.undo_revocation(credential.pk, reason="A mistake", actor=registrar) is None
        assert Credential.objects.get(is_current=True).user == learner


class TestPages:
    def post(self, client, name, pk, **data):
        return client.post(reverse(f"admin:learning_credentials_{name}", args=[pk]), data, follow=True)

    def test_the_runs_page_calls_back_and_sends(self, admin, course, enrol):
        enrol(count=3)
        response = self.post(admin, "credentialconfiguration_generate", course.pk)
        assert mail.outbox == []
        assert "3 e-mails wait until" in response.text
        path = response.request["PATH_INFO"]
        hold = MailHold.objects.get()
        response = self.post(admin, "mailhold_call_back", hold.pk, next=path)
        assert response.request["PATH_INFO"] == path
        assert "3 e-mails were called back." in messages_of(response)
        assert "Call back</button>" not in response.text
        response = self.post(admin, "mailhold_release", hold.pk, next="https://elsewhere.example.org/")
        assert response.request["PATH_INFO"].endswith(f"/mailhold/{hold.pk}/change/")
        assert "3 e-mails will be sent with the next announcement." in messages_of(response)
        assert announce_pending_credentials() == 3

    def test_the_list_says_what_waits(self, admin, waiting, course):
        url = reverse("admin:learning_credentials_mailhold_changelist")
        page = admin.get(url, {"mails": "waiting"})
        assert "6 e-mails wait until" in page.text
        few = count_queries(admin, url)
        for _number in range(5):
            MailHold.objects.create(act="reissue")
        assert count_queries(admin, url) <= few + 1
        call_back_mails(waiting.pk)
        assert "6 e-mails wait" not in admin.get(url, {"mails": "waiting"}).text
        assert "6 e-mails were called back." in admin.get(url, {"mails": "called_back"}).text

    def test_the_credentials_page(self, admin, waiting):
        credential = Credential.objects.first()
        page = admin.get(reverse("admin:learning_credentials_credential_change", args=[credential.pk])).text
        assert "Call back the e-mail</button>" in page
        assert "Undo the award…" in page
        assert "1 e-mail was called back." in messages_of(self.post(admin, "credential_call_back", credential.pk))
        response = self.post(admin, "credential_release", credential.pk)
        assert "1 e-mail will be sent with the next announcement." in messages_of(response)

    def test_undoing_says_beforehand_what_is_a_revocation(self, admin, waiting):
        first = Credential.objects.order_by("pk").first()
        release_mails_about([first.pk])
        announce_pending_credentials()
        url = reverse("admin:learning_credentials_credential_changelist")
        keys = [str(pk) for pk in Credential.objects.values_list("pk", flat=True)]
        data = {"action": "undo_selected", "_selected_action": keys}
        page = admin.post(url, data)
        assert "5 credentials are withdrawn. Their learners were not e-mailed, and will not be." in page.text
        assert "1 learner was e-mailed: taking the credential back is a revocation." in page.text
        token = re.search(r'name="_selection" value="([^"]+)"', page.text)[1]
        response = admin.post(url, {**data, "confirm": "yes", "reason": "The wrong date", "_selection": token})
        assert "Revoke the credential instead" in response.text
        assert Credential.objects.filter(status=Status.AVAILABLE).get() == first
        assert not Credential.objects.filter(blocks_reissue=True).exists()

    def test_others_may_not(self, client, waiting):
        client.force_login(staff_with("view_mailhold", "view_credential", "view_generationrun"))
        credential = Credential.objects.first()
        assert self.post(client, "mailhold_call_back", waiting.pk).status_code == 403
        assert self.post(client, "credential_call_back", credential.pk).status_code == 403
        assert self.post(client, "credential_undo", credential.pk).status_code == 403
        assert self.post(client, "credential_undo_revocation", credential.pk).status_code == 403
        page = client.get(reverse("admin:learning_credentials_mailhold_change", args=[waiting.pk])).text
        assert "6 e-mails wait" in page
        assert "Call back</button>" not in page
