"""Copying configurations and types, where what issued credentials cannot be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import copying

if TYPE_CHECKING:
    from learning_credentials.models import CredentialConfiguration, CredentialType


def copy_configuration(configuration_id: int, learning_context_key: str) -> CredentialConfiguration:
    """Copy a configuration to another learning context, with its type, options, interval and self-generation; the copy is not enabled.

    Raises:
        AlreadyExistsError, ConfigurationError, ContextNotFoundError, TransientError.
    """
    return copying.copy_configuration(configuration_id, learning_context_key)


def copy_credential_type(type_id: int, *, name: str, slug: str) -> CredentialType:
    """Copy a credential type with its options, signatories and badge images; the copy has no configurations.

    Raises:
        AlreadyExistsError, ConfigurationError.
    """
    return copying.copy_type(type_id, name=name, slug=slug)
