"""Define the form of configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.forms import ModelChoiceField
from django.utils.translation import gettext_lazy

from learning_credentials.admin.copying import FreezingForm
from learning_credentials.admin.examples import explain_switch
from learning_credentials.admin.field_values import FieldValuesField, FieldValuesWidget
from learning_credentials.admin.fields import (
    NOT_YOURS,
    UNKNOWN_CONTEXT,
    ContextKeyWidget,
    MomentWidget,
    point_picker_at,
)
from learning_credentials.admin.option_sources import get_sources_url
from learning_credentials.admin.option_widgets import EditedOptionsField, describe_editor, describe_type
from learning_credentials.admin.options_help import read_definitions
from learning_credentials.admin.periods import PeriodField
from learning_credentials.admin.translations import TranslationsField
from learning_credentials.folding import compose
from learning_credentials.lms import Scope
from learning_credentials.models import CredentialConfiguration, CredentialType

if TYPE_CHECKING:
    from learning_credentials.admin.contexts import ContextLookup


class CredentialConfigurationForm(FreezingForm[CredentialConfiguration]):
    """Edit a configuration. The form checks the context's key against the LMS's answer in ``context_lookup``."""

    context_lookup: ContextLookup | None = None
    search_url = ""
    type_url = ""

    custom_options = EditedOptionsField(
        label=gettext_lazy("Options"),
        required=False,
        help_text=gettext_lazy(
            "Options that override the type’s. What is empty here is as the type says. Nested objects are merged."
        ),
    )

    field_values = FieldValuesField(
        label=gettext_lazy("Values of custom fields"),
        required=False,
        help_text=gettext_lazy(
            "Certificates print these values. Leave a value empty if each learner has a different one, which the LMS or the "
            "processor returns."
        ),
    )

    translations = TranslationsField(
        ("description", "criteria"),
        label=gettext_lazy("Other languages"),
        required=False,
        help_text=gettext_lazy(
            "The two texts above in other languages. Leave a text empty to use the one above. To remove a language, empty its texts."
        ),
    )

    class Meta:
        model = CredentialConfiguration
        fields = "__all__"
        widgets = {"learning_context_key": ContextKeyWidget, "next_run_at": MomentWidget}  # noqa: RUF012
        field_classes = {"interval": PeriodField}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "is_enabled": gettext_lazy(
                "The schedule issues credentials only for enabled configurations. Learners see the "
                "credential, and can request it if self-generation is on."
            ),
            "next_run_at": gettext_lazy("Leave empty to run at the next tick."),
            "criteria": gettext_lazy(
                "What a learner must do to earn it here. Leave empty to use the type’s text. If that is empty too, "
                "the app writes it from the options, as shown below."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("learning_context_key")
        if field is not None:
            point_picker_at(field, self.search_url)
        self._offer_custom_fields()
        about = describe_type(self._find_chosen_type())
        about |= {"type_url": self.type_url, "course": self.instance.learning_context_key}
        describe_editor(
            self.fields.get("custom_options"), sources_url=get_sources_url("credentialconfiguration"), **about
        )
        switch = self.fields.get("allow_self_generation")
        explain_switch(switch, self.instance.learning_context_key, is_on=self.instance.allow_self_generation)

    def _offer_custom_fields(self) -> None:
        """Offer the custom fields of the chosen type. Without a type yet, the values can be entered as JSON."""
        field = self.fields.get("field_values")
        if field is None or not isinstance(field.widget, FieldValuesWidget):
            return
        chosen = self._find_chosen_type()
        if chosen is None:
            field.help_text = gettext_lazy(
                "Save first. Then the page has an input for each custom field of the type. You can also enter the values now, as one "
                "JSON object by name of the field."
            )
        else:
            field.widget.definitions = read_definitions(chosen.custom_fields)

    def _find_chosen_type(self) -> CredentialType | None:
        """Return the type that the form was sent with, or that is stored."""
        stored: Any = self.instance.credential_type_id
        key = (
            self.data.get(self.add_prefix("credential_type")) if self.is_bound else self.initial.get("credential_type")
        )
        if not key or str(key) == str(stored):
            return self.instance.credential_type if stored is not None else None
        chosen = self.fields.get("credential_type")
        if not str(key).isdecimal() or not isinstance(chosen, ModelChoiceField) or chosen.queryset is None:
            return None
        return chosen.queryset.filter(pk=int(key)).first()

    def clean_learning_context_key(self) -> str:
        """Refuse a new key that the LMS does not know.

        A stored key is accepted: operators must be able to stop the schedule of a deleted context.
        """
        key = compose(self.cleaned_data["learning_context_key"])
        scope = getattr(self.search_url, "scope", Scope())
        if not scope.covers(key) and key != self.initial.get("learning_context_key"):
            raise ValidationError(NOT_YOURS, code="out_of_scope")
        lookup = self.context_lookup
        if (
            lookup is not None
            and lookup.key == key
            and lookup.is_unknown
            and key != self.initial.get("learning_context_key")
        ):
            raise ValidationError(UNKNOWN_CONTEXT, code="unknown_context")
        return key
