"""How many learners stand in courses, and one learner in every run of a program."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from learning_credentials.lms import Step
from learning_credentials.models import LearnerCertificate
from tests.factories import (
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    LearnerCertificateFactory,
    UserFactory,
)
from tests.integration.learner_status.status_requests import (
    COURSE_UUID,
    KEY,
    NAMES,
    OTHER_KEY,
    PROGRAM_UUID,
    RETRIEVAL_FUNC,
    RUN_UUID,
    ask,
    client_of,
    code_of,
)

pytestmark = pytest.mark.django_db

CertificateStatus = LearnerCertificate.Status


# Many learners


def test_a_bulk_is_answered_in_its_order_with_broken_entries_in_place(staff, learner, standing, run):
    grace = UserFactory(username="grace")
    LearnerCertificateFactory(user=grace, course_certificate=run, status=CertificateStatus.NOTPASSING)
    bodies = [
        {"username": "grace", "include_unearned": True, **NAMES},
        {"username": "ada"},
        {"lms_user_id": learner.pk, **NAMES},
        "ada",
        {"username": "nobody", **NAMES},
        None,
        {"lms_user_id": True, **NAMES},
        {"username": "ada", **NAMES},
    ]
    answers = ask(staff, bodies, "bulk_learner_cert_status")
    assert answers.status_code == 200
    first, second, third, fourth, fifth, sixth, seventh, eighth = answers.json()
    assert (first["username"], first["status"][0]["status"]) == ("grace", "notpassing")
    assert set(second.pop("errors")) == {"courses", "course_runs"}
    assert second == {}
    assert third == eighth == ask(staff, bodies[2]).json()
    assert third["status"][0]["status"] == "awarded"
    assert set(fourth["errors"]) == set(sixth["errors"]) == {"non_field_errors"}
    assert fifth == {"lms_user_id": None, "username": "nobody", "status": []}
    assert set(seventh["errors"]) == {"lms_user_id"}


@pytest.mark.parametrize("body", [{}, {"username": "ada", **NAMES}, "ada", 7, None, True, [{}] * 501])
def test_a_bulk_that_is_none(staff, body):
    response = ask(staff, body, "bulk_learner_cert_status")
    assert response.status_code == 400
    assert response.json()["errors"]["non_field_errors"]


def test_an_empty_bulk(staff):
    assert ask(staff, [], "bulk_learner_cert_status").json() == []


def test_the_status_of_one_learner_takes_four_queries_after_signing_in(learner, standing, django_assert_num_queries):
    client = client_of(UserFactory(superuser=True))
    signing_in = 2
    for _ in range(2):
        with django_assert_num_queries(signing_in + 4):
            assert ask(client, {"username": "ada", **NAMES}).json()["status"][0]["status"] == "awarded"


def test_neither_queries_nor_calls_to_the_lms_grow_with_the_learners(staff, lms):
    keys = [f"course-v1:Org+R{number}+2026" for number in range(20)]
    for key in keys:
        lms.add_course_run(key, parent_course_uuid=COURSE_UUID)
    runs = [CourseCertificateFactory(course_key=key) for key in keys]
    CredentialConfigurationFactory(learning_context_key=keys[0], credential_type__retrieval_func=RETRIEVAL_FUNC)
    learners = UserFactory.create_batch(500)
    LearnerCertificate.objects.bulk_create(
        LearnerCertificate(user=learner, course_certificate=run, status=CertificateStatus.DOWNLOADABLE, grade=0.5)
        for learner in learners
        for run in runs
    )
    counts, calls = [], []
    for size in (5, 500):
        # Each way to name a learner and a run, and nobody's mode on record.
        bodies = [
            {
                **({"username": learner.username} if number % 2 else {"lms_user_id": learner.pk}),
                "courses": [str(COURSE_UUID)],
                "course_runs": [*keys, str(lms.runs[keys[0]].context.uuid)],
                "include_unearned": True,
            }
            for number, learner in enumerate(learners[:size])
        ]
        lms.calls.clear()
        with CaptureQueriesContext(connection) as queries:
            answers = ask(staff, bodies, "bulk_learner_cert_status").json()
        counts.append(len(queries))
        calls.append(dict(lms.calls))
        assert [answer["username"] for answer in answers] == [learner.username for learner in learners[:size]]
        # The two runs of the course that every test has are its runs too.
        assert {len(answer["status"]) for answer in answers} == {22}
        assert sum(item["status"] == "awarded" for answer in answers for item in answer["status"]) == 20 * size
    assert counts[0] == counts[1] <= 10
    assert calls[0] == calls[1]
    assert set(calls[0].values()) == {1}


# Programs


@pytest.fixture
def program(lms):
    steps = [Step(KEY, is_excluded=True), Step(OTHER_KEY), Step("course-v1:Gone+X+1")]
    return lms.add_learning_path("path-1", "Python for Everyone", steps=steps, uuid=PROGRAM_UUID)


def ask_program(client, **body):
    return ask(client, body, "learner_program_status")


@pytest.mark.parametrize("name", [str(PROGRAM_UUID), str(PROGRAM_UUID).upper(), "path-1"])
def test_a_program_shows_the_run_that_it_excludes_and_the_learner_completed(
    staff, learner, standing, program, lms, name
):
    response = ask_program(staff, username="ada", program_uuid=name)
    assert response.status_code == 200
    unearned = {"type": None, "certificate_available_date": None, "grade": None}
    assert response.json() == {
        "lms_user_id": learner.pk,
        "username": "ada",
        "program": {"uuid": str(PROGRAM_UUID), "name": "Python for Everyone"},
        "status": [
            {
                "course_uuid": str(COURSE_UUID),
                "course_run": {"uuid": str(RUN_UUID), "key": KEY},
                "status": "awarded",
                "type": "verified",
                "certificate_available_date": "2026-06-01T00:00:00Z",
                "grade": {"letter_grade": "A", "percent_grade": 0.92, "verified": True},
                "excluded": True,
            },
            {
                **unearned,
                "course_uuid": str(COURSE_UUID),
                "course_run": {"uuid": str(lms.runs[OTHER_KEY].context.uuid), "key": OTHER_KEY},
                "status": "not_earned",
                "excluded": False,
            },
            {
                **unearned,
                "course_uuid": None,
                "course_run": {"uuid": None, "key": "course-v1:Gone+X+1"},
                "status": "unknown_course",
                "excluded": False,
            },
        ],
    }


def test_an_unknown_learner_of_a_program(staff, program):
    assert ask_program(staff, lms_user_id=987654, program_uuid=str(PROGRAM_UUID)).json() == {
        "lms_user_id": 987654,
        "username": None,
        "program": {"uuid": str(PROGRAM_UUID), "name": "Python for Everyone"},
        "status": [],
    }


@pytest.mark.parametrize("name", ["0b0f2c56-6d0e-4a52-9d0e-3a1f5c8f7c11", str(RUN_UUID)])
def test_an_unknown_program(staff, learner, program, name):
    assert code_of(ask_program(staff, username="ada", program_uuid=name)) == (404, "program_not_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "ada"}, "program_uuid"),
        *(
            ({"username": "ada", "program_uuid": value}, "program_uuid")
            for value in ("", None, 7, [], "\x00", "no-such", KEY)
        ),
        ({"program_uuid": str(PROGRAM_UUID)}, "username"),
        ({"program_uuid": str(PROGRAM_UUID), "lms_user_id": "7"}, "lms_user_id"),
    ],
)
def test_a_malformed_question_about_a_program(staff, learner, program, body, field):
    response = ask_program(staff, **body)
    assert response.status_code == 400
    assert response.json()["errors"][field]


def test_who_may_ask_about_a_program(learner, program):
    body = {"username": "ada", "program_uuid": str(PROGRAM_UUID)}
    assert ask_program(client_of(learner), **body).status_code == 200
    assert code_of(ask_program(client_of(UserFactory()), **body)) == (403, "not_yourself")
    assert ask_program(client_of(), **body).status_code == 401
