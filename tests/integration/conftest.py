"""Provide fixtures for tests through the facade, HTTP or the command line."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from learning_credentials import api
from learning_credentials.badges.keys import create_key
from learning_credentials.lms.fake import fake_lms
from learning_credentials.models import Credential
from learning_credentials.services.public import write_visits
from tests import plugins
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.integration import chunk_plugins


@pytest.fixture
def world():
    """Return the tests' LMS without data."""
    plugins.PREPARE_CALLS.clear()
    plugins.PROCESSOR_CALLS.clear()
    with fake_lms() as fake:
        yield fake


@pytest.fixture
def course(world):
    """Return a configuration that makes everyone eligible. Its course run is in the LMS."""
    configuration = CredentialConfigurationFactory(
        credential_type__generation_func="tests.plugins.generate_flaky",
    )
    world.add_course_run(configuration.learning_context_key, "Introduction to Tests")
    return configuration


@pytest.fixture
def enrol(world, course):
    """Return a function that enrols learners in the course, by number or by name."""

    def enrol_learners(*names: str, count: int = 0):
        users = [UserFactory(first_name=name, last_name="Tester") for name in names]
        users += UserFactory.create_batch(count)
        for user in users:
            world.enrol(user.pk, course.learning_context_key)
        return users

    return enrol_learners


@pytest.fixture
def visits_are_gathered(db, app_settings):
    """Write no visits at the end of requests. Return a function that sets another interval, in seconds."""

    def set_interval(seconds):
        app_settings(VISIT_WRITE_INTERVAL=seconds)

    write_visits()
    set_interval(3600)
    yield set_interval
    write_visits()


@pytest.fixture
def admin(client):
    """Return a client that is signed in to the admin as a superuser."""
    client.force_login(UserFactory(superuser=True, username="registrar"))
    return client


@pytest.fixture
def client_of():
    """Return a function that signs an account in. It returns the client."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def configuration(world):
    """Return a configuration whose course run is in the LMS."""
    key = "course-v1:Demo+Algebra+2026"
    world.add_course_run(key, "Algebra")
    return CredentialConfigurationFactory(learning_context_key=key)


@pytest.fixture
def run(world):
    """Return a configuration of course certificates. Its course run is in the LMS."""
    configuration = CredentialConfigurationFactory(
        credential_type__retrieval_func="learning_credentials.processors.retrieve_course_certificates"
    )
    world.add_course_run(configuration.learning_context_key, "Introduction to Tests")
    return configuration


@pytest.fixture
def key(run):
    """Return the key of the course run."""
    return run.learning_context_key


@pytest.fixture
def no_requests_counted():
    """Forget the requests that limits have counted."""
    cache.clear()


@pytest.fixture
def signing_key(app_settings):
    """Let the site sign badges."""
    cache.clear()
    app_settings(SIGNING_KEYS=[{"private_key": create_key().export(), "is_active": True}])


@pytest.fixture
def untold(course, enrol, settings, use_mail_backend):
    """Issue to six learners without e-mailing them. Return the credentials to announce, and let tests watch their e-mails."""
    told = settings.LEARNING_CREDENTIALS
    settings.LEARNING_CREDENTIALS = {**told, "NOTIFY_LEARNERS": False}
    enrol(count=6)
    api.issue_pending_credentials(course.pk)
    settings.LEARNING_CREDENTIALS = {**told, "NOTIFICATION_CLAIM_TIMEOUT": 60}
    Credential.objects.update(notified_at=None)
    use_mail_backend("tests.integration.chunk_plugins.WatchedMail")
    yield [str(pk) for pk in Credential.objects.values_list("pk", flat=True)]
    chunk_plugins.AFTER_MAIL.clear()
