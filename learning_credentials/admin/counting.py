"""Count related rows for a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


def count_related(rows: QuerySet[Model], foreign_key: str) -> Coalesce:
    """Return a subquery that counts the rows that point to each row of the list.

    A join would count the whole table for one page.
    """
    counted = (
        rows.filter(**{foreign_key: OuterRef("pk")})
        .order_by()
        .values(foreign_key)
        .annotate(number=Count("*"))  # not the primary key: only its own index contains it
        .values("number")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
