"""Looks up the configurations for which credentials are issued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import ConfigurationError
from learning_credentials.models import CredentialConfiguration
from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Collection


def get_configuration(configuration_id: int) -> CredentialConfiguration:
    """Return a configuration with its type.

    Raises:
        ConfigurationError: there is none with this id.
    """
    rows = CredentialConfiguration.objects.select_related("credential_type__issuer__logo")
    configuration = rows.filter(pk=configuration_id).first()
    if configuration is None:
        msg = f"there is no configuration with the id {configuration_id}"
        raise ConfigurationError(msg)
    return configuration


def find_configurations(configuration_ids: Collection[int]) -> list[CredentialConfiguration]:
    """Return those of the configurations that exist, with their types."""
    rows = CredentialConfiguration.objects.select_related("credential_type").order_by("pk")
    return [row for batch in in_batches(list(configuration_ids)) for row in rows.filter(pk__in=batch)]
