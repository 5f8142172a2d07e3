"""Serve the learners' statuses in courses and programs to other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.response import Response

from learning_credentials.data import LearnerQuery
from learning_credentials.exceptions import ContextNotFoundError
from learning_credentials.lms import Act
from learning_credentials.rest_api.v1 import documentation as docs
from learning_credentials.rest_api.v1 import learner_status_documentation as examples
from learning_credentials.rest_api.v1 import learner_status_serializers as serializers
from learning_credentials.rest_api.v1.base import AccountAPIView
from learning_credentials.rest_api.v1.permissions import check_may_ask, may_ask_about_anyone
from learning_credentials.rest_api.v1.throttles import StatusThrottle
from learning_credentials.services.reports import get_learner_status, get_program_status, list_learner_statuses

if TYPE_CHECKING:
    from rest_framework.request import Request

#: These keep nothing of what they represent. Making the fields again for each answer would take longer than to represent it.
_STATUS = serializers.LearnerStatusSerializer()
_PROGRAM = serializers.ProgramStatusSerializer()
_ERROR_400 = ("no_learner", "username: Give exactly one of username and lms_user_id.")
_ERROR_403 = ("not_yourself", "You may ask only about yourself.")


class StatusView(AccountAPIView):
    """Base of the views of learners' statuses.

    Accounts with the permission and workers can ask about anyone. Learners can ask about themselves.
    """

    unlimited_act = Act.VIEW_LEARNER_STATUS
    throttle_classes = (StatusThrottle,)


class LearnerStatusView(StatusView):
    """Read a learner's status in courses."""

    @docs.describe_operation(
        operation_id="learner_cert_status",
        request=serializers.LearnerStatusRequestSerializer,
        examples=examples.STATUS_REQUEST_EXAMPLES,
        responses=docs.describe_answers(
            serializers.LearnerStatusSerializer,
            examples.STATUS_EXAMPLE,
            docs.describe_errors(400, 401, 403, 429, 503, error_400=_ERROR_400, error_403=_ERROR_403),
        ),
    )
    def post(self, request: Request) -> Response:
        """Return the certificates of a learner that are visible. With `include_unearned`, return every requested run.

        The runs are in the requested order: first those of the courses, and each run once. An unknown learner has no status.
        """
        body = serializers.LearnerStatusRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        query = body.as_query()
        check_may_ask(request, [query])
        return Response(_STATUS.to_representation(get_learner_status(query)))


class BulkLearnerStatusView(StatusView):
    """Read the statuses of many learners in courses."""

    @docs.describe_operation(
        operation_id="bulk_learner_cert_status",
        request=serializers.LearnerStatusRequestSerializer(many=True),
        examples=examples.BULK_REQUEST_EXAMPLES,
        responses=docs.describe_answers(
            PolymorphicProxySerializer(
                component_name="LearnerStatusOrErrors",
                serializers=[serializers.LearnerStatusSerializer, serializers.EntryErrorsSerializer],
                resource_type_field_name=None,
                many=True,
            ),
            examples.BULK_EXAMPLE,
            docs.describe_errors(
                400,
                401,
                403,
                429,
                503,
                error_400=("not_a_list", "Expected a list of learners."),
                error_403=_ERROR_403,
            ),
        ),
    )
    def post(self, request: Request) -> Response:
        """Answer a list of at most 500 requests, in their order.

        The answer to a wrong request contains its errors, and the other requests are answered. Callers without the permission can ask only
        about themselves. If one of their entries is about somebody else, the whole request is refused. All their entries together can have
        as many names as one request.
        """
        bodies = [serializers.LearnerStatusRequestSerializer(data=entry) for entry in _get_entries(request.data)]
        queries = [body.as_query() if body.is_valid() else None for body in bodies]
        asked = [query for query in queries if query is not None]
        may_ask_much = check_may_ask(request, asked) or _count_names(asked) <= serializers.MAX_NAMES
        if not may_ask_much and not may_ask_about_anyone(request):
            message = str(serializers.LearnerStatusRequestSerializer.default_error_messages["too_many"])
            raise ValidationError({"non_field_errors": [message.format(max=serializers.MAX_NAMES)]}, code="too_many")
        answers = (_STATUS.to_representation(answer) for answer in list_learner_statuses(asked))
        return Response(
            [
                {"errors": body.errors} if query is None else next(answers)
                for body, query in zip(bodies, queries, strict=True)
            ]
        )


class ProgramStatusView(StatusView):
    """Read a learner's status in a program."""

    @docs.describe_operation(
        operation_id="learner_program_status",
        request=serializers.ProgramStatusRequestSerializer,
        examples=examples.PROGRAM_REQUEST_EXAMPLES,
        responses=docs.describe_answers(
            serializers.ProgramStatusSerializer,
            examples.PROGRAM_EXAMPLE,
            docs.describe_errors(
                400,
                401,
                403,
                404,
                429,
                503,
                error_400=_ERROR_400,
                error_403=_ERROR_403,
                error_404=("program_not_found", "There is no such program."),
            ),
        ),
    )
    def post(self, request: Request) -> Response:
        """Return a learner's status in every course run of a program, earned or not.

        The runs that the program excludes are included.
        """
        body = serializers.ProgramStatusRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        program = body.validated_data["program_uuid"]
        learner = {name: body.validated_data.get(name) for name in ("username", "lms_user_id")}
        check_may_ask(request, [LearnerQuery(**learner)])
        try:
            answer = get_program_status(program, **learner)
        except ContextNotFoundError as error:
            if not _is_uuid(program):
                raise ValidationError({"program_uuid": [_("Must be a valid UUID.")]}, code="invalid") from error
            raise NotFound(_("There is no such program."), code="program_not_found") from error
        return Response(_PROGRAM.to_representation(answer))


def _count_names(queries: list[LearnerQuery]) -> int:
    """Return how many names the queries contain.

    The rate limit counts requests and ignores how much each asks.
    """
    return sum(len(query.courses) + len(query.course_runs) for query in queries)


def _is_uuid(text: str) -> bool:
    """Return whether a text has the form of a UUID."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _get_entries(data: Any) -> list[Any]:
    """Return the entries of a bulk request.

    Raises:
        ValidationError: the request is not a list, or is too long.
    """
    if not isinstance(data, list):
        raise ValidationError({"non_field_errors": [_("Expected a list of learners.")]}, code="not_a_list")
    if len(data) > serializers.MAX_ENTRIES:
        message = _("Ensure this list has no more than {max} entries.").format(max=serializers.MAX_ENTRIES)
        raise ValidationError({"non_field_errors": [message]}, code="max_length")
    return data
