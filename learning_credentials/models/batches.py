"""Cuts lists to what a database takes in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")


def in_batches(items: Sequence[T], *, params_each: int = 1, spare: int = 40) -> Iterator[Sequence[T]]:
    """Cut a list to what the database takes in one statement; in one piece wherever it has no limit.

    Args:
        items: what goes into the statement.
        params_each: parameters that one item takes.
        spare: parameters that the rest of the statement takes.
    """
    limit = connection.features.max_query_params
    size = len(items) if limit is None else max(1, (limit - spare) // params_each)
    for start in range(0, len(items), size or 1):
        yield items[start : start + size]
