"""Serve the root of the API, which lists the endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.response import Response

from learning_credentials.rest_api.v1.base import PublicAPIView
from learning_credentials.rest_api.v1.documentation import describe_operation

if TYPE_CHECKING:
    from rest_framework.request import Request

#: Names of the endpoints and their addresses below the root. Names in braces stand for values.
ENDPOINTS = {
    "metadata": "metadata/{verify_uuid}/",
    "verify": "verify/",
    "configured": "configured/{context_key}/",
    "eligibility": "eligibility/{context_key}/",
    "request_credential": "eligibility/{context_key}/{configuration_id}/",
    "learner_cert_status": "learner_cert_status/",
    "bulk_learner_cert_status": "bulk_learner_cert_status/",
    "learner_program_status": "learner_program_status/",
    "course_certificates": "course_certificates/",
    "course_certificate": "course_certificates/{course_key}/",
    "schema": "schema/",
}


class RootView(PublicAPIView):
    """List the endpoints."""

    @describe_operation(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the address of each endpoint by name. `schema` describes all of them in OpenAPI."""
        root = request.build_absolute_uri(request.path)
        return Response({name: f"{root}{address}" for name, address in ENDPOINTS.items()})
