"""Show what an act would do before it is done, and ask for confirmation.

A page that was confirmed is compared with the consequences at that time. If they changed meanwhile, the page comes back and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core import signing
from django.template.response import TemplateResponse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.base import get_actor
from learning_credentials.admin.forecasts import LABELS as RUN_LABELS
from learning_credentials.admin.not_issued import LABELS as SKIP_LABELS
from learning_credentials.admin.not_issued import Group, group_learners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from learning_credentials.services.desk import Consequences

#: The hidden input with what the page said.
INPUT = "_foreseen"
_SALT = "learning_credentials.admin.consequences"

LABELS: dict[str, _StrPromise] = {
    **RUN_LABELS,
    "revoked": gettext_lazy("Would lose their credential at once"),
    "cancelled": gettext_lazy("Have an unfinished credential. It would be cancelled"),
    "reissued": gettext_lazy("Would receive a new credential in place of the present one"),
    "shown": gettext_lazy("Have credentials that would become visible at once"),
    "hidden": gettext_lazy("Have credentials that would be hidden at once"),
}
LEFT_OUT: dict[str, _StrPromise] = {
    **SKIP_LABELS,
    "already_held": gettext_lazy("Have the credential already"),
    "not_eligible": gettext_lazy("Do not meet the criteria"),
    "not_yet": gettext_lazy("Are added, but receive no credential now"),
    "ended": gettext_lazy("The credential is revoked or cancelled already"),
    "not_available": gettext_lazy("Only a credential that was issued and not revoked can be reissued"),
    "renewed": gettext_lazy("The credential expired and was renewed. Reissue the renewal instead"),
    "being_renewed": gettext_lazy("The credential is being renewed, or its renewal failed"),
    "name_missing": gettext_lazy("The LMS knows no name"),
    "type_gone": gettext_lazy("The type of the credential is gone"),
}


@dataclass(frozen=True)
class Told:
    """What a page says: the groups of learners, and sentences about e-mails and files. ``title`` names one of several subjects."""

    groups: list[Group]
    left_out: list[Group]
    sentences: list[str]
    renamed: Sequence[tuple[str, str]] = ()
    title: str = ""


def tell(request: HttpRequest, found: Consequences, title: str = "") -> Told:
    """Return what to say about consequences. Names need the permission to see learners."""
    concerned = {"counts": found.counts, "learners": found.learners}
    left_out = {"counts": found.left_out_counts, "learners": found.left_out}
    return Told(
        [each for each in group_learners(request, concerned, LABELS) if each.number],
        [each for each in group_learners(request, left_out, LEFT_OUT) if each.number],
        list(_write_sentences(found)),
        found.renamed,
        title,
    )


def _write_sentences(found: Consequences) -> list[str]:
    sentences = [describe_mails(found)]
    if found.unreachable:
        text = ngettext("%d learner has no e-mail address.", "%d learners have no e-mail address.", found.unreachable)
        sentences.append(text % found.unreachable)
    if found.unsent:
        text = ngettext(
            "%d e-mail that waits is not sent, or not yet.",
            "%d e-mails that wait are not sent, or not yet.",
            found.unsent,
        )
        sentences.append(text % found.unsent)
    if found.old_files:
        text = ngettext(
            "%d file stays as it is, although it would now print another date. Reissue the credential to make the file again.",
            "%d files stay as they are, although they would now print another date. Reissue the credentials to make the files again.",
            found.old_files,
        )
        sentences.append(text % found.old_files)
    return sentences


def describe_mails(found: Consequences) -> str:
    """Return how many e-mails would be sent, and when."""
    if not found.mails:
        return _("No e-mails would be sent.")
    if found.mails_from:
        moment = str(formats.localize(timezone.localtime(found.mails_from)))
        text = ngettext(
            "%(number)d e-mail would be sent when the credentials become visible: %(moment)s.",
            "%(number)d e-mails would be sent when the credentials become visible: %(moment)s.",
            found.mails,
        )
        return text % {"number": found.mails, "moment": moment}
    if found.mail_delay:
        minutes = max(round(found.mail_delay.total_seconds() / 60), 1)
        text = ngettext(
            "%(number)d e-mail would be sent, %(minutes)d minutes after its credential is issued. Until then you can call it back.",
            "%(number)d e-mails would be sent, each %(minutes)d minutes after its credential is issued. Until then you can call them back.",
            found.mails,
        )
        return text % {"number": found.mails, "minutes": minutes}
    text = ngettext("%d e-mail would be sent at once.", "%d e-mails would be sent at once.", found.mails)
    return text % found.mails


class AskFirstError(Exception):
    """Raised while a form is saved, to roll back and to show first what the save would do."""


def sign(request: HttpRequest, act: str, found: Sequence[Consequences]) -> str:
    """Return the text that the page must carry, for `is_as_told`."""
    return signing.dumps([get_actor(request).pk, act, [each.dump() for each in found]], salt=_SALT, compress=True)


def is_as_told(request: HttpRequest, act: str, found: Sequence[Consequences]) -> bool:
    """Return whether the request confirms a page that said exactly this. If it said something else, show a message."""
    if INPUT not in request.POST:
        return False
    try:
        told = signing.loads(request.POST[INPUT], salt=_SALT)
    except signing.BadSignature:
        return False
    if told == [get_actor(request).pk, act, [each.dump() for each in found]]:
        return True
    if told[1] == act:
        text = _("Nothing was done yet: the consequences changed after the page was shown. They are as follows now.")
        messages.warning(request, text)
    return False


def show(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    told: Sequence[Told],
    *,
    hidden: Sequence[tuple[str, str]],
    title: str,
    button: str,
    cancel_url: str,
    parent: dict[str, Any] | None = None,
    problem: str = "",
    action: str = "",
) -> HttpResponse:
    """Show consequences with a button that confirms them. ``hidden`` are the inputs of the request to repeat.

    The button posts to ``action``, or to the page itself.
    """
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "title": title,
        "told": told,
        "hidden": hidden,
        "button": button,
        "cancel_url": cancel_url,
        "parent": parent,
        "problem": problem,
        "action": action,
    }
    return TemplateResponse(request, "admin/learning_credentials/consequences_page.html", context)


def repeat(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the inputs of a posted form, to post them again."""
    skipped = {"csrfmiddlewaretoken", INPUT}
    return [(name, value) for name, values in request.POST.lists() if name not in skipped for value in values]
