"""Learners who request their credential themselves: which switches let them."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from learning_credentials import api
from learning_credentials.exceptions import NotEligibleError, SelfGenerationDisabledError, TransientError
from learning_credentials.models import CourseCertificate, Credential, LearnerCertificate
from learning_credentials.services.issuing import find_requestable
from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory

KEY = "course-v1:Demo+Algebra+2026"
COURSE_CERTIFICATES = "learning_credentials.processors.retrieve_course_certificates"

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(world):
    world.add_course_run(KEY, "Algebra")
    user = UserFactory()
    world.enrol(user.pk, KEY)
    world.set_grade(user.pk, KEY, {"Homework": 0.9, "Exam": 0.9})
    return user


@pytest.fixture
def global_switch(app_settings):
    def switch(is_on):
        app_settings(ALLOW_SELF_GENERATION=is_on)

    return switch


def shown(learner, configuration):
    """What the eligibility endpoint tells the learner."""
    client = APIClient()
    client.force_login(learner)
    credentials = client.get(f"/api/learning_credentials/v1/eligibility/{KEY}/").json()["credentials"]
    return {entry["configuration_id"]: entry["allows_self_generation"] for entry in credentials}[configuration.pk]


def request(learner, configuration):
    client = APIClient()
    client.force_login(learner)
    return client.post(f"/api/learning_credentials/v1/eligibility/{KEY}/{configuration.pk}/")


def assert_allowed(learner, configuration, is_allowed):
    assert find_requestable([configuration.pk]) == ({configuration.pk} if is_allowed else set())
    assert shown(learner, configuration) is is_allowed
    if not is_allowed:
        with pytest.raises(SelfGenerationDisabledError):
            api.request_credential(configuration.pk, learner.pk)
        response = request(learner, configuration)
        assert (response.status_code, response.json()["code"]) == (403, "self_generation_disabled")
    else:
        assert request(learner, configuration).status_code == 202


def make_course_certificate(**values):
    return CredentialConfigurationFactory(
        learning_context_key=KEY, credential_type__retrieval_func=COURSE_CERTIFICATES, **values
    )


@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("is_on_globally", [True, False])
def test_a_configuration_needs_the_global_switch_and_its_own(learner, global_switch, is_on, is_on_globally):
    global_switch(is_on_globally)
    configuration = CredentialConfigurationFactory(learning_context_key=KEY, allow_self_generation=is_on)
    # Of no concern to a configuration that is no course certificate.
    CourseCertificate.objects.create(course_key=KEY, allows_self_generation=True)
    assert_allowed(learner, configuration, is_on and is_on_globally)


@pytest.mark.parametrize("of_configuration", [True, False])
@pytest.mark.parametrize("of_run", [True, False])
@pytest.mark.parametrize("is_on_globally", [True, False])
def test_a_course_certificate_is_opened_by_its_configuration_or_its_run(
    learner, global_switch, of_configuration, of_run, is_on_globally
):
    global_switch(is_on_globally)
    configuration = make_course_certificate(allow_self_generation=of_configuration)
    CourseCertificate.objects.create(course_key=KEY, allows_self_generation=of_run)
    assert_allowed(learner, configuration, is_on_globally and (of_configuration or of_run))


def test_a_run_that_issues_none_opens_none(learner):
    configuration = make_course_certificate()
    CourseCertificate.objects.create(course_key=KEY, allows_self_generation=True, is_active=False)
    assert_allowed(learner, configuration, is_allowed=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_request_for_a_course_certificate_evaluates_the_standing(learner, world, is_enabled):
    configuration = make_course_certificate(allow_self_generation=True, is_enabled=is_enabled)
    world.set_grade(learner.pk, KEY, {"Homework": 0.1, "Exam": 0.1})
    with pytest.raises(NotEligibleError):
        api.request_credential(configuration.pk, learner.pk)
    assert not LearnerCertificate.objects.exists()
    world.set_grade(learner.pk, KEY, {"Homework": 0.9, "Exam": 0.9})
    asked = api.request_credential(configuration.pk, learner.pk)
    assert LearnerCertificate.objects.get().status == LearnerCertificate.Status.DOWNLOADABLE
    assert api.request_credential(configuration.pk, learner.pk).pk == asked.pk
    asked.refresh_from_db()
    assert asked.status == Credential.Status.AVAILABLE


@pytest.mark.django_db(transaction=True)
def test_a_request_while_the_lms_is_down_changes_nothing(learner, world):
    configuration = make_course_certificate(allow_self_generation=True)
    CourseCertificate.objects.create(course_key=KEY)
    world.outage = True
    with pytest.raises(TransientError):
        api.request_credential(configuration.pk, learner.pk)
    assert not LearnerCertificate.objects.exists()
    assert not Credential.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_given_up_is_not_begun_again_by_the_learner(learner):
    configuration = CredentialConfigurationFactory(learning_context_key=KEY, allow_self_generation=True)
    given_up = CredentialFactory(configuration=configuration, user=learner, error=True)
    Credential.objects.update(error_code="attempts_exhausted", attempts=5)
    assert request(learner, configuration).status_code == 202
    given_up.refresh_from_db()
    assert (given_up.status, given_up.attempts) == (Credential.Status.ERROR, 5)
    assert api.issue_credential(configuration.pk, learner.pk).status == Credential.Status.AVAILABLE
