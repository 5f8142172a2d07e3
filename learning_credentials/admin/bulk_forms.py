"""Define the forms of acts on many rows: what to enter for each act, and the list of rows."""

from __future__ import annotations

import io
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy

from learning_credentials.admin.credential_operations import InvalidationForm, ReissueForm
from learning_credentials.admin.fields import MomentWidget
from learning_credentials.admin.operations import ReasonForm
from learning_credentials.models import CredentialConfiguration
from learning_credentials.models.fields import validate_date
from learning_credentials.services.desk import NEVER, BulkAct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise


class RenderAgainForm(ReasonForm):
    """Ask for the reason of new files."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = gettext_lazy("The history keeps the reason, for staff only.")


class NameForm(ReissueForm):
    """Ask for the reason of other names. The names are in the list."""

    list_help = gettext_lazy("The list needs a column “name” with the new name of each learner.")


class BulkExpiryForm(ReasonForm):
    """Ask for an expiry for all rows. Rows of a list can have their own."""

    expires_at = forms.SplitDateTimeField(
        label=gettext_lazy("Expires"),
        required=False,
        widget=MomentWidget,
        validators=[validate_date],
        help_text=gettext_lazy("For rows without an expiry of their own."),
    )
    never = forms.BooleanField(
        label=gettext_lazy("Never expires"),
        required=False,
        help_text=gettext_lazy("Tick this instead of a date if the credentials never expire."),
    )
    field_order = ("expires_at", "never", "reason")
    list_help = gettext_lazy("A column “expires” can have an expiry for each row, such as 2027-12-31 or never.")

    def clean(self) -> dict[str, Any]:
        """Allow only one of the two."""
        cleaned = super().clean() or {}
        if cleaned.get("never") and cleaned.get("expires_at"):
            raise ValidationError(gettext_lazy("Enter a date, or tick “Never expires”. Do not do both."))
        return cleaned


class SelectedExpiryForm(BulkExpiryForm):
    """Ask for the expiry of a selection, whose rows have none of their own."""

    def clean(self) -> dict[str, Any]:
        """Require one of the two."""
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("never") or cleaned.get("expires_at")):
            raise ValidationError(gettext_lazy("Enter a date, or tick “Never expires”."))
        return cleaned


class IssueForm(forms.Form):
    """Ask for the credential to issue, and an optional reason."""

    configuration = forms.ModelChoiceField(
        label=gettext_lazy("Credential"),
        queryset=CredentialConfiguration.objects.select_related("credential_type").order_by(
            "learning_context_key", "credential_type__name"
        ),
        help_text=gettext_lazy("The learners of the list receive this credential if they meet its criteria."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80, "class": "vLargeTextField"}),
        help_text=gettext_lazy("Optional. The history keeps the reason, for staff only."),
    )


class FileForm(forms.Form):
    """Ask for nothing: a file is made of what was selected."""


FORMS: Mapping[BulkAct, type[forms.Form]] = {
    BulkAct.INVALIDATE: InvalidationForm,
    BulkAct.REISSUE: ReissueForm,
    BulkAct.RENDER_AGAIN: RenderAgainForm,
    BulkAct.CHANGE_EXPIRY: BulkExpiryForm,
    BulkAct.CHANGE_NAME: NameForm,
    BulkAct.ISSUE: IssueForm,
    BulkAct.ZIP: FileForm,
    BulkAct.PRINT: FileForm,
}
#: Forms for acts on a selection, if they differ.
SELECTION_FORMS: Mapping[BulkAct, type[forms.Form]] = {BulkAct.CHANGE_EXPIRY: SelectedExpiryForm}

TITLES: Mapping[BulkAct, _StrPromise] = {
    BulkAct.INVALIDATE: gettext_lazy("Invalidate"),
    BulkAct.REISSUE: gettext_lazy("Reissue"),
    BulkAct.RENDER_AGAIN: gettext_lazy("Make the files again"),
    BulkAct.CHANGE_EXPIRY: gettext_lazy("Change the expiry"),
    BulkAct.CHANGE_NAME: gettext_lazy("Change the name"),
    BulkAct.ISSUE: gettext_lazy("Issue"),
    BulkAct.ZIP: gettext_lazy("ZIP file"),
    BulkAct.PRINT: gettext_lazy("PDF to print"),
}
EXPLANATIONS: Mapping[BulkAct, _StrPromise] = {
    BulkAct.INVALIDATE: gettext_lazy(
        "The public pages will say that these credentials are no longer valid, and why. The files cannot be downloaded any more. "
        "You cannot undo this."
    ),
    BulkAct.REISSUE: gettext_lazy(
        "New credentials replace these. They have the names that the LMS has now, today’s templates and today’s options. "
        "They keep what was awarded, the date and the expiry. The public pages of the old ones say that they were replaced."
    ),
    BulkAct.RENDER_AGAIN: gettext_lazy(
        "The files are made again with today’s templates and options. The credentials stay the same: their ids, names, dates and "
        "results do not change. Copies that were downloaded before stay valid. Nobody is e-mailed."
    ),
    BulkAct.CHANGE_EXPIRY: gettext_lazy(
        "The public pages, the REST API and badges that are downloaded from now on show this expiry. The files, and badges that were "
        "downloaded before, keep the old expiry."
    ),
    BulkAct.CHANGE_NAME: gettext_lazy(
        "New credentials with the new names replace these. The public pages of the old ones say that they were replaced. "
        "Correct the names in the LMS too: a later reissue shows the name that the LMS has then."
    ),
    BulkAct.ISSUE: gettext_lazy(
        "Learners of the list who meet the criteria receive the credential. The others are listed with the reason. "
        "To waive the criteria, add the learners to the allowlist first."
    ),
    BulkAct.ZIP: gettext_lazy(
        "The files of these credentials are put into one ZIP file, which you can download for some time."
    ),
    BulkAct.PRINT: gettext_lazy(
        "The PDF files of these credentials are put into one PDF, one after the other, which you can download for some time."
    ),
}


class ListForm(forms.Form):
    """Ask for a list of rows: pasted, or as a file."""

    pasted = forms.CharField(
        label=gettext_lazy("Paste a list"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 80, "class": "vLargeTextField", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=gettext_lazy("Or choose a file"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("A spreadsheet (XLSX) or CSV. At most 20,000 rows and 5 MB."),
        widget=forms.FileInput(
            attrs={
                "accept": ".csv,.txt,.tsv,.xlsx,text/csv,text/plain,"
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            }
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Require one of the two."""
        cleaned = super().clean() or {}
        has_text, file = bool((cleaned.get("pasted") or "").strip()), cleaned.get("file")
        if "file" not in self.errors and has_text == bool(file):
            raise ValidationError(gettext_lazy("Paste a list, or choose a file. Do not do both."))
        return cleaned


