"""Ask where an allowlist entry applies: a learning context, and its course certificate or another configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy

from learning_credentials.admin.fields import ContextKeyField, point_picker_at
from learning_credentials.lms import Scope
from learning_credentials.models import AllowlistEntry, CredentialConfiguration
from learning_credentials.services.common import make_condition

if TYPE_CHECKING:
    from django.contrib import admin


class TargetForm(forms.Form):
    """Ask for a context and, if the entry is not for the course certificate, for one of its configurations."""

    context_key = ContextKeyField(label=gettext_lazy("Learning context"))
    configuration = forms.ModelChoiceField(
        label=gettext_lazy("Configuration"),
        required=False,
        queryset=CredentialConfiguration.objects.select_related("credential_type"),
        empty_label=gettext_lazy("the course certificate of the run"),
        help_text=gettext_lazy(
            "Leave empty for the course certificate of the run. Choose a configuration for another credential "
            "of the same context."
        ),
    )

    def __init__(self, *args: Any, search_url: str, admin_site: admin.AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        point_picker_at(self.fields["context_key"], search_url)
        field = AllowlistEntry._meta.get_field("configuration")  # noqa: SLF001
        configuration = self.fields["configuration"]
        scope = getattr(search_url, "scope", Scope())
        if isinstance(configuration, forms.ModelChoiceField):
            rows = CredentialConfiguration.objects.select_related("credential_type")
            configuration.queryset = rows.filter(make_condition(CredentialConfiguration, scope))
            configuration.widget = AutocompleteSelect(field, admin_site, choices=configuration.choices)
