"""Remember the rows that a confirmation page showed, and the values that the act depends on. Exactly these rows are processed.

The page carries both as a signed text. When it is confirmed, these rows are read again, whatever the list would select now. A row that was
deleted or whose values changed meanwhile is left out and listed. So confirming the same page twice does nothing twice.
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
#: For how long a page can be confirmed.
MAX_AGE = timedelta(days=1)

_SALT = "learning_credentials.admin.selections"


@dataclass
class Selection(Generic[ModelT]):
    """The rows to process, and the rows that are not as the page showed them, each with the reason."""

    rows: list[ModelT] = field(default_factory=list)
    left_out: list[tuple[object, str]] = field(default_factory=list)
    #: Every row of the page that still exists, for showing the page again.
    stored: list[ModelT] = field(default_factory=list)


def sign(request: HttpRequest, act: str, rows: Iterable[ModelT], compared: Sequence[str] = ()) -> str:
    """Return the text that a page with these rows must carry, for `read`."""
    values = [[str(row.pk), *read_values(row, compared).values()] for row in rows]
    return signing.dumps([get_actor(request).pk, act, list(compared), values], salt=_SALT, compress=True)


def is_signed(request: HttpRequest) -> bool:
    """Return whether the request says which rows its page showed."""
    return INPUT in request.POST


def read(model_admin: admin.ModelAdmin[ModelT], request: HttpRequest, act: str) -> Selection[ModelT] | None:
    """Return the rows that a confirmed page showed.

    Return None if the page does not carry them, belongs to another user or act, or is too old.
    """
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
            selection.left_out.append((f"{model._meta.verbose_name} {key}", _("The row was deleted at the same time.")))  # noqa: SLF001
            continue
        selection.stored.append(row)
        before = dict(zip(compared, shown, strict=True))
        changes = list(find_field_changes(model, before, read_values(row, compared)))
        if changes:
            told = "; ".join(f"{change.label}: {change.before} → {change.after}" for change in changes)
            selection.left_out.append(
                (row, _("Somebody else changed the row at the same time: %(changes)s") % {"changes": told})
            )
        else:
            selection.rows.append(row)
    return selection


def refuse_too_many(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, queryset: QuerySet[Any], limit: int, advice: str = ""
) -> bool:
    """Return whether more rows are selected than one request can process. If so, show a message."""
    number = queryset.count()
    if number <= limit:
        return False
    text = _("You selected %(number)d %(rows)s. At most %(limit)d can be changed at once here.")
    values = {"number": number, "rows": model_ngettext(model_admin.opts, number), "limit": limit}
    messages.error(request, f"{text % values} {advice}".strip())
    return True
