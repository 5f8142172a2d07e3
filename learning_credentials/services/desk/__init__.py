"""The operator's desk: what staff do to configurations."""

from learning_credentials.services.desk.copying import copy_configuration, copy_credential_type

__all__ = ["copy_configuration", "copy_credential_type"]
