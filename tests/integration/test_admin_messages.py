"""The admin's list of messages that are not worked off yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.models import HostMessage, LearnerCertificate
from learning_credentials.services.common import messages
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.integration.admin_pages import count_queries, left_out_of, messages_of, staff_with

pytestmark = pytest.mark.django_db(transaction=True)

LIST = reverse("admin:learning_credentials_hostmessage_changelist")


@pytest.fixture
def failed(world):
    """A message that the LMS did not answer."""
    configuration = CredentialConfigurationFactory(
        credential_type__retrieval_func="learning_credentials.processors.retrieve_course_certificates"
    )
    key = configuration.learning_context_key
    world.add_course_run(key, "Introduction to Tests")
    learner = UserFactory()
    world.enrol(learner.pk, key)
    world.set_grade(learner.pk, key, {"Homework": 0.9, "Exam": 0.9})
    world.outage = True
    signals.grade_now_passing.send(None, user_id=learner.pk, course_key=key)
    world.outage = False
    return HostMessage.objects.get()


def act(client, action, *rows, **more):
    data = {"action": action, "_selected_action": [row.pk for row in rows], "index": "0", **more}
    return client.post(LIST, data, follow=True)


def login(client, *names):
    client.force_login(staff_with(*(f"{name}_hostmessage" for name in names)))


def test_says_what_waits_since_when_and_why(client, failed):
    login(client, "view")
    page = client.get(LIST).content.decode()
    assert "from the LMS: grade is passing" in page
    assert failed.context_key in page
    assert "failed, will be tried again" in page
    assert "lms_unavailable" in page
    detail = client.get(reverse("admin:learning_credentials_hostmessage_change", args=[failed.pk])).content.decode()
    assert str(failed.payload["user_ids"][0]) in detail


def test_filters_what_was_given_up(client, failed):
    login(client, "view")
    given_up = HostMessage.objects.create(kind="staff", context_key="run:b", next_attempt_at=None, error_code="x")
    waiting = HostMessage.objects.create(kind="staff", context_key="run:c")
    for result, row in (("given_up", given_up), ("failing", failed), ("waiting", waiting)):
        found = client.get(LIST, {"result": result}).context["cl"].result_list
        assert [found_row.pk for found_row in found] == [row.pk]


def test_tries_again_now(client, failed):
    HostMessage.objects.update(next_attempt_at=None)
    login(client, "view", "change")
    response = act(client, "retry_selected", failed)
    assert messages_of(response) == ["1 message will be tried again now."]
    assert not HostMessage.objects.exists()
    assert LearnerCertificate.objects.get().status == "downloadable"


def test_looking_is_not_acting(client, failed):
    login(client, "view")
    for action in ("retry_selected", "discard_selected"):
        act(client, action, failed, reason="No", confirm="yes")
    failed.refresh_from_db()
    assert failed.next_attempt_at > timezone.now()
    detail = reverse("admin:learning_credentials_hostmessage_change", args=[failed.pk])
    assert client.post(detail, {"kind": "staff"}).status_code == 403
    assert client.post(reverse("admin:learning_credentials_hostmessage_delete", args=[failed.pk])).status_code == 403


def test_discards_after_asking(client, failed, caplog):
    login(client, "view", "delete")
    page = act(client, "discard_selected", failed).content.decode()
    assert "You cannot undo this." in page
    assert HostMessage.objects.exists()
    assert act(client, "discard_selected", failed, confirm="yes", reason=" ").status_code == 200
    assert HostMessage.objects.exists(), "a reason is needed"
    response = act(client, "discard_selected", failed, confirm="yes", reason="The run was a test")
    assert messages_of(response) == ["1 message was discarded."]
    assert not HostMessage.objects.exists()
    assert any("The run was a test" in record.getMessage() for record in caplog.records)


def test_what_a_worker_holds_is_left_to_it(admin_client, failed):
    HostMessage.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    held = messages.claim_messages(failed.kind, failed.context_key)
    response = act(admin_client, "retry_selected", failed)
    assert messages_of(response) == ["0 messages will be tried again now."]
    response = act(admin_client, "discard_selected", failed, confirm="yes", reason="Twice")
    assert any("a worker is processing the message" in text for text in left_out_of(response))
    messages.delete_done_messages(held, held.messages)
    assert not HostMessage.objects.exists()


def test_the_number_of_queries_does_not_grow(admin_client, failed):
    before = count_queries(admin_client, LIST)
    HostMessage.objects.bulk_create(
        HostMessage(kind="staff", context_key="run:b", payload={"user_ids": list(range(60))}) for _ in range(20)
    )
    assert count_queries(admin_client, LIST) == before
