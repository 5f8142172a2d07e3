"""What may be asked about how learners stand, and by whom."""

from __future__ import annotations

import json

import pytest

from tests.factories import (
    UserFactory,
)
from tests.integration.learner_status.status_requests import (
    BASE,
    KEY,
    NAMES,
    PROGRAM_UUID,
    ask,
    client_of,
    code_of,
)

pytestmark = pytest.mark.django_db


# Bad requests

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


def test_more_than_the_host_takes(staff, standing, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    response = ask(staff, {"username": "ada", "course_runs": [KEY] * 50})
    assert code_of(response) == (413, "request_too_large")


def test_a_body_of_the_size_that_the_host_takes(staff, standing, settings):
    body = {"username": "ada", "course_runs": [KEY]}
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(json.dumps(body))
    assert ask(staff, body).status_code == 200
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    assert ask(staff, body).status_code == 200


# Who may ask


@pytest.mark.parametrize(
    ("endpoint", "wrap"),
    [("learner_cert_status", lambda body: body), ("bulk_learner_cert_status", lambda body: [body])],
)
def test_who_may_ask(learner, standing, app_settings, endpoint, wrap):
    worker, stranger = UserFactory(username="badge_worker"), UserFactory(username="grace")
    app_settings(LEARNER_STATUS_WORKERS=["badge_worker"])
    by_name, by_id = ({**who, **NAMES} for who in ({"username": "ada"}, {"lms_user_id": learner.pk}))
    for body in (by_name, by_id):
        for user in (worker, learner, UserFactory(permissions=["change_learnercertificate"])):
            assert ask(client_of(user), wrap(body), endpoint).status_code == 200
        assert code_of(ask(client_of(stranger), wrap(body), endpoint)) == (403, "not_yourself")
        anonymous = ask(client_of(), wrap(body), endpoint)
        assert code_of(anonymous) == (401, "not_authenticated")
        assert anonymous["WWW-Authenticate"]
    # The same whether or not there is such a learner.
    assert code_of(ask(client_of(stranger), wrap({"username": "nobody", **NAMES}), endpoint)) == (403, "not_yourself")
    app_settings(LEARNER_STATUS_WORKERS=[])
    assert ask(client_of(worker), wrap(by_name), endpoint).status_code == 403


def test_one_question_about_somebody_else_refuses_them_all(learner, standing):
    own, foreign = {"username": "ada", **NAMES}, {"username": "grace", **NAMES}
    client = client_of(learner)
    assert code_of(ask(client, [own, foreign], "bulk_learner_cert_status")) == (403, "not_yourself")
    found, wrong = ask(client, [own, {"username": 5}], "bulk_learner_cert_status").json()
    assert (len(found["status"]), set(wrong["errors"])) == (1, {"username"})


def test_the_limit_binds_learners_only(learner, standing, app_settings):
    worker = UserFactory(username="badge_worker")
    app_settings(LEARNER_STATUS_WORKERS=["badge_worker"], LEARNER_THROTTLE_RATE="2/min")
    body = {"username": "ada", **NAMES}
    assert [ask(client_of(learner), body).status_code for _ in range(3)] == [200, 200, 429]
    assert {ask(client_of(worker), body).status_code for _ in range(4)} == {200}


def test_learners_ask_no_more_in_a_bulk_than_in_one_request(learner, standing, staff):
    own = {"username": "ada", "course_runs": [f"run {number}" for number in range(250)]}
    assert ask(client_of(learner), [own] * 4, "bulk_learner_cert_status").status_code == 200
    refused = ask(client_of(learner), [*[own] * 4, {"username": "ada", **NAMES}], "bulk_learner_cert_status")
    assert code_of(refused) == (400, "too_many")
    assert ask(staff, [own] * 5, "bulk_learner_cert_status").status_code == 200


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
