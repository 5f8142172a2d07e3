"""Serve the certificate settings of course runs: the available date, and whether course certificates are issued."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response

from learning_credentials.exceptions import ContextNotFoundError, CourseCertificateNotFoundError
from learning_credentials.lms import Act
from learning_credentials.rest_api.v1 import documentation as docs
from learning_credentials.rest_api.v1 import learner_status_documentation as examples
from learning_credentials.rest_api.v1.base import AccountAPIView
from learning_credentials.rest_api.v1.course_certificate_serializers import (
    CourseCertificateChangesSerializer,
    CourseCertificateRequestSerializer,
    CourseCertificateSerializer,
)
from learning_credentials.rest_api.v1.errors import PreconditionFailedError
from learning_credentials.rest_api.v1.fields import MAX_NAME_LENGTH
from learning_credentials.rest_api.v1.permissions import require_any
from learning_credentials.services.course_runs import change_course_certificate, get_course_certificate

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

    from learning_credentials.models import CourseCertificate

UNKNOWN_RUN = gettext_lazy("The LMS does not know this course run.")

_ERRORS = docs.describe_errors(
    400,
    401,
    403,
    412,
    429,
    503,
    error_400=("unknown_course_run", "course_id: The LMS does not know this course run."),
    error_403=("permission_denied", "You do not have permission to perform this action."),
)
_NOT_FOUND = docs.describe_errors(
    404, error_404=("course_certificate_not_found", "This course run has no certificate settings.")
)
_CREATED = OpenApiResponse(
    CourseCertificateSerializer, "The settings were created.", examples=[examples.COURSE_CERTIFICATE_CREATED_EXAMPLE]
)


class CourseCertificatesView(AccountAPIView):
    """Create or change the course certificate of a course run."""

    unlimited_act = Act.CHANGE_COURSE_CERTIFICATE

    @docs.describe_operation(
        operation_id="set_course_certificate",
        parameters=[docs.IF_MATCH_PARAMETER],
        request=CourseCertificateRequestSerializer,
        examples=examples.COURSE_CERTIFICATE_REQUEST_EXAMPLES,
        responses={
            201: _CREATED,
            **docs.describe_answers(
                CourseCertificateSerializer,
                examples.COURSE_CERTIFICATE_EXAMPLE,
                _ERRORS,
                description="The settings were changed.",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Create the course certificate of a course run, or change it.

        Changing the date shows or hides every credential of the run at once.
        """
        named = request.data.get("course_id") if isinstance(request.data, dict) else None
        allowed = _require_change(request, named if isinstance(named, str) else "")
        body = CourseCertificateRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        changes = dict(body.validated_data)
        return _change(request, changes.pop("course_id"), changes, allowed)


class CourseCertificateView(AccountAPIView):
    """Read or change the course certificate of a course run."""

    unlimited_act = Act.CHANGE_COURSE_CERTIFICATE

    @docs.describe_operation(
        operation_id="get_course_certificate",
        parameters=[examples.COURSE_KEY_PARAMETER],
        responses=docs.describe_answers(
            CourseCertificateSerializer,
            examples.COURSE_CERTIFICATE_EXAMPLE,
            {**docs.describe_errors(401, 403, 429), **_NOT_FOUND},
        ),
    )
    def get(self, request: Request, course_key: str) -> Response:
        """Return the course certificate of a run, with an `ETag` for `If-Match`."""
        row = _find(course_key)
        require_any(request, Act.VIEW_COURSE_CERTIFICATE, context_key=course_key, subject=row)
        return _answer(_get(course_key))

    @docs.describe_operation(
        operation_id="put_course_certificate",
        parameters=[examples.COURSE_KEY_PARAMETER, docs.IF_MATCH_PARAMETER],
        request=CourseCertificateChangesSerializer,
        examples=examples.COURSE_CERTIFICATE_CHANGE_EXAMPLES,
        responses={
            201: _CREATED,
            **docs.describe_answers(
                CourseCertificateSerializer,
                examples.COURSE_CERTIFICATE_EXAMPLE,
                _ERRORS,
                description="The settings were changed.",
            ),
        },
    )
    def put(self, request: Request, course_key: str) -> Response:
        """Create the course certificate of a course run, or change it.

        Values that the request does not name stay the same.
        """
        allowed = _require_change(request, course_key)
        return _change(request, course_key, _get_changes(request, course_key), allowed)

    @docs.describe_operation(
        operation_id="patch_course_certificate",
        parameters=[examples.COURSE_KEY_PARAMETER, docs.IF_MATCH_PARAMETER],
        request=CourseCertificateChangesSerializer,
        examples=examples.COURSE_CERTIFICATE_CHANGE_EXAMPLES,
        responses=docs.describe_answers(
            CourseCertificateSerializer, examples.COURSE_CERTIFICATE_EXAMPLE, {**_ERRORS, **_NOT_FOUND}
        ),
    )
    def patch(self, request: Request, course_key: str) -> Response:
        """Change the course certificate of a course run. It must exist.

        Values that the request does not name stay the same.
        """
        allowed = _require_change(request, course_key, may_add=False)
        changes = _get_changes(request, course_key)
        _get(course_key)
        return _change(request, course_key, changes, allowed)


