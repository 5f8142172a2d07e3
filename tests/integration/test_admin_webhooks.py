"""Operators add webhooks, test them, and see what was sent."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from learning_credentials.models import Webhook, WebhookDelivery
from learning_credentials.services.notices import deliver_webhooks
from tests.factories import CredentialEventFactory
from tests.integration.admin_pages import count_queries, form_errors, messages_of, staff_with
from tests.receivers import receive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

ADD = reverse("admin:learning_credentials_webhook_add")
LIST = reverse("admin:learning_credentials_webhook_changelist")
DELIVERIES = reverse("admin:learning_credentials_webhookdelivery_changelist")
FILLED = {"name": "Student records", "url": "https://records.example.org/hook", "is_enabled": "on"}


def page(name, row):
    return reverse(f"admin:learning_credentials_{row._meta.model_name}_{name}", args=[row.pk])


@pytest.fixture
def webhook(admin):
    admin.post(ADD, FILLED)
    return Webhook.objects.get()


def edit(client, row, **changes):
    """Send the form as the page shows it, with changes."""
    shown = re.search(r'name="_shown" value="([^"]*)"', client.get(page("change", row)).content.decode())[1]
    return client.post(page("change", row), {**FILLED, "_shown": shown, **changes}, follow=True)


def test_the_secret_is_shown_once(admin):
    response = admin.post(ADD, FILLED, follow=True)
    webhook = Webhook.objects.get()
    assert webhook.secret.startswith("whsec_")
    assert any(webhook.secret in message for message in messages_of(response))
    assert webhook.secret not in admin.get(page("change", webhook)).content.decode()
    response = admin.post(page("secret", webhook), follow=True)
    new = Webhook.objects.get().secret
    assert new != webhook.secret
    assert any(new in message for message in messages_of(response))
    assert new not in admin.get(page("change", webhook)).content.decode()
    assert not any(new in f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all())


@pytest.mark.parametrize(
    ("url", "message"),
    [("http://records.example.org/", "https"), ("https://127.0.0.1/", "WEBHOOK_NETWORKS"), ("nothing", "valid URL")],
)
def test_an_address_that_cannot_be_used_is_refused(admin, url, message):
    response = admin.post(ADD, {**FILLED, "url": url})
    assert message in str(form_errors(response, "url"))
    assert not Webhook.objects.exists()


def test_an_unknown_event_is_refused(admin):
    response = admin.post(ADD, {**FILLED, "events": ["credential.eaten"]})
    assert form_errors(response, "events")


def test_a_test_and_its_answer(admin, app_settings):
    app_settings(WEBHOOK_NETWORKS=["127.0.0.0/8"])
    with receive() as receiver:
        receiver.answer = b"taken"
        receiver.status = 200
        admin.post(ADD, {**FILLED, "url": receiver.url})
        response = admin.post(page("test", Webhook.objects.get()), follow=True)
        assert "webhook.test" in response.content.decode()
        assert deliver_webhooks().delivered == 1
        shown = admin.get(page("change", WebhookDelivery.objects.get())).content.decode()
        assert "taken" in shown
        assert "This is a test." in shown
        assert receiver.received[0].headers["webhook-id"] in shown
        choice = {"action": "send_again", "_selected_action": [WebhookDelivery.objects.get().pk]}
        response = admin.post(DELIVERIES, choice, follow=True)
        assert messages_of(response) == ["1 delivery is sent again."]
        assert deliver_webhooks().delivered == 1


def test_a_webhook_that_was_disabled_begins_again(admin, webhook):
    Webhook.objects.update(is_enabled=False, disabled_reason="The receiver answered with HTTP 410.")
    assert "HTTP 410" in admin.get(LIST).content.decode()
    edit(admin, webhook)
    webhook.refresh_from_db()
    assert webhook.is_enabled
    assert webhook.disabled_reason == ""


def test_two_tabs(admin, webhook):
    shown = re.search(r'name="_shown" value="([^"]*)"', admin.get(page("change", webhook)).content.decode())[1]
    edit(admin, webhook, name="Registry")
    response = admin.post(page("change", webhook), {**FILLED, "_shown": shown, "name": "Other"})
    assert "Nothing was saved" in response.content.decode()
    assert Webhook.objects.get().name == "Registry"


def test_filters_say_what_is_wrong(admin, webhook):
    common = {"webhook": webhook, "event": "webhook.test", "occurred_at": webhook.created}
    WebhookDelivery.objects.create(source="a", **common)
    WebhookDelivery.objects.create(source="b", error_message="down", **common)
    WebhookDelivery.objects.create(source="c", error_message="down", next_attempt_at=None, **common)
    WebhookDelivery.objects.create(source="d", delivered_at=webhook.created, next_attempt_at=None, **common)
    for state in ("waiting", "failing", "given_up", "delivered"):
        response = admin.get(f"{DELIVERIES}?state={state}")
        assert response.context["cl"].result_count == 1, state


def test_queries_do_not_grow_with_the_rows(admin, webhook):
    [event] = [CredentialEventFactory(action="issued", credential__available=True)]
    few = count_queries(admin, LIST), count_queries(admin, DELIVERIES)
    for number in range(8):
        Webhook.objects.create(name=f"System {number}", url="https://example.org/")
        WebhookDelivery.objects.create(
            webhook=webhook, event="webhook.test", source=f"test:{number}", occurred_at=event.created_at
        )
    assert count_queries(admin, LIST) == few[0]
    assert count_queries(admin, DELIVERIES) <= few[1] + 1


def test_deleting_counts_the_deliveries(admin, webhook):
    for number in range(3):
        WebhookDelivery.objects.create(
            webhook=webhook, event="webhook.test", source=f"test:{number}", occurred_at=webhook.created
        )
    asked = admin.get(page("delete", webhook)).content.decode()
    assert "Webhook deliveries: 3" in re.sub(r"\s+", " ", re.sub("<[^>]+>", "", asked))
    shown = re.search(r'name="_shown" value="([^"]*)"', asked)[1]
    admin.post(page("delete", webhook), {"post": "yes", "_shown": shown})
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("change", 302)])
def test_who_may_act(client, webhook, right, status):
    client.force_login(staff_with(f"{right}_webhook"))
    assert client.get(page("change", webhook)).status_code == 200
    assert client.post(page("test", webhook)).status_code == status
    assert client.post(page("secret", webhook)).status_code == status
    assert client.get(DELIVERIES).status_code == 403
    client.force_login(staff_with())
    assert client.get(page("change", webhook)).status_code == 403
