"""Split lists into batches that fit into one database statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")


def in_batches(items: Sequence[T], *, params_each: int = 1, spare: int = 40) -> Iterator[Sequence[T]]:
    """Yield batches of a list that fit into one statement. Without a limit of the database, yield the whole list.

    Args:
        items: the values for the statement.
        params_each: how many parameters one item needs.
        spare: how many parameters the rest of the statement needs.
    """
    limit = connection.features.max_query_params
    size = len(items) if limit is None else max(1, (limit - spare) // params_each)
    for start in range(0, len(items), size or 1):
        yield items[start : start + size]
