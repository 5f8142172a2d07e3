"""Serve the endpoints for verification, for learners' progress and for requesting credentials."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.response import Response

from learning_credentials import discovery
from learning_credentials.data import Translations, choose
from learning_credentials.exceptions import ConfigurationError, UnknownFunctionError
from learning_credentials.http.public_answers import MetadataSerializer
from learning_credentials.http.visits import is_visit
from learning_credentials.lms import Act
from learning_credentials.rest_api.v1 import documentation as docs
from learning_credentials.rest_api.v1 import serializers
from learning_credentials.rest_api.v1.base import LearnerAPIView, PublicAPIView
from learning_credentials.rest_api.v1.permissions import get_accessible_context, get_learner
from learning_credentials.rest_api.v1.queries import conceal, enabled_configurations, find_held_credentials
from learning_credentials.services.credentials import describe_criteria
from learning_credentials.services.issuing import find_requestable, get_eligibility, request_credential
from learning_credentials.services.public import note_verification, verify_credential

if TYPE_CHECKING:
    from rest_framework.request import Request

    from learning_credentials.data import Eligibility
    from learning_credentials.lms import LearningContext
    from learning_credentials.models import Credential, CredentialConfiguration

logger = logging.getLogger(__name__)

#: It keeps nothing of what it represents. Making its fields again for each answer would take longer than the rest of the answer.
_METADATA = MetadataSerializer()


class MetadataView(PublicAPIView):
    """Verify a credential.

    Anyone can ask. If the id is unknown or malformed, or its credential is not issued or hidden, the answer is the same 404. The answer
    about an invalidated credential has the reason and no download.
    """

    @docs.describe_operation(
        operation_id="metadata",
        parameters=[docs.VERIFY_UUID_PARAMETER],
        responses=docs.describe_answers(
            MetadataSerializer,
            docs.METADATA_EXAMPLE,
            docs.describe_errors(404, 429, error_404=("credential_not_found", "There is no such credential.")),
            description="The public data of the credential, also if it is no longer valid.",
        ),
    )
    def get(self, request: Request, verify_uuid: str) -> Response:
        """Return the public metadata of a credential."""
        verification = verify_credential(verify_uuid)
        if is_visit(request):
            note_verification(verify_uuid)
        return Response(_METADATA.to_representation(verification))


class LearningContextView(LearnerAPIView):
    """Base of views about one learning context. The LMS must know it, and the caller must have access."""

    unlimited_act = Act.VIEW_ELIGIBILITY
    learning_context: LearningContext

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the caller first, then look up the context."""
        super().initial(request, *args, **kwargs)
        self.learning_context = get_accessible_context(request, kwargs["context_key"])


class ConfiguredView(LearningContextView):
    """Read whether a learning context has credentials."""

    @docs.describe_operation(
        operation_id="configured",
        parameters=[docs.CONTEXT_KEY_PARAMETER],
        responses=docs.describe_answers(
            serializers.ConfiguredSerializer, docs.CONFIGURED_EXAMPLE, docs.describe_errors(401, 403, 404, 429, 503)
        ),
    )
    def get(self, request: Request, context_key: str) -> Response:  # noqa: ARG002
        """Return how many credentials learners can earn in a learning context."""
        count = enabled_configurations(context_key).count()
        answer = {"has_credentials": count > 0, "credential_count": count}
        return Response(serializers.ConfiguredSerializer(answer).data)


