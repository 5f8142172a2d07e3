"""What the services share in talking to the database."""

from __future__ import annotations

import random
import time
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.db import OperationalError, connection
from django.db.models import Expression, F

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Field
    from django.db.models.sql.compiler import SQLCompiler

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


class ByKey(Expression):
    """The value of a column for each of many rows: ``CASE key WHEN … THEN … END``.

    Says what a `Case` of as many `When` says, without objects to make, resolve and compile for each row, which take longer than rendering.

    Args:
        values: the value by primary key, for each row that the statement touches: the column of any other would become NULL.
        field: the column's field.
    """

    def __init__(self, values: Mapping[Any, Any], field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self._key: Any = F("pk")
        self._values = values

    def get_source_expressions(self) -> list[Any]:
        """The key is all that refers to the table."""
        return [self._key]

    def set_source_expressions(self, exprs: Any) -> None:
        """Take the key as it is called in the statement."""
        (self._key,) = exprs

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL and its parameters."""
        sql, params = compiler.compile(self._key)
        key_field, field = self._key.target, self.output_field
        values = [
            prepared
            for key, value in self._values.items()
            for prepared in (
                key_field.get_db_prep_value(key, connection=connection),
                field.get_db_prep_save(value, connection=connection),
            )
        ]
        return f"CASE {sql}{' WHEN %s THEN %s' * len(self._values)} END", (*params, *values)
