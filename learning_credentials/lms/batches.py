"""Cuts what the LMS is asked about to what it is asked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from learning_credentials.conf import get_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


def in_lms_batches(items: list[T]) -> Iterator[list[T]]:
    """Cut a list of learners or names into pieces of ``ELIGIBILITY_BATCH_SIZE``."""
    size = get_settings().ELIGIBILITY_BATCH_SIZE
    return (items[start : start + size] for start in range(0, len(items), size))
