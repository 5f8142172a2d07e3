"""What a process remembers of texts in fonts.

All of it is forgotten when a font is closed: what is remembered holds the fonts that it is about in memory, large ones for small texts.
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
    """Have a function that is given a font remember its last results, this many of them."""

    def decorate(function: Callable[..., R]) -> _lru_cache_wrapper[R]:
        cached = lru_cache(maxsize)(function)
        _remembered.append(cached)
        return cached

    return decorate


def forget() -> None:
    """Forget all results of all these functions."""
    for cached in _remembered:
        cached.cache_clear()
