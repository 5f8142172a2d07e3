"""Define the requests and answers of the API. Times are in UTC and ISO 8601."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from learning_credentials.data import VerificationStatus
from learning_credentials.http.public_answers import utc_field
from learning_credentials.models import Credential
from learning_credentials.rest_api.v1.fields import StrictCharField
from learning_credentials.services import common

if TYPE_CHECKING:
    from uuid import UUID

PUBLIC_STATUSES = frozenset(VerificationStatus)


class ErrorSerializer(serializers.Serializer[Any]):
    """The answer to every request that fails."""

    code = serializers.CharField(help_text="For programs. It never changes.")
    detail = serializers.CharField(help_text="For people, in their language.")
    errors = serializers.DictField(  # type: ignore[assignment]  # DRF's metaclass keeps fields apart from attributes
        required=False, help_text="Only with status 400: the messages by field."
    )


class ConfiguredSerializer(serializers.Serializer[Any]):
    """Whether learners can earn credentials in a learning context."""

    has_credentials = serializers.BooleanField()
    credential_count = serializers.IntegerField(help_text="How many credentials can be earned.")


class CredentialStateSerializer(serializers.Serializer[Credential]):
    """A learner's credential, whatever its status."""

    verify_uuid = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Credential.Status.choices)
    expires_at = utc_field(
        allow_null=True, help_text="When it expires or expired. null if it never expires or has no public page."
    )
    verification_url = serializers.SerializerMethodField(help_text="The public page. null until there is one.")

    def to_representation(self, instance: Credential) -> dict[str, Any]:
        """Leave out the expiry until there is a public page."""
        shown = super().to_representation(instance)
        return shown if instance.status in PUBLIC_STATUSES else {**shown, "expires_at": None}

    def get_verification_url(self, credential: Credential) -> str | None:
        """Return the address of the public page if there is one."""
        verify_uuid: UUID = credential.verify_uuid
        return common.get_verification_url(verify_uuid) if credential.status in PUBLIC_STATUSES else None


class EligibilitySerializer(serializers.Serializer[Any]):
    """A learner's progress towards one credential."""

    configuration_id = serializers.IntegerField()
    credential_type_name = serializers.CharField()
    retrieval_func = serializers.CharField(help_text="Dotted path of the function that decides.")
    criteria = serializers.CharField(
        help_text="What a learner must do to earn it, in the reader's language if it exists in it. It can be empty."
    )
    is_eligible = serializers.BooleanField(help_text="Whether the criteria are met.")
    progress = serializers.DictField(help_text="Current and required values from this function.")
    allows_self_generation = serializers.BooleanField(help_text="Whether the learner can request it.")
    credential = CredentialStateSerializer(allow_null=True, help_text="The credential that the learner has.")


class ContextEligibilitySerializer(serializers.Serializer[Any]):
    """A learner's progress towards every credential of a learning context."""

    learning_context_key = serializers.CharField()
    learning_context_name = serializers.CharField()
    username = serializers.CharField()
    credentials = EligibilitySerializer(many=True)


class CredentialRequestSerializer(serializers.Serializer[Any]):
    """The learner for whom the credential is requested."""

    username = StrictCharField(
        required=False, allow_blank=True, default="", help_text="User name of another learner. This needs a permission."
    )
