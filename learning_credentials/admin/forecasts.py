"""Show what a dry run has found: who would receive a credential, and how many e-mails would be sent."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.not_issued import Group, group_learners
from learning_credentials.services.credentials import get_mail_delay

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from learning_credentials.models import GenerationRun

LABELS: dict[str, _StrPromise] = {
    "new": gettext_lazy("Would receive the credential"),
    "retried": gettext_lazy("Have a credential that failed. It would be tried again"),
    "renewed": gettext_lazy("Have an expired credential. It would be renewed"),
    "lost": gettext_lazy("Would lose their credential: their certificate status is no longer downloadable"),
}


def list_awards(request: HttpRequest, run: GenerationRun) -> list[Group]:
    """Return the learners for whom something would change, by what would change. Without permission, only the numbers."""
    return [group for group in group_learners(request, run.forecast, LABELS) if group.number]


def describe_mails(run: GenerationRun) -> str:
    """Return how many e-mails would be sent, and when."""
    forecast = run.forecast
    number: int = forecast.get("mails", 0)
    if not number:
        return _("No e-mails would be sent.")
    if opens_at := forecast.get("mails_from"):
        moment = str(formats.localize(timezone.localtime(datetime.fromisoformat(opens_at))))
        return ngettext(
            "%(number)d e-mail would be sent when the credentials become visible: %(moment)s.",
            "%(number)d e-mails would be sent when the credentials become visible: %(moment)s.",
            number,
        ) % {"number": number, "moment": moment}
    text = ngettext("%d e-mail would be sent at once.", "%d e-mails would be sent at once.", number) % number
    if delay := get_mail_delay():
        text += " " + _(
            "If staff start the run, each waits %(minutes)d minutes, and can be called back until then."
        ) % {"minutes": max(round(delay.total_seconds() / 60), 1)}
    return text


def describe_differences(run: GenerationRun) -> list[str]:
    """Return how a finished run differs from the dry run that its requester had read."""
    said = run.forecast.get("said")
    if run.is_dry_run or said is None or not run.finished_at:
        return []
    expected = sum(said.get(kind, 0) for kind in ("new", "retried", "renewed"))
    if expected == run.total:
        return []
    text = _("Dry run #%(dry_run)d said that %(expected)d credentials would be issued. This run found %(found)d.")
    return [text % {"dry_run": run.forecast.get("dry_run", 0), "expected": expected, "found": run.total}]


def describe_unreachable(run: GenerationRun) -> str:
    """Return how many learners could not be e-mailed, or an empty text."""
    number: int = run.forecast.get("unreachable", 0)
    return (
        ngettext("%d learner has no e-mail address.", "%d learners have no e-mail address.", number) % number
        if number
        else ""
    )
