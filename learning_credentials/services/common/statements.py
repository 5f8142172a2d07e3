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
    from collections.abc import Callable

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


class _Compiled(NamedTuple, Generic[M]):
    rows: QuerySet[M]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    #: The functions that convert column values to Python values, by position.
    converters: dict[int, Any]


class _Execution:
    """Runs a compiled statement. Django uses it like a query set, the query of one, and the compiler of the query."""

    def __init__(self, compiled: _Compiled[Any], connection: BaseDatabaseWrapper, values: dict[str, Any]) -> None:
        self._compiled = compiled
        self._compiler = copy(compiled.compiler)
        self._compiler.connection = connection
        self._params = [
            param.adapt(values[param.value], connection) if isinstance(param, Parameter) else param
            for param in compiled.params
        ]
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
            cursor.execute(self._compiled.sql, self._params)
            return [cursor.fetchall()]

    def results_iter(self, results: list[list[tuple[Any, ...]]]) -> Any:
        return self._compiler.apply_converters(results[0], self._compiled.converters)


class Statement(Generic[M]):
    """A query set whose statement is compiled once for each database, and that threads can share.

    Args:
        model: the model of the rows.
        make: returns the query set, with a `Parameter` for each value that differs from call to call. It is called once for each
            database. Nothing else in the query set can depend on the time, the settings or the caller.
    """

    def __init__(self, model: type[M], make: Callable[[], QuerySet[M]]) -> None:
        self._model = model
        self._make = make
        self._compiled: dict[str, _Compiled[M]] = {}

    def fetch(self, **values: Any) -> list[M]:
        """Return the rows, in one query.

        Args:
            values: the values of the parameters, by name.

        Raises:
            KeyError: a parameter has no value.
        """
        alias = router.db_for_read(self._model)
        connection = connections[alias]
        compiled = self._compiled.get(alias)
        if compiled is None:
            # Threads that arrive at the same time compile the same statement.
            compiled = self._compiled[alias] = self._compile(connection)
        return list(ModelIterable(cast("QuerySet[M]", _Execution(compiled, connection, values))))

    def _compile(self, connection: BaseDatabaseWrapper) -> _Compiled[M]:
        rows = self._make().using(connection.alias)
        compiler = rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        return _Compiled(rows, compiler, sql, tuple(params), converters)
