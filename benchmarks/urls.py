"""Route the app at the host's root, and the empty views for the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import include, path
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

if TYPE_CHECKING:
    from rest_framework.request import Request


class EmptyPublicView(APIView):
    """Return an empty answer to everyone."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)

    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer."""
        return Response({})


class EmptyLearnerView(APIView):
    """Read the body of a request with an account and return an empty answer."""

    permission_classes = (IsAuthenticated,)
    renderer_classes = (JSONRenderer,)

    def post(self, request: Request) -> Response:
        """Answer."""
        return Response({"read": len(request.data)})


urlpatterns = [
    path("empty/", EmptyPublicView.as_view()),
    path("empty_learner/", EmptyLearnerView.as_view()),
    path("", include("learning_credentials.urls")),
]
