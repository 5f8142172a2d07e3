"""Compiles the statement of a query set once and runs it again with other values.

Django takes longer to build and compile a statement with joins than the database takes to answer it.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from django.db import connections, router
from django.db.models import Field, Model, Value
from django.db.models.query import ModelIterable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import QuerySet
    from django.db.models.sql.compiler import SQLCompiler

M = TypeVar("M", bound=Model)


class Parameter(Value):
    """A placeholder for a value in a query set until the statement runs.

    Args:
        name: the name of the value in `Statement.fetch`.
        output_field: the type of the value.
    """

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(name, output_field=output_field)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:  # noqa: ARG002
        """Return SQL with this object as its parameter, so that `Statement.fetch` can find it."""
        return "%s", [self]

    def adapt(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return the value in the form that the database driver needs."""
        return self.output_field.get_db_prep_value(value, connection=connection)


class ListParameter(Parameter):
    """A placeholder for several values: ``filter(key__in=[ListParameter("keys", CharField())])``.

    `Statement.fetch` gets the values as a list of any length except 0. On a foreign key use ``user__pk__in``: Django accepts no placeholder
    in ``user_id__in``.
    """

    @property
    def place(self) -> str:
        """Return the text that stands in the SQL until the number of values is known. No other part of a statement contains NUL."""
        return f"\0{self.value}\0"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:  # noqa: ARG002
        """Return the place as SQL with this object as its parameter."""
        return self.place, [self]


class _Compiled(NamedTuple):
    rows: QuerySet[Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    #: The functions that convert column values to Python values, by position.
    converters: dict[int, Any]


class _Execution:
    """Runs a compiled statement. Django uses it like a query set, the query of one, and the compiler of the query."""

    def __init__(self, compiled: _Compiled, connection: BaseDatabaseWrapper, values: dict[str, Any]) -> None:
        self._compiled = compiled
        self._compiler = copy(compiled.compiler)
        self._compiler.connection = connection
        self._sql, self._params = _insert(compiled, connection, values)
        self.query = self
        self.db = connection.alias
        self.select = self._compiler.select
        self.klass_info = self._compiler.klass_info
        self.annotation_col_map = self._compiler.annotation_col_map

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiled.rows, name)

    def get_compiler(self, using: str) -> _Execution:  # noqa: ARG002
        return self

    def execute_sql(self, **_kwargs: Any) -> list[list[tuple[Any, ...]]]:
        with self._compiler.connection.cursor() as cursor:
            cursor.execute(self._sql, self._params)
            return [cursor.fetchall()]

    def results_iter(self, results: list[list[tuple[Any, ...]]]) -> Any:
        return self._compiler.apply_converters(results[0], self._compiled.converters)


def _insert(compiled: _Compiled, connection: BaseDatabaseWrapper, values: dict[str, Any]) -> tuple[str, list[Any]]:
    """Return the SQL with a place for each value of a list, and all values in the form that the database driver needs."""
    sql = compiled.sql
    params: list[Any] = []
    for param in compiled.params:
        if isinstance(param, ListParameter):
            several = values[param.value]
            sql = sql.replace(param.place, ", ".join(["%s"] * len(several)))
            params += [param.adapt(value, connection) for value in several]
        elif isinstance(param, Parameter):
            params.append(param.adapt(values[param.value], connection))
        else:
            params.append(param)
    return sql, params


class Statement(Generic[M]):
    """A query set whose statement is compiled once for each database, and that threads can share.

    Args:
        model: the model of the rows.
        make: returns the query set, with a `Parameter` for each value that differs from call to call. It is called once for each
            database. Nothing else in the query set can depend on the time, the settings or the caller.
    """

    def __init__(self, model: type[M], make: Callable[[], QuerySet[M, Any]]) -> None:
        self._model = model
        self._make = make
        self._compiled: dict[str, _Compiled] = {}

    def fetch(self, **values: Any) -> list[M]:
        """Return the rows, in one query.

        Args:
            values: the values of the parameters, by name.

        Raises:
            KeyError: a parameter has no value.
        """
        return list(ModelIterable(cast("QuerySet[M]", self._prepare(values))))

    def fetch_values(self, **values: Any) -> list[Sequence[Any]]:
        """Return the values of each row, in one query, for a query set made with ``values_list``.

        Args:
            values: as in `fetch`.

        Raises:
            KeyError: a parameter has no value.
        """
        execution = self._prepare(values)
        return list(execution.results_iter(execution.execute_sql()))

    def _prepare(self, values: dict[str, Any]) -> _Execution:
        alias = router.db_for_read(self._model)
        connection = connections[alias]
        compiled = self._compiled.get(alias)
        if compiled is None:
            # Threads that arrive at the same time compile the same statement.
            compiled = self._compiled[alias] = self._compile(connection)
        return _Execution(compiled, connection, values)

    def _compile(self, connection: BaseDatabaseWrapper) -> _Compiled:
        rows = self._make().using(connection.alias)
        compiler = rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        return _Compiled(rows, compiler, sql, tuple(params), converters)
