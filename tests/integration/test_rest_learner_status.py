"""How learners stand in courses and programs, as the programs that ask are told."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from learning_credentials import api
from learning_credentials.data import LearnerQuery, LearnerRunStatus
from learning_credentials.lms import Pacing, Step
from learning_credentials.models import CourseCertificate, LearnerCertificate
from tests.factories import (
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    LearnerCertificateFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

BASE = "/api/learning_credentials/v1"
KEY = "course-v1:Org+CS101+2026"
OTHER_KEY = "course-v1:Org+CS101+2027"
COURSE_UUID = UUID("5a0c1f0e-6d1b-4a43-9f5e-0c0d6b7a9e21")
RUN_UUID = UUID("c3d1a5b8-2f64-4be0-8d35-7e1f5b0a4c96")
PROGRAM_UUID = UUID("91f0e7d4-1c2b-4a57-b7f3-3f9d2a6c8e50")
RETRIEVAL_FUNC = "learning_credentials.processors.retrieve_course_certificates"
Status = LearnerCertificate.Status


@pytest.fixture(autouse=True)
def lms(world):
    cache.clear()
    world.add_course_run(KEY, uuid=RUN_UUID, parent_course_key="Org+CS101", parent_course_uuid=COURSE_UUID)
    world.add_course_run(OTHER_KEY, parent_course_key="Org+CS101", parent_course_uuid=COURSE_UUID)
    return world


@pytest.fixture
def learner(lms):
    return UserFactory(username="ada")


@pytest.fixture
def run():
    return CourseCertificateFactory(course_key=KEY, available_date="2026-06-01T00:00:00Z")


@pytest.fixture
def standing(learner, run):
    return LearnerCertificateFactory(
        user=learner, course_certificate=run, mode="verified", grade=0.92, letter_grade="A"
    )


@pytest.fixture
def staff():
    return client_of(UserFactory(username="registrar", staff=True))


def client_of(user=None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_login(user)
    return client


def ask(client, body, endpoint="learner_cert_status"):
    return client.post(f"{BASE}/{endpoint}/", json.dumps(body), content_type="application/json")


def ask_about(client, *keys, username="ada", **body):
    response = ask(client, {"username": username, "course_runs": list(keys), **body})
    assert response.status_code == 200, response.content
    return response.json()["status"]


def statuses(client, *keys, **body):
    return [item["status"] for item in ask_about(client, *keys, include_unearned=True, **body)]


def code_of(response):
    return response.status_code, response.json()["code"]


# One learner


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


@pytest.mark.parametrize("status", Status.values)
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


# Bad requests

NAMES = {"course_runs": [KEY]}
MALFORMED = [
    ({**NAMES}, "username"),
    ({**NAMES, "username": "ada", "lms_user_id": 1}, "username"),
    ({**NAMES, "username": "ada", "lms_user_id": 1}, "lms_user_id"),
    ({**NAMES, "username": None}, "username"),
    ({**NAMES, "username": ""}, "username"),
    ({**NAMES, "username": 7}, "username"),
    ({**NAMES, "username": ["ada"]}, "username"),
    ({**NAMES, "username": "a\x00"}, "username"),
    ({**NAMES, "username": "a" * 256}, "username"),
    *(({**NAMES, "lms_user_id": value}, "lms_user_id") for value in ("7", True, 0, -1, 1.5, None, [7], {}, 2**63)),
    ({"username": "ada"}, "courses"),
    ({"username": "ada"}, "course_runs"),
    ({"username": "ada", "courses": [], "course_runs": []}, "courses"),
    ({"username": "ada", "courses": "abc"}, "courses"),
    ({"username": "ada", "courses": None}, "courses"),
    ({"username": "ada", "courses": [""]}, "courses"),
    ({"username": "ada", "course_runs": {"key": KEY}}, "course_runs"),
    ({"username": "ada", "course_runs": [KEY, 5]}, "course_runs"),
    ({"username": "ada", "course_runs": [None]}, "course_runs"),
    ({"username": "ada", "course_runs": ["\ud800"]}, "course_runs"),
    ({"username": "ada", "course_runs": ["k"] * 1001}, "course_runs"),
    ({"username": "ada", "courses": ["c"] * 501, "course_runs": ["k"] * 500}, "courses"),
    ({**NAMES, "username": "ada", "include_unearned": "yes"}, "include_unearned"),
    ({**NAMES, "username": "ada", "include_unearned": 1}, "include_unearned"),
    ({**NAMES, "username": "ada", "include_unearned": None}, "include_unearned"),
]


@pytest.mark.parametrize(("body", "field"), MALFORMED)
def test_a_malformed_request_names_the_field(staff, standing, body, field):
    response = ask(staff, body)
    assert response.status_code == 400
    assert response.json()["errors"][field]
    (entry,) = ask(staff, [body], "bulk_learner_cert_status").json()
    assert entry["errors"][field] == response.json()["errors"][field]


@pytest.mark.parametrize("endpoint", ["learner_cert_status", "bulk_learner_cert_status", "learner_program_status"])
@pytest.mark.parametrize("body", ["{", "", "[" * 100_000, '{"a": NaN}', b"\xff\xfe", "1" * 5000])
def test_what_is_no_json(staff, endpoint, body):
    response = staff.post(f"{BASE}/{endpoint}/", body, content_type="application/json")
    assert response.status_code == 400


@pytest.mark.parametrize("charset", ["utf-16", "rot13", "zip", "x"])
def test_the_character_set_is_utf8_whatever_is_claimed(staff, standing, charset):
    body = json.dumps({"username": "ada", "course_runs": [KEY]})
    response = staff.post(f"{BASE}/learner_cert_status/", body, content_type=f"application/json; charset={charset}")
    assert len(response.json()["status"]) == 1


def test_the_most_names_that_may_be_asked(staff, standing):
    names = {"courses": ["c"] * 500, "course_runs": [KEY] + ["k"] * 499}
    assert len(ask(staff, {"username": "ada", **names}).json()["status"]) == 1


# Who may ask


@pytest.mark.parametrize(
    ("endpoint", "wrap"),
    [("learner_cert_status", lambda body: body), ("bulk_learner_cert_status", lambda body: [body])],
)
def test_who_may_ask(learner, standing, settings, endpoint, wrap):
    worker, stranger = UserFactory(username="badge_worker"), UserFactory(username="grace")
    settings.LEARNING_CREDENTIALS = {**settings.LEARNING_CREDENTIALS, "LEARNER_STATUS_WORKERS": ["badge_worker"]}
    by_name, by_id = ({**who, **NAMES} for who in ({"username": "ada"}, {"lms_user_id": learner.pk}))
    for body in (by_name, by_id):
        for user in (worker, learner, UserFactory(staff=True)):
            assert ask(client_of(user), wrap(body), endpoint).status_code == 200
        assert code_of(ask(client_of(stranger), wrap(body), endpoint)) == (403, "not_yourself")
        anonymous = ask(client_of(), wrap(body), endpoint)
        assert code_of(anonymous) == (401, "not_authenticated")
        assert anonymous["WWW-Authenticate"]
    # The same whether or not there is such a learner.
    assert code_of(ask(client_of(stranger), wrap({"username": "nobody", **NAMES}), endpoint)) == (403, "not_yourself")
    settings.LEARNING_CREDENTIALS = {**settings.LEARNING_CREDENTIALS, "LEARNER_STATUS_WORKERS": []}
    assert ask(client_of(worker), wrap(by_name), endpoint).status_code == 403


def test_one_question_about_somebody_else_refuses_them_all(learner, standing):
    own, foreign = {"username": "ada", **NAMES}, {"username": "grace", **NAMES}
    client = client_of(learner)
    assert code_of(ask(client, [own, foreign], "bulk_learner_cert_status")) == (403, "not_yourself")
    found, wrong = ask(client, [own, {"username": 5}], "bulk_learner_cert_status").json()
    assert (len(found["status"]), set(wrong["errors"])) == (1, {"username"})


def test_the_limit_binds_learners_only(learner, standing, settings):
    worker = UserFactory(username="badge_worker")
    settings.LEARNING_CREDENTIALS = {
        **settings.LEARNING_CREDENTIALS,
        "LEARNER_STATUS_WORKERS": ["badge_worker"],
        "LEARNER_THROTTLE_RATE": "2/min",
    }
    body = {"username": "ada", **NAMES}
    assert [ask(client_of(learner), body).status_code for _ in range(3)] == [200, 200, 429]
    assert {ask(client_of(worker), body).status_code for _ in range(4)} == {200}


def test_an_lms_that_is_down(staff, standing, lms):
    lms.outage = True
    program = {"username": "ada", "program_uuid": str(PROGRAM_UUID)}
    for endpoint, body in (
        ("learner_cert_status", {"username": "ada", **NAMES}),
        ("bulk_learner_cert_status", [{"username": "ada", **NAMES}]),
        ("learner_program_status", program),
    ):
        response = ask(staff, body, endpoint)
        assert code_of(response) == (503, "lms_unavailable")
        assert int(response["Retry-After"]) > 0


# Many learners


def test_a_bulk_is_answered_in_its_order_with_broken_entries_in_place(staff, learner, standing, run):
    grace = UserFactory(username="grace")
    LearnerCertificateFactory(user=grace, course_certificate=run, status=Status.NOTPASSING)
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


def test_neither_queries_nor_calls_to_the_lms_grow_with_the_learners(staff, lms):
    keys = [f"course-v1:Org+R{number}+2026" for number in range(20)]
    for key in keys:
        lms.add_course_run(key, parent_course_uuid=COURSE_UUID)
    runs = [CourseCertificateFactory(course_key=key) for key in keys]
    CredentialConfigurationFactory(learning_context_key=keys[0], credential_type__retrieval_func=RETRIEVAL_FUNC)
    learners = UserFactory.create_batch(500)
    LearnerCertificate.objects.bulk_create(
        LearnerCertificate(user=learner, course_certificate=run, status=Status.DOWNLOADABLE, grade=0.5)
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
    assert counts[0] == counts[1] <= 8
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


# The facade


def test_the_facade_answers_values(learner, standing):
    answer = api.get_learner_status(LearnerQuery(username="ada", course_runs=(KEY,)))
    assert (answer.lms_user_id, answer.runs[0].status) == (learner.pk, LearnerRunStatus.AWARDED)
    with pytest.raises(ValueError, match="exactly one"):
        api.list_learner_statuses([LearnerQuery(course_runs=(KEY,))])
    (unknown,) = api.list_learner_statuses([LearnerQuery(lms_user_id=2**80, course_runs=("\x00",))])
    assert (unknown.username, unknown.runs) == (None, ())