def _get(course_key: str) -> CourseCertificate:
    if "\x00" in course_key:  # no key contains NUL, and PostgreSQL refuses such a query
        msg = "no course run has this key"
        raise CourseCertificateNotFoundError(msg)
    return get_course_certificate(course_key)


def _find(course_key: str) -> CourseCertificate | None:
    try:
        return _get(course_key)
    except CourseCertificateNotFoundError:
        return None


def _require_change(request: Request, course_key: str, *, may_add: bool = True) -> set[Act]:
    """Return what the caller may do. Refuse callers who may not change the row.

    If the request can create a row, callers who may add one are accepted too.
    """
    acts = (Act.CHANGE_COURSE_CERTIFICATE, *([Act.ADD_COURSE_CERTIFICATE] if may_add else []))
    return require_any(request, *acts, context_key=course_key, subject=_find(course_key))


def _get_changes(request: Request, course_key: str) -> dict[str, Any]:
    body = CourseCertificateChangesSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    changes = dict(body.validated_data)
    if "\x00" in course_key or len(course_key) > MAX_NAME_LENGTH:
        raise ValidationError({"course_id": [UNKNOWN_RUN]}, code="unknown_course_run")
    if changes.pop("course_id", course_key) != course_key:
        raise ValidationError(
            {"course_id": [_("This must be the key of the course run in the address.")]}, code="invalid"
        )
    return changes


def _change(request: Request, course_key: str, changes: dict[str, Any], allowed: set[Act]) -> Response:
    try:
        row, is_created = change_course_certificate(
            course_key, actor=request.user.pk, require=_make_precondition(request, allowed), **changes
        )
    except ContextNotFoundError as error:
        raise ValidationError({"course_id": [UNKNOWN_RUN]}, code="unknown_course_run") from error
    status_code = status.HTTP_201_CREATED if is_created else status.HTTP_200_OK
    return _answer(row, status_code)


def _make_precondition(request: Request, allowed: set[Act]) -> Callable[[CourseCertificate | None], None]:
    """Return a check to run before the change.

    It refuses the change if the caller lacks the permission, or if the row is not the one that the caller has read.
    """
    header = request.headers.get("If-Match")
    accepted = None if header is None else set(parse_etags(header))
    is_new = False

    def require(row: CourseCertificate | None) -> None:
        nonlocal is_new
        is_new = is_new or row is None
        if (Act.ADD_COURSE_CERTIFICATE if is_new else Act.CHANGE_COURSE_CERTIFICATE) not in allowed:
            raise PermissionDenied
        if accepted is not None and (row is None or not {"*", _make_etag(row)} & accepted):
            raise PreconditionFailedError

    return require


def _answer(row: CourseCertificate, status_code: int = status.HTTP_200_OK) -> Response:
    return Response(CourseCertificateSerializer(row).data, status=status_code, headers={"ETag": _make_etag(row)})


def _make_etag(row: CourseCertificate) -> str:
    """Return a strong entity tag of the values that the API returns for a row."""
    told = json.dumps(CourseCertificateSerializer(row).data, sort_keys=True)
    return quote_etag(hashlib.sha256(told.encode()).hexdigest()[:32])
