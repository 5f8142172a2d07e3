"""What the services share in talking to the database."""

from __future__ import annotations

import random
import time
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.db import OperationalError, connection

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

CONTENTION_TRIES = 6
FIRST_PAUSE = 0.05  # seconds, doubled with each try

#: PostgreSQL: serialization failure, deadlock, lock not available. MySQL and MariaDB: deadlock, lock wait timeout, row changed since read.
_CONTENTION_SQLSTATES = frozenset({"40001", "40P01", "55P03"})
_CONTENTION_ERRNOS = frozenset({1213, 1205, 1020})


def is_contention(error: OperationalError) -> bool:
    """Whether the database refused only because somebody else was at the same rows; the transaction may simply be run again."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _CONTENTION_SQLSTATES:
        return True
    if error.args and error.args[0] in _CONTENTION_ERRNOS:
        return True
    return "is locked" in str(error)


def retry_on_contention(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function that is one transaction again when it met a deadlock or a lock timeout.

    Inside a caller's transaction nothing is retried: only the caller can start that one again.
    """

    @wraps(function)
    def retried(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(CONTENTION_TRIES):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block or not is_contention(error) or attempt == CONTENTION_TRIES - 1:
                    raise
                time.sleep(FIRST_PAUSE * 2**attempt * (0.5 + random.random()))  # noqa: S311  jitter, no secret
        raise AssertionError  # pragma: no cover

    return retried
