"""A broker that accepts connections and never answers holds nobody: neither a learner's request, nor a host, nor staff."""

from __future__ import annotations

import contextlib
import time

import pytest
from celery import current_app
from django.db import transaction
from django.urls import reverse
from rest_framework.test import APIClient

from learning_credentials import enqueueing, signals
from learning_credentials.models import Credential, GenerationRun, HostMessage, LearnerCertificate
from learning_credentials.services.issuing import sweep_stale_credentials
from tests.brokers import find_closed_port, listen_silently
from tests.factories import CredentialConfigurationFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

KEY = "course-v1:Demo+Algebra+2026"
COURSE_CERTIFICATES = "learning_credentials.processors.retrieve_course_certificates"
#: Seconds. One attempt to reach the broker takes 1, and a machine may be busy.
BOUND = 4


@pytest.fixture(params=["redis", "amqp"])
def silent_broker(request, settings, app_settings):
    """Celery's broker accepts and never answers; yields a function that puts a broker in its place which runs tasks at once."""
    if request.param == "redis":
        pytest.importorskip("redis")
    with listen_silently() as port:
        settings.CELERY_BROKER_URL = f"{request.param}://127.0.0.1:{port}//"
        settings.CELERY_TASK_ALWAYS_EAGER = False
        app_settings(BROKER_TIMEOUT=1)

        def mend():
            settings.CELERY_TASK_ALWAYS_EAGER = True

        yield mend


@contextlib.contextmanager
def soon():
    began = time.monotonic()
    yield
    assert time.monotonic() - began < BOUND


@pytest.fixture
def learner(world):
    world.add_course_run(KEY, "Algebra")
    user = UserFactory()
    world.enrol(user.pk, KEY)
    world.set_grade(user.pk, KEY, {"Homework": 0.9, "Exam": 0.9})
    return user


def test_a_learners_request_is_answered(learner, silent_broker, app_settings):
    app_settings(CLAIM_TIMEOUT=0)
    configuration = CredentialConfigurationFactory(learning_context_key=KEY, allow_self_generation=True)
    client = APIClient()
    client.force_login(learner)
    with soon():
        response = client.post(f"/api/learning_credentials/v1/eligibility/{KEY}/{configuration.pk}/")
    assert response.status_code == 202
    assert Credential.objects.get().status == Credential.Status.GENERATING
    silent_broker()
    sweep_stale_credentials()
    assert Credential.objects.get().status == Credential.Status.AVAILABLE


def test_a_host_goes_on(learner, silent_broker):
    CredentialConfigurationFactory(learning_context_key=KEY, credential_type__retrieval_func=COURSE_CERTIFICATES)
    with soon(), transaction.atomic():
        signals.grade_now_passing.send(None, user_id=learner.pk, course_key=KEY)
    assert HostMessage.objects.count() == 1
    silent_broker()
    sweep_stale_credentials()
    assert LearnerCertificate.objects.get().status == "downloadable"


@pytest.mark.slow
def test_an_act_of_staff_that_enqueues_many_tasks_waits_once(learner, silent_broker, admin_client, app_settings):
    app_settings(CLAIM_TIMEOUT=0)
    chosen = CredentialConfigurationFactory.create_batch(8)
    data = {"action": "generate_now", "_selected_action": [row.pk for row in chosen], "index": "0"}
    with soon():
        response = admin_client.post(reverse("admin:learning_credentials_credentialconfiguration_changelist"), data)
    assert response.status_code == 302
    assert GenerationRun.objects.filter(evaluated_at=None).count() == 8
    silent_broker()
    sweep_stale_credentials()
    assert not GenerationRun.objects.filter(evaluated_at=None).exists()


@pytest.mark.slow
def test_a_host_that_keeps_no_connections_goes_on_too(learner, silent_broker):
    before = current_app.conf.broker_pool_limit
    current_app.conf.broker_pool_limit = 0
    try:
        with soon():
            signals.grade_now_passing.send(None, user_id=learner.pk, course_key=KEY)
    finally:
        current_app.conf.broker_pool_limit = before
    assert HostMessage.objects.count() == 1


@pytest.mark.parametrize("silent_broker", ["redis"], indirect=True)
def test_a_shorter_limit_of_the_host_stays(learner, silent_broker, app_settings):
    app_settings(BROKER_TIMEOUT=2)
    before = current_app.conf.broker_transport_options
    current_app.conf.broker_transport_options = {"socket_timeout": 0.2}
    began = time.monotonic()
    try:
        signals.grade_now_passing.send(None, user_id=learner.pk, course_key=KEY)
    finally:
        current_app.conf.broker_transport_options = before
    assert time.monotonic() - began < 1.5


def test_a_broker_that_is_down_is_asked_each_time(learner, settings):
    """Refusing takes no time, and the next task may find the broker up again."""
    url = f"amqp://127.0.0.1:{find_closed_port()}//"
    settings.CELERY_BROKER_URL, settings.CELERY_TASK_ALWAYS_EAGER = url, False
    with soon():
        signals.grade_now_passing.send(None, user_id=learner.pk, course_key=KEY)
    assert url not in enqueueing._paused_until
