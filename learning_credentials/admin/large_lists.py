"""Keep lists of tables with a million rows fast. No page counts, sorts or skips more rows than people look through."""

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

#: How many rows are counted, can be paged through, and can be sorted by any column.
MAX_ROWS = 10_000


def is_large(rows: QuerySet[Any]) -> bool:
    """Return whether there are more than `MAX_ROWS` rows."""
    return _count(rows) > MAX_ROWS


class BoundedPaginator(_Paginator):
    """A paginator that ends after `MAX_ROWS`. Databases count every row of a table and skip row by row to its last page."""

    @cached_property
    def _found(self) -> int:
        return _count(self.object_list)

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most `MAX_ROWS`."""
        return min(self._found, MAX_ROWS)

    @property
    def is_cut(self) -> bool:
        """Return whether there are more rows."""
        return self._found > MAX_ROWS


class LargeChangeList(ChangeList):
    """A list that sorts by a column without an index only if the filters leave few rows."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Return the requested order. If it is too slow, return the usual order and show a message."""
        usual = list(self.model_admin.get_ordering(request) or self.lookup_opts.ordering or ())
        ordering = super().get_ordering(request, queryset)
        if ORDER_VAR not in self.params or ordering[0] == usual[0]:
            return usual  # this is the order of the index, including the primary key
        served: Sequence[str] = getattr(self.model_admin, "indexed_orderings", ())
        if ordering[0] in served or not is_large(queryset):
            return ordering
        del self.params[ORDER_VAR]
        messages.warning(request, _("There are too many rows to sort by that column. Filter them first."))
        return usual


def _count(rows: Any) -> int:
    """Return the number of rows. Return `MAX_ROWS` + 1 if there are more."""
    return int(rows.order_by().values("pk")[: MAX_ROWS + 1].count())
