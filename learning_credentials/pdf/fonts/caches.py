"""Cache results for texts in fonts.

All caches are cleared when a font is closed. A result for a small text refers to its font and would keep a large file in memory.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import _lru_cache_wrapper

R = TypeVar("R")

_remembered: list[_lru_cache_wrapper[object]] = []


def remember(maxsize: int) -> Callable[[Callable[..., R]], _lru_cache_wrapper[R]]:
    """Cache the last ``maxsize`` results of a function that takes a font."""

    def decorate(function: Callable[..., R]) -> _lru_cache_wrapper[R]:
        cached = lru_cache(maxsize)(function)
        _remembered.append(cached)
        return cached

    return decorate


def forget() -> None:
    """Clear all these caches."""
    for cached in _remembered:
        cached.cache_clear()
