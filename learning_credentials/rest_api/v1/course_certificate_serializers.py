"""Define the requests and answers of the course certificate API. Times are in UTC and ISO 8601."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from learning_credentials.http.public_answers import utc_field
from learning_credentials.models import CourseCertificate
from learning_credentials.rest_api.v1.fields import (
    MAX_NAME_LENGTH,
    ContextKeyField,
    MomentField,
    StrictBooleanField,
    StrictCharField,
)

MODE = RegexValidator(r"^[A-Za-z0-9_-]+\Z", _("A mode consists of letters, digits, hyphens and underscores."))


class CourseCertificateChangesSerializer(serializers.Serializer[Any]):
    """The values to change. Values that the request does not name stay the same."""

    course_id = ContextKeyField(
        required=False,
        max_length=MAX_NAME_LENGTH,
        help_text="Key of the course run. It must be the same as the key in the address.",
    )
    certificate_type = StrictCharField(
        required=False, max_length=64, validators=[MODE], help_text="The run's default mode, such as `verified`."
    )
    certificate_available_date = MomentField(
        required=False,
        allow_null=True,
        source="available_date",
        help_text="The credentials of the run are visible from this time on. null removes the date. A time "
        "without a time zone is in UTC.",
    )
    is_active = StrictBooleanField(required=False, help_text="Whether course certificates are issued for the run.")


class CourseCertificateRequestSerializer(CourseCertificateChangesSerializer):
    """A course run and the values to set.

    Values that the request does not name stay the same. A new row gets their defaults.
    """

    course_id = ContextKeyField(max_length=MAX_NAME_LENGTH, help_text="Key of the course run.")


class CourseCertificateSerializer(serializers.Serializer[CourseCertificate]):
    """The course certificate of a course run."""

    id = serializers.IntegerField()
    course_id = serializers.CharField(source="course_key")
    certificate_type = serializers.CharField()
    certificate_available_date = utc_field(source="available_date", allow_null=True)
    is_active = serializers.BooleanField()
