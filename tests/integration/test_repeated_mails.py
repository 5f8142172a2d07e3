"""An e-mail is sent twice only if a process dies while it sends it, and the app gives up an e-mail that keeps failing."""

from __future__ import annotations

import io
import threading
import time
from contextlib import closing
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.models import Credential, MailNote
from learning_credentials.services.notices import (
    announce_credentials,
    announce_pending_credentials,
    count_failed_announcements,
    retry_announcements,
)
from tests.factories import UserFactory
from tests.integration import chunk_plugins
from tests.integration.mails import Death, count_told, fail_once, in_another_process, let_time_pass

pytestmark = pytest.mark.django_db(transaction=True)

WATCHED = "tests.integration.chunk_plugins.WatchedMail"


def test_each_mail_is_noted_before_the_next_one_is_sent(untold):
    noted = []
    chunk_plugins.AFTER_MAIL.append(lambda _message: noted.append(in_another_process(MailNote.objects.count)))
    assert announce_credentials(untold) == 6
    assert noted == [1, 2, 3, 4, 5, 6]
    assert not Credential.objects.filter(notified_at=None).exists()
    assert not MailNote.objects.exists()


def test_a_mail_costs_one_statement(untold):
    counts = []
    for uuids in (untold[:1], untold[1:]):
        with CaptureQueriesContext(connection) as queries:
            assert announce_credentials(uuids) == len(uuids)
        marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
        counts.append(sum(not query["sql"].startswith(marks) for query in queries) - len(uuids))
    assert counts == [4, 4]


def test_a_credential_that_is_invalidated_while_its_mail_waits_is_not_announced(untold):
    def invalidate(_message):
        if len(mail.outbox) == 1:
            waiting = Credential.objects.exclude(pk__in=MailNote.objects.values("pk")).first()
            api.invalidate_credential(waiting.pk, reason="Plagiarism")

    chunk_plugins.AFTER_MAIL.append(invalidate)
    assert announce_credentials(untold) == 5
    assert count_told() == [1] * 5


def test_after_a_death_the_rest_is_sent_at_once_and_the_mail_on_its_way_later(untold):
    def die(_message):
        if len(mail.outbox) == 3:
            raise Death

    chunk_plugins.AFTER_MAIL.append(die)
    with pytest.raises(Death):
        announce_credentials(untold)
    assert announce_pending_credentials() == 3
    assert count_told() == [1] * 6
    let_time_pass(11 * 60)
    assert announce_pending_credentials() == 0
    let_time_pass(2 * 60)
    assert announce_pending_credentials() == 1
    assert count_told() == [1] * 5 + [2]


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.4, 1.3])  # shorter and longer than the lease
def test_a_slow_server_has_nobody_told_twice(untold, app_settings, seconds):
    app_settings(NOTIFICATION_CLAIM_TIMEOUT=1)
    sender = threading.get_ident()
    others: list[int] = []

    def dawdle(_message):
        if threading.get_ident() == sender:
            time.sleep(seconds)
            others.append(in_another_process(announce_pending_credentials))

    chunk_plugins.AFTER_MAIL.append(dawdle)
    sent = announce_credentials(untold)
    assert sent + sum(others) == 6
    assert count_told() == [1] * 6


def test_a_claim_that_another_worker_took_over_is_not_gone_on_with(untold):
    taken: list[int] = []

    def lapse(_message):
        if len(mail.outbox) == 2:
            Credential.objects.update(notification_held_until=timezone.now() - timedelta(seconds=1))
            taken.append(in_another_process(announce_pending_credentials))

    chunk_plugins.AFTER_MAIL.append(lapse)
    assert announce_credentials(untold) == 2
    assert taken == [4]
    assert count_told() == [1] * 6


def test_a_database_connection_that_is_cut_after_the_yes_repeats_nothing(untold):
    cuts: list[str] = []

    def cut(_message):
        cuts.append(connection.vendor)
        if connection.vendor == "sqlite":
            fail_once()
            return
        with closing(connections.create_connection("default")) as other, other.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
            else:
                cursor.execute("KILL %s", [connection.connection.thread_id()])

    chunk_plugins.AFTER_MAIL.append(cut)
    assert announce_credentials(untold) == 6
    assert len(cuts) == 6
    assert count_told() == [1] * 6
    assert not Credential.objects.filter(notified_at=None).exists()
    assert announce_pending_credentials() == 0


