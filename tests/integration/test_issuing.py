"""From an eligible learner to an available credential, and what happens when something goes wrong on the way."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from celery.exceptions import Retry
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from learning_credentials import api, tasks
from learning_credentials.exceptions import (
    ConfigurationError,
    ContextNotFoundError,
    GenerationError,
    LMSUnavailableError,
    NotEligibleError,
    ReissueBlockedError,
    SelfGenerationDisabledError,
)
from learning_credentials.lms.world import Fact
from learning_credentials.models import Credential, CredentialConfiguration, CredentialEvent, GenerationRun
from learning_credentials.services.issuing import start_due_runs, sweep_stale_credentials
from learning_credentials.services.notices import announce_pending_credentials
from learning_credentials.storages import get_storage
from tests import plugins
from tests.factories import CredentialConfigurationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status


def run_all(configuration: CredentialConfiguration) -> GenerationRun:
    """Run a configuration through the tasks, as the operator's "generate now" does."""
    run = api.start_run(configuration.pk)
    run.refresh_from_db()
    return run


def test_each_eligible_learner_gets_one_available_credential(course, enrol):
    users = enrol(count=5)
    UserFactory()  # not enrolled

    run = run_all(course)

    credentials = list(Credential.objects.select_related("user"))
    assert {credential.user_id for credential in credentials} == {user.pk for user in users}
    for credential in credentials:
        assert credential.status == Status.AVAILABLE
        assert credential.is_current is True
        assert credential.attempts == 1
        assert credential.generation_task_id == ""
        with get_storage().open(credential.artifact_name) as file:
            content = file.read()
        assert hashlib.sha256(content).hexdigest() == credential.artifact_sha256
        assert credential.user.get_full_name() in content.decode()
        assert api.get_verification_url(credential.verify_uuid) in content.decode()
        assert credential.evidence == {"is_enrolled": True}
        actions = list(credential.events.values_list("action", "from_status", "to_status"))
        assert actions == [("created", "", "generating"), ("issued", "generating", "available")]
    assert (run.checked, run.total, run.done, run.failed) == (5, 5, 5, 0)
    assert run.evaluated_at is not None
    assert run.finished_at is not None


def test_a_due_schedule_runs_once_and_moves_on_its_own_beat(course, enrol):
    enrol(count=2)
    due = timezone.now() - timedelta(hours=30)
    CredentialConfiguration.objects.filter(pk=course.pk).update(next_run_at=due, interval=timedelta(hours=24))

    assert len(tasks.generate_all_credentials_task.delay().get()) == 1
    assert tasks.generate_all_credentials_task.delay().get() == []

    course.refresh_from_db()
    assert course.next_run_at == due + timedelta(hours=48)
    assert Credential.objects.filter(status=Status.AVAILABLE).count() == 2
    assert GenerationRun.objects.get().requested_by is None


def test_an_interval_beyond_the_calendar_stops_no_other_configuration(course, enrol):
    enrol(count=1)
    CredentialConfigurationFactory(interval=timedelta(days=9_000_000), next_run_at=timezone.now())
    assert len(start_due_runs()) == 2
    assert start_due_runs() == []
    assert Credential.objects.filter(status=Status.AVAILABLE).count() == 1


def test_disabled_and_future_configurations_are_left_alone(course, enrol):
    enrol(count=1)
    CredentialConfiguration.objects.filter(pk=course.pk).update(is_enabled=False)
    other = CredentialConfigurationFactory(next_run_at=timezone.now() + timedelta(minutes=1))
    assert start_due_runs() == []
    assert not GenerationRun.objects.filter(configuration=other).exists()


def test_a_run_still_being_evaluated_is_not_overtaken_by_the_schedule(course):
    GenerationRun.objects.create(configuration=course)
    assert start_due_runs() == []
    course.refresh_from_db()
    assert course.next_run_at is not None


def test_running_again_issues_nothing(course, enrol):
    enrol(count=4)
    run_all(course)
    before = set(Credential.objects.values_list("pk", "verify_uuid", "artifact_name", "modified"))

    run = run_all(course)

    assert set(Credential.objects.values_list("pk", "verify_uuid", "artifact_name", "modified")) == before
    assert (run.checked, run.total, run.done) == (4, 0, 0)
    assert plugins.PROCESSOR_CALLS[1:] == []  # nobody was left to ask the processor about


