"""Define parts of the OpenAPI description that several views use: parameters, errors and examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
)

from learning_credentials.rest_api.v1.serializers import ErrorSerializer

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.serializers import Serializer

_Method = TypeVar("_Method", bound="Callable[..., Any]")

CONTEXT_KEY = "course-v1:Aurora+PY101+2026"
VERIFY_UUID = "0f9f5d3e-9d0b-4f0e-8a51-2f6c1a7b4d10"
VERIFICATION_URL = f"https://credentials.example.org/credentials/{VERIFY_UUID}/"

VERIFY_UUID_PARAMETER = OpenApiParameter(
    "verify_uuid", str, OpenApiParameter.PATH, description="The public id of a credential."
)
CONTEXT_KEY_PARAMETER = OpenApiParameter(
    "context_key",
    str,
    OpenApiParameter.PATH,
    description="Key of a course run or a learning path. Percent-encoding is optional.",
    examples=[OpenApiExample("course run", CONTEXT_KEY)],
)
CONFIGURATION_PARAMETER = OpenApiParameter(
    "configuration_id",
    int,
    OpenApiParameter.PATH,
    description="A `configuration_id` from the list of the context's credentials.",
)
USERNAME_PARAMETER = OpenApiParameter(
    "username",
    str,
    description="User name of another learner. This needs a permission. Leave it out to ask about yourself.",
)
RETRIEVAL_FUNC_PARAMETER = OpenApiParameter(
    "retrieval_func",
    str,
    description="Dotted path of a function. Lists only credentials whose eligibility this function decides.",
)

IF_MATCH_PARAMETER = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="Optional: the `ETag` that the caller read. If somebody has changed the data since, nothing "
    "changes and the answer is 412.",
)

METADATA_EXAMPLE = OpenApiExample(
    "an available credential",
    {
        "verify_uuid": VERIFY_UUID,
        "verify_code": "7K3QF-9XW2M",
        "status": "available",
        "is_valid": True,
        "user_full_name": "Ada Example",
        "learning_context_key": CONTEXT_KEY,
        "learning_context_name": "Programming in Python",
        "credential_type_name": "Certificate of Achievement",
        "issuer": {
            "name": "Aurora Academy",
            "url": "https://aurora.example.org",
            "email": "registrar@aurora.example.org",
        },
        "created": "2026-06-01T12:00:00Z",
        "issue_date": "2026-06-01",
        "expires_at": None,
        "invalidated_at": None,
        "invalidation_reason": "",
        "replaced_by": None,
        "renewed_by": None,
        "description": "The holder can write small programs in Python.",
        "criteria": "At least 90% of the course completed.",
        "custom_fields": [
            {"name": "hours", "label": "Hours", "kind": "duration", "value": "PT12H", "text": "12 hours"}
        ],
        "verification_url": VERIFICATION_URL,
        "download_url": f"{VERIFICATION_URL}download/",
    },
    response_only=True,
    status_codes=["200"],
)
CONFIGURED_EXAMPLE = OpenApiExample(
    "two credentials can be earned",
    {"has_credentials": True, "credential_count": 2},
    response_only=True,
    status_codes=["200"],
)
ELIGIBILITY_EXAMPLE = OpenApiExample(
    "one credential, half completed",
    {
        "learning_context_key": CONTEXT_KEY,
        "learning_context_name": "Programming in Python",
        "username": "ada",
        "credentials": [
            {
                "configuration_id": 7,
                "credential_type_name": "Certificate of Achievement",
                "retrieval_func": "learning_credentials.processors.retrieve_completions",
                "criteria": "At least 90% of the course completed.",
                "is_eligible": False,
                "progress": {"current_completion": 0.5, "required_completion": 0.9},
                "allows_self_generation": True,
                "credential": None,
            }
        ],
    },
    response_only=True,
    status_codes=["200"],
)
REQUESTED_EXAMPLE = OpenApiExample(
    "being made",
    {"verify_uuid": VERIFY_UUID, "status": "generating", "expires_at": None, "verification_url": None},
    response_only=True,
    status_codes=["202"],
)

_ERRORS: dict[int, tuple[str, str, str]] = {
    400: ("The request is wrong.", "invalid", "retrieval_func: 'x' is not a known processor"),
    401: ("The caller is not signed in, or the token is wrong.", "authentication_failed", "Invalid token."),
    403: ("The caller does not have permission.", "no_context_access", "You have no access to this learning context."),
    404: ("There is nothing with this name.", "context_not_found", "There is no such learning context."),
    409: ("The learner cannot have the credential.", "not_eligible", "The criteria are not met."),
    412: (
        "Somebody else changed the data after the caller read it: `If-Match` does not match.",
        "precondition_failed",
        "Somebody else changed this after you read it. Read it again.",
    ),
    413: ("The request is too large.", "upload_too_large", "The file is too large."),
    429: (
        "Too many requests. `Retry-After` says how many seconds to wait.",
        "throttled",
        "Request was throttled. Expected available in 12 seconds.",
    ),
    503: (
        "The LMS or another service does not answer. Try again later.",
        "lms_unavailable",
        "The server cannot answer at the moment. Please try again later.",
    ),
}


def describe_operation(**description: Any) -> Callable[[_Method], _Method]:
    """Describe a view's method.

    This does the same as drf-spectacular's ``extend_schema``, but not with the host's default schema class.
    """

    def decorate(method: _Method) -> _Method:
        method.kwargs = {"schema": AutoSchema}  # type: ignore[attr-defined]  # extend_schema looks here for its base class
        return extend_schema(**description)(method)

    return decorate


def describe_errors(*status_codes: int, **examples: tuple[str, str]) -> dict[int, OpenApiResponse]:
    """Return the documentation of errors by status code.

    ``error_404=(code, detail)`` replaces the usual example of status 404.
    """
    described = {}
    for status_code in status_codes:
        description, code, detail = _ERRORS[status_code]
        code, detail = examples.get(f"error_{status_code}", (code, detail))
        example = OpenApiExample(
            code, {"code": code, "detail": detail}, response_only=True, status_codes=[str(status_code)]
        )
        described[status_code] = OpenApiResponse(ErrorSerializer, description, examples=[example])
    return described


def describe_answers(
    serializer: type[Serializer[Any]] | PolymorphicProxySerializer,
    example: OpenApiExample,
    errors: dict[int, OpenApiResponse],
    *,
    status_code: int = 200,
    description: str = "",
) -> dict[int, OpenApiResponse]:
    """Return the documentation of a good answer and of the errors."""
    return {status_code: OpenApiResponse(serializer, description, examples=[example]), **errors}
