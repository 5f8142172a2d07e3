"""Limit the resources that a test may use."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def computing_within(seconds: float) -> Iterator[None]:
    """Assert that the block takes less than ``seconds`` of computing in this process and its children.

    Unlike the time on a clock, this time hardly grows while other programs use the machine.
    """
    began = sum(os.times()[:4])
    yield
    assert sum(os.times()[:4]) - began < seconds
