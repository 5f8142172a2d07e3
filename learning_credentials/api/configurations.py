"""Copying configurations and types, where what issued credentials cannot be changed; trying criteria."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.services import credentials, desk

if TYPE_CHECKING:
    from learning_credentials.models import CredentialConfiguration, CredentialType


def copy_configuration(configuration_id: int, learning_context_key: str) -> CredentialConfiguration:
    """Copy a configuration to another learning context, with its type, options, interval and self-generation; the copy is not enabled.

    Raises:
        AlreadyExistsError, ConfigurationError, ContextNotFoundError, TransientError.
    """
    return desk.copy_configuration(configuration_id, compose(learning_context_key))


def find_criteria_problems(configuration: CredentialConfiguration) -> list[str]:
    """Return what is wrong with the criteria in the configuration's context, by name: what nobody can meet as the LMS is now.

    It is tried with the first learners who are enrolled. Without any, nothing is known to be wrong. It never raises.
    """
    return credentials.find_criteria_problems(configuration)


def copy_credential_type(type_id: int, *, name: str, slug: str) -> CredentialType:
    """Copy a credential type with its options, signatories and badge images; the copy has no configurations.

    Raises:
        AlreadyExistsError, ConfigurationError.
    """
    return desk.copy_credential_type(type_id, name=name, slug=slug)
