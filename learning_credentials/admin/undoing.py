"""Define the operations that undo awards and revocations, and that decide about waiting e-mails of single credentials."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.base import get_actor
from learning_credentials.admin.credential_operations import PublicReasonForm
from learning_credentials.admin.operations import Operation
from learning_credentials.admin.recent_actions import log_act_on_many
from learning_credentials.models import Credential, MailHold
from learning_credentials.services.credentials import (
    Obstacle,
    call_back_mails_about,
    find_undo_obstacles,
    release_mails_about,
)
from learning_credentials.services.desk import undo_award, undo_or_revoke, undo_revocation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

Status = Credential.Status


class UndoForm(PublicReasonForm):
    """Ask for a public reason, and what to do with credentials whose learners were e-mailed."""

    revoke_mailed = forms.BooleanField(
        label=gettext_lazy("Revoke credentials whose learners were e-mailed"),
        required=False,
        help_text=gettext_lazy(
            "The award of such a credential cannot be undone any more. If this is off, the credential is left out. Revoking here blocks no "
            "new credential."
        ),
    )


def _undo(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential:
    undo = undo_or_revoke if values["revoke_mailed"] else undo_award
    return undo(credential.uuid, reason=values["reason"], actor=actor)


def _undo_revocation(credential: Credential, values: dict[str, Any], actor: AbstractBaseUser) -> Credential | None:
    hold_id = values["mail_holds"].get(credential.learning_context_key)
    return undo_revocation(credential.uuid, reason=values["reason"], actor=actor, mail_hold_id=hold_id)


def _foresee_undoing(rows: Sequence[Credential]) -> list[str]:
    """Return for how many of the credentials undoing is possible, and why not for the others."""
    counts = Counter(find_undo_obstacles([row.pk for row in rows]).values())
    texts = {
        None: ngettext(
            "%d credential is withdrawn. Its learner was not e-mailed, and will not be.",
            "%d credentials are withdrawn. Their learners were not e-mailed, and will not be.",
            counts[None],
        ),
        Obstacle.MAILED: ngettext(
            "%d learner was e-mailed: taking the credential back is a revocation.",
            "%d learners were e-mailed: taking their credentials back is a revocation.",
            counts[Obstacle.MAILED],
        ),
        Obstacle.ENDED: ngettext(
            "%d credential is revoked or cancelled already.",
            "%d credentials are revoked or cancelled already.",
            counts[Obstacle.ENDED],
        ),
        Obstacle.REISSUE: ngettext(
            "%d credential replaced another one, which cannot become valid again. It is left out.",
            "%d credentials replaced others, which cannot become valid again. They are left out.",
            counts[Obstacle.REISSUE],
        ),
        Obstacle.RENEWED: ngettext(
            "%d credential was renewed. It is left out.",
            "%d credentials were renewed. They are left out.",
            counts[Obstacle.RENEWED],
        ),
    }
    return [text % counts[kind] for kind, text in texts.items() if counts[kind]]


UNDO = Operation[Credential](
    name="undo",
    title=gettext_lazy("Undo the award"),
    title_of_many=gettext_lazy("Undo the awards"),
    explanation=lambda number: (
        ngettext(
            "The credential is withdrawn before its learner is e-mailed. Nothing is blocked: if the learner still meets the criteria, the "
            "next run issues a new one. Disable the configuration first if that must not happen.",
            "These %(number)d credentials are withdrawn before their learners are e-mailed. Nothing is blocked: the next run issues new "
            "ones to learners who still meet the criteria. Disable the configurations first if that must not happen.",
            number,
        )
        % {"number": number}
    ),
    button=gettext_lazy("Undo the award"),
    form_class=UndoForm,
    apply=_undo,
    foresee=_foresee_undoing,
    compared=("status", "is_current"),
    report=lambda number: ngettext("%d award was undone.", "%d awards were undone.", number) % number,
    is_dangerous=True,
)
UNDO_REVOCATION = Operation[Credential](
    name="undo_revocation",
    title=gettext_lazy("Undo the revocation"),
    title_of_many=gettext_lazy("Undo the revocations"),
    explanation=lambda number: (
        ngettext(
            "The block is lifted, and a successor is issued with what was awarded and the name that the LMS has now. This credential stays "
            "revoked, and its page links to the successor. For a course certificate only the block is lifted: then the certificate status "
            "decides.",
            "The blocks of these %(number)d credentials are lifted, and successors are issued with what was awarded and the names that the "
            "LMS has now. These credentials stay revoked, and their pages link to the successors. For course certificates only the blocks "
            "are lifted: then the certificate statuses decide.",
            number,
        )
        % {"number": number}
    ),
    button=gettext_lazy("Undo the revocation"),
    form_class=PublicReasonForm,
    apply=_undo_revocation,
    mail_act=MailHold.Act.RESTORATION,
    compared=("status", "blocks_reissue"),
    report=lambda number: ngettext("%d revocation was undone.", "%d revocations were undone.", number) % number,
    is_unfinished=lambda successor: successor is not None and successor.status == Status.GENERATING,
)


def call_back(request: HttpRequest, credential_uuids: Sequence[UUID]) -> None:
    """Call back the e-mails about credentials and report how many."""
    number = len(call_back_mails_about(credential_uuids, actor=get_actor(request)))
    _report(
        request,
        _("E-mail called back"),
        ngettext("%d e-mail was called back.", "%d e-mails were called back.", number) % number,
        number,
        len(credential_uuids) - number,
    )


def release(request: HttpRequest, credential_uuids: Sequence[UUID]) -> None:
    """Have the waiting or called back e-mails about credentials sent soon, and report how many."""
    number = len(release_mails_about(credential_uuids, actor=get_actor(request)))
    _report(
        request,
        _("E-mail sent without waiting"),
        ngettext(
            "%d e-mail will be sent with the next announcement.",
            "%d e-mails will be sent with the next announcement.",
            number,
        )
        % number,
        number,
        len(credential_uuids) - number,
    )


def _report(request: HttpRequest, act: str, text: str, number: int, left_out: int) -> None:
    if number:
        log_act_on_many(request, Credential, number, act)
        messages.success(request, text)
    if left_out:
        text = ngettext(
            "%d credential was left out: its e-mail does not wait.",
            "%d credentials were left out: their e-mails do not wait.",
            left_out,
        )
        messages.warning(request, text % left_out)
