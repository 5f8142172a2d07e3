"""What staff can do to credentials after giving a reason: one description an operation, for one credential and for many."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials import api
from learning_credentials.models import Credential

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.utils.functional import _StrPromise

logger = logging.getLogger(__name__)

#: How many credentials one request works on; the commands have no limit.
MAX_AT_ONCE = 500


class ReasonForm(forms.Form):
    """Why. Text of spaces is no reason."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80, "class": "vLargeTextField", "autofocus": True}),
        error_messages={"required": gettext_lazy("Give a reason. It becomes part of the credential’s history.")},
    )


class InvalidationForm(ReasonForm):
    """The reason is public; the block is optional."""

    blocks_reissue = forms.BooleanField(
        label=gettext_lazy("Block reissue"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Nothing is issued to the learner in its place until the block is lifted."),
    )


@dataclass
class Outcome:
    """What became of the credentials of one request: finished, left to the sweep because something outside failed for now, refused."""

    done: int = 0
    unfinished: int = 0
    refusals: list[tuple[object, Exception]] = field(default_factory=list)


@dataclass(frozen=True)
class Operation:
    """One thing that can be done to credentials.

    ``apply`` takes the credential, the form's values and the actor, and returns what became of it; ``report`` takes how many succeeded.
    """

    name: str
    title: _StrPromise
    explanation: _StrPromise
    button: _StrPromise
    form_class: type[ReasonForm]
    apply: Callable[[Credential, dict[str, Any], AbstractBaseUser], Credential]
    report: Callable[[int], str]
    is_dangerous: bool = False

    def apply_to_all(
        self, credentials: Iterable[Credential], values: dict[str, Any], actor: AbstractBaseUser
    ) -> Outcome:
        """Apply to each on its own."""
        outcome = Outcome()
        for credential in credentials:
            try:
                result = self.apply(credential, values, actor)
            except Exception as error:
                # The rest must go on whatever happened to this one, and its own call left nothing half done.
                logger.warning("%s of credential %s was refused", self.name, credential.pk, exc_info=True)
                outcome.refusals.append((credential, error))
            else:
                outcome.unfinished += result.status == Credential.Status.GENERATING
                outcome.done += result.status != Credential.Status.GENERATING
        return outcome


def _invalidate(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    return api.invalidate_credential(
        credential.uuid, reason=values["reason"], actor=actor, blocks_reissue=values["blocks_reissue"]
    )


def _reissue(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    return api.reissue_credential(credential.uuid, reason=values["reason"], actor=actor)


def _lift_block(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    return api.lift_reissue_block(credential.uuid, reason=values["reason"], actor=actor)


INVALIDATE = Operation(
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
REISSUE = Operation(
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
)
LIFT_BLOCK = Operation(
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


def report_unfinished(number: int) -> str:
    """What to say of successors that are not made yet."""
    return (
        ngettext(
            "%d credential is still being made: something outside failed for now, and it is tried again later.",
            "%d credentials are still being made: something outside failed for now, and they are tried again later.",
            number,
        )
        % number
    )


def report_too_many(number: int) -> str:
    """What to say to somebody who selected more than one request can do."""
    return _(
        "%(number)d credentials are selected; at most %(limit)d can be worked on at once here. Use the commands for more."
    ) % {
        "number": number,
        "limit": MAX_AT_ONCE,
    }
