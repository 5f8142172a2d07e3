"""What staff can do to credentials after giving a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials import api
from learning_credentials.admin.operations import Operation, ReasonForm
from learning_credentials.models import Credential

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class InvalidationForm(ReasonForm):
    """The reason is public; the block is optional."""

    blocks_reissue = forms.BooleanField(
        label=gettext_lazy("Block reissue"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Nothing is issued to the learner in its place until the block is lifted."),
    )


def _invalidate(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    return api.invalidate_credential(
        credential.uuid, reason=values["reason"], actor=actor, blocks_reissue=values["blocks_reissue"]
    )


def _reissue(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    return api.reissue_credential(credential.uuid, reason=values["reason"], actor=actor)


def _lift_block(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    return api.lift_reissue_block(credential.uuid, reason=values["reason"], actor=actor)


INVALIDATE = Operation[Credential](
    name="invalidate",
    title=gettext_lazy("Invalidate"),
    explanation=gettext_lazy(
        "The public page will say that the credential no longer holds, with the reason, and its file leaves public reach. "
        "This cannot be undone."
    ),
    button=gettext_lazy("Invalidate"),
    form_class=InvalidationForm,
    apply=_invalidate,
    report=lambda number: (
        ngettext("%d credential was invalidated.", "%d credentials were invalidated.", number) % number
    ),
    is_dangerous=True,
)
REISSUE = Operation[Credential](
    name="reissue",
    title=gettext_lazy("Reissue"),
    explanation=gettext_lazy(
        "A successor is made from what the LMS and the configuration say now, with the date of the award. "
        "The credential is then replaced by it; its public page says so."
    ),
    button=gettext_lazy("Reissue"),
    form_class=ReasonForm,
    apply=_reissue,
    report=lambda number: ngettext("%d credential was reissued.", "%d credentials were reissued.", number) % number,
    is_unfinished=lambda credential: credential.status == Credential.Status.GENERATING,
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
    report=lambda number: ngettext("%d block was lifted.", "%d blocks were lifted.", number) % number,
)
