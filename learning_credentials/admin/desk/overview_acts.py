"""Shows who did what lately, on the page and as CSV."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import lazystr
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import get_url
from learning_credentials.models import CourseCertificate
from learning_credentials.services.common import iter_csv
from learning_credentials.services.desk import find_actor_names, iter_acts, list_acts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from django.db.models import Model
    from django.utils.functional import _StrPromise

    from learning_credentials.services.desk import Act, ActFilter, Limit

#: What the words of the history mean, for those that are not sentences already.
_WORDS: dict[str, _StrPromise] = {
    "allowlist_begun": gettext_lazy("put on the allowlist"),
    "allowlist_ended": gettext_lazy("taken off the allowlist"),
    "invalidation_begun": gettext_lazy("barred from the certificate"),
    "invalidation_ended": gettext_lazy("bar lifted"),
    "created": gettext_lazy("course run added"),
    **{field.name: lazystr(field.verbose_name) for field in CourseCertificate._meta.fields if field.name != "created"},  # noqa: SLF001
}
#: How many rows are read for one look-up of names.
_BATCH = 500


def show_acts(
    asked: ActFilter, *, models: Collection[type[Model]], limit: Limit, log_of: Any = None
) -> tuple[list[dict[str, Any]], str]:
    """Return the newest acts for the template, and the time before which the next page begins. It is empty if this is the last page."""
    acts, has_more = list_acts(asked, models=models, limit=limit, log_of=log_of)
    names = find_actor_names(act.actor_id for act in acts)
    shown = [
        {
            "at": act.at,
            "actor": names.get(act.actor_id, _("deleted account")),
            "what": capfirst(_say(act)),
            "url": _find_address(act),
            "number": act.number,
            "is_cut": act.is_cut,
            "learners": ", ".join(act.learners),
            "rest": act.number - len(act.learners) if act.learners else 0,
            "context_key": act.context_key,
            "context_name": act.context_name,
            "reason": act.reason,
            "detail": act.detail,
        }
        for act in acts
    ]
    before = (acts[-1].first_at or acts[-1].at).isoformat() if acts and has_more else ""
    return shown, before


def iter_acts_csv(
    asked: ActFilter, *, models: Collection[type[Model]], limit: Limit, log_of: Any = None
) -> Iterator[str]:
    """Yield all acts of a period as lines of CSV, the newest first. No cell can be run as a formula."""
    header = (
        "time",
        "who",
        "what",
        "learner",
        "learning_context_key",
        "learning_context",
        "reason",
        "detail",
        "source",
    )
    return iter_csv(header, _iter_rows(iter_acts(asked, models=models, limit=limit, log_of=log_of)))


def _iter_rows(acts: Iterable[Act]) -> Iterator[tuple[object, ...]]:
    left = iter(acts)
    while batch := list(islice(left, _BATCH)):
        names = find_actor_names(act.actor_id for act in batch)
        for act in batch:
            yield (
                timezone.localtime(act.at).isoformat(timespec="seconds"),
                names.get(act.actor_id, ""),
                _say(act),
                ", ".join(act.learners),
                act.context_key,
                act.context_name,
                act.reason,
                act.detail,
                act.source,
            )


def _say(act: Act) -> str:
    return str(_WORDS.get(act.what, act.what)) if act.source == "course" else act.what


def _find_address(act: Act) -> str:
    """Return the page of the row. For several credentials of one course, return the list of the course's credentials."""
    if act.model is None:
        return ""
    if act.key:
        with suppress(NoReverseMatch):  # the host's admin need not have all models
            return reverse(admin_urlname(act.model._meta, "change"), args=[act.key])  # type: ignore[arg-type]  # noqa: SLF001
        return ""
    if act.source != "admin" and act.context_key and act.model is not CourseCertificate:
        name = act.model._meta.model_name  # noqa: SLF001
        return f"{get_url(f'{name}_changelist')}?{urlencode({'learning_context_key': act.context_key})}"
    return ""
