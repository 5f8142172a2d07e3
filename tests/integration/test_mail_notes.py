"""Notes say which e-mails a worker has sent, whenever the worker dies and whoever else reads or settles them meanwhile."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from learning_credentials import api, receivers, signals
from learning_credentials.models import Credential, MailNote
from learning_credentials.services.credentials import begin_mail, record_sent
from learning_credentials.services.notices import announce_credentials, announce_pending_credentials
from tests.integration import chunk_plugins
from tests.integration.mails import Death, DyingProcess, count_told, fail_once, in_another_process, let_time_pass
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def do_at_mail(number, act):
    """Do something in another process while the mail server has the e-mail of that number."""
    sender = threading.get_ident()

    def watch(_message):
        if threading.get_ident() == sender and len(mail.outbox) == number:
            in_another_process(act)

    chunk_plugins.AFTER_MAIL.append(watch)


def finish():
    """Let other workers do what a dead one has left."""
    let_time_pass(61)
    announce_pending_credentials()
    on_its_way = MailNote.objects.count()
    let_time_pass(12 * 60)
    announce_pending_credentials()
    return on_its_way


def assert_settled(*, repeated):
    assert count_told() == [1] * (6 - repeated) + [2] * repeated
    assert not Credential.objects.filter(notified_at=None).exists()
    assert not MailNote.objects.exists()


@pytest.mark.parametrize("statements", range(14))
def test_a_process_that_dies_between_any_two_statements_repeats_at_most_one_mail(untold, statements):
    process = DyingProcess(statements)
    with process.running():
        announce_credentials(untold)
    sent = len(mail.outbox)
    assert finish() <= 1
    repeated = len(mail.outbox) - 6
    assert repeated == (1 if process.is_dead and sent else 0)
    assert_settled(repeated=repeated)


@pytest.mark.parametrize("number", range(1, 7))
def test_a_process_that_dies_while_it_sends_repeats_only_that_mail(untold, number):
    process = DyingProcess()

    def die(_message):
        if len(mail.outbox) == number:
            process.is_dead = True
            raise Death

    chunk_plugins.AFTER_MAIL.append(die)
    with process.running():
        announce_credentials(untold)
    assert finish() == 1
    assert mail.outbox[-1].to == mail.outbox[number - 1].to
    assert_settled(repeated=1)


@pytest.mark.parametrize("statements", range(7))
def test_a_process_that_dies_after_a_failed_mail_does_not_repeat_the_one_before(untold, statements):
    process = DyingProcess()

    def fail(_message):
        if len(mail.outbox) == 3 and not process.is_dead:
            mail.outbox.pop()  # it was not accepted
            chunk_plugins.AFTER_MAIL.clear()
            process.live_for(statements)
            raise SMTPServerDisconnected("try later")

    chunk_plugins.AFTER_MAIL.append(fail)
    with process.running():
        announce_credentials(untold)
    assert process.is_dead
    first, second = mail.outbox[:2]
    finish()
    assert len(mail.outbox) <= 7
    assert [message.to for message in mail.outbox].count(second.to) == 1
    assert [message.to for message in mail.outbox].count(first.to) == 1
    assert_settled(repeated=len(mail.outbox) - 6)


def test_a_worker_writes_again_what_a_crashed_database_server_has_lost(untold):
    process = DyingProcess()

    def crash(_message):
        if len(mail.outbox) == 3:
            in_another_process(MailNote.objects.all().delete)
            fail_once()
        elif len(mail.outbox) == 4:
            process.is_dead = True
            raise Death

    chunk_plugins.AFTER_MAIL.append(crash)
    with process.running():
        announce_credentials(untold)
    assert Credential.objects.exclude(notified_at=None).count() == 3
    finish()
    assert mail.outbox[-1].to != mail.outbox[2].to
    assert_settled(repeated=1)


def test_others_settle_for_a_slow_worker_which_goes_on(untold):
    seen = []

    def settle():
        for note in MailNote.objects.all():
            MailNote.objects.filter(pk=note.pk).update(begun_at=note.begun_at - timedelta(seconds=61))
        assert announce_pending_credentials() == 0
        seen.append((Credential.objects.exclude(notified_at=None).count(), MailNote.objects.count()))

    do_at_mail(3, settle)
    assert announce_credentials(untold) == 6
    assert seen == [(2, 1)]
    assert_settled(repeated=0)


def test_a_worker_that_comes_back_after_the_long_lease_ends_in_order(untold):
    taken = []

    def take_over():
        let_time_pass(12 * 60 + 1)
        taken.append(announce_pending_credentials())

    do_at_mail(3, take_over)
    assert announce_credentials(untold) == 3
    assert taken == [4]  # the rest, and the one that was on its way for too long
    assert_settled(repeated=1)


def test_several_settle_the_notes_of_a_dead_process_at_once(untold):
    process = DyingProcess(7)
    with process.running():
        announce_credentials(untold)
    let_time_pass(61)
    sent = at_once(*[announce_pending_credentials] * 3)
    assert_no_errors(sent)
    assert count_told() == [1] * 6
    assert MailNote.objects.count() == Credential.objects.filter(notified_at=None).count() == 1
    let_time_pass(12 * 60)
    sent = at_once(*[announce_pending_credentials] * 3)
    assert_no_errors(sent)
    assert sum(sent) == 1
    assert_settled(repeated=1)


def let_one_wait(first, second):
    """Run the first function in a transaction that stays open, and the second one at the same time. Return what both returned."""
    is_done = threading.Event()

    def run_first():
        with transaction.atomic():
            found = first()
            is_done.set()
            time.sleep(0.5)
        return found

    def run_second():
        assert is_done.wait(20)
        return second()

    return at_once(run_first, run_second)


class TestTwoWorkersOfWhichOneLostItsClaim:
    @pytest.fixture
    def credential(self, untold):
        Credential.objects.filter(pk=untold[0]).update(notification_held_until=timezone.now() - timedelta(seconds=1))
        return Credential.objects.get(pk=untold[0])

    def begin(self, credential, claim):
        return begin_mail(credential.pk, claim, timezone.now(), credential.notification_held_until)

    def test_only_one_begins_the_mail(self, credential):
        results = let_one_wait(
            lambda: self.begin(credential, uuid4()), lambda: announce_credentials([str(credential.pk)])
        )
        assert results == [True, 0]
        assert mail.outbox == []

    def test_nor_does_the_other_begin_it_while_it_is_settled(self, credential):
        claim = uuid4()
        assert self.begin(credential, claim)
        results = let_one_wait(
            lambda: record_sent({credential.pk: timezone.now()}, claim), lambda: self.begin(credential, uuid4())
        )
        assert results == [None, False]


@pytest.mark.parametrize(("change", "is_begun"), [({}, True), ({"status": "invalidated"}, False), ({"held": 1}, False)])
def test_a_note_needs_the_claim_and_an_available_credential(untold, change, is_begun):
    held_until = timezone.now()
    pk = Credential.objects.get(pk=untold[0]).pk
    Credential.objects.filter(pk=pk).update(notification_held_until=held_until + timedelta(0, change.get("held", 0)))
    if "status" in change:
        api.invalidate_credential(pk, reason="Plagiarism")
    claim = uuid4()
    # A statement whose answer was lost runs again.
    assert [begin_mail(pk, claim, timezone.now(), held_until) for _ in range(2)] == [is_begun] * 2
    assert not begin_mail(pk, uuid4(), timezone.now(), held_until)
    assert MailNote.objects.count() == is_begun


def test_a_clock_that_is_set_back_does_not_change_the_order_of_the_notes(untold, monkeypatch):
    now = timezone.now
    later = iter(range(1000))
    monkeypatch.setattr(timezone, "now", lambda: now() - timedelta(seconds=next(later)))
    process = DyingProcess()

    def die(_message):
        if len(mail.outbox) == 4:
            process.is_dead = True
            raise Death

    chunk_plugins.AFTER_MAIL.append(die)
    with process.running():
        announce_credentials(untold)
    monkeypatch.undo()
    finish()
    assert mail.outbox[-1].to == mail.outbox[3].to
    assert_settled(repeated=1)


@contextmanager
def announcements_lost():
    uid = "learning_credentials.credentials_issued"
    assert signals.credentials_issued.disconnect(dispatch_uid=uid)
    try:
        yield
    finally:
        signals.credentials_issued.connect(receivers.notify_learners, dispatch_uid=uid)


def get_addressee(number):
    return Credential.objects.get(user__email=mail.outbox[number - 1].to[0], is_current=True)


class TestAReissueWhileTheBatchGoesOn:
    """The learner was e-mailed a moment ago, which ``notified_at`` does not say yet."""

    def test_it_says_that_the_credential_was_replaced(self, untold):
        do_at_mail(3, lambda: api.reissue_credential(get_addressee(1).pk, reason="Name corrected"))
        announce_credentials(untold)
        assert mail.outbox[3].to == mail.outbox[0].to
        assert "was replaced" in mail.outbox[3].subject
        assert len(mail.outbox) == 7

    def test_or_nothing(self, untold):
        do_at_mail(3, lambda: api.reissue_credential(get_addressee(1).pk, reason="Name corrected", notify=False))
        announce_credentials(untold)
        assert announce_pending_credentials() == 0
        assert count_told() == [1] * 6

    def test_also_if_the_first_mail_was_still_on_its_way(self, untold):
        def reissue():
            with announcements_lost():
                api.reissue_credential(get_addressee(1).pk, reason="Name corrected")

        do_at_mail(1, reissue)
        do_at_mail(3, announce_pending_credentials)
        announce_credentials(untold)
        assert "was replaced" in mail.outbox[3].subject
        assert mail.outbox[3].to == mail.outbox[0].to
        assert len(mail.outbox) == 7


def test_a_deleted_credential_leaves_no_note(untold):
    process = DyingProcess(5)
    with process.running():
        announce_credentials(untold)
    noted = MailNote.objects.values_list("pk", flat=True)
    assert noted
    Credential.objects.filter(pk__in=list(noted)).delete()
    finish()
    assert not MailNote.objects.exists()
    assert not Credential.objects.filter(notified_at=None).exists()


@pytest.mark.slow
def test_a_long_batch_is_settled_in_between(untold, app_settings):
    app_settings(NOTIFICATION_CLAIM_TIMEOUT=1)
    seen = []

    def look(_message):
        seen.append(in_another_process(Credential.objects.exclude(notified_at=None).count))
        time.sleep(0.4)

    chunk_plugins.AFTER_MAIL.append(look)
    assert announce_credentials(untold) == 6
    assert seen == [0, 1, 2, 3, 4, 5]
    assert_settled(repeated=0)
