"""Lists of tables with a million rows: no page counts, sorts or skips more of them than people turn over."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.paginator import Paginator
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator

#: Rows that are counted and can be turned over, and that can be sorted by any column.
MAX_ROWS = 10_000


def is_large(rows: QuerySet[Any]) -> bool:
    """Whether there are more than `MAX_ROWS`."""
    return _count(rows) > MAX_ROWS


class BoundedPaginator(_Paginator):
    """Ends after `MAX_ROWS`. Databases count every row of a table, and skip row by row to its last page."""

    @cached_property
    def _found(self) -> int:
        return _count(self.object_list)

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most `MAX_ROWS`."""
        return min(self._found, MAX_ROWS)

    @property
    def is_cut(self) -> bool:
        """Whether there are more."""
        return self._found > MAX_ROWS


class LargeChangeList(ChangeList):
    """Sorts by a column without an index only what was filtered down to few rows."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """The order asked for, or the usual one with a word why."""
        usual = list(self.model_admin.get_ordering(request) or self.lookup_opts.ordering or ())
        ordering = super().get_ordering(request, queryset)
        if ORDER_VAR not in self.params or ordering[0] == usual[0]:
            return usual  # as the index has it, down to the primary key
        served: Sequence[str] = getattr(self.model_admin, "indexed_orderings", ())
        if ordering[0] in served or not is_large(queryset):
            return ordering
        del self.params[ORDER_VAR]
        messages.warning(request, _("These are too many rows to sort by that column. Filter them first."))
        return usual


def _count(rows: Any) -> int:
    """How many rows there are; one more than `MAX_ROWS` for more."""
    return int(rows.order_by().values("pk")[: MAX_ROWS + 1].count())