def test_who_becomes_eligible_later_is_issued_later(course, enrol):
    enrol(count=1)
    run_all(course)
    (late,) = enrol("Late")
    run = run_all(course)
    assert run.done == 1
    assert Credential.objects.get(user=late).status == Status.AVAILABLE


def test_learners_who_may_not_hold_credentials_get_none(course, enrol, world):
    fine, restricted, inactive, unknown = enrol("Fine", "Restricted", "Inactive", "Unknown")
    world.set_profile(restricted.pk, certificates_allowed=False)
    world.set_profile(inactive.pk, is_active=False)
    world.hide(Fact.PROFILE, unknown.pk)
    run_all(course)
    assert list(Credential.objects.values_list("user_id", flat=True)) == [fine.pk]


def test_one_learners_failure_concerns_that_one(course, enrol):
    enrol("Fine", "Faulty", "Bug", "Also fine")

    run = run_all(course)

    by_name = {row.user_full_name: row for row in Credential.objects.all()}
    assert by_name["Fine Tester"].status == by_name["Also fine Tester"].status == Status.AVAILABLE
    faulty = by_name["Faulty Tester"]
    assert (faulty.status, faulty.error_code) == (Status.ERROR, "name_unprintable")
    assert faulty.error_message == "Faulty Tester cannot be printed"
    assert faulty.events.last().detail == {"code": "name_unprintable"}
    bug = by_name["Bug Tester"]
    assert (bug.status, bug.error_code) == (Status.ERROR, "unexpected_error")
    assert bug.error_message == "ValueError: an accident in a plug-in"
    assert (run.done, run.failed) == (2, 2)
    assert run.finished_at is not None


def test_a_failed_credential_can_be_retried_by_hand_and_keeps_its_public_id(course, enrol):
    enrol("Faulty")
    run_all(course)
    failed = Credential.objects.get()
    Credential.objects.update(user_full_name="Mended Tester")

    assert api.retry_credentials([failed.pk]) == 1

    mended = Credential.objects.get()
    assert (mended.status, mended.error_code, mended.verify_uuid) == (Status.AVAILABLE, "", failed.verify_uuid)
    assert mended.issued_at == failed.issued_at
    assert list(mended.events.values_list("action", flat=True)) == ["created", "failed", "retried", "issued"]
    assert api.retry_credentials([failed.pk]) == 0


def test_the_next_run_tries_a_failed_credential_again(course, enrol):
    enrol("Faulty", "Fine")
    run_all(course)
    Credential.objects.filter(status=Status.ERROR).update(user_full_name="Mended Tester")
    run = run_all(course)
    assert Credential.objects.filter(status=Status.AVAILABLE).count() == 2
    assert (run.total, run.done) == (1, 1)


def test_the_generator_is_prepared_once_a_chunk(course, enrol, app_settings):
    app_settings(CHUNK_SIZE=4)
    course.credential_type.custom_options = {"colour": "blue"}
    course.credential_type.save()
    enrol(count=8)
    run_all(course)
    assert plugins.PREPARE_CALLS == [{"colour": "blue"}, {"colour": "blue"}]


def test_a_processor_without_batches_is_asked_once_a_run(course, enrol, app_settings):
    app_settings(ELIGIBILITY_BATCH_SIZE=2)
    course.credential_type.retrieval_func = "tests.plugins.retrieve_one_by_one"
    course.credential_type.save()
    enrol(count=6)
    run_all(course)
    assert Credential.objects.filter(status=Status.AVAILABLE).count() == 6
    assert plugins.PROCESSOR_CALLS == [None]


def test_issue_time_is_fixed_at_the_first_attempt_and_expiry_counts_from_it(course, enrol):
    course.credential_type.valid_for = timedelta(days=365)
    course.credential_type.save()
    enrol("Faulty")
    run_all(course)
    first = Credential.objects.get().issued_at
    Credential.objects.update(user_full_name="Mended Tester")
    run_all(course)
    credential = Credential.objects.get()
    assert credential.issued_at == first
    assert credential.expires_at == first + timedelta(days=365)


def test_an_unknown_context_ends_the_run_with_its_reason(course, world):
    world.reset()
    run = run_all(course)
    assert run.error_code == ContextNotFoundError.code
    assert course.learning_context_key in run.error_message
    assert run.finished_at is not None


def test_wrong_options_of_a_generator_are_recorded_on_each_credential(course, enrol):
    enrol(count=3)
    course.credential_type.generation_func = "tests.plugins.generate_gone"
    course.credential_type.save()
    run = run_all(course)
    assert set(Credential.objects.values_list("status", "error_code")) == {(Status.ERROR, "unknown_function")}
    assert run.failed == 3


