"""Define the operations on credentials for which staff have to give a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.core import signing
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.fields import MomentWidget
from learning_credentials.admin.operations import Operation, ReasonForm
from learning_credentials.models import Credential
from learning_credentials.models.fields import validate_date
from learning_credentials.services.issuing import change_expiry, reissue_credential, renew_credential
from learning_credentials.services.staff import invalidate_credential, lift_reissue_block, override_issue_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.base_user import AbstractBaseUser


_SALT = "learning_credentials.admin.operations"


class PublicReasonForm(ReasonForm):
    """Ask for a reason, and say that everyone can read it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = gettext_lazy(
            "Anyone who opens the public page of the credential can read the reason. Write nothing private."
        )


class InvalidationForm(PublicReasonForm):
    """Ask for a public reason and whether to block a new credential."""

    blocks_reissue = forms.BooleanField(
        label=gettext_lazy("Block reissue"),
        required=False,
        initial=True,
        help_text=gettext_lazy("The learner gets no new credential in its place until the block is lifted."),
    )


class ReissueForm(PublicReasonForm):
    """Ask for a public reason and whether to e-mail the learner."""

    notify = forms.BooleanField(
        label=gettext_lazy("E-mail the learner"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "The e-mail says that the credential was replaced, and gives the reason above. "
            "Learners who were not told about the credential yet always get the usual e-mail about a new one."
        ),
    )


class ComparingForm(ReasonForm):
    """Carry the values that the page showed, so that nobody overwrites a change that they have not seen."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_shown(self) -> dict[str, Any]:
        """Return the shown values in ISO 8601 by credential. Return none if the page does not contain them."""
        try:
            values: dict[str, Any] = signing.loads(self.cleaned_data["shown"], salt=_SALT)
        except signing.BadSignature:
            return {}
        return values


class DateForm(ComparingForm):
    """Ask for another date, or none to show the date of issue."""

    date_override = forms.DateField(
        label=gettext_lazy("Date"),
        required=False,
        widget=AdminDateWidget,
        validators=[validate_date],
        help_text=gettext_lazy(
            "Shown as the date of issue. Leave empty to show the run’s available date or the date of issue."
        ),
    )

    field_order = ("date_override", "reason", "shown")


class OptionalReasonForm(ReasonForm):
    """Ask for an optional reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].help_text = gettext_lazy("Optional. Kept in the history, for staff only.")


class ExpiryForm(ComparingForm):
    """Ask for another time of expiry, or none."""

    expires_at = forms.SplitDateTimeField(
        label=gettext_lazy("Expires"),
        required=False,
        widget=MomentWidget,
        validators=[validate_date],
        help_text=gettext_lazy(
            "Enter a time after the award, at most 100 years after it. Leave empty if the credential never expires."
        ),
    )

    field_order = ("expires_at", "reason", "shown")


