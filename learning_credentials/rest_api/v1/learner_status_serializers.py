"""Define the requests and answers of the learner status API. Times are in UTC and ISO 8601."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.utils.serializer_helpers import BindingDict

from learning_credentials.data import LearnerQuery, LearnerRunStatus, LearnerStatus, ProgramStatus, RunGrade, RunStatus
from learning_credentials.http.public_answers import utc_field
from learning_credentials.rest_api.v1.fields import MAX_NAME_LENGTH, StrictBooleanField, StrictCharField, UserIdField

MAX_NAMES = 1_000
MAX_ENTRIES = 500


class _RequestSerializer(serializers.Serializer[Any]):
    """Base of the requests. DRF copies all fields for each instance, which takes longer than to validate a request."""

    @property
    def fields(self) -> Any:
        """Return the fields that all instances of a class share. They keep nothing of a request."""
        return _make_fields(type(self))


@cache
def _make_fields(kind: type[serializers.Serializer[Any]]) -> BindingDict:
    serializer = kind()
    fields = BindingDict(serializer)
    for name, field in serializer.get_fields().items():
        fields[name] = field
    return fields


class LearnerSerializer(_RequestSerializer):
    """The learner that the request is about."""

    default_error_messages = {  # noqa: RUF012  as DRF has it
        "no_learner": _("Give exactly one of username and lms_user_id."),
    }

    username = StrictCharField(
        required=False,
        max_length=MAX_NAME_LENGTH,
        help_text="The learner's user name. Give either this or `lms_user_id`, never both.",
    )
    lms_user_id = UserIdField(required=False, help_text="The id of the user in the LMS.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require exactly one identifier."""
        if ("username" in attrs) == ("lms_user_id" in attrs):
            message = self.error_messages["no_learner"]
            raise serializers.ValidationError({"username": [message], "lms_user_id": [message]}, code="no_learner")
        return attrs


def _names_field(help_text: str) -> serializers.ListField:
    return serializers.ListField(
        child=StrictCharField(max_length=MAX_NAME_LENGTH),
        required=False,
        max_length=MAX_NAMES,
        help_text=f"{help_text} At most {MAX_NAMES} names together with the other list.",
    )


class LearnerStatusRequestSerializer(LearnerSerializer):
    """A learner, and the courses and runs to report. Other keys are ignored."""

    default_error_messages = {  # noqa: RUF012
        "no_course": _("Give at least one of courses and course_runs."),
        "too_many": _("Ensure that courses and course_runs have no more than {max} names together."),
    }

    courses = _names_field("Keys or UUIDs of courses. Each stands for all its runs.")
    course_runs = _names_field("Keys or UUIDs of course runs.")
    include_unearned = StrictBooleanField(
        required=False,
        default=False,
        help_text="Whether to return every requested run, not only those with a valid certificate.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require names of courses or runs, but not too many."""
        attrs = super().validate(attrs)
        count = len(attrs.get("courses", ())) + len(attrs.get("course_runs", ()))
        if not count:
            message = self.error_messages["no_course"]
            raise serializers.ValidationError({"courses": [message], "course_runs": [message]}, code="no_course")
        if count > MAX_NAMES:
            message = str(self.error_messages["too_many"]).format(max=MAX_NAMES)
            raise serializers.ValidationError({"courses": [message], "course_runs": [message]}, code="too_many")
        return attrs

    def as_query(self) -> LearnerQuery:
        """Return the validated request as a query."""
        asked = self.validated_data
        return LearnerQuery(
            username=asked.get("username"),
            lms_user_id=asked.get("lms_user_id"),
            courses=tuple(asked.get("courses", ())),
            course_runs=tuple(asked.get("course_runs", ())),
            include_unearned=asked["include_unearned"],
        )


class ProgramStatusRequestSerializer(LearnerSerializer):
    """A learner and a program."""

    program_uuid = StrictCharField(
        max_length=MAX_NAME_LENGTH, help_text="The program's UUID, or its key if the LMS has no UUIDs."
    )


class GradeSerializer(serializers.Serializer[RunGrade]):
    """The learner's grade in the run."""

    letter_grade = serializers.CharField(source="letter", help_text="Empty if the LMS has none.")
    percent_grade = serializers.FloatField(source="percent", min_value=0, max_value=1, help_text="From 0 to 1.")
    verified = serializers.BooleanField(
        source="is_verified",
        help_text="Whether the learner's mode requires an identity verification and the learner has one.",
    )


class CourseRunSerializer(serializers.Serializer[RunStatus]):
    """The identifiers of a course run. They are null if the LMS has none."""

    uuid = serializers.UUIDField(source="run_uuid", allow_null=True)
    key = serializers.CharField(source="run_key", allow_null=True)


class RunStatusSerializer(serializers.Serializer[RunStatus]):
    """The learner's status in one course run."""

    course_uuid = serializers.UUIDField(allow_null=True)
    course_run = CourseRunSerializer(source="*")
    status = serializers.ChoiceField(
        choices=[status.value for status in LearnerRunStatus],
        help_text="`awarded`: the learner has a valid and visible certificate. Other values appear only with `include_unearned`.",
    )
    type = serializers.CharField(source="mode", allow_null=True, help_text="The learner's mode. null if there is none.")
    certificate_available_date = utc_field(source="available_date", allow_null=True)
    grade = GradeSerializer(allow_null=True, help_text="The grade at the last evaluation. null if it is unknown.")
    excluded = serializers.BooleanField(
        source="is_excluded",
        required=False,
        help_text="Only in answers about a program: whether the program excludes this run.",
    )

    def to_representation(self, instance: RunStatus) -> dict[str, Any]:
        """Leave out ``excluded`` if the answer is not about a program."""
        shown = super().to_representation(instance)
        if instance.is_excluded is None:
            del shown["excluded"]
        return shown


class LearnerStatusSerializer(serializers.Serializer[LearnerStatus]):
    """A learner's statuses.

    For an unknown learner, the identifier that the request did not give is null and `status` is empty.
    """

    lms_user_id = serializers.IntegerField(allow_null=True)
    username = serializers.CharField(allow_null=True)
    status = RunStatusSerializer(source="runs", many=True)


class EntryErrorsSerializer(serializers.Serializer[Any]):
    """The answer to a wrong entry."""

    errors = serializers.DictField(help_text="The messages by field.")  # type: ignore[assignment]


class ProgramSerializer(serializers.Serializer[ProgramStatus]):
    """The program."""

    uuid = serializers.UUIDField(source="program_uuid", allow_null=True)
    name = serializers.CharField(source="program_name")


class ProgramStatusSerializer(serializers.Serializer[ProgramStatus]):
    """A learner's status in every run of a program."""

    lms_user_id = serializers.IntegerField(source="learner.lms_user_id", allow_null=True)
    username = serializers.CharField(source="learner.username", allow_null=True)
    program = ProgramSerializer(source="*")
    status = RunStatusSerializer(source="learner.runs", many=True)
