"""Takes and reads the snapshots of custom fields, of the learning context and of the parts of a name.

A credential stores ``{"fields": […]}`` with the label, the kind, the value and the place of every field. If the values cannot be printed,
because a required one is missing or one is wrong, it stores the ``problem`` too, and rendering refuses the credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from learning_credentials.custom_fields import load_fields, parse_definitions, read_values
from learning_credentials.data import ContextData, FieldData
from learning_credentials.exceptions import GenerationError
from learning_credentials.services.common import as_text, is_printable
from learning_credentials.services.course_runs import get_local_date

if TYPE_CHECKING:
    from collections.abc import Collection

    from learning_credentials.custom_fields import Definition
    from learning_credentials.exceptions import OptionProblem
    from learning_credentials.lms import LearnerProfile, LearningContext
    from learning_credentials.models import Credential, CredentialConfiguration, CredentialType

FIELD_MISSING, FIELD_INVALID = "field_missing", "field_invalid"
#: The errors after which the values are read again.
FIELD_ERRORS = (FIELD_MISSING, FIELD_INVALID)
_LONGEST_NAME = 255


class FieldsFactory:
    """Takes snapshots of custom fields for one configuration. What its learners share is made once.

    Raises:
        OptionsError: the definitions that are stored have mistakes.
    """

    def __init__(self, credential_type: CredentialType, configuration: CredentialConfiguration) -> None:
        self._definitions = parse_definitions(credential_type.custom_fields)
        self._values, problems = read_values(self._definitions, configuration.field_values)
        self._problem = self._describe(problems, "the configuration")
        self._shared = self._make(frozenset(), self._values, self._problem)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the type's custom fields."""
        return tuple(definition.name for definition in self._definitions)

    def make(self, own: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """Return the snapshot of a learner. It is the same object for all learners without own values.

        Args:
            own: the learner's own values by name, as the LMS and the processor gave them.
        """
        if not own:
            return self._shared
        if not self._definitions:
            return None
        read, problems = read_values(self._definitions, own)
        problem = self._problem or self._describe(problems, "the LMS or the retrieval function")
        return self._make(frozenset(read), {**self._values, **read}, problem)

    def make_sample(self) -> dict[str, Any] | None:
        """Return the snapshot of a made-up learner: samples stand for the values that the configuration does not have."""
        samples = {definition.name: definition.read(definition.sample) for definition in self._definitions}
        return self._make(frozenset(), {**samples, **self._values}, self._problem)

    def _make(
        self, own: Collection[str], values: Mapping[str, Any], problem: dict[str, str] | None
    ) -> dict[str, Any] | None:
        if not self._definitions:
            return None
        problem = problem or self._find_missing(values)
        fields = [
            _store(definition, values[definition.name], is_own=definition.name in own)
            for definition in self._definitions
            if definition.name in values
        ]
        return {"fields": fields, **({"problem": problem} if problem else {})}

    def _find_missing(self, values: Mapping[str, Any]) -> dict[str, str] | None:
        missing = [item for item in self._definitions if item.required and item.name not in values]
        if not missing:
            return None
        names = ", ".join(f"“{item.label}” ({item.name})" for item in missing)
        message = (
            f"a required custom field has no value: {names}. Enter a value in the configuration, or have the LMS or "
            "the retrieval function give the learner's own. The next run tries again."
        )
        return {"code": FIELD_MISSING, "message": message}

    @staticmethod
    def _describe(problems: list[OptionProblem], source: str) -> dict[str, str] | None:
        if not problems:
            return None
        message = (
            f"a value of a custom field from {source} cannot be used: "
            f"{'; '.join(map(str, problems))}. Correct it there. The next run tries again."
        )
        return {"code": FIELD_INVALID, "message": message[:2000]}


def _store(definition: Definition, value: str | float, *, is_own: bool) -> dict[str, Any]:
    stored = {
        "name": definition.name,
        "label": definition.label,
        "kind": definition.kind,
        "value": value,
        "choice": definition.get_choice(value),
        "is_own": is_own,
        "on_page": definition.on_page,
        "badge": definition.badge,
    }
    # The default values are left out, because most credentials have them.
    return {name: item for name, item in stored.items() if item or name == "value"}


def read_fields(stored: object) -> tuple[FieldData, ...]:
    """Return the fields of a snapshot."""
    return load_fields(stored.get("fields")) if isinstance(stored, Mapping) else ()


def read_own_values(credential: Credential, configuration: CredentialConfiguration) -> dict[str, Any]:
    """Return the learner's own values of a credential, by name, for the fields that the configuration's type still has."""
    names = FieldsFactory(configuration.credential_type, configuration).names
    fields = read_fields(credential.custom_fields)
    return {field.name: field.value for field in fields if field.is_own and field.name in names}


def require_fields(credential: Credential) -> None:
    """Raise an error if the values of the credential's custom fields cannot be printed.

    Raises:
        GenerationError: with the code ``field_missing`` or ``field_invalid``.
    """
    stored = credential.custom_fields
    if isinstance(stored, Mapping) and (problem := stored.get("problem")):
        raise GenerationError(str(problem.get("message", "")), code=str(problem.get("code", FIELD_INVALID)))


def make_successor_fields(old: Credential, credential_type: CredentialType) -> dict[str, Any] | None:
    """Return the snapshot for a reissue. Labels and values stay. Where they are shown is decided by the type as it is now.

    A credential without a snapshot of fields gets the present values of the configuration.
    """
    definitions = {definition.name: definition for definition in parse_definitions(credential_type.custom_fields)}
    if not isinstance(old.custom_fields, Mapping):
        if credential_type.pk != old.configuration.credential_type_id:
            return None
        made = FieldsFactory(credential_type, old.configuration).make()
        return {"fields": made["fields"]} if made else None
    fields = []
    for stored in old.custom_fields.get("fields", ()):
        present = definitions.get(stored.get("name"))
        kept = {name: value for name, value in stored.items() if name not in {"on_page", "badge"}}
        if present is not None and present.kind == stored.get("kind"):
            places = {"on_page": present.on_page, "badge": present.badge}
            kept |= {name: value for name, value in places.items() if value}
        fields.append(kept)
    return {"fields": fields}


# The learning context and the parts of the name


def describe_context(context: LearningContext) -> dict[str, str] | None:
    """Return what a credential stores about its learning context."""
    values = {
        "course_key": as_text(context.parent_course_key, _LONGEST_NAME),
        "organisation": as_text(context.organisation, _LONGEST_NAME),
        "start": get_local_date(context.starts_at).isoformat() if context.starts_at else "",
        "end": get_local_date(context.ends_at).isoformat() if context.ends_at else "",
        "effort": as_text(context.effort, _LONGEST_NAME),
    }
    return {name: value for name, value in values.items() if value} or None


def read_context(stored: object) -> ContextData:
    """Return the stored values about a context."""
    if not isinstance(stored, Mapping):
        return ContextData()
    start, end = stored.get("start"), stored.get("end")
    return ContextData(
        course_key=str(stored.get("course_key", "")),
        organisation=str(stored.get("organisation", "")),
        start=date.fromisoformat(start) if start else None,
        end=date.fromisoformat(end) if end else None,
        effort=str(stored.get("effort", "")),
    )


def describe_name(profile: LearnerProfile) -> dict[str, str] | None:
    """Return the parts of a learner's name that a credential stores."""
    if not (profile.given_name or profile.family_name):
        return None
    parts = {"given": as_text(profile.given_name, _LONGEST_NAME), "family": as_text(profile.family_name, _LONGEST_NAME)}
    return {name: part.strip() for name, part in parts.items() if is_printable(part)} or None
