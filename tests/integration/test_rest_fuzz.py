"""The whole REST API under made-up requests: nothing breaks it, it answers as described, and it names what is wrong.

The requests are made from the API's own OpenAPI description, good ones and bad ones, always the same ones, and answered in this process.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest
import schemathesis
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import Resolver404, resolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from learning_credentials.lms import Step
from learning_credentials.models import LearnerCertificate
from learning_credentials.rest_api.v1.documentation import CONTEXT_KEY, VERIFY_UUID
from learning_credentials.rest_api.v1.learner_status_documentation import COURSE_UUID, PROGRAM_UUID, RUN_UUID
from tests.factories import (
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    LearnerCertificateFactory,
    UserFactory,
)

if TYPE_CHECKING:
    from schemathesis import Case

pytestmark = pytest.mark.django_db

BASE = "/api/learning_credentials/v1"
EXAMPLES = settings().max_examples * 3 // 20
CSRF_TOKEN = "a" * 32
METADATA = f"GET {BASE}/metadata/{{verify_uuid}}/"
VERIFY = f"POST {BASE}/verify/"
REQUEST = f"POST {BASE}/eligibility/{{context_key}}/{{configuration_id}}/"
PUT = f"PUT {BASE}/course_certificates/{{course_key}}/"
PATCH = f"PATCH {BASE}/course_certificates/{{course_key}}/"
DATE = "2026-06-01T00:00:00Z"
CHANGES = {
    "course_id": CONTEXT_KEY,
    "certificate_type": "verified",
    "certificate_available_date": DATE,
    "is_active": True,
}
STATUS = {"username": "ada", "courses": [COURSE_UUID], "course_runs": [CONTEXT_KEY], "include_unearned": True}
#: What takes a body, with one that is good.
BODIES = {
    REQUEST: {"username": "ada"},
    f"POST {BASE}/learner_cert_status/": STATUS,
    f"POST {BASE}/bulk_learner_cert_status/": STATUS,
    f"POST {BASE}/learner_program_status/": {"username": "ada", "program_uuid": PROGRAM_UUID},
    f"POST {BASE}/course_certificates/": CHANGES,
    PUT: CHANGES,
    PATCH: CHANGES,
}
QUERY_FIELDS = ("username", "retrieval_func")
OPERATIONS = (
    METADATA,
    f"GET {BASE}/configured/{{context_key}}/",
    f"GET {BASE}/eligibility/{{context_key}}/",
    f"GET {BASE}/course_certificates/{{course_key}}/",
    VERIFY,
    *BODIES,
)
#: There is no bad request for metadata: any text may be asked about.
CASES = [
    (label, mode)
    for label in OPERATIONS
    for mode in GenerationMode
    if (label, mode) != (METADATA, GenerationMode.NEGATIVE)
]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=5,
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def populated(world, app_settings):
    """What the examples in the description speak of, so that made-up requests meet something too."""
    cache.clear()
    app_settings(PUBLIC_THROTTLE_RATE=None)
    run = world.add_course_run(CONTEXT_KEY, uuid=UUID(RUN_UUID), parent_course_uuid=UUID(COURSE_UUID))
    world.add_learning_path("path-1", steps=[Step(run.key, is_excluded=True)], uuid=UUID(PROGRAM_UUID))
    learner = UserFactory(username="ada")
    world.enrol(learner.pk, run.key)
    LearnerCertificateFactory(
        user=learner,
        course_certificate=CourseCertificateFactory(course_key=run.key),
        status=LearnerCertificate.Status.DOWNLOADABLE,
        grade=0.9,
    )
    configuration = CredentialConfigurationFactory(learning_context_key=run.key, allow_self_generation=True)
    CredentialFactory(user=learner, configuration=configuration, available=True, verify_uuid=UUID(VERIFY_UUID))
    return {
        "verify_uuid": VERIFY_UUID,
        "context_key": run.key,
        "course_key": run.key,
        "configuration_id": configuration.pk,
    }


@contextmanager
def connections_kept():
    """The start and the end of a request would close the connection that a test's rows are on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def description():
    """Return the description of the host's REST API, read through WSGI. Reading it takes longer than most tests."""
    with connections_kept():
        return schemathesis.openapi.from_wsgi(f"{BASE}/schema/", WSGIHandler())


@pytest.fixture
def _answered_here(populated):
    with connections_kept():
        yield


@pytest.fixture
def staff(populated):
    client = Client()
    client.force_login(UserFactory(username="registrar", superuser=True))
    return client


@pytest.fixture
def staff_cookies(staff):
    return {"sessionid": staff.cookies["sessionid"].value, "csrftoken": CSRF_TOKEN}


