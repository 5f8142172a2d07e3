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
from learning_credentials.models import Credential, MailHold
from learning_credentials.models.fields import validate_date
from learning_credentials.services.desk import foresee_invalidations, foresee_reissues
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
            "The public page shows the reason to everyone. Write nothing private."
        )


class InvalidationForm(PublicReasonForm):
    """Ask for a public reason and whether to block a new credential."""

    blocks_reissue = forms.BooleanField(
        label=gettext_lazy("Block reissue"),
        required=False,
        initial=True,
        help_text=gettext_lazy("No new credential is issued in place of a revoked one until the block is lifted."),
    )


class ReissueForm(PublicReasonForm):
    """Ask for a public reason and whether to e-mail the learner."""

    notify = forms.BooleanField(
        label=gettext_lazy("Send an e-mail"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "The e-mail says that the credential was replaced, and gives the reason above. Learners who got "
            "no e-mail about the old credential get the usual e-mail about a new one."
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
            "The date that is shown as the date of issue. Leave empty to show the run’s available date or the "
            "date of issue."
        ),
    )

    field_order = ("date_override", "reason", "shown")


class OptionalReasonForm(ReasonForm):
    """Ask for an optional reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].help_text = gettext_lazy("Optional. The history keeps the reason, for staff only.")


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
    return reissue_credential(
        credential.uuid,
        reason=values["reason"],
        actor=actor,
        notify=values["notify"],
        mail_hold_id=values["mail_holds"].get(credential.learning_context_key),
    )


def _renew(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    hold_id = values["mail_holds"].get(credential.learning_context_key)
    return renew_credential(credential.uuid, reason=values["reason"], actor=actor, mail_hold_id=hold_id)


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
    title=gettext_lazy("Revoke"),
    explanation=lambda number: (
        ngettext(
            "The public page will say that the credential is no longer valid, and why. The file cannot be downloaded any "
            "more. This takes effect at once for everybody. Undoing it does not make this credential valid again: it "
            "lifts the block and issues a successor.",
            "The public pages will say that these %(number)d credentials are no longer valid, and why. "
            "The files cannot be downloaded any more. This takes effect at once for everybody. Undoing it does not make "
            "these credentials valid again: it lifts the blocks and issues successors.",
            number,
        )
        % {"number": number}
    ),
    button=gettext_lazy("Revoke"),
    form_class=InvalidationForm,
    apply=_invalidate,
    find_consequences=lambda rows: foresee_invalidations([row.pk for row in rows]),
    compared=("status", "is_current"),
    report=lambda number: ngettext("%d credential was revoked.", "%d credentials were revoked.", number) % number,
    is_dangerous=True,
)
REISSUE = Operation[Credential](
    name="reissue",
    title=gettext_lazy("Reissue"),
    explanation=lambda number: (
        ngettext(
            "A new credential replaces this one. It has the name that the LMS has now, today’s template and today’s options. "
            "It keeps what was awarded: the type, the course, the criteria, the evidence and the date. "
            "It also keeps the expiry: if the credential has expired, the new one has expired too. "
            "Use “Renew” or “Change the expiry” to extend it. "
            "The public page of the old credential says that it was replaced.",
            "New credentials replace these %(number)d credentials. They have the names that the LMS has now, today’s templates "
            "and today’s options. "
            "They keep what was awarded: the type, the course, the criteria, the evidence and the date. "
            "They also keep the expiry: if a credential has expired, the new one has expired too. "
            "Use “Renew” or “Change the expiry” to extend credentials. "
            "The public pages of the old credentials say that they were replaced.",
            number,
        )
        % {"number": number}
    ),
    button=gettext_lazy("Reissue"),
    form_class=ReissueForm,
    apply=_reissue,
    find_consequences=lambda rows: foresee_reissues([row.pk for row in rows]),
    mail_act=MailHold.Act.REISSUE,
    compared=("status", "is_current"),
    report=lambda number: ngettext("%d credential was reissued.", "%d credentials were reissued.", number) % number,
    is_unfinished=lambda credential: credential.status == Credential.Status.GENERATING,
)
RENEW = Operation[Credential](
    name="renew",
    title=gettext_lazy("Renew"),
    explanation=lambda number: (
        ngettext(
            "A new credential is awarded now. It is valid for the period that the type has now. "
            "The criteria are not checked again: you decide. "
            "The expired credential does not change. Its public page links to the new one.",
            "A new credential is awarded now for each of these %(number)d credentials. Each is valid for the period that its type "
            "has now. The criteria are not checked again: you decide. "
            "The expired credentials do not change. Their public pages link to the new ones.",
            number,
        )
        % {"number": number}
    ),
    button=gettext_lazy("Renew"),
    form_class=OptionalReasonForm,
    apply=_renew,
    mail_act=MailHold.Act.RENEWAL,
    compared=("status", "is_current", "expires_at"),
    report=lambda number: ngettext("%d credential was renewed.", "%d credentials were renewed.", number) % number,
    is_unfinished=lambda credential: credential.status == Credential.Status.GENERATING,
)
CHANGE_EXPIRY = Operation[Credential](
    name="change_expiry",
    title=gettext_lazy("Change the expiry"),
    explanation=lambda number: (
        ngettext(
            "The public page, the REST API and badges that are downloaded from now on show this expiry. "
            "The file, and badges that were downloaded before, keep the old expiry. Reissue the credential to make the file again.",
            "The public pages, the REST API and badges that are downloaded from now on show this expiry for these %(number)d "
            "credentials. The files, and badges that were downloaded before, keep the old expiry. "
            "Reissue the credentials to make the files again.",
            number,
        )
        % {"number": number}
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
    title_of_many=gettext_lazy("Lift the blocks"),
    explanation=lambda number: (
        ngettext(
            "The learner can then get a new credential: from the schedule, on request, or from staff. "
            "The revoked one stays revoked.",
            "The learners of these %(number)d credentials can then get new ones: from the schedule, on request, or from staff. "
            "The revoked ones stay revoked.",
            number,
        )
        % {"number": number}
    ),
    button=gettext_lazy("Lift the block"),
    form_class=ReasonForm,
    apply=_lift_block,
    compared=("status", "blocks_reissue"),
    report=lambda number: ngettext("%d block was lifted.", "%d blocks were lifted.", number) % number,
)
OVERRIDE_DATE = Operation[Credential](
    name="override_date",
    title=gettext_lazy("Set the date on the public page"),
    explanation=lambda number: (
        ngettext(
            "Pages and reports show this date as the date of issue. "
            "The file keeps its printed date. Reissue the credential to print the new date.",
            "Pages and reports show this date as the date of issue of these %(number)d credentials. "
            "The files keep their printed dates. Reissue the credentials to print the new date.",
            number,
        )
        % {"number": number}
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
