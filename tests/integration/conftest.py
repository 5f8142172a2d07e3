"""Provide fixtures for tests through the facade, HTTP or the command line."""

from __future__ import annotations

import pytest

from learning_credentials.lms.fake import fake_lms
from learning_credentials.services.public import write_visits
from tests import plugins
from tests.factories import CredentialConfigurationFactory, UserFactory


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
