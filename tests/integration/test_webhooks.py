"""Other systems hear of every event, also after they were down, and never more than once with two ids."""

from __future__ import annotations

import base64
import ipaddress
import json
import socket
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection, transaction
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from learning_credentials import api
from learning_credentials.models import CertificateEvent, CredentialEvent, Webhook, WebhookDelivery
from learning_credentials.services.notices import (
    RefusedAddressError,
    check_url,
    delete_old_deliveries,
    deliver_webhooks,
    prepare_webhook,
    redeliver,
    rotate_secret,
    send_test,
)
from tests.brokers import find_closed_port
from tests.factories import CredentialEventFactory, CredentialFactory, GenerationRunFactory, UserFactory
from tests.integration.threads import assert_no_errors, at_once
from tests.receivers import receive

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver(app_settings):
    app_settings(WEBHOOK_NETWORKS=["127.0.0.0/8"], WEBHOOK_TIMEOUT=2)
    with receive() as started:
        yield started


def add_webhook(url, **values):
    webhook = Webhook(name="Student records", url=url, **values)
    prepare_webhook(webhook)
    webhook.save()
    return webhook


@pytest.fixture
def webhook(receiver):
    return add_webhook(receiver.url)


def add_events(count=1, action="issued", **values):
    return [CredentialEventFactory(action=action, credential__available=True, **values) for _ in range(count)]


def make_due():
    WebhookDelivery.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())


def list_types(receiver):
    return [json.loads(request.body)["type"] for request in receiver.received]


class TestEvents:
    def test_an_award_and_its_revocation(self, course, enrol, receiver, webhook):
        [learner] = enrol("Ana")
        row = api.issue_credential(course.pk, learner.pk)
        api.invalidate_credential(row.uuid, reason="Issued in error")
        assert deliver_webhooks().delivered == 2
        assert list_types(receiver) == ["credential.issued", "credential.revoked"]
        issued, revoked = (json.loads(request.body) for request in receiver.received)
        assert issued["data"]["verify_uuid"] == revoked["data"]["verify_uuid"] == str(row.verify_uuid)
        assert issued["data"]["verify_url"].endswith(f"/credentials/{row.verify_uuid}/")
        assert (issued["data"]["status"], revoked["data"]["status"]) == ("available", "invalidated")
        assert issued["data"]["user_id"] == learner.pk
        assert issued["data"]["learning_context_key"] == course.learning_context_key
        assert revoked["data"]["reason"] == "Issued in error"
        assert datetime.fromisoformat(issued["timestamp"]).tzinfo is not None

    def test_a_reissue_names_both(self, course, enrol, receiver, webhook):
        [learner] = enrol("Ana")
        old = api.issue_credential(course.pk, learner.pk)
        new = api.reissue_credential(old.uuid, reason="The name was misspelt.")
        deliver_webhooks()
        bodies = [json.loads(request.body) for request in receiver.received]
        newest = [body["data"] for body in bodies if body["data"]["verify_uuid"] == str(new.verify_uuid)]
        assert newest[-1]["replaces"] == str(old.verify_uuid)
        assert "credential.replaced" in list_types(receiver)

    def test_a_run_that_finished(self, course, enrol, receiver, webhook):
        enrol(count=3)
        api.issue_pending_credentials(course.pk)
        deliver_webhooks()
        assert sorted(list_types(receiver)) == ["credential.issued"] * 3 + ["run.finished"]
        [run] = [json.loads(request.body) for request in receiver.received if b"run.finished" in request.body]
        assert (run["data"]["issued"], run["data"]["failed"]) == (3, 0)
        assert deliver_webhooks().fed == 0

    def test_a_run_that_finished_before_is_not_told(self, receiver):
        GenerationRunFactory(finished_at=timezone.now() - timedelta(seconds=1))
        add_webhook(receiver.url)
        assert deliver_webhooks().fed == 0

    def test_a_changed_standing(self, receiver, webhook):
        learner = UserFactory()
        CertificateEvent.objects.create(
            subject="standing",
            subject_id=1,
            user=learner,
            learning_context_key="run:1",
            field="status",
            from_value="notpassing",
            to_value="downloadable",
        )
        deliver_webhooks()
        [request] = receiver.received
        assert json.loads(request.body)["data"] == {
            "user_id": learner.pk,
            "course_key": "run:1",
            "previous_status": "notpassing",
            "status": "downloadable",
        }

    def test_no_name_address_or_grade_is_sent(self, course, enrol, receiver, webhook):
        [learner] = enrol("Guadalupe")
        api.issue_credential(course.pk, learner.pk)
        deliver_webhooks()
        sent = b"".join(request.body for request in receiver.received).decode()
        assert sent
        for secret in ("Guadalupe", learner.email, learner.username, "evidence", "grade"):
            assert secret not in sent

    def test_only_what_was_chosen(self, receiver):
        wanted, other = add_events(), add_events(action="invalidated")
        context = wanted[0].credential.learning_context_key
        assert other[0].credential.learning_context_key != context
        add_webhook(receiver.url, events=["credential.issued"])
        add_webhook(receiver.url, learning_context_key=context.swapcase())
        add_webhook(receiver.url, learning_context_key=context)
        CredentialEventFactory(credential=wanted[0].credential, action="issued")
        CredentialEventFactory(credential=other[0].credential, action="invalidated")
        CredentialEventFactory(credential=other[0].credential, action="created")
        deliver_webhooks()
        assert list_types(receiver) == ["credential.issued"] * 2

    def test_what_happened_before_is_not_sent(self, receiver):
        add_events(3)
        add_webhook(receiver.url)
        assert deliver_webhooks().fed == 0

    def test_the_queries_do_not_grow_with_the_events(self, receiver, webhook, django_assert_max_num_queries):
        configuration = add_events()[0].credential.configuration
        add_events(20, credential__configuration=configuration)
        with django_assert_max_num_queries(35 + 3 * 21):  # each delivery is noted on its own
            deliver_webhooks()
        assert len(receiver.received) == 21

    def test_a_row_that_appears_late_is_found(self, receiver, webhook):
        """Another transaction got its key earlier and commits later."""
        credential = CredentialFactory(available=True)
        late = CredentialEventFactory(credential=credential, action="invalidated")
        pk = late.pk
        late.delete()
        CredentialEventFactory(pk=pk + 5, credential=credential, action="issued")
        assert deliver_webhooks().fed == 1
        CredentialEventFactory(pk=pk, credential=credential, action="invalidated")
        forget_the_last_check()
        assert deliver_webhooks().fed == 1
        forget_the_last_check()
        assert deliver_webhooks().fed == 0
        assert list_types(receiver) == ["credential.issued", "credential.revoked"]

    def test_old_rows_are_not_read_again(self, receiver, webhook):
        [event] = add_events()
        deliver_webhooks()
        CredentialEvent.objects.update(created_at=timezone.now() - timedelta(hours=1))
        forget_the_last_check()
        deliver_webhooks()
        webhook.refresh_from_db()
        assert webhook.positions["credential"]["settled"] == event.pk

    def test_two_workers_at_once(self, receiver, webhook):
        add_events(30)
        assert_no_errors(at_once(deliver_webhooks, deliver_webhooks))
        deliver_webhooks()
        ids = [request.headers["webhook-id"] for request in receiver.received]
        assert len(ids) == len(set(ids)) == 30


