"""Provide fixtures for tests of the learner status API."""

from __future__ import annotations

import pytest

from tests.factories import UserFactory
from tests.integration.learner_status.status_requests import add_course, award, client_of, make_run


@pytest.fixture(autouse=True)
def lms(world):
    return add_course(world)


@pytest.fixture
def learner(lms):
    return UserFactory(username="ada")


@pytest.fixture
def run():
    return make_run()


@pytest.fixture
def standing(learner, run):
    return award(learner, run)


@pytest.fixture
def staff():
    return client_of(UserFactory(username="registrar", permissions=["view_learnercertificate"]))
