"""Define the forms of course certificates: the settings of a run."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import BaseModelForm
from learning_credentials.admin.editing import INPUT
from learning_credentials.admin.examples import explain_switch
from learning_credentials.admin.fields import ContextKeyField, MomentWidget, point_picker_at
from learning_credentials.conf import get_settings
from learning_credentials.models import CourseCertificate
from learning_credentials.models.fields import validate_date

#: The fields that staff set. The LMS sets the others.
SETTABLE = ("certificate_type", "available_date", "is_active", "allows_self_generation")
DATE_HELP = gettext_lazy(
    "The credentials of this run are visible from this time on. Leave empty if they are always visible."
)


def _list_modes(stored: str = "") -> list[tuple[str, str]]:
    """Return the modes of the settings, and the stored mode even if the settings no longer contain it."""
    return [(mode, mode) for mode in dict.fromkeys([*get_settings().EARNING_MODES, *filter(None, [stored])])]


class WhyMixin(forms.Form):
    """Add an optional reason for the history."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80, "class": "vLargeTextField"}),
        help_text=gettext_lazy("Why you make this change. The history keeps the reason."),
    )


class CourseCertificateForm(BaseModelForm[CourseCertificate], WhyMixin):
    """Edit the settings of a run. `CourseCertificateAdmin.save_model` saves the changes through the services."""

    class Meta:
        model = CourseCertificate
        fields = SETTABLE
        help_texts = {"available_date": DATE_HELP}  # noqa: RUF012
        widgets = {"available_date": MomentWidget}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mode = self.fields.get("certificate_type")
        if mode is not None:
            choices = _list_modes(self.instance.certificate_type)
            self.fields["certificate_type"] = forms.ChoiceField(
                label=mode.label, help_text=mode.help_text, choices=choices
            )
        for name in SETTABLE:
            if name in self.fields:
                self.fields[name].show_hidden_initial = self._knows_initial(name)
        switch = self.fields.get("allows_self_generation")
        explain_switch(switch, self.instance.course_key, is_on=self.instance.allows_self_generation)

    def _knows_initial(self, name: str) -> bool:
        """Return whether the page contains the values that it was opened with.

        If so, only the fields that this person changed count as changed. A page that contains everything that it showed is compared as a
        whole, see `EditingAdmin`.
        """
        if INPUT in self.data:
            return False
        prefix = self.add_initial_prefix(name)
        return not self.is_bound or any(key in self.data for key in (prefix, f"{prefix}_0"))

    def clean(self) -> dict[str, Any] | None:
        """Refuse a reason without a change."""
        cleaned = super().clean()
        if self.changed_data == ["reason"] and not self.errors:
            raise ValidationError({"reason": gettext_lazy("You gave a reason but changed nothing.")})
        return cleaned


class NewCourseCertificateForm(WhyMixin):
    """Add the settings of a run whose date is known before its first credential is issued."""

    course_key = ContextKeyField(label=gettext_lazy("Course run"))
    certificate_type = forms.ChoiceField(label=gettext_lazy("Mode"))
    available_date = forms.SplitDateTimeField(
        label=gettext_lazy("Available date"),
        required=False,
        widget=MomentWidget,
        validators=[validate_date],
        help_text=DATE_HELP,
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("Active"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Whether this run issues course certificates."),
    )

    field_order = ("course_key", "certificate_type", "available_date", "is_active", "reason")

    def __init__(self, *args: Any, search_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        point_picker_at(self.fields["course_key"], search_url)
        mode = self.fields["certificate_type"]
        if isinstance(mode, forms.ChoiceField):
            mode.choices = _list_modes()

    def clean_course_key(self) -> str:
        """Refuse a run that is in the list already. Its own page shows the values that would be overwritten."""
        key: str = self.cleaned_data["course_key"]
        if CourseCertificate.objects.filter(course_key=key).exists():
            raise ValidationError(
                gettext_lazy("This course run is already in the list. Change it there."), code="known"
            )
        return key
