"""What every view of the API has in common, whatever the host's own REST framework settings are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import transaction
from django.utils.decorators import method_decorator
from drf_spectacular.openapi import AutoSchema
from rest_framework.metadata import SimpleMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer, JSONRenderer
from rest_framework.views import APIView

from learning_credentials.catalogues import speak_to
from learning_credentials.http.cross_origin import allow_any_origin
from learning_credentials.http.throttles import PublicThrottle
from learning_credentials.rest_api.v1.errors import handle_error
from learning_credentials.rest_api.v1.parsers import BoundedFormParser, StrictJSONParser
from learning_credentials.rest_api.v1.permissions import IsActive
from learning_credentials.rest_api.v1.throttles import LearnerThrottle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.http import HttpRequest
    from rest_framework.parsers import BaseParser
    from rest_framework.permissions import BasePermission
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.throttling import BaseThrottle

    from learning_credentials.lms import Act


# The facade manages its own transactions, and none may span a call to the LMS or the storage.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class CredentialsAPIView(APIView):
    """Base of all views here. Of the host's settings only its authentication classes hold: how people sign in is its affair."""

    schema = AutoSchema()
    renderer_classes: Sequence[type[BaseRenderer]] = (JSONRenderer, BrowsableAPIRenderer)
    parser_classes: Sequence[type[BaseParser]] = (StrictJSONParser, BoundedFormParser)
    content_negotiation_class = DefaultContentNegotiation
    metadata_class = SimpleMetadata
    # The version is in the path; a versioning class of the host's would look for another one.
    versioning_class = None
    response_headers: ClassVar[Mapping[str, str]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Answer in a language that the texts exist in."""
        with speak_to(request) as language:
            response = cast("Response", super().dispatch(request, *args, **kwargs))
            response.render()
        response.headers.setdefault("Content-Language", language)
        return response

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        """Answer errors in this app's own way, without asking the host to change its settings."""
        return handle_error

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Add the headers that hold for good and for bad answers."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("X-Content-Type-Options", "nosniff")
        for name, value in self.response_headers.items():
            final.headers.setdefault(name, value)
        return final


class PublicAPIView(CredentialsAPIView):
    """For anyone. It never looks at who asks, so that the answer is the same for all, cookies or not."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (PublicThrottle,)
    response_headers: ClassVar[Mapping[str, str]] = {"Cache-Control": "no-cache", "X-Robots-Tag": "noindex"}

    def get_throttles(self) -> list[BaseThrottle]:
        """Count no pre-flight request: a browser sends one before each question, by itself."""
        return [] if self.request.method == "OPTIONS" else super().get_throttles()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Let the pages of other sites read the answer."""
        final = super().finalize_response(request, response, *args, **kwargs)
        allow_any_origin(request._request, final, self.allowed_methods)  # noqa: SLF001
        return final


class LearnerAPIView(CredentialsAPIView):
    """For a signed-in person."""

    permission_classes: Sequence[type[BasePermission]] = (IsActive,)
    throttle_classes = (LearnerThrottle,)
    #: Accounts that may do this in every context have no limit of requests.
    unlimited_act: ClassVar[Act]
    response_headers: ClassVar[Mapping[str, str]] = {"Cache-Control": "private, no-store"}


class AccountAPIView(LearnerAPIView):
    """For programs that act for an account: they speak JSON and tell, by 401, that they are to sign in from that they may not ask."""

    parser_classes = (StrictJSONParser,)

    def get_authenticate_header(self, request: Request) -> str:
        """Name a scheme also where the host's authentication has none, without which DRF answers 403."""
        return super().get_authenticate_header(request) or 'Session realm="api"'
