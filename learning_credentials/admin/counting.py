"""Counts beside the rows of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


def count_related(rows: QuerySet[Model], foreign_key: str) -> Coalesce:
    """Number of rows that point to the row of the list, as a subquery: a join would count the whole table for one page."""
    counted = (
        rows.filter(**{foreign_key: OuterRef("pk")})
        .order_by()
        .values(foreign_key)
        .annotate(number=Count("*"))  # not of the primary key, which is in no index but its own
        .values("number")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