def always_the_same(max_examples: int) -> settings:
    return settings(
        max_examples=max_examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def test_every_operation_is_put_to_the_test(description):
    labels = [operation.ok().label for operation in description.get_all_operations()]
    assert sorted(labels) == sorted(OPERATIONS)


@pytest.mark.usefixtures("_answered_here")
@pytest.mark.parametrize(("label", "mode"), CASES)
def test_nothing_breaks_it(label, mode, description, populated, staff_cookies):
    method, path = label.split()
    # A bulk answers wrong entries in their place.
    checks = [*CHECKS] if "bulk" in label else [*CHECKS, negative_data_rejection]

    @always_the_same(EXAMPLES)
    @given(case=description[path][method].as_strategy(generation_mode=mode), meets_something=st.booleans())
    def put_to_the_test(case: Case, meets_something: bool) -> None:
        if meets_something:
            case.path_parameters.update({name: populated[name] for name in case.path_parameters})
        response = case.call(cookies=staff_cookies, headers={"X-CSRFToken": CSRF_TOKEN})
        if not is_address(unquote(urlsplit(response.request.url).path)):
            assert response.status_code == 404
            return
        case.validate_response(response, checks=checks)
        if response.status_code == 400:
            problems = response.json()
            named = set(problems.get("errors", ()))
            assert named <= {*BODIES.get(label, QUERY_FIELDS), "lms_user_id", "file", "code", "non_field_errors"}
            assert named or problems["code"] == "parse_error"

    put_to_the_test()


@pytest.mark.usefixtures("_answered_here")
@pytest.mark.parametrize("label", BODIES)
def test_good_requests_are_answered_as_described(label, description, populated, staff_cookies):
    method, path = label.split()
    body = [BODIES[label]] if "bulk" in label else BODIES[label]
    names = {name: value for name, value in populated.items() if f"{{{name}}}" in path}
    case = description[path][method].Case(path_parameters=names, body=body, media_type="application/json")
    response = case.call(cookies=staff_cookies, headers={"X-CSRFToken": CSRF_TOKEN})
    assert response.status_code in {200, 202}, response.text
    case.validate_response(response, checks=CHECKS)
    if "learner" in label:
        assert '"awarded"' in response.text


def is_address(path: str) -> bool:
    """Whether an endpoint answers under this path; if none does, the host says so in its own way."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


@pytest.mark.parametrize("label", BODIES)
def test_a_field_of_the_wrong_type_is_named(label, populated, staff):
    method, path = label.split()
    path = path.format(**populated)
    valid = BODIES[label]

    @always_the_same(2 * EXAMPLES)
    @given(data=st.data(), field=st.sampled_from(sorted(valid)))
    def put_to_the_test(data: st.DataObject, field: str) -> None:
        wrong = data.draw(JSON_VALUES.filter(lambda value: not is_like(valid[field], value)))
        body = {**valid, field: wrong}
        response = send(staff, method, path, [body] if "bulk" in label else body)
        if "bulk" in label:
            assert response.status_code == 200
            (answer,) = response.json()
        else:
            assert response.status_code == 400, body
            answer = response.json()
        assert list(answer["errors"]) == [field]

    put_to_the_test()


def is_like(valid: object, value: object) -> bool:
    """Whether a value is of the same type as one that is valid; of lists, whether all their items are."""
    if isinstance(valid, list):
        return isinstance(value, list) and all(is_like(valid[0], item) for item in value)
    return type(value) is type(valid) or (value is None and valid == DATE)


@pytest.mark.parametrize("label", BODIES)
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"username": NaN}', b"nul", b"\xef\xbb\xbf{}"])
def test_a_body_that_is_no_json(label, body, populated, staff):
    method, path = label.split()
    response = send(staff, method, path.format(**populated), body)
    # Where nothing has to be given, no body is as good as an empty one.
    may_be_empty = body == b"" and label in {REQUEST, PUT, PATCH}
    assert response.status_code in ({200, 202, 409} if may_be_empty else {400})


@pytest.mark.parametrize("label", BODIES)
@pytest.mark.parametrize("body", [None, [], "text", 7, True])
def test_a_body_that_is_no_object(label, body, populated, staff):
    method, path = label.split()
    response = send(staff, method, path.format(**populated), body)
    if "bulk" in label and body == []:
        assert response.json() == []
    else:
        assert (response.status_code, set(response.json()["errors"])) == (400, {"non_field_errors"})


def send(client, method, path, body):
    content = body if isinstance(body, bytes) else json.dumps(body)
    return client.generic(method, path, content, content_type="application/json")
