"""Split long lists into batches for the LMS."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from learning_credentials.conf import get_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


def in_lms_batches(items: list[T]) -> Iterator[list[T]]:
    """Yield pieces of a list with at most ``ELIGIBILITY_BATCH_SIZE`` learners or names each."""
    size = get_settings().ELIGIBILITY_BATCH_SIZE
    return (items[start : start + size] for start in range(0, len(items), size))
