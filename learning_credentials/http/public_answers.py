"""Define the public answers as JSON: about one credential, and about a verified file."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from urllib.parse import urljoin

from django.utils.translation import get_language
from rest_framework import ISO_8601, serializers

from learning_credentials.custom_fields import format_field
from learning_credentials.data import (
    ClaimFormat,
    Claims,
    Compared,
    FieldData,
    FieldKind,
    FileKind,
    Finding,
    Inspection,
    IssuerData,
    SignatureCheck,
    Verdict,
    Verification,
    VerificationStatus,
)
from learning_credentials.http.comparisons import describe_compared
from learning_credentials.http.paths import make_path
from learning_credentials.pdf import choose_locale


def utc_field(**kwargs: Any) -> serializers.DateTimeField:
    """Return a field for a time in UTC. It ignores the format and the time zone that the host has set for its own API."""
    return serializers.DateTimeField(format=ISO_8601, default_timezone=UTC, **kwargs)


class IssuerSerializer(serializers.Serializer[IssuerData]):
    """The issuer at the time when the credential was issued."""

    name = serializers.CharField()
    url = serializers.CharField()
    email = serializers.CharField()


class CustomFieldSerializer(serializers.Serializer[FieldData]):
    """A custom field at the time when the credential was issued."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF's metaclass keeps fields apart from attributes
    kind = serializers.ChoiceField(choices=[kind.value for kind in FieldKind])
    value = serializers.JSONField(
        help_text="For programs: a number, or a text. Dates and durations are in ISO 8601, such as `2026-05-31` and `PT12H`."
    )
    text = serializers.SerializerMethodField(help_text="For people, in their language.")

    def get_text(self, field: FieldData) -> str:
        """Return the value as the public page shows it."""
        return format_field(field, choose_locale(get_language() or ""))


class MetadataSerializer(serializers.Serializer[Verification]):
    """The public answer about a credential."""

    verify_uuid = serializers.UUIDField()
    verify_code = serializers.CharField(
        help_text="The short code that people can type to verify it. Empty if it has no code yet."
    )
    status = serializers.ChoiceField(choices=[status.value for status in VerificationStatus])
    is_valid = serializers.BooleanField(  # type: ignore[assignment]
        help_text="Whether the credential is valid now: available and not expired."
    )
    user_full_name = serializers.CharField(help_text="The learner's name when the credential was issued.")
    learning_context_key = serializers.CharField()
    learning_context_name = serializers.CharField(help_text="In the reader's language, if it exists in it.")
    credential_type_name = serializers.CharField(help_text="In the reader's language, if it exists in it.")
    issuer = IssuerSerializer()
    created = utc_field(source="issued_at", help_text="When it was issued.")
    issue_date = serializers.DateField(format=ISO_8601, help_text="The date that the credential shows.")
    expires_at = utc_field(allow_null=True)
    invalidated_at = utc_field(allow_null=True)
    invalidation_reason = serializers.CharField(help_text="Empty unless it was invalidated.")
    replaced_by = serializers.UUIDField(
        allow_null=True, help_text="The `verify_uuid` of the successor that replaced it."
    )
    renewed_by = serializers.UUIDField(
        allow_null=True, help_text="The `verify_uuid` of the renewal issued after it expired."
    )
    description = serializers.CharField(help_text="What holders achieved. It can be empty.")
    criteria = serializers.CharField(
        help_text="What a learner must do to earn it, in the reader's language if it exists in it. It can be empty."
    )
    custom_fields = CustomFieldSerializer(many=True, help_text="The custom fields that the type makes public.")
    verification_url = serializers.URLField(source="verify_url", help_text="The public page.")
    download_url = serializers.SerializerMethodField(help_text="The file. null if not everybody can download one.")

    def get_download_url(self, verification: Verification) -> str | None:
        """Return the file's address on the site of the public page."""
        if not verification.has_public_download:
            return None
        return urljoin(verification.verify_url, make_path("credential_download", verification.verify_uuid))


class ClaimsSerializer(serializers.Serializer[Claims]):
    """What a file from another issuer claims. Nothing of it is proved."""

    format = serializers.ChoiceField(choices=[kind.value for kind in ClaimFormat])
    issuer_name = serializers.CharField(
        help_text="The issuer's name. For a signed PDF: the names in the certificates of its signatures."
    )
    issuer_id = serializers.CharField(help_text="The issuer's identifier or address.")
    name = serializers.CharField(help_text="What the credential is for.")
    valid_from = serializers.CharField(help_text="As written in the file.")
    valid_until = serializers.CharField(help_text="As written in the file. Empty if the file has none.")
    status_url = serializers.CharField(
        help_text="The address that publishes its status, according to the file. The server did not read it."
    )
    signature = serializers.ChoiceField(
        choices=[check.value for check in SignatureCheck],
        help_text="Whether the signature matches a key that the file names itself. A good signature does not prove who owns the key.",
    )
    verifiers = serializers.ListField(
        child=serializers.CharField(), help_text="Addresses of public services that check this format."
    )


class BadgeInspectionSerializer(serializers.Serializer[Inspection]):
    """The result for one of several badges in a file."""

    is_valid = serializers.BooleanField(  # type: ignore[assignment]
        help_text="Whether the credential is valid now and nothing that was compared has changed. See `compared`."
    )
    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    finding = serializers.ChoiceField(
        choices=[finding.value for finding in Finding], help_text="The reason for the verdict."
    )
    compared = serializers.ChoiceField(
        choices=[compared.value for compared in Compared],
        help_text="What was compared with what was issued. `code`: only the code, id or address. Compare the name and the date yourself.",
    )
    compared_message = serializers.SerializerMethodField(
        help_text="For people, in their language: what was compared and what was not."
    )
    message = serializers.CharField(help_text="For people, in their language.")
    credential = MetadataSerializer(
        source="verification",
        allow_null=True,
        help_text="The credential that it is or names. null if there is no such visible credential.",
    )
    claims = ClaimsSerializer(allow_null=True, help_text="What a file from another issuer claims. Otherwise null.")

    def get_compared_message(self, inspection: Inspection) -> str:
        """Return what was compared and what was not."""
        return describe_compared(inspection)


class InspectionSerializer(BadgeInspectionSerializer):
    """What a file is, and whether the credential is valid."""

    kind = serializers.ChoiceField(
        choices=[kind.value for kind in FileKind],
        help_text="Kind of the file, by its content. `code` or `id` for a text.",
    )
    sha256 = serializers.CharField(help_text="Hash of the file, in hex. Empty for a text.")
    badges = BadgeInspectionSerializer(
        many=True,
        help_text="If the file has more than one badge: the answer for each. The verdict is then the worst of theirs.",
    )
