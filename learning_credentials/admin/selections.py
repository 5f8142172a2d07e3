"""What a confirmation page showed: the rows, and of each the values that the act relies on. What was shown is what is done.

The page carries both as a signed text. When it is confirmed, those rows are read once more, whatever the list would select now. A row
whose values changed meanwhile, or that is gone, is left out and listed. So the same page confirmed twice does nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic

from django.contrib import messages
from django.contrib.admin.utils import model_ngettext
from django.core import signing
from django.utils.translation import gettext as _

from learning_credentials.admin.base import ModelT, get_actor
from learning_credentials.admin.shown import find_field_changes, read_values
from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.contrib import admin
    from django.db.models import QuerySet
    from django.http import HttpRequest

#: The hidden input with what the page showed.
INPUT = "_selection"
#: How long a page can be confirmed.
MAX_AGE = timedelta(days=1)

_SALT = "learning_credentials.admin.selections"


@dataclass
class Selection(Generic[ModelT]):
    """What is to be done now: rows that are as the page showed them, and those that are not, each with the reason."""

    rows: list[ModelT] = field(default_factory=list)
    left_out: list[tuple[object, str]] = field(default_factory=list)
    #: Every row of the page that is still there, to show the page again.
    stored: list[ModelT] = field(default_factory=list)


def sign(request: HttpRequest, act: str, rows: Iterable[ModelT], compared: Sequence[str] = ()) -> str:
    """Return what a page that shows these rows has to carry, for `read`."""
    values = [[str(row.pk), *read_values(row, compared).values()] for row in rows]
    return signing.dumps([get_actor(request).pk, act, list(compared), values], salt=_SALT, compress=True)


def is_signed(request: HttpRequest) -> bool:
    """Whether the request says which rows its page showed."""
    return INPUT in request.POST


def read(model_admin: admin.ModelAdmin[ModelT], request: HttpRequest, act: str) -> Selection[ModelT] | None:
    """Read the rows that a confirmed page showed. None: it does not tell, is of somebody else or another act, or is too old."""
    try:
        owner, signed_act, compared, values = signing.loads(request.POST.get(INPUT, ""), salt=_SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    if (owner, signed_act) != (get_actor(request).pk, act):
        return None
    model, stored = model_admin.model, {}
    for batch in in_batches([key for key, *_rest in values]):
        stored.update({str(row.pk): row for row in model_admin.get_queryset(request).filter(pk__in=batch)})
    selection = Selection[ModelT]()
    for key, *shown in values:
        row = stored.get(key)
        if row is None:
            selection.left_out.append((f"{model._meta.verbose_name} {key}", _("It was deleted meanwhile.")))  # noqa: SLF001
            continue
        selection.stored.append(row)
        before = dict(zip(compared, shown, strict=True))
        changes = list(find_field_changes(model, before, read_values(row, compared)))
        if changes:
            told = "; ".join(f"{change.label}: {change.before} → {change.after}" for change in changes)
            selection.left_out.append((row, _("Somebody else changed this meanwhile: %(changes)s") % {"changes": told}))
        else:
            selection.rows.append(row)
    return selection


def refuse_too_many(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, queryset: QuerySet[Any], limit: int, advice: str = ""
) -> bool:
    """Say that more is selected than one request can do, if so."""
    number = queryset.count()
    if number <= limit:
        return False
    text = _("%(number)d %(rows)s are selected; at most %(limit)d can be worked on at once here.")
    values = {"number": number, "rows": model_ngettext(model_admin.opts, number), "limit": limit}
    messages.error(request, f"{text % values} {advice}".strip())
    return True
