"""Finds required custom fields that nobody can fill: the configuration has no value, and nothing gives learners their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.custom_fields import parse_definitions, read_values
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.lms import Capability, get_lms

if TYPE_CHECKING:
    from learning_credentials.models import CredentialConfiguration

#: The built-in processors return no values of custom fields. Those of hosts may.
_BUILT_IN = "learning_credentials.processors."


def list_unsupplied_fields(configuration: CredentialConfiguration) -> list[str]:
    """Return the names of the required custom fields for which there can be no value. The function never raises."""
    credential_type = configuration.credential_type
    try:
        definitions = parse_definitions(credential_type.custom_fields)
        gives_own = Capability.LEARNER_FIELDS in get_lms().capabilities if definitions else False
    except ConfigurationError:
        return []  # reported elsewhere
    if gives_own or not credential_type.retrieval_func.startswith(_BUILT_IN):
        return []
    values, _ = read_values(definitions, configuration.field_values)
    return [definition.name for definition in definitions if definition.required and definition.name not in values]