class TestLMSOutage:
    def test_it_changes_nobody_and_the_run_goes_on_afterwards(self, course, enrol, world):
        (holder,) = enrol("Holder")
        run_all(course)
        before = Credential.objects.values().get()
        enrol(count=3)
        world.outage = True

        run = run_all(course)

        assert run.error_code == LMSUnavailableError.code
        assert run.finished_at is None
        assert Credential.objects.values().get(user=holder) == before
        assert Credential.objects.count() == 1

        world.outage = False
        GenerationRun.objects.filter(pk=run.pk).update(created=timezone.now() - timedelta(hours=1))
        assert sweep_stale_credentials().runs_resumed == 1
        run.refresh_from_db()
        assert (run.done, run.error_code) == (3, "")
        assert run.finished_at is not None
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 4

    def test_the_task_goes_on_with_the_run_that_it_began(self, course, enrol, world):
        enrol(count=2)
        world.outage = True
        with pytest.raises((LMSUnavailableError, Retry)):
            tasks.generate_credentials_for_config_task.delay(course.pk)
        run = GenerationRun.objects.get()
        assert (run.error_code, run.evaluated_at) == ("lms_unavailable", None)

    def test_an_lms_that_answers_nothing_changes_nobody(self, course, enrol, world):
        course.credential_type.retrieval_func = "learning_credentials.processors.retrieve_completions"
        course.credential_type.save()
        holder, failed, other = enrol("Holder", "Faulty", "Other")
        for user in (holder, failed):
            world.set_completion(user.pk, course.learning_context_key, 1.0)
        run_all(course)
        before = list(Credential.objects.order_by("pk").values())
        assert {row["status"] for row in before} == {Status.AVAILABLE, Status.ERROR}
        world.set_completion(other.pk, course.learning_context_key, 1.0)

        world.silence = True
        run = run_all(course)

        assert list(Credential.objects.order_by("pk").values()) == before
        assert (run.total, run.error_code) == (0, "")
        world.silence = False
        assert run_all(course).total == 2


class TestOneLearner:
    def test_issue_at_once(self, course, enrol):
        (user,) = enrol("Ada")
        staff = UserFactory(staff=True)
        credential = api.issue_credential(course.pk, user.pk, actor=staff)
        assert credential.status == Status.AVAILABLE
        assert credential.events.first().actor == staff
        assert api.issue_credential(course.pk, user.pk).pk == credential.pk
        assert credential.events.count() == 2

    def test_the_task_does_the_same(self, course, enrol):
        (user,) = enrol("Ada")
        uuid = tasks.generate_credential_for_user_task.delay(course.pk, user.pk).get()
        assert str(Credential.objects.get(status=Status.AVAILABLE).pk) == uuid

    def test_a_generator_that_fails_raises_and_leaves_an_error(self, course, enrol):
        (user,) = enrol("Faulty")
        with pytest.raises(GenerationError, match="cannot be printed") as caught:
            api.issue_credential(course.pk, user.pk)
        assert caught.value.code == "name_unprintable"
        assert Credential.objects.get().status == Status.ERROR

    def test_only_the_eligible(self, course, enrol, world):
        (restricted,) = enrol("Restricted")
        world.set_profile(restricted.pk, certificates_allowed=False)
        with pytest.raises(NotEligibleError, match="restricted"):
            api.issue_credential(course.pk, restricted.pk)
        with pytest.raises(NotEligibleError, match="not enrolled"):
            api.issue_credential(course.pk, UserFactory().pk)
        with pytest.raises(ConfigurationError, match="no configuration with the id 0"):
            api.issue_credential(0, restricted.pk)
        assert not Credential.objects.exists()

    def test_learners_may_ask_only_where_it_is_switched_on(self, course, enrol):
        (user,) = enrol("Ada")
        with pytest.raises(SelfGenerationDisabledError):
            api.request_credential(course.pk, user.pk)
        CredentialConfiguration.objects.update(allow_self_generation=True)
        asked = api.request_credential(course.pk, user.pk)
        assert api.request_credential(course.pk, user.pk).pk == asked.pk
        assert Credential.objects.get().status == Status.AVAILABLE

    def test_a_block_holds_against_the_learner_and_staff_alike(self, course, enrol):
        CredentialConfiguration.objects.update(allow_self_generation=True)
        (user,) = enrol("Ada")
        credential = api.issue_credential(course.pk, user.pk)
        api.invalidate_credential(credential.pk, reason="Plagiarism")
        for attempt in (api.request_credential, api.issue_credential):
            with pytest.raises(ReissueBlockedError):
                attempt(course.pk, user.pk)
        run_all(course)
        assert Credential.objects.count() == 1
        api.lift_reissue_block(credential.pk, reason="Appeal upheld")
        run_all(course)
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 1
        assert Credential.objects.count() == 2