def make_list_form(act: BulkAct) -> type[forms.Form]:
    """Return the form that asks for a list and for what the act needs."""
    base = FORMS[act]
    names = gettext_lazy(
        "One row for each learner or credential: user name, e-mail address, verification id, code or address of the public page. "
        "With several columns, the first line names them, for example: user name, reason."
    )
    extra: dict[str, Any] = {}
    if act is not BulkAct.ISSUE:
        extra["configuration"] = forms.ModelChoiceField(
            label=gettext_lazy("Only credentials of"),
            required=False,
            queryset=CredentialConfiguration.objects.select_related("credential_type").order_by(
                "learning_context_key", "credential_type__name"
            ),
            empty_label=gettext_lazy("any configuration"),
            help_text=gettext_lazy("Choose one if learners of the list have several credentials."),
        )
    # The class must not change fields that other forms share with it.
    for name, help_text in (("pasted", names), ("reason", None)):
        if name in base.base_fields or name == "pasted":
            own = deepcopy((base.base_fields | ListForm.base_fields)[name])
            if help_text is not None:
                own.help_text = help_text
            else:
                own.required = False
            extra[name] = own
    made: type[forms.Form] = type(f"{base.__name__}WithList", (base, ListForm), extra)
    made.field_order = ["pasted", "file", "configuration"]
    return made


def open_list(values: Mapping[str, Any]) -> Any:
    """Return the list of a valid form as a file."""
    return values["file"] or io.StringIO(values["pasted"], newline="")


def read_parameters(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was entered, as a job stores it."""
    configuration = values.get("configuration")
    parameters: dict[str, Any] = {
        name: values[name] for name in ("reason", "blocks_reissue", "notify") if values.get(name) is not None
    }
    if configuration is not None:
        parameters["configuration_id"] = configuration.pk
    if values.get("never"):
        parameters["expires_at"] = NEVER
    elif values.get("expires_at"):
        parameters["expires_at"] = values["expires_at"].isoformat()
    return parameters


def write_initial(parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the initial values of a form from what was entered before."""
    initial = dict(parameters or {})
    initial["configuration"] = initial.pop("configuration_id", None)
    expiry = initial.pop("expires_at", None)
    if expiry == NEVER:
        initial["never"] = True
    elif expiry:
        initial["expires_at"] = parse_datetime(expiry)
    return {name: value for name, value in initial.items() if value is not None}