def test_a_mail_that_is_refused_for_good_is_tried_more_and_more_rarely_and_then_no_more(untold, client):
    refused = Credential.objects.order_by("pk").first().user.email
    tries: list[str] = []

    def refuse(message):
        if message.to[0] == refused:
            mail.outbox.pop()  # it was not taken after all
            tries.append(refused)
            raise SMTPRecipientsRefused({refused: (550, b"no such mailbox")})

    chunk_plugins.AFTER_MAIL.append(refuse)
    assert announce_credentials(untold) == 5
    waiting = Credential.objects.get(notified_at=None)
    pauses = []
    for _ in range(25):
        pauses.append(waiting.notification_held_until - timezone.now())
        assert announce_pending_credentials() == 0  # not before its time
        Credential.objects.filter(pk=waiting.pk).update(notification_held_until=timezone.now())
        assert announce_pending_credentials() == 0
        waiting.refresh_from_db()
    assert len(tries) == 20
    minutes = [round(pause.total_seconds() / 60) for pause in pauses[:10]]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 72, 72, 72]
    assert count_told() == [1] * 5

    client.force_login(UserFactory(superuser=True))
    page = client.get(f"/admin/learning_credentials/credential/{waiting.pk}/change/").content.decode()
    assert "no such mailbox" in page


class TestAfterALongOutage:
    """A mail server that is down for longer than three days uses up all tries."""

    @pytest.fixture
    def given_up(self, untold):
        rows = Credential.objects.filter(pk__in=untold)
        rows.update(
            notification_attempts=20,
            notification_error="ConnectionRefusedError: down",
            notification_held_until=timezone.now() + timedelta(hours=1),
        )
        return list(rows.order_by("pk"))

    def run(self, *options):
        said = io.StringIO()
        call_command("retry_emails", *options, stdout=said)
        return said.getvalue()

    def check(self):
        found = run_checks(tags=["learning_credentials"], databases=["default"])
        return {message.id.rpartition(".")[2]: message for message in found}.get("W036")

    def test_the_check_names_them_until_they_are_sent(self, given_up):
        message = self.check()
        assert "about 6 credentials" in message.msg
        assert "ConnectionRefusedError: down" in message.msg
        assert "retry_emails" in message.hint
        assert "given up 6 of them" in self.run()
        assert announce_pending_credentials() == 0
        assert self.run("--yes").splitlines()[1].startswith("6 e-mails")
        assert announce_pending_credentials() == 6
        assert count_told() == [1] * 6
        assert self.check() is None
        assert self.run("--yes").splitlines()[1].startswith("0 e-mails")

    def test_without_mails_nothing_is_checked(self, given_up, app_settings):
        app_settings(NOTIFY_LEARNERS=False)
        assert self.check() is None

    def test_the_admin_finds_and_sends_them(self, given_up, client):
        client.force_login(UserFactory(superuser=True))
        Credential.objects.filter(pk=given_up[0].pk).update(notified_at=timezone.now())
        soon = timezone.now() + timedelta(minutes=5)
        Credential.objects.filter(pk=given_up[1].pk).update(notification_attempts=3, notification_held_until=soon)
        address = reverse("admin:learning_credentials_credential_changelist")
        for value, count in (("unsent", 5), ("failed", 1), ("given_up", 4)):
            assert client.get(address, {"email": value}).context["cl"].result_count == count
        chosen = [str(row.pk) for row in given_up[:3]]
        page = client.post(address, {"action": "send_again_selected", "_selected_action": chosen})
        if page.status_code == 200:
            form = {"action": "send_again_selected", "_selected_action": chosen, "confirmed": "yes"}
            page = client.post(address, form)
        assert announce_pending_credentials() == 1
        assert mail.outbox[0].to == [given_up[2].user.email]

    def test_what_may_be_on_its_way_is_left_alone(self, untold):
        now = timezone.now()
        rows = Credential.objects.filter(pk__in=untold)
        rows.update(notification_attempts=8, notification_held_until=now + timedelta(minutes=11))
        later = untold[:2]
        rows.filter(pk__in=later).update(notification_held_until=now + timedelta(minutes=40))
        assert count_failed_announcements() == (6, 0)
        assert retry_announcements() == 2
        assert announce_pending_credentials() == 2

    def test_many_cost_no_more_than_few(self, given_up):
        def count(keys):
            with CaptureQueriesContext(connection) as captured:
                retry_announcements(keys)
            return len(captured)

        assert count([given_up[0].pk]) == count([row.pk for row in given_up])


def test_a_server_that_goes_away_in_the_middle_delays_the_rest_by_one_lease(untold, use_mail_backend):
    use_mail_backend("tests.integration.chunk_plugins.VanishingMail")
    chunk_plugins.VanishingMail._opened = 0
    with pytest.raises(ConnectionRefusedError):
        announce_credentials(untold)
    assert count_told() == [1] * 2
    waiting = Credential.objects.filter(notified_at=None)
    assert waiting.filter(notification_held_until__lte=timezone.now() + timedelta(seconds=60)).count() == 4
    assert announce_pending_credentials() == 0  # the server is not asked again at once
    use_mail_backend(WATCHED)
    waiting.update(notification_held_until=timezone.now())
    assert announce_pending_credentials() == 4
    assert count_told() == [1] * 6
    assert list(
        Credential.objects.filter(notification_attempts__gt=0).values_list("notification_attempts", flat=True)
    ) == [1]
