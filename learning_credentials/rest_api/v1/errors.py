"""Convert errors to answers of the REST API: ``{"code", "detail"}``. The code is stable, and the detail is for people."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.response import Response
from rest_framework.views import exception_handler

from learning_credentials.exceptions import (
    AlreadyExistsError,
    ChangedMeanwhileError,
    ContextNotFoundError,
    CourseCertificateNotFoundError,
    CredentialNotFoundError,
    CredentialsError,
    FrozenError,
    InvalidTransitionError,
    NotEligibleError,
    SelfGenerationDisabledError,
    TransientError,
    UploadTooLargeError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

#: Seconds after which a caller can retry when another service does not answer.
RETRY_AFTER = 30

_NOT_FOUND: Mapping[type[CredentialsError], Any] = {
    CredentialNotFoundError: gettext_lazy("There is no such credential."),
    ContextNotFoundError: gettext_lazy("There is no such learning context."),
    CourseCertificateNotFoundError: gettext_lazy("This course run has no certificate settings."),
}


class RequestTooLargeError(APIException):
    """The request's body is larger than the host's ``DATA_UPLOAD_MAX_MEMORY_SIZE``.

    Django would answer it with an HTML page.
    """

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("The request is too large.")
    default_code = "request_too_large"


class PreconditionFailedError(APIException):
    """The caller sent ``If-Match``, and somebody else has changed the row since the caller read it."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = gettext_lazy("Somebody else changed this after you read it. Read it again.")
    default_code = "precondition_failed"


def handle_error(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer for an exception, or None to let Django handle it.

    Only this app's views use this handler, never the host's views.
    """
    if isinstance(error, CredentialsError):
        return _answer(error)
    if isinstance(error, RequestDataTooBig):
        error = RequestTooLargeError()
    response = exception_handler(error, dict(context))
    if response is not None:
        response.data = _describe(response.data)
    return response


def _answer(error: CredentialsError) -> Response:
    status_code, detail = _classify(error)
    response = Response({"code": error.code, "detail": detail}, status=status_code)
    if status_code == status.HTTP_503_SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER)
    if status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR:
        logger.error("%s: %s", error.code, error, exc_info=error)
    return response


def _classify(error: CredentialsError) -> tuple[int, str]:
    """Return the HTTP status and the text for the caller.

    The text never shows internal details of an outage or a wrong configuration.
    """
    match error:
        case CredentialNotFoundError() | ContextNotFoundError() | CourseCertificateNotFoundError():
            return status.HTTP_404_NOT_FOUND, str(
                next(message for kind, message in _NOT_FOUND.items() if isinstance(error, kind))
            )
        case SelfGenerationDisabledError():
            return status.HTTP_403_FORBIDDEN, str(error)
        case (
            NotEligibleError()
            | InvalidTransitionError()
            | FrozenError()
            | AlreadyExistsError()
            | ChangedMeanwhileError()
        ):
            return status.HTTP_409_CONFLICT, str(error)
        case UploadTooLargeError():
            return status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, _("The file is too large.")
        case TransientError():
            return status.HTTP_503_SERVICE_UNAVAILABLE, _(
                "The server cannot answer at the moment. Please try again later."
            )
        case _:
            return status.HTTP_500_INTERNAL_SERVER_ERROR, _("The server is misconfigured. Ask its operator for help.")


def _describe(data: Any) -> dict[str, Any]:
    detail = data.get("detail") if isinstance(data, dict) else None
    if isinstance(detail, ErrorDetail):
        return {"code": detail.code, "detail": str(detail)}
    path, problem = _first_problem(data)
    return {"code": problem.code, "detail": f"{path}: {problem}" if path else str(problem), "errors": data}


def _first_problem(data: Any) -> tuple[str, ErrorDetail]:
    """Return the path and the message of the first of DRF's validation errors."""
    path: list[str] = []
    while not isinstance(data, ErrorDetail):
        if isinstance(data, dict):
            key, data = next(iter(data.items()))
            path.append(str(key))
        else:
            data = data[0]
    return ".".join(part for part in path if part != "non_field_errors"), data