class TestNotifications:
    def test_each_learner_is_told_once(self, course, enrol):
        users = enrol("Ada", "Bea")
        run_all(course)
        assert sorted(message.to[0] for message in mail.outbox) == sorted(user.email for user in users)
        credential = Credential.objects.get(user=users[0])
        assert api.get_verification_url(credential.verify_uuid) in "".join(message.body for message in mail.outbox)
        assert credential.notified_at is not None
        assert tasks.send_credential_notification_task.delay(str(credential.pk)).get() == 0
        assert tasks.announce_visible_credentials_task.delay().get() == 0
        assert len(mail.outbox) == 2

    def test_a_failing_mail_server_touches_no_credential(self, course, enrol, use_mail_backend):
        use_mail_backend("tests.plugins.BrokenMail")
        enrol("Ada")
        run_all(course)
        credential = Credential.objects.get()
        assert credential.status == Status.AVAILABLE
        assert credential.notified_at is None

        use_mail_backend("django.core.mail.backends.locmem.EmailBackend")
        assert announce_pending_credentials() == 0  # not asked again at once
        Credential.objects.update(notification_held_until=None)
        assert announce_pending_credentials() == 1

    def test_nothing_is_sent_where_it_is_off_nor_later(self, course, enrol, app_settings):
        app_settings(NOTIFY_LEARNERS=False)
        enrol("Ada")
        run_all(course)
        app_settings(NOTIFY_LEARNERS=True)
        assert announce_pending_credentials() == 0
        assert mail.outbox == []


class TestCommands:
    def test_generate_for_a_configuration(self, course, enrol, capsys):
        users = enrol(count=3)
        call_command("generate_credentials", "--configuration", str(course.pk), "--dry-run")
        printed = capsys.readouterr().out
        assert "3 would be issued" in printed
        for user in users:
            assert f"would issue to {user.username} (user {user.pk})" in printed
        assert not Credential.objects.exists()
        call_command("generate_credentials", "--all")
        assert "3 learners checked, 3 issued, 0 failed" in capsys.readouterr().out
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 3

    def test_generate_says_why_nothing_matches(self, course):
        CredentialConfiguration.objects.update(is_enabled=False)
        with pytest.raises(CommandError, match="no enabled configuration matches"):
            call_command("generate_credentials", "--all")
        with pytest.raises(CommandError, match="there is no configuration with the id 987654"):
            call_command("generate_credentials", "--configuration", "987654")
        call_command("generate_credentials", "--configuration", str(course.pk))

    def test_generate_for_one_user(self, course, enrol, capsys):
        users = enrol(count=2)
        call_command("generate_credentials", "--context", course.learning_context_key, "--user", users[0].username)
        assert Credential.objects.get().user == users[0]
        assert str(Credential.objects.get().verify_uuid) in capsys.readouterr().out

    def test_invalidate_and_reissue(self, course, enrol, capsys):
        enrol(count=2)
        run_all(course)
        first, second = Credential.objects.all()
        call_command("reissue_credentials", str(first.verify_uuid), "--reason", "Corrected name")
        call_command("invalidate_credentials", str(second.verify_uuid), "--reason", "Issued in error")
        first.refresh_from_db()
        second.refresh_from_db()
        assert first.successor.status == Status.AVAILABLE
        assert (second.status, second.blocks_reissue) == (Status.INVALIDATED, True)
        assert "1 changed, 0 refused" in capsys.readouterr().out
        with pytest.raises(CommandError, match="1 of 1 were refused"):
            call_command("reissue_credentials", str(first.verify_uuid), "--reason", "Once more")
        assert f"{first.verify_uuid}: invalid_transition" in capsys.readouterr().err, "the id that was asked for"


def test_history_is_complete(course, enrol):
    """Every status that a credential has had is in its events, in order."""
    enrol("Faulty", "Fine")
    run_all(course)
    for credential in Credential.objects.all():
        status = ""
        for event in CredentialEvent.objects.filter(credential=credential):
            assert event.from_status == status
            status = event.to_status
        assert status == credential.status