def _invalidate(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    return invalidate_credential(
        credential.uuid, reason=values["reason"], actor=actor, blocks_reissue=values["blocks_reissue"]
    )


def _reissue(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    return reissue_credential(credential.uuid, reason=values["reason"], actor=actor, notify=values["notify"])


def _renew(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    return renew_credential(credential.uuid, reason=values["reason"], actor=actor)


def _change_expiry(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    shown = values["shown"].get(str(credential.uuid), ...)
    expected = parse_datetime(shown) if isinstance(shown, str) else shown
    return change_expiry(credential.uuid, values["expires_at"], reason=values["reason"], actor=actor, expected=expected)


def _get_expiry(credentials: Sequence[Credential]) -> dict[str, Any]:
    return _get_shown(credentials, "expires_at")


def _lift_block(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    return lift_reissue_block(credential.uuid, reason=values["reason"], actor=actor)


def _override_date(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    shown = values["shown"].get(str(credential.uuid), ...)
    expected = parse_date(shown) if isinstance(shown, str) else shown
    return override_issue_date(
        credential.uuid, values["date_override"], reason=values["reason"], actor=actor, expected=expected
    )


def _get_date(credentials: Sequence[Credential]) -> dict[str, Any]:
    return _get_shown(credentials, "date_override")


def _get_shown(credentials: Sequence[Credential], name: str) -> dict[str, Any]:
    """Return each credential's value of a field for `ComparingForm`, and the common value if all have the same."""
    values = {str(credential.uuid): getattr(credential, name) for credential in credentials}
    shown = {uuid: value.isoformat() if value else None for uuid, value in values.items()}
    initial = {"shown": signing.dumps(shown, salt=_SALT, compress=True)}
    return initial | ({name: next(iter(values.values()))} if len(set(values.values())) == 1 else {})


INVALIDATE = Operation[Credential](
    name="invalidate",
    title=gettext_lazy("Invalidate"),
    explanation=gettext_lazy(
        "The public page will say that the credential is no longer valid, and why. Its file can no longer be downloaded there. "
        "This cannot be undone."
    ),
    button=gettext_lazy("Invalidate"),
    form_class=InvalidationForm,
    apply=_invalidate,
    compared=("status", "is_current"),
    report=lambda number: (
        ngettext("%d credential was invalidated.", "%d credentials were invalidated.", number) % number
    ),
    is_dangerous=True,
)
REISSUE = Operation[Credential](
    name="reissue",
    title=gettext_lazy("Reissue"),
    explanation=gettext_lazy(
        "A new credential replaces this one. It has the name that the LMS gives now, and uses the template and the options of today. "
        "It keeps what was awarded: the type, the course, the criteria, the evidence and the date. "
        "The expiry stays the same: an expired credential stays expired. Use “Renew” or “Change the expiry” to extend it. "
        "The public page of the old credential says that it was replaced."
    ),
    button=gettext_lazy("Reissue"),
    form_class=ReissueForm,
    apply=_reissue,
    compared=("status", "is_current"),
    report=lambda number: ngettext("%d credential was reissued.", "%d credentials were reissued.", number) % number,
    is_unfinished=lambda credential: credential.status == Credential.Status.GENERATING,
)
RENEW = Operation[Credential](
    name="renew",
    title=gettext_lazy("Renew"),
    explanation=gettext_lazy(
        "A new credential is awarded now, and is valid for the period that the type has now. "
        "The criteria are not checked again: you decide. "
        "The expired credential stays as it is. Its public page links to the new one."
    ),
    button=gettext_lazy("Renew"),
    form_class=OptionalReasonForm,
    apply=_renew,
    compared=("status", "is_current", "expires_at"),
    report=lambda number: ngettext("%d credential was renewed.", "%d credentials were renewed.", number) % number,
    is_unfinished=lambda credential: credential.status == Credential.Status.GENERATING,
)
CHANGE_EXPIRY = Operation[Credential](
    name="change_expiry",
    title=gettext_lazy("Change the expiry"),
    explanation=gettext_lazy(
        "The public page, the REST API and badges downloaded from now on show this expiry. "
        "A file or a badge that was made before keeps its expiry. Reissue the credential to make the file again."
    ),
    button=gettext_lazy("Save"),
    form_class=ExpiryForm,
    apply=_change_expiry,
    compared=("status", "is_current"),
    report=lambda number: (
        ngettext("The expiry of %d credential was set.", "The expiry of %d credentials was set.", number) % number
    ),
    get_initial=_get_expiry,
)
LIFT_BLOCK = Operation[Credential](
    name="lift_block",
    title=gettext_lazy("Lift the block"),
    explanation=gettext_lazy(
        "Schedules, the learner and staff can issue the credential again. The invalidated one stays invalidated."
    ),
    button=gettext_lazy("Lift the block"),
    form_class=ReasonForm,
    apply=_lift_block,
    compared=("status", "blocks_reissue"),
    report=lambda number: ngettext("%d block was lifted.", "%d blocks were lifted.", number) % number,
)
OVERRIDE_DATE = Operation[Credential](
    name="override_date",
    title=gettext_lazy("Set the date shown"),
    explanation=gettext_lazy(
        "Pages and reports show this date as the date of issue. "
        "The file keeps the date that is printed on it. Reissue the credential to print the new date."
    ),
    button=gettext_lazy("Save"),
    form_class=DateForm,
    apply=_override_date,
    compared=("status", "is_current"),
    report=lambda number: (
        ngettext("The date of %d credential was set.", "The date of %d credentials was set.", number) % number
    ),
    get_initial=_get_date,
)
