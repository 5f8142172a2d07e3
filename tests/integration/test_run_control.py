"""Runs can be paused, continued, cancelled and undone at any moment, whoever else works on them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning_credentials import api, signals
from learning_credentials.exceptions import InvalidTransitionError
from learning_credentials.lms.fake import fake_lms
from learning_credentials.models import Credential, CredentialConfiguration, GenerationRun, MailHold
from learning_credentials.services.issuing import (
    create_run,
    evaluate_run,
    issue_chunk,
    start_due_runs,
    sweep_stale_credentials,
)
from learning_credentials.services.notices import announce_pending_credentials
from tests import plugins
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.integration import chunk_plugins
from tests.integration.admin_pages import messages_of, staff_with
from tests.integration.mails import let_time_pass
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status


def grow_old():
    """Let all claims and leases end."""
    past = timezone.now() - timedelta(hours=1)
    Credential.objects.filter(status=Status.GENERATING).update(generation_started_at=past)
    GenerationRun.objects.exclude(lease_renewed_at=None).update(lease_renewed_at=past)
    GenerationRun.objects.update(created=past)


class Stage:
    """A run whose messages the test delivers, in any order, late or not at all."""

    def __init__(self, configuration, actor):
        self.run = create_run(configuration.pk, actor=actor)
        self.chunks: list[list[str]] = []
        self.is_evaluation_due = True

    def take_chunks(self, chunks, **_kwargs):
        self.chunks += chunks

    def take_runs(self, run_ids, **_kwargs):
        self.is_evaluation_due = self.is_evaluation_due or self.run.pk in run_ids

    def __enter__(self):
        # The app's own receivers would deliver at once.
        self.receivers = [(each, each.receivers) for each in (signals.credentials_pending, signals.runs_requested)]
        for signal, _receivers in self.receivers:
            signal.receivers = []
            signal.sender_receivers_cache.clear()
        signals.credentials_pending.connect(self.take_chunks)
        signals.runs_requested.connect(self.take_runs)
        return self

    def __exit__(self, *_error):
        for signal, receivers in self.receivers:
            signal.receivers = receivers
            signal.sender_receivers_cache.clear()


STEPS = ("pause", "continue", "cancel", "undo", "evaluate", "issue", "lose", "sweep", "grow old", "announce")


def step(stage, name, inner):
    """Do one step. ``inner`` are the steps that others do in the middle of it."""
    pk = stage.run.pk

    def interrupt(*_args):
        if inner:
            step(stage, inner.pop(), inner)

    def evaluate():
        stage.is_evaluation_due = False

        def dispatch(uuids):
            stage.chunks += [[str(uuid)] for uuid in uuids]
            interrupt()

        evaluate_run(pk, dispatch)

    def issue():
        if stage.chunks:
            chunk_plugins.BEFORE_EACH[:] = [interrupt]
            try:
                issue_chunk(stage.chunks.pop(0))
            finally:
                chunk_plugins.BEFORE_EACH.clear()

    acts = {
        "pause": lambda: api.pause_run(pk),
        "continue": lambda: api.continue_run(pk),
        "cancel": lambda: api.cancel_run(pk),
        "undo": lambda: api.undo_run(pk, reason="A mistake"),
        "evaluate": evaluate,
        "issue": issue,
        "lose": lambda: stage.chunks and stage.chunks.pop(),
        "sweep": sweep_stale_credentials,
        "grow old": grow_old,
        "announce": announce_pending_credentials,
    }
    before = GenerationRun.objects.get(pk=pk)
    is_stopped = before.paused_at or before.cancelled_at
    claimed = set(Credential.objects.exclude(generation_task_id="").values_list("pk", flat=True))
    issued = Credential.objects.filter(status=Status.AVAILABLE).count()
    try:
        acts[name]()
    except InvalidTransitionError:
        assert name in {"pause", "continue", "cancel", "undo"}
    if is_stopped and name == "issue" and not inner and not claimed:
        assert Credential.objects.filter(status=Status.AVAILABLE).count() <= issued


def bring_to_an_end(stage):
    """Let workers and sweeps go on until nothing is left. Nobody controls the run any more."""
    for _round in range(8):
        evaluate_run(stage.run.pk, lambda uuids: stage.chunks.extend([str(uuid)] for uuid in uuids))
        while stage.chunks:
            issue_chunk(stage.chunks.pop())
        grow_old()
        sweep_stale_credentials()


LEARNERS = 6


@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.lists(st.sampled_from(STEPS), max_size=3)), max_size=12),
)
@settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_whatever_happens_every_run_ends_in_order(app_settings, sequence):
    app_settings(
        ELIGIBILITY_BATCH_SIZE=2,
        CHUNK_SIZE=1,
        GENERATOR_MODULES=["tests.plugins", "tests.integration.chunk_plugins"],
    )
    plugins.PREPARE_CALLS.clear()
    with fake_lms() as world:
        configuration = CredentialConfigurationFactory(
            credential_type__generation_func="tests.integration.chunk_plugins.generate_from_assets"
        )
        key = configuration.learning_context_key
        world.add_course_run(key, "Introduction to Tests")
        learners = UserFactory.create_batch(LEARNERS)
        for learner in learners:
            world.enrol(learner.pk, key)
        mail.outbox.clear()
        with Stage(configuration, UserFactory(superuser=True, email="")) as stage:
            for name, inner in sequence:
                step(stage, name, list(inner))
            check_end(stage, configuration)
        Credential.objects.update(replaces=None)
        Credential.objects.all().delete()
        GenerationRun.objects.all().delete()


def check_end(stage, configuration):
    bring_to_an_end(stage)
    run = GenerationRun.objects.get(pk=stage.run.pk)
    mine = Credential.objects.filter(generation_run=run)
    live = Credential.objects.filter(configuration=configuration, is_current=True)
    if run.cancelled_at is None and run.paused_at is not None and run.finished_at is None:
        # It waits as it was left. Then it can be continued to the end.
        assert not mine.exclude(generation_task_id="").filter(status=Status.GENERATING).exists()
        api.continue_run(run.pk)
        bring_to_an_end(stage)
        run.refresh_from_db()
    assert run.finished_at is not None
    assert not mine.filter(status=Status.GENERATING).exists()
    assert not Credential.objects.filter(blocks_reissue=True).exists()
    told = {message.to[0] for message in mail.outbox}
    available = set(mine.filter(status=Status.AVAILABLE).values_list("user__email", flat=True))
    assert told <= available
    assert len(mail.outbox) == len(told)
    if run.cancelled_at is None:
        assert live.count() == LEARNERS or run.undo_requested_at
        assert run.done == LEARNERS
    if run.undo_requested_at is not None:
        assert run.undone_at is not None
        assert available == told
    let_time_pass(3600)
    announce_pending_credentials()
    assert {message.to[0] for message in mail.outbox} == available
    assert len(mail.outbox) == len(available)


class TestEachStep:
    @pytest.fixture
    def stage(self, course, enrol, app_settings):
        app_settings(ELIGIBILITY_BATCH_SIZE=2, CHUNK_SIZE=1)
        enrol(count=4)
        with Stage(course, UserFactory(superuser=True, email="")) as stage:
            yield stage

    def evaluate(self, stage):
        evaluate_run(stage.run.pk, lambda uuids: stage.chunks.extend([str(uuid)] for uuid in uuids))

    def test_nothing_of_a_paused_run_is_claimed_until_it_is_continued(self, stage):
        self.evaluate(stage)
        issue_chunk(stage.chunks[0])
        api.pause_run(stage.run.pk)
        for chunk in stage.chunks:
            issue_chunk(chunk)
        grow_old()
        result = sweep_stale_credentials()
        assert (result.redispatched, result.runs_resumed) == (0, 0)
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 1
        assert Credential.objects.filter(status=Status.GENERATING, attempts=0).count() == 3
        stage.chunks.clear()
        api.continue_run(stage.run.pk)
        assert len(stage.chunks) == 3
        for chunk in stage.chunks:
            issue_chunk(chunk)
        run = GenerationRun.objects.get()
        assert (run.done, bool(run.finished_at)) == (4, True)

    def test_an_evaluation_that_is_paused_stops_and_begins_again(self, stage):
        calls = []

        def dispatch(uuids):
            calls.append(len(uuids))
            if len(calls) == 1:
                api.pause_run(stage.run.pk)

        assert evaluate_run(stage.run.pk, dispatch) is False or len(calls) == 2
        assert evaluate_run(stage.run.pk, dispatch) is False
        api.continue_run(stage.run.pk)
        self.evaluate(stage)
        assert GenerationRun.objects.get().evaluated_at
        assert Credential.objects.count() == 4

    def test_the_claim_of_a_lost_worker_of_a_paused_run_ends(self, stage):
        self.evaluate(stage)
        Credential.objects.filter(pk=stage.chunks[0][0]).update(generation_task_id="lost", attempts=1)
        api.pause_run(stage.run.pk)
        grow_old()
        sweep_stale_credentials()
        assert Credential.objects.get(pk=stage.chunks[0][0]).generation_task_id == ""
        assert issue_chunk([pk for chunk in stage.chunks for pk in chunk]).issued == []

    def test_a_paused_run_holds_up_the_schedule(self, stage, course):
        self.evaluate(stage)
        api.pause_run(stage.run.pk)
        CredentialConfiguration.objects.update(next_run_at=None)
        assert start_due_runs() == []
        api.cancel_run(stage.run.pk)
        CredentialConfiguration.objects.update(next_run_at=None)
        assert len(start_due_runs()) == 1

    def test_what_was_issued_stays_and_what_was_claimed_is_finished(self, stage):
        self.evaluate(stage)
        issue_chunk(stage.chunks[0])
        claimed = Credential.objects.get(pk=stage.chunks[1][0])
        Credential.objects.filter(pk=claimed.pk).update(generation_task_id="at work")
        api.cancel_run(stage.run.pk, actor=stage.run.requested_by)
        run = GenerationRun.objects.get()
        assert run.cancelled_at
        assert run.finished_at is None
        cancelled = Credential.objects.filter(status=Status.INVALIDATED)
        assert cancelled.count() == 2
        assert {event.action for row in cancelled for event in row.events.all()} == {"created", "cancelled"}
        Credential.objects.filter(pk=claimed.pk).update(generation_task_id="")  # its worker released it after an error
        sweep_stale_credentials()
        run.refresh_from_db()
        assert (run.total, run.done, run.failed) == (4, 1, 0)
        assert run.finished_at
        again = create_run(run.configuration_id)
        evaluate_run(again.pk, issue_chunk)
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 4

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time")
    def test_cancelled_while_workers_claim(self, stage):
        self.evaluate(stage)
        chunks = list(stage.chunks)
        results = at_once(lambda: api.cancel_run(stage.run.pk), *[lambda c=c: issue_chunk(c) for c in chunks])
        assert_no_errors(results)
        sweep_stale_credentials()
        run = GenerationRun.objects.get()
        assert run.finished_at
        assert run.done == Credential.objects.filter(status=Status.AVAILABLE).count()
        assert not Credential.objects.filter(status=Status.GENERATING).exists()

    def test_undoing_a_run_withdraws_what_was_not_mailed(self, stage, course):
        self.evaluate(stage)
        for chunk in stage.chunks:
            issue_chunk(chunk)
        first = Credential.objects.order_by("pk").first()
        Credential.objects.filter(pk=first.pk).update(notification_held_until=None)
        announce_pending_credentials()
        assert len(mail.outbox) == 1
        api.undo_run(stage.run.pk, reason="The wrong template", actor=stage.run.requested_by)
        let_time_pass(3600)
        assert announce_pending_credentials() == 0
        assert evaluate_run(stage.run.pk)
        assert Credential.objects.filter(status=Status.AVAILABLE).get() == first
        assert set(Credential.objects.exclude(pk=first.pk).values_list("invalidation_reason", "blocks_reissue")) == {
            ("The wrong template", False)
        }
        assert GenerationRun.objects.get(pk=stage.run.pk).undone_at
        assert MailHold.objects.get().called_back_at
        with pytest.raises(InvalidTransitionError):
            api.undo_run(stage.run.pk, reason="Again")

    def test_the_sweep_goes_on_undoing(self, stage):
        self.evaluate(stage)
        for chunk in stage.chunks:
            issue_chunk(chunk)
        api.undo_run(stage.run.pk, reason="The wrong template")
        stage.is_evaluation_due = False
        sweep_stale_credentials()
        assert stage.is_evaluation_due


class TestPages:
    def url(self, name, run):
        return reverse(f"admin:learning_credentials_generationrun_{name}", args=[run.pk])

    @pytest.fixture
    def started(self, course, enrol):
        enrol(count=3)
        with Stage(course, None) as stage:
            evaluate_run(stage.run.pk, lambda uuids: stage.chunks.extend([str(uuid)] for uuid in uuids))
            yield stage.run

    def test_pause_and_continue(self, admin, started):
        page = admin.get(self.url("change", started)).text
        assert "Pause</button>" in page
        assert "Continue</button>" not in page
        page = admin.post(self.url("pause", started), follow=True)
        assert "The run is paused. What was issued stays." in messages_of(page)
        assert "No worker evaluates it" in page.text
        page = admin.post(self.url("continue", started), follow=True)
        assert "The run continues." in messages_of(page)
        page = admin.post(self.url("continue", started), follow=True)
        assert "the run is not paused" in messages_of(page)

    def test_cancel_says_what_it_does(self, admin, started):
        page = admin.get(self.url("cancel", started)).text
        assert "3 credentials that wait for a worker are cancelled." in page
        assert GenerationRun.objects.get().cancelled_at is None
        page = admin.post(self.url("cancel", started), {"confirm": "yes"}, follow=True)
        assert "The run is cancelled. What was issued stays." in messages_of(page)
        assert "cancelled</span>" in page.text
        listing = admin.get(reverse("admin:learning_credentials_generationrun_changelist"), {"state": "cancelled"})
        assert f"#{started.pk}" in listing.text

    def test_undo_asks_again_if_the_numbers_changed(self, admin, course, enrol):
        enrol(count=2)
        run = api.issue_pending_credentials(course.pk, actor=UserFactory(superuser=True, email=""))
        page = admin.get(self.url("undo", run)).text
        assert "2 credentials are withdrawn, because their learners were not e-mailed yet." in page
        Credential.objects.filter(pk=Credential.objects.first().pk).update(notified_at=timezone.now())
        data = {"confirm": "yes", "reason": "A mistake", "shown": "2"}
        page = admin.post(self.url("undo", run), data).text
        assert "the page said that 2 credentials would be withdrawn. Now there are 1." in page
        assert 'name="shown" value="1"' in page
        page = admin.post(self.url("undo", run), {**data, "shown": "1"}, follow=True)
        assert "finished, undone" in page.text
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 1

    def test_others_may_not(self, client, started):
        client.force_login(staff_with("view_generationrun", "change_credential"))
        for name in ("pause", "continue", "cancel", "undo"):
            assert client.post(self.url(name, started)).status_code == 403
        client.force_login(staff_with("view_generationrun", "change_credentialconfiguration"))
        assert client.get(self.url("cancel", started)).status_code == 200
        assert client.get(self.url("undo", started)).status_code == 403