class EligibilityView(LearningContextView):
    """Read a learner's progress towards each credential of a learning context."""

    @docs.describe_operation(
        operation_id="eligibility",
        parameters=[docs.CONTEXT_KEY_PARAMETER, docs.USERNAME_PARAMETER, docs.RETRIEVAL_FUNC_PARAMETER],
        responses=docs.describe_answers(
            serializers.ContextEligibilitySerializer,
            docs.ELIGIBILITY_EXAMPLE,
            docs.describe_errors(400, 401, 403, 404, 429, 503),
        ),
    )
    def get(self, request: Request, context_key: str) -> Response:
        """Return a learner's progress towards each credential of a context.

        Learners can ask about themselves. Asking about others needs a permission.
        """
        learner = get_learner(request, request.query_params.get("username", ""), Act.VIEW_ELIGIBILITY, context_key)
        configurations = self._list_configurations(context_key, request.query_params.get("retrieval_func", ""))
        ids = [configuration.pk for configuration in configurations]
        held = find_held_credentials(learner.pk, ids)
        requestable = find_requestable(ids)
        language = get_language() or settings.LANGUAGE_CODE
        answer = {
            "learning_context_key": self.learning_context.key,
            "learning_context_name": choose(self.learning_context.names, language) or self.learning_context.name,
            "username": learner.get_username(),
            "credentials": [
                self._describe(row, learner.pk, held.get(row.pk), is_requestable=row.pk in requestable)
                for row in configurations
            ],
        }
        return Response(serializers.ContextEligibilitySerializer(answer).data)

    def _describe(
        self, configuration: CredentialConfiguration, user_id: int, held: Credential | None, *, is_requestable: bool
    ) -> dict[str, Any]:
        eligibility = get_eligibility(configuration.pk, user_id)
        used, language = configuration.credential_type, get_language() or settings.LANGUAGE_CODE
        return {
            "configuration_id": configuration.pk,
            "credential_type_name": Translations(used.translations).find("name", language) or used.name,
            "retrieval_func": configuration.credential_type.retrieval_func,
            "criteria": self._write_criteria(configuration, eligibility),
            "is_eligible": eligibility.is_eligible,
            "progress": eligibility.progress,
            "allows_self_generation": is_requestable,
            "credential": held,
        }

    def _write_criteria(self, configuration: CredentialConfiguration, eligibility: Eligibility) -> str:
        try:
            return describe_criteria(
                configuration,
                get_language() or settings.LANGUAGE_CODE,
                context=self.learning_context,
                progress=eligibility.progress,
                user_id=eligibility.user_id,
            )
        except ConfigurationError:
            # The learner's progress is known, and must not depend on the text about it.
            logger.warning("The criteria of %s cannot be written", configuration, exc_info=True)
            return ""

    @staticmethod
    def _list_configurations(context_key: str, retrieval_func: str) -> list[CredentialConfiguration]:
        configurations = enabled_configurations(context_key)
        if retrieval_func:
            try:
                discovery.get_processor(retrieval_func)
            except UnknownFunctionError as error:
                raise ValidationError({"retrieval_func": [str(error)]}, code=error.code) from error
            configurations = configurations.filter(credential_type__retrieval_func=retrieval_func)
        return list(configurations)


class CredentialRequestView(LearningContextView):
    """Request a credential that was earned."""

    @docs.describe_operation(
        operation_id="request_credential",
        parameters=[docs.CONTEXT_KEY_PARAMETER, docs.CONFIGURATION_PARAMETER],
        request=serializers.CredentialRequestSerializer,
        responses=docs.describe_answers(
            serializers.CredentialStateSerializer,
            docs.REQUESTED_EXAMPLE,
            docs.describe_errors(
                400,
                401,
                403,
                404,
                409,
                429,
                503,
                error_400=("invalid", "username: Not a valid string."),
                error_403=("self_generation_disabled", "Learners cannot request this credential."),
                error_404=("configuration_not_found", "There is no such credential in this learning context."),
            ),
            status_code=202,
            description="The credential exists or is being made. A repeated request returns the same credential.",
        ),
    )
    def post(self, request: Request, context_key: str, configuration_id: int) -> Response:
        """Request a credential for oneself. Requesting it for somebody else needs a permission.

        The configuration must let learners request it. Status 409 says that the learner cannot receive the credential: `not_eligible`, or
        `reissue_blocked` after staff invalidated it.
        """
        body = serializers.CredentialRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        learner = get_learner(request, body.validated_data["username"], Act.REQUEST_CREDENTIAL, context_key)
        if not enabled_configurations(context_key).filter(pk=configuration_id).exists():
            raise NotFound(_("There is no such credential in this learning context."), code="configuration_not_found")
        credential = conceal(request_credential(configuration_id, learner.pk))
        return Response(serializers.CredentialStateSerializer(credential).data, status=status.HTTP_202_ACCEPTED)
