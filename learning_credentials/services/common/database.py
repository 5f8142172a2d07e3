"""Helps services with the database: retries, lost connections, safe texts, and fast inserts and updates of many rows."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from functools import wraps
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import AutoField, Expression, F, Field

from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Model, QuerySet
    from django.db.models.sql.compiler import SQLCompiler

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound="Model")

CONTENTION_TRIES = 6
FIRST_PAUSE = 0.05  # seconds, doubled with each try
LONGEST_PAUSE = 5.0

#: PostgreSQL: serialization failure, deadlock, lock not available. MySQL and MariaDB: deadlock, lock wait timeout, row changed since read.
_CONTENTION_SQLSTATES = frozenset({"40001", "40P01", "55P03"})
_CONTENTION_ERRNOS = frozenset({1213, 1205, 1020})


def is_contention(error: OperationalError) -> bool:
    """Return whether the database refused a statement only because another transaction used the same rows. Then a retry can succeed."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _CONTENTION_SQLSTATES:
        return True
    if error.args and error.args[0] in _CONTENTION_ERRNOS:
        return True
    return "is locked" in str(error)


def retry_on_contention(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that is one transaction, so that it runs again after a deadlock or a lock timeout.

    Inside a caller's transaction nothing is retried, because only the caller can start that transaction again.
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


def persist(change: Callable[[], R], seconds: float) -> R:
    """Make a change that must not be lost. If the database cannot be reached, try again on a new connection.

    Args:
        change: one statement. It must be safe to run twice, because the answer to the first one may have been lost.
        seconds: for how long to try. Then the last error is raised. Inside a caller's transaction it is raised at once.
    """
    until = time.monotonic() + seconds
    pause = FIRST_PAUSE
    while True:
        try:
            return change()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() + pause > until:
                raise
            with suppress(Exception):  # closing a broken connection can fail too
                connection.close()
        time.sleep(pause * (0.5 + random.random()))  # noqa: S311  jitter, no secret
        pause = min(2 * pause, LONGEST_PAUSE)


def drop_broken_connection() -> None:
    """Close the connection if the database cut it, so that the next statement opens a new one. Inside a transaction, do nothing."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def get_committed(rows: QuerySet[M]) -> M:
    """Return the only row as another transaction just committed it. Only a lock shows that to a transaction that began before."""
    with transaction.atomic():
        return rows.select_for_update().get()


def as_text(text: object, length: int) -> str:
    """Return a text that every database can store, cut to a length in characters. NUL and lone surrogates are replaced."""
    return str(text).replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()[:length]


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert new rows of one model like ``bulk_create``, but send and convert a value only once if it is the same in all rows.

    Rows of one batch usually differ in only a few columns. Primary keys that the database generates are not set on the objects.
    """
    if not rows:
        return
    model = type(rows[0])
    quote: Callable[[Any], str] = connection.ops.quote_name
    alike: dict[str, Any] = {}
    varying: dict[str, list[Any]] = {}
    types: list[str] = []
    meta = model._meta  # noqa: SLF001  a public interface in spite of its name
    for field in meta.local_concrete_fields:
        if isinstance(field, AutoField):
            continue
        column = quote(field.column)
        if type(field).pre_save is Field.pre_save:
            values = list(map(attrgetter(field.attname), rows))
        else:
            values = [field.pre_save(row, add=True) for row in rows]
        if _are_alike(values):
            alike[column] = field.get_db_prep_save(values[0], connection=connection)
        else:
            varying[column] = [field.get_db_prep_save(value, connection=connection) for value in values]
            types.append(_get_array_type(field))
    is_mysql = connection.vendor == "mysql" and not getattr(connection, "mysql_is_mariadb", False)
    if not varying or is_mysql:  # MySQL has another syntax for a list of rows
        model._base_manager.bulk_create(rows)  # noqa: SLF001
        return
    names = ", ".join(f"c{number}" for number in range(len(varying)))
    select = ", ".join([*(f"c{number}" for number in range(len(varying))), *["%s"] * len(alike)])
    into = f"INSERT INTO {quote(meta.db_table)} ({', '.join([*varying, *alike])})"
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One parameter for each column. With one for each value, the driver takes longer than the server.
            arrays = ", ".join(f"%s::{kind}[]" for kind in types)
            sql = f"{into} SELECT {select} FROM unnest({arrays}) AS v ({names})"  # noqa: S608  names of our own
            cursor.execute(sql, [*alike.values(), *varying.values()])
            return
        places = ", ".join(["%s"] * len(varying))
        each = list(zip(*varying.values(), strict=True))
        for batch in in_batches(each, params_each=len(varying), spare=len(alike)):
            values_list = ", ".join([f"({places})"] * len(batch))
            sql = f"{into} WITH v ({names}) AS (VALUES {values_list}) SELECT {select} FROM v"  # noqa: S608  names of our own
            cursor.execute(sql, [*chain.from_iterable(batch), *alike.values()])


def _get_array_type(field: Field[Any, Any]) -> str:
    """Return the PostgreSQL type for the elements of an array of a column's values."""
    kind = field.db_type(connection) or ""
    # A cast to a text of limited length would cut a text that is too long. It must be refused instead.
    return "text" if kind.startswith("varchar") else kind


def _are_alike(values: list[Any]) -> bool:
    first = values[0]
    if isinstance(first, dict | list):  # values that are equal in Python can differ as JSON, such as 1 and true
        is_empty = not any(values) and len(set(map(type, values))) == 1
        return is_empty or len(set(map(id, values))) == 1
    return values.count(first) == len(values)


class ByKey(Expression):
    """The value of a column for each of many rows: ``CASE key WHEN … THEN … END``.

    On PostgreSQL the keys and the values are two arrays, and the value is at the same place as the key. Django's `Case` with as many `When`
    does the same. But it makes, resolves and compiles objects for each row, which takes longer than rendering.

    Args:
        model: the model whose rows are changed.
        name: the field that is set.
        values: the value by primary key. Include every row that the statement touches: other rows would get NULL.
    """

    def __init__(self, model: type[Model], name: str, values: Mapping[Any, Any]) -> None:
        field: Any = model._meta.get_field(name)  # noqa: SLF001
        super().__init__(output_field=field)
        self._key: Any = F("pk")
        self._values = values

    def get_source_expressions(self) -> list[Any]:
        """Return the key, which is the only expression that refers to the table."""
        return [self._key]

    def set_source_expressions(self, exprs: Any) -> None:
        """Set the key as it is called in the statement."""
        (self._key,) = exprs

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL and its parameters."""
        sql, params = compiler.compile(self._key)
        values = chain.from_iterable(zip(*self._prepare(connection), strict=True))
        return f"CASE {sql}{' WHEN %s THEN %s' * len(self._values)} END", (*params, *values)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL and its parameters: two arrays, however many rows there are."""
        sql, params = compiler.compile(self._key)
        keys, values = self._prepare(connection)
        key_type, value_type = map(_get_array_type, (self._key.target, self.output_field))
        return f"(%s::{value_type}[])[array_position(%s::{key_type}[], {sql})]", (values, keys, *params)

    def _prepare(self, connection: BaseDatabaseWrapper) -> tuple[list[Any], list[Any]]:
        """Return the keys and the values as they are sent to the database."""
        key_field, field = self._key.target, self.output_field
        return (
            [key_field.get_db_prep_value(key, connection=connection) for key in self._values],
            [field.get_db_prep_save(value, connection=connection) for value in self._values.values()],
        )
