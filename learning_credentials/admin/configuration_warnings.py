"""Warn operators about configurations that cannot do what they should."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning_credentials.models import (
    Credential,
    CredentialConfiguration,
)
from learning_credentials.models.moved import count_moved
from learning_credentials.services.credentials import find_criteria_problems, list_unsupplied_fields

if TYPE_CHECKING:
    from django.http import HttpRequest


def report_criteria(request: HttpRequest, configuration: CredentialConfiguration | None) -> None:
    """Warn about criteria that nobody can meet with what the LMS says now."""
    if configuration is None or not configuration.pk:
        return
    for problem in find_criteria_problems(configuration):
        messages.warning(request, _("Nobody can meet the criteria with what the LMS says now: %s") % problem)
    if unsupplied := list_unsupplied_fields(configuration):
        messages.warning(
            request,
            _(
                "Nothing can be issued: these required custom fields have no value, and nothing gives learners their own: %s"
            )
            % ", ".join(unsupplied),
        )


def report_moved(request: HttpRequest, configuration: CredentialConfiguration | None) -> None:
    """Warn if issued credentials have another context or type than their configuration has now."""
    if configuration is None or not configuration.pk:
        return
    number = sum(count_moved(Credential.objects.filter(configuration=configuration)).values())
    if number:
        text = ngettext(
            "%d credential was issued before the context or the type of this configuration was changed. Its "
            "learner counts as a holder and is issued nothing here. Make a new configuration for this context "
            "and type.",
            "%d credentials were issued before the context or the type of this configuration was changed. "
            "Their learners count as holders and are issued nothing here. Make a new configuration for this "
            "context and type.",
            number,
        )
        messages.warning(request, text % number)