def forget_the_last_check():
    for webhook in Webhook.objects.all():
        webhook.positions.pop("checked", None)
        webhook.save(update_fields=["positions"])


class TestSignatures:
    def test_the_verifier_of_standard_webhooks_accepts_it(self, receiver, webhook):
        add_events()
        deliver_webhooks()
        [request] = receiver.received
        assert request.path == "/hook?for=tests"
        assert request.headers["content-type"] == "application/json"
        assert Verifier(webhook.secret).verify(request.body, request.headers)["type"] == "credential.issued"
        with pytest.raises(WebhookVerificationError):
            Verifier(webhook.secret).verify(request.body + b" ", request.headers)
        with pytest.raises(WebhookVerificationError):
            Verifier("whsec_" + base64.b64encode(b"another secret").decode()).verify(request.body, request.headers)

    def test_both_secrets_sign_after_a_rotation(self, receiver, webhook):
        new = rotate_secret(webhook.pk)
        assert new != webhook.secret
        add_events(2)
        deliver_webhooks()
        for secret in (new, webhook.secret):
            assert Verifier(secret).verify(receiver.received[0].body, receiver.received[0].headers)
        Webhook.objects.update(former_secret_until=timezone.now() - timedelta(seconds=1))
        send_test(webhook.pk)
        deliver_webhooks()
        last = receiver.received[-1]
        assert Verifier(new).verify(last.body, last.headers)["type"] == "webhook.test"
        with pytest.raises(WebhookVerificationError):
            Verifier(webhook.secret).verify(last.body, last.headers)


