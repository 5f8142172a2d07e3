"""Define examples in the OpenAPI description of the learner status and course certificate APIs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from learning_credentials.rest_api.v1.documentation import CONTEXT_KEY

COURSE_UUID = "5a0c1f0e-6d1b-4a43-9f5e-0c0d6b7a9e21"
RUN_UUID = "c3d1a5b8-2f64-4be0-8d35-7e1f5b0a4c96"
PROGRAM_UUID = "91f0e7d4-1c2b-4a57-b7f3-3f9d2a6c8e50"

_AWARDED: dict[str, Any] = {
    "course_uuid": COURSE_UUID,
    "course_run": {"uuid": RUN_UUID, "key": CONTEXT_KEY},
    "status": "awarded",
    "type": "verified",
    "certificate_available_date": "2026-06-01T00:00:00Z",
    "grade": {"letter_grade": "A", "percent_grade": 0.92, "verified": True},
}
_NOT_EARNED: dict[str, Any] = {
    "course_uuid": COURSE_UUID,
    "course_run": {"uuid": None, "key": "course-v1:Aurora+PY102+2026"},
    "status": "not_earned",
    "type": None,
    "certificate_available_date": None,
    "grade": None,
}
_ASKED = {"username": "ada", "courses": [COURSE_UUID], "course_runs": [CONTEXT_KEY]}
_ANSWERED = {"lms_user_id": 7, "username": "ada", "status": [_AWARDED]}


def _request(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value, request_only=True)


def _response(name: str, value: Any, status_code: int = 200) -> OpenApiExample:
    return OpenApiExample(name, value, response_only=True, status_codes=[str(status_code)])


STATUS_REQUEST_EXAMPLES = [
    _request("by user name", _ASKED),
    _request("by user id, all runs", {"lms_user_id": 7, "course_runs": [CONTEXT_KEY], "include_unearned": True}),
]
STATUS_EXAMPLE = _response("a valid certificate", _ANSWERED)

BULK_REQUEST_EXAMPLES = [
    _request("two learners, with a mistake in the second entry", [_ASKED, {"lms_user_id": 0, "courses": [COURSE_UUID]}])
]
BULK_EXAMPLE = _response(
    "the second entry has a mistake",
    [_ANSWERED, {"errors": {"lms_user_id": ["Ensure this value is greater than or equal to 1."]}}],
)

PROGRAM_REQUEST_EXAMPLES = [_request("by user name", {"username": "ada", "program_uuid": PROGRAM_UUID})]
PROGRAM_EXAMPLE = _response(
    "a program that excludes the run that was completed",
    {
        "lms_user_id": 7,
        "username": "ada",
        "program": {"uuid": PROGRAM_UUID, "name": "Python for Everyone"},
        "status": [{**_AWARDED, "excluded": True}, {**_NOT_EARNED, "excluded": False}],
    },
)

COURSE_KEY_PARAMETER = OpenApiParameter(
    "course_key",
    str,
    OpenApiParameter.PATH,
    description="Key of a course run. Percent-encoding is optional.",
    examples=[OpenApiExample("course run", CONTEXT_KEY)],
)
_COURSE_CERTIFICATE = {
    "id": 12,
    "course_id": CONTEXT_KEY,
    "certificate_type": "verified",
    "certificate_available_date": "2026-06-01T00:00:00Z",
    "is_active": True,
}
COURSE_CERTIFICATE_REQUEST_EXAMPLES = [
    _request("with a date", {key: value for key, value in _COURSE_CERTIFICATE.items() if key != "id"}),
    _request("cleared", {"course_id": CONTEXT_KEY, "certificate_available_date": None}),
]
COURSE_CERTIFICATE_CHANGE_EXAMPLES = [_request("cleared", {"certificate_available_date": None})]
COURSE_CERTIFICATE_EXAMPLE = _response("with a date", _COURSE_CERTIFICATE)
COURSE_CERTIFICATE_CREATED_EXAMPLE = _response("made", _COURSE_CERTIFICATE, 201)
