"""Carries out operators' changes to configurations and types."""

from learning_credentials.services.desk.copying import copy_configuration, copy_credential_type

__all__ = ["copy_configuration", "copy_credential_type"]
