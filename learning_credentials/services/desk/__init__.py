"""Carries out operators' changes to configurations and types."""

from learning_credentials.services.desk.copying import copy_configuration, copy_credential_type
from learning_credentials.services.desk.designs import StartedDesign, preview_design, start_design

__all__ = ["StartedDesign", "copy_configuration", "copy_credential_type", "preview_design", "start_design"]
