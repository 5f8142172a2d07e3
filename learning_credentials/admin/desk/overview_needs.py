"""Says what needs a hand, each with a link to the list that shows exactly the rows that were counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.utils import formats
from django.utils.translation import ngettext_lazy

from learning_credentials.admin.base import get_url
from learning_credentials.services.desk import count_needs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model, QuerySet


class Line(NamedTuple):
    """One kind: the number as text, what it is, and the address of the list."""

    name: str
    number: str
    text: str
    url: str
    is_urgent: bool


#: For each kind, its text and the filter of the list.
_TEXTS: dict[str, tuple[Any, dict[str, str]]] = {
    "failed": (
        ngettext_lazy("credential could not be made", "credentials could not be made", "number"),
        {"status__exact": "error"},
    ),
    "waiting": (
        ngettext_lazy(
            "credential has been waiting for its file for over an hour",
            "credentials have been waiting for their files for over an hour",
            "number",
        ),
        {"status__exact": "waiting"},
    ),
    "mail_given_up": (
        ngettext_lazy(
            "learner was not mailed: the app has given up", "learners were not mailed: the app has given up", "number"
        ),
        {"email": "given_up"},
    ),
    "mail_failed": (
        ngettext_lazy("mail failed and will be tried again", "mails failed and will be tried again", "number"),
        {"email": "failed"},
    ),
    "job_held": (
        ngettext_lazy("job waits for a second person", "jobs wait for a second person", "number"),
        {"state__exact": "held"},
    ),
    "job_failed": (
        ngettext_lazy("job failed in the last 7 days", "jobs failed in the last 7 days", "number"),
        {"state__exact": "failed"},
    ),
    "run_stuck": (
        ngettext_lazy(
            "run is not finished, and nothing happened for over an hour",
            "runs are not finished, and nothing happened for over an hour",
            "number",
        ),
        {"state": "stuck"},
    ),
    "run_failed": (
        ngettext_lazy("run failed in the last 7 days", "runs failed in the last 7 days", "number"),
        {"state": "failed"},
    ),
    "message_given_up": (
        ngettext_lazy(
            "message could not be worked off: the app has given up",
            "messages could not be worked off: the app has given up",
            "number",
        ),
        {"result": "given_up"},
    ),
    "message_overdue": (
        ngettext_lazy("message has been due for over an hour", "messages have been due for over an hour", "number"),
        {"result": "overdue"},
    ),
    "expires_soon": (
        ngettext_lazy("credential expires within 30 days", "credentials expire within 30 days", "number"),
        {"expiry": "soon"},
    ),
    "list_full": (
        ngettext_lazy(
            "status list is nearly full. A new one begins by itself",
            "status lists are nearly full. New ones begin by themselves",
            "number",
        ),
        {"places": "filling"},
    ),
}
#: These are announcements and no trouble.
_CALM = frozenset({"expires_soon", "list_full", "mail_failed"})


def list_needs(rows: Mapping[type[Model], QuerySet[Any]]) -> list[Line]:
    """Return a line for each kind that has rows. There is one query for each kind."""
    lines = []
    for need in count_needs(rows):
        text, query = _TEXTS[need.name]
        if need.since is not None:
            query = {**query, "finished_at__gte": need.since.isoformat()}
        number = formats.number_format(need.number, force_grouping=True)
        lines.append(
            Line(
                need.name,
                f"> {number}" if need.is_more else number,
                text % {"number": need.number},
                f"{get_url(f'{need.model._meta.model_name}_changelist')}?{urlencode(query)}",  # noqa: SLF001
                need.name not in _CALM,
            )
        )
    return lines
