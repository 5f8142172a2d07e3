"""How learners stand in courses, as the programs that ask are told."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from learning_credentials import api
from learning_credentials.data import LearnerQuery, LearnerRunStatus
from learning_credentials.lms import Pacing
from learning_credentials.models import CourseCertificate, LearnerCertificate
from tests.factories import (
    CredentialConfigurationFactory,
    CredentialFactory,
)
from tests.integration.learner_status.status_requests import (
    COURSE_UUID,
    KEY,
    OTHER_KEY,
    PROGRAM_UUID,
    RETRIEVAL_FUNC,
    RUN_UUID,
    ask,
    ask_about,
    statuses,
)

pytestmark = pytest.mark.django_db

CertificateStatus = LearnerCertificate.Status


def test_a_certificate_that_holds(staff, learner, standing):
    response = ask(staff, {"username": "ada", "courses": [str(COURSE_UUID)], "course_runs": [KEY]})
    assert response.status_code == 200
    assert response.json() == {
        "lms_user_id": learner.pk,
        "username": "ada",
        "status": [
            {
                "course_uuid": str(COURSE_UUID),
                "course_run": {"uuid": str(RUN_UUID), "key": KEY},
                "status": "awarded",
                "type": "verified",
                "certificate_available_date": "2026-06-01T00:00:00Z",
                "grade": {"letter_grade": "A", "percent_grade": 0.92, "verified": True},
            }
        ],
    }
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "names",
    [
        {"courses": [str(COURSE_UUID)]},
        {"courses": [str(COURSE_UUID).upper()]},
        {"courses": ["Org+CS101"]},
        {"course_runs": [KEY]},
        {"course_runs": [str(RUN_UUID)]},
        {"courses": [], "course_runs": [str(RUN_UUID), KEY, KEY]},
        {"courses": ["Org+CS101", str(COURSE_UUID)], "course_runs": [KEY]},
    ],
)
@pytest.mark.parametrize("by_id", [True, False])
def test_courses_and_runs_go_by_key_and_by_uuid_and_learners_by_name_and_by_id(staff, learner, standing, names, by_id):
    who = {"lms_user_id": learner.pk} if by_id else {"username": "ada"}
    body = ask(staff, {**who, **names}).json()
    assert (body["lms_user_id"], body["username"]) == (learner.pk, "ada")
    assert [item["course_run"]["key"] for item in body["status"]] == [KEY]


def test_a_course_means_all_of_its_runs_and_each_run_comes_once_in_the_order_named(staff, standing, lms):
    lms.add_course_run("course-v1:Org+X+1")
    found = ask_about(staff, "course-v1:Org+X+1", OTHER_KEY, courses=[str(COURSE_UUID)], include_unearned=True)
    assert [item["course_run"]["key"] for item in found] == [KEY, OTHER_KEY, "course-v1:Org+X+1"]
    assert [item["status"] for item in found] == ["awarded", "not_earned", "not_earned"]


@pytest.mark.parametrize(
    ("given", "echoed"), [("username", "nobody"), ("lms_user_id", 987654), ("lms_user_id", 2**63 - 1)]
)
def test_an_unknown_learner(staff, standing, given, echoed):
    response = ask(staff, {given: echoed, "course_runs": [KEY], "include_unearned": True})
    assert response.status_code == 200
    assert response.json() == {"username": None, "lms_user_id": None, given: echoed, "status": []}


def test_user_names_differ_by_case(staff, standing):
    assert ask(staff, {"username": "ADA", "course_runs": [KEY]}).json()["lms_user_id"] is None


def test_an_lms_without_uuids(staff, learner, standing, lms):
    run = lms.runs[KEY]
    run.context = type(run.context)(key=KEY, name=KEY)
    (found,) = ask_about(staff, KEY)
    assert (found["course_uuid"], found["course_run"]) == (None, {"uuid": None, "key": KEY})


#: Every status that a standing may have, and what is told of it.
TOLD = {
    "downloadable": "awarded",
    "notpassing": "notpassing",
    "unavailable": "unavailable",
    "unverified": "unverified",
    "deleted": "unavailable",
    "deleting": "unavailable",
    "invalidated": "unavailable",
    "restricted": "unavailable",
    "error": "unavailable",
    "generating": "unavailable",
    "regenerating": "unavailable",
    "requesting": "unavailable",
    "audit_notpassing": "notpassing",
    "auditing": "not_earned",
    "audit_passing": "not_earned",
    "honor_passing": "not_earned",
}


@pytest.mark.parametrize("status", CertificateStatus.values)
def test_what_is_told_of_each_standing(staff, standing, status):
    LearnerCertificate.objects.update(status=status)
    assert statuses(staff, KEY) == [TOLD[status]]
    assert len(ask_about(staff, KEY)) == (status == "downloadable")


def test_what_was_not_earned_and_what_nobody_knows(staff, learner, run, lms):
    unknown = uuid4()
    lms.enrol(learner.pk, KEY, "audit")
    found = ask_about(
        staff, KEY, OTHER_KEY, "course-v1:No+Such+Run", str(unknown), courses=["No+Such"], include_unearned=True
    )
    nothing = {"course_uuid": None, "type": None, "certificate_available_date": None, "grade": None}
    assert found == [
        {**nothing, "course_run": {"uuid": None, "key": "No+Such"}, "status": "unknown_course"},
        {
            "course_uuid": str(COURSE_UUID),
            "course_run": {"uuid": str(RUN_UUID), "key": KEY},
            "status": "not_earned",
            "type": "audit",
            "certificate_available_date": "2026-06-01T00:00:00Z",
            "grade": None,
        },
        {
            **nothing,
            "course_uuid": str(COURSE_UUID),
            "course_run": {"uuid": str(lms.runs[OTHER_KEY].context.uuid), "key": OTHER_KEY},
            "status": "not_earned",
        },
        {**nothing, "course_run": {"uuid": None, "key": "course-v1:No+Such+Run"}, "status": "unknown_course"},
        {**nothing, "course_run": {"uuid": str(unknown), "key": None}, "status": "unknown_course"},
    ]
    assert ask_about(staff, KEY, "course-v1:No+Such+Run") == []


def test_a_program_is_no_course_run(staff, standing, lms):
    lms.add_learning_path("path-1", steps=[KEY], uuid=PROGRAM_UUID)
    assert statuses(staff, "path-1", str(PROGRAM_UUID)) == ["unknown_course", "unknown_course"]


def test_a_certificate_outlives_the_run_in_the_lms(staff, standing, lms):
    lms.runs.clear()
    (found,) = ask_about(staff, KEY)
    assert (found["status"], found["course_run"]) == ("awarded", {"uuid": None, "key": KEY})


def test_a_run_that_issues_no_more_certificates_takes_none_back(staff, standing, run):
    api.change_course_certificate(KEY, is_active=False)
    assert statuses(staff, KEY) == ["awarded"]


@pytest.mark.parametrize(
    ("pacing", "shows_early", "days", "told"),
    [
        (Pacing.INSTRUCTOR, False, None, "awarded"),
        (Pacing.INSTRUCTOR, False, -1, "awarded"),
        (Pacing.INSTRUCTOR, False, 1, "not_yet_available"),
        (Pacing.INSTRUCTOR, True, 1, "awarded"),
        (Pacing.SELF, False, 1, "awarded"),
    ],
)
def test_the_date_of_the_run_hides_and_shows(staff, standing, run, pacing, shows_early, days, told):
    CourseCertificate.objects.update(pacing=pacing, shows_early=shows_early)
    date = None if days is None else timezone.now() + timedelta(days=days)
    api.set_certificate_available_date(KEY, date)
    assert statuses(staff, KEY) == [told]
    assert len(ask_about(staff, KEY)) == (told == "awarded")


def test_moving_the_date_is_seen_at_once(staff, standing):
    for days, count in ((1, 0), (-1, 1), (1, 0)):
        api.set_certificate_available_date(KEY, timezone.now() + timedelta(days=days))
        assert len(ask_about(staff, KEY)) == count
    api.set_certificate_available_date(KEY, None)
    assert len(ask_about(staff, KEY)) == 1


def test_the_artifact_does_not_matter_unless_staff_revoked_it(staff, learner, standing):
    configuration = CredentialConfigurationFactory(
        learning_context_key=KEY, credential_type__retrieval_func=RETRIEVAL_FUNC
    )
    assert statuses(staff, KEY) == ["awarded"]
    CredentialFactory(user=learner, configuration=configuration, invalidated=True)
    assert statuses(staff, KEY) == ["awarded"]
    CredentialFactory(user=learner, configuration=configuration, invalidated=True, blocks_reissue=True)
    assert statuses(staff, KEY) == ["unavailable"]
    CredentialFactory(user=learner, configuration=configuration)
    assert statuses(staff, KEY) == ["awarded"]


def test_another_credential_of_the_run_says_nothing_about_its_certificate(staff, learner, standing):
    other = CredentialConfigurationFactory(learning_context_key=KEY)
    CredentialFactory(user=learner, configuration=other, invalidated=True, blocks_reissue=True)
    assert statuses(staff, KEY) == ["awarded"]


@pytest.mark.parametrize(
    ("mode", "grade", "letter", "shown"),
    [
        ("verified", 0.925649, "A", {"letter_grade": "A", "percent_grade": 0.9256, "verified": True}),
        ("honor", 1.0, "", {"letter_grade": "", "percent_grade": 1.0, "verified": False}),
        ("verified", None, "", None),
    ],
)
def test_grades(staff, standing, mode, grade, letter, shown):
    LearnerCertificate.objects.update(mode=mode, grade=grade, letter_grade=letter)
    assert ask_about(staff, KEY)[0]["grade"] == shown


def test_a_standing_without_a_mode_takes_that_of_the_enrolment(staff, learner, standing, lms):
    LearnerCertificate.objects.update(mode="")
    lms.enrol(learner.pk, KEY, "masters")
    assert ask_about(staff, KEY)[0]["type"] == "masters"


def test_the_facade_answers_values(learner, standing):
    answer = api.get_learner_status(LearnerQuery(username="ada", course_runs=(KEY,)))
    assert (answer.lms_user_id, answer.runs[0].status) == (learner.pk, LearnerRunStatus.AWARDED)
    with pytest.raises(ValueError, match="exactly one"):
        api.list_learner_statuses([LearnerQuery(course_runs=(KEY,))])
    (unknown,) = api.list_learner_statuses([LearnerQuery(lms_user_id=2**80, course_runs=("\x00",))])
    assert (unknown.username, unknown.runs) == (None, ())


def test_what_an_evaluation_found_is_what_is_told(staff, learner, lms):
    api.change_course_certificate(KEY, certificate_type="verified")
    lms.enrol(learner.pk, KEY, "verified")
    lms.set_grade(learner.pk, KEY, {"Homework": 0.9, "Exam": 0.8})
    assert statuses(staff, KEY) == ["not_earned"]
    api.evaluate_course_certificate(KEY, learner.pk, cause=api.Cause.GRADE_PASSING)
    (found,) = ask_about(staff, KEY)
    assert (found["status"], found["type"]) == ("awarded", "verified")
    assert found["grade"] == {"letter_grade": "Pass", "percent_grade": 0.84, "verified": True}
    lms.set_grade(learner.pk, KEY, {"Homework": 0.1})
    api.evaluate_course_certificate(KEY, learner.pk, cause=api.Cause.GRADE_FAILING)
    (found,) = ask_about(staff, KEY, include_unearned=True)
    assert (found["status"], found["grade"]["percent_grade"]) == ("notpassing", 0.04)
