"""Provide the base classes of all API views. They work with any REST framework settings of the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import transaction
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


class CredentialsAPIView(APIView):
    """Base of all API views.

    The views ignore the host's REST framework settings except the authentication classes: the host decides how people sign in.
    """

    schema = AutoSchema()
    renderer_classes: Sequence[type[BaseRenderer]] = (JSONRenderer, BrowsableAPIRenderer)
    parser_classes: Sequence[type[BaseParser]] = (StrictJSONParser, BoundedFormParser)
    content_negotiation_class = DefaultContentNegotiation
    metadata_class = SimpleMetadata
    # The path contains the version. A versioning class of the host would look for it elsewhere.
    versioning_class = None
    response_headers: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view outside of transactions. The services manage their own, and none may span a call to the LMS or the storage."""
        return transaction.non_atomic_requests(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Answer in a language that the texts exist in."""
        with speak_to(request) as language:
            response = cast("Response", super().dispatch(request, *args, **kwargs))
            response.render()
        response.headers.setdefault("Content-Language", language)
        return response

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        """Return this app's own error handler, so that the host need not change its settings."""
        return handle_error

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Add the headers that good and bad answers share."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("X-Content-Type-Options", "nosniff")
        for name, value in self.response_headers.items():
            final.headers.setdefault(name, value)
        return final


class PublicAPIView(CredentialsAPIView):
    """Base of views for everyone.

    They never look at the account, so the answer is the same for all callers, with or without cookies.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (PublicThrottle,)
    response_headers: ClassVar[Mapping[str, str]] = {"Cache-Control": "no-cache", "X-Robots-Tag": "noindex"}

    def get_throttles(self) -> list[BaseThrottle]:
        """Return no throttles for pre-flight requests, because browsers send one before each request."""
        return [] if self.request.method == "OPTIONS" else super().get_throttles()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Let the pages of other sites read the answer."""
        final = super().finalize_response(request, response, *args, **kwargs)
        allow_any_origin(request._request, final, self.allowed_methods)  # noqa: SLF001
        return final


class LearnerAPIView(CredentialsAPIView):
    """Base of views for people who are signed in."""

    permission_classes: Sequence[type[BasePermission]] = (IsActive,)
    throttle_classes = (LearnerThrottle,)
    #: Accounts that may do this in every context have no request limit.
    unlimited_act: ClassVar[Act]
    response_headers: ClassVar[Mapping[str, str]] = {"Cache-Control": "private, no-store"}


class AccountAPIView(LearnerAPIView):
    """Base of views for programs that act for an account.

    They accept only JSON. They answer 401 if the program must sign in, and 403 if it has no permission.
    """

    parser_classes = (StrictJSONParser,)

    def get_authenticate_header(self, request: Request) -> str:
        """Return an authentication scheme also if the host's authentication has none. Without it DRF answers 403 instead of 401."""
        return super().get_authenticate_header(request) or 'Session realm="api"'
