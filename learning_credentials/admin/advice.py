"""Say what could be better in options that were saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from learning_credentials.models import CredentialType


def report_advice(request: HttpRequest, credential_type: CredentialType, custom_options: Mapping[str, Any]) -> None:
    """Show the advice on the options of a type, merged with those of a configuration."""
    for advice in credential_type.list_option_advice(custom_options):
        messages.info(request, _("Saved. You can make it better: %s") % str(advice))