class TestFailures:
    def test_it_is_repeated_with_the_same_id_and_body(self, receiver, webhook):
        receiver.status, receiver.answer = 500, b"Out of order"
        add_events()
        assert deliver_webhooks().failed == 1
        [delivery] = WebhookDelivery.objects.all()
        assert (delivery.response_status, delivery.response_body) == (500, "Out of order")
        assert 5 < (delivery.next_attempt_at - timezone.now()).total_seconds() < 13
        assert deliver_webhooks().delivered == 0  # it is not due
        receiver.status = 200
        make_due()
        assert deliver_webhooks().delivered == 1
        first, second = receiver.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body
        webhook.refresh_from_db()
        assert webhook.failing_since is None

    def test_pauses_grow_until_it_is_given_up(self, receiver, webhook):
        receiver.status = 500
        add_events()
        pauses = []
        for _attempt in range(20):
            deliver_webhooks()
            delivery = WebhookDelivery.objects.get()
            if delivery.next_attempt_at is None:
                break
            pauses.append((delivery.next_attempt_at - timezone.now()).total_seconds())
            make_due()
        assert pauses == sorted(pauses)
        assert len(receiver.received) == 10
        assert sum(pauses) > timedelta(days=2.5).total_seconds()

    def test_a_webhook_that_fails_for_days_is_disabled(self, receiver, webhook):
        receiver.status = 500
        add_events()
        deliver_webhooks()
        Webhook.objects.update(failing_since=timezone.now() - timedelta(days=4))
        make_due()
        deliver_webhooks()
        webhook.refresh_from_db()
        assert not webhook.is_enabled
        assert "HTTP 500" in webhook.disabled_reason
        add_events()
        make_due()
        assert deliver_webhooks().fed == 0
        assert len(receiver.received) == 2
        # After it was enabled again it hears of what happened meanwhile.
        receiver.status = 200
        Webhook.objects.update(is_enabled=True, failing_since=None)
        assert deliver_webhooks().delivered == 2

    def test_gone_means_gone(self, receiver, webhook):
        receiver.status = 410
        add_events(3)
        deliver_webhooks()
        webhook.refresh_from_db()
        assert not webhook.is_enabled
        assert len(receiver.received) == 1

    def test_redirects_are_not_followed(self, receiver, webhook):
        receiver.status, receiver.location = 302, "http://169.254.169.254/latest"
        add_events()
        deliver_webhooks()
        assert "does not follow redirects" in WebhookDelivery.objects.get().error_message
        assert len(receiver.received) == 1

    def test_a_receiver_that_hangs(self, receiver, webhook, app_settings):
        app_settings(WEBHOOK_TIMEOUT=1)
        receiver.delay = 3
        add_events()
        deliver_webhooks()
        assert WebhookDelivery.objects.get().error_message == "no answer within 1 seconds"

    def test_a_receiver_that_sends_one_byte_at_a_time(self, receiver, webhook, app_settings):
        app_settings(WEBHOOK_TIMEOUT=1)
        receiver.answer, receiver.drip = b"slowly" * 100, 0.3
        add_events()
        started = timezone.now()
        deliver_webhooks()
        assert timezone.now() - started < timedelta(seconds=10)

    def test_the_others_wait_while_the_receiver_is_down(self, receiver, app_settings):
        webhook = add_webhook(f"http://127.0.0.1:{find_closed_port()}/")
        add_events(10)
        assert deliver_webhooks().failed == 3
        waiting = WebhookDelivery.objects.filter(webhook=webhook, attempts=0)
        assert waiting.count() == 7
        assert waiting.filter(next_attempt_at__gt=timezone.now()).count() == 7

    def test_one_that_is_down_does_not_stop_another(self, receiver, app_settings):
        add_webhook(f"http://127.0.0.1:{find_closed_port()}/")
        add_webhook(receiver.url)
        add_events(5)
        assert deliver_webhooks().delivered == 5

    def test_a_worker_that_dies_loses_nothing(self, receiver, webhook):
        add_events(2)

        class DiesError(BaseException):
            pass

        def die(execute, sql, *args):
            if sql.startswith("UPDATE") and "delivered_at" in sql:
                raise DiesError
            return execute(sql, *args)

        with connection.execute_wrapper(die), pytest.raises(DiesError):
            deliver_webhooks()
        assert deliver_webhooks().delivered == 0  # leased
        make_due()
        assert deliver_webhooks().delivered == 2
        ids = [request.headers["webhook-id"] for request in receiver.received]
        assert len(ids) == 3
        assert len(set(ids)) == 2  # only the one on its way came twice, with its id

    def test_an_event_whose_credential_was_deleted(self, receiver, webhook, monkeypatch):
        [event] = add_events()
        Webhook.objects.update(is_enabled=True)
        from learning_credentials.services.notices.webhooks.feeding import feed_webhooks

        feed_webhooks()
        event.credential.delete()
        deliver_webhooks()
        [delivery] = WebhookDelivery.objects.all()
        assert delivery.next_attempt_at is None
        assert "deleted" in delivery.error_message

    def test_a_change_that_is_rolled_back_is_not_told(self, receiver, webhook):
        with transaction.atomic():
            add_events()
            transaction.set_rollback(True)
        assert deliver_webhooks().fed == 0


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "message"),
        [
            ("http://example.org/", "must begin with https"),
            ("ftp://example.org/", "must begin with https"),
            ("https://", "must begin with https"),
            ("https://user:secret@example.org/", "a user name or a password"),
            ("https://127.0.0.1/", "not a public address"),
            ("https://10.1.2.3/", "not a public address"),
            ("https://169.254.169.254/latest/meta-data", "not a public address"),
            ("https://[::1]/", "not a public address"),
            ("https://[::ffff:127.0.0.1]/", "not a public address"),
            ("https://[fe80::1]/", "not a public address"),
            ("https://0.0.0.0/", "not a public address"),
            ("https://224.0.0.1/", "not a public address"),
            ("https://example.org/\r\nX: y", "only ASCII"),
            ("https://example.org:port/", "no web address"),
        ],
    )
    def test_refused_before_it_is_stored(self, url, message):
        with pytest.raises(RefusedAddressError, match=message):
            check_url(url)

    def test_what_the_setting_allows(self, app_settings):
        app_settings(WEBHOOK_NETWORKS=["10.0.0.0/8", "fd00::/8"])
        check_url("http://10.1.2.3:8080/hook")
        check_url("http://[fd00::5]/")
        check_url("http://records.internal/")  # its address is looked up when it is used
        with pytest.raises(RefusedAddressError, match="not a public address"):
            check_url("http://192.168.1.1/")
        with pytest.raises(RefusedAddressError, match="must begin with https"):
            check_url("http://8.8.8.8/")

    def test_a_name_that_leads_inside(self, receiver, webhook, app_settings):
        app_settings(WEBHOOK_NETWORKS=[])
        Webhook.objects.update(url=receiver.url.replace("http://127.0.0.1", "https://localhost"))
        add_events()
        deliver_webhooks()
        assert "which is not a public address" in WebhookDelivery.objects.get().error_message
        assert receiver.received == []

    def test_the_connection_goes_to_the_address_that_was_checked(self, receiver, webhook, monkeypatch):
        """A name that means something else at the second look-up."""
        looked_up = []
        real = socket.getaddrinfo

        def look_up(host, *args, **kwargs):
            if host != "records.example.org":
                return real(host, *args, **kwargs)
            looked_up.append(host)
            return real("127.0.0.1" if len(looked_up) == 1 else "127.0.0.9", *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        Webhook.objects.update(url=receiver.url.replace("127.0.0.1", "records.example.org"))
        add_events()
        assert deliver_webhooks().delivered == 1
        assert len(looked_up) == 1
        assert receiver.received[0].headers["host"].startswith("records.example.org:")

    def test_the_certificate_must_be_that_of_the_host(self, app_settings, tmp_path, monkeypatch):
        app_settings(WEBHOOK_NETWORKS=["127.0.0.0/8"])
        path = tmp_path / "server.pem"
        path.write_bytes(make_certificate())
        with receive(path) as receiver:
            add_webhook(receiver.url)
            add_events()
            deliver_webhooks()
            [delivery] = WebhookDelivery.objects.all()
            assert "certificate verify failed" in delivery.error_message
            monkeypatch.setenv("SSL_CERT_FILE", str(path))
            make_due()
            assert deliver_webhooks().delivered == 1
            Webhook.objects.update(url=receiver.url.replace("127.0.0.1", "localhost"))
            add_events()
            assert deliver_webhooks().delivered == 0


def make_certificate():
    """Return a key and a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    )
    alternatives = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = builder.add_extension(alternatives, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


class TestLog:
    def test_staff_send_one_again(self, receiver, webhook):
        add_events()
        deliver_webhooks()
        assert redeliver([WebhookDelivery.objects.get().pk]) == 1
        assert deliver_webhooks().delivered == 1
        first, second = receiver.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"]

    def test_old_entries_are_deleted(self, receiver, webhook, app_settings):
        app_settings(WEBHOOK_LOG_DAYS=10)
        add_events(3)
        deliver_webhooks()
        old, waiting, _new = WebhookDelivery.objects.order_by("pk")
        long_ago = timezone.now() - timedelta(days=11)
        WebhookDelivery.objects.filter(pk__in=[old.pk, waiting.pk]).update(created=long_ago)
        WebhookDelivery.objects.filter(pk=waiting.pk).update(next_attempt_at=timezone.now())
        assert delete_old_deliveries() == 1
        assert not WebhookDelivery.objects.filter(pk=old.pk).exists()
