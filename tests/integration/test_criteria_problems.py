"""A criterion that nobody can meet is told by name: when it is saved, on the configuration's page and on each run."""

from __future__ import annotations

import pytest

from learning_credentials import api
from learning_credentials.lms.base import Step
from learning_credentials.services.credentials import find_criteria_problems
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.integration.admin_forms import read_form

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "course-v1:Tests+Criteria+2026"
GRADES = "learning_credentials.processors.retrieve_subsection_grades"
BOTH = "learning_credentials.processors.retrieve_completions_and_grades"


@pytest.fixture
def configure(world):
    """A configuration with options, in a run that has Homework and Exam, with a learner."""

    def make(options, func=GRADES, key=KEY, learners=1):
        world.add_course_run(KEY, "A course", categories={"Homework": 0.4, "Exam": 0.6})
        world.add_learning_path("path:criteria", "A path", steps=[Step(KEY)])
        for user in UserFactory.create_batch(learners):
            world.enrol(user.pk, key)
        return CredentialConfigurationFactory(
            learning_context_key=key, credential_type__retrieval_func=func, custom_options=options
        )

    return make


CASES = [
    ({"required_grades": {"Exma": 0.5}}, GRADES, KEY, ["Exma", "Did you mean “Exam”?"]),
    ({"required_grades": {"homewrok": 0.5, "Exam": 0.1}}, BOTH, KEY, ["homewrok", "Did you mean “Homework”?"]),
    ({"required_grades": {"Totl": 0.5}}, GRADES, KEY, ["Totl", "Did you mean “Total”?"]),
    ({"required_grades": {"Viva": 0.5}}, GRADES, KEY, ["Viva", "It has Homework, Exam"]),
    ({"required_grades": {"Exma": 0.5}}, GRADES, "path:criteria", ["Exma", KEY]),
    (
        {"required_grades": {"Exam": 0.5}, "steps": {"course-v1:No+Such+Run": {"required_grades": {"Exam": 1}}}},
        GRADES,
        "path:criteria",
        ["course-v1:No+Such+Run", "has no such step"],
    ),
]


@pytest.mark.parametrize(("options", "func", "key", "words"), CASES)
def test_it_is_told_everywhere(configure, admin_client, options, func, key, words):
    configuration = configure(options, func, key)
    run = api.issue_pending_credentials(configuration.pk)
    url = f"/admin/learning_credentials/credentialconfiguration/{configuration.pk}/change/"
    page = admin_client.get(url)
    pages = [page.content.decode(), admin_client.post(url, read_form(page), follow=True).content.decode()]
    pages.append(admin_client.get(f"/admin/learning_credentials/generationrun/{run.pk}/change/").content.decode())
    for shown in pages:
        assert "Nobody can meet the criteria with what the LMS says now" in shown
        assert all(word in shown for word in words)


@pytest.mark.parametrize("options", [{"required_grades": {"exam": 0.5}}, {"required_grades": {"TOTAL": 1}}])
def test_what_can_be_met_is_not_told(configure, admin_client, options):
    configuration = configure(options)
    url = f"/admin/learning_credentials/credentialconfiguration/{configuration.pk}/change/"
    assert "Nobody can meet" not in admin_client.get(url).content.decode()


def test_nothing_is_known_without_learners_and_while_the_lms_is_down(configure, admin_client, world):
    configuration = configure({"required_grades": {"Exma": 0.5}}, learners=0)
    assert find_criteria_problems(configuration) == []
    world.enrol(UserFactory().pk, KEY)
    assert len(find_criteria_problems(configuration)) == 1
    world.outage = True
    url = f"/admin/learning_credentials/credentialconfiguration/{configuration.pk}/change/"
    assert admin_client.get(url).status_code == 200
    assert find_criteria_problems(configuration) == []


@pytest.mark.parametrize("share", [1.2, 80])
def test_more_than_all_is_refused_when_it_is_saved(configure, admin_client, share):
    configuration = configure({"required_grades": {"Exam": 0.5}})
    url = f"/admin/learning_credentials/credentialconfiguration/{configuration.pk}/change/"
    data = {**read_form(admin_client.get(url)), "custom_options": f'{{"required_grades": {{"Exam": {share}}}}}'}
    response = admin_client.post(url, data)
    assert response.status_code == 200
    assert "must be from 0 to 1" in response.content.decode()
