"""Copies configurations and credential types, and checks criteria."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.services import credentials, desk

if TYPE_CHECKING:
    from learning_credentials.models import CredentialConfiguration, CredentialType


def copy_configuration(configuration_id: int, learning_context_key: str) -> CredentialConfiguration:
    """Copy a configuration to another learning context; return the copy, which is not enabled.

    The copy has the same type, options, interval and self-generation.

    Raises:
        AlreadyExistsError, ConfigurationError, ContextNotFoundError, TransientError.
    """
    return desk.copy_configuration(configuration_id, compose(learning_context_key))


def find_criteria_problems(configuration: CredentialConfiguration) -> list[str]:
    """Return the criteria that nobody can meet at present, such as an assignment category that the course run lacks, as sentences.

    The criteria are tried with the first enrolled learners. Without any enrolled learner the result is empty. The function never raises.
    """
    return credentials.find_criteria_problems(configuration)


def copy_credential_type(type_id: int, *, name: str, slug: str) -> CredentialType:
    """Copy a credential type with its options, signatories and badge images; return the copy, which has no configurations.

    Raises:
        AlreadyExistsError, ConfigurationError.
    """
    return desk.copy_credential_type(type_id, name=name, slug=slug)
