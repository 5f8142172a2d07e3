"""Compiles the statement of a query set once and runs it again with other values.

Django takes longer to build and compile a statement with joins than the database takes to answer it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import connections, router
from django.db.models import DEFERRED, Field, Model, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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


@dataclass
class _Compiled:
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    #: The functions that convert column values to Python values, and the expression of the column, by position.
    converters: dict[int, tuple[list[Any], Any]]

    @cached_property
    def maker(self) -> _InstanceMaker:
        """Return what makes the model instance of a row. Query sets made with ``values_list`` have none."""
        info: Any = self.compiler.klass_info
        return _InstanceMaker(info, self.compiler, self.compiler.annotation_col_map or {})


class _InstanceMaker:
    """Makes a model instance from a row, with the instances of ``select_related``, as query sets do.

    Args:
        info: what Django knows about the columns of the model and of those that are joined.
        compiler: of the statement.
        annotations: the positions of annotations, by name.
    """

    def __init__(self, info: dict[str, Any], compiler: SQLCompiler, annotations: Mapping[str, int]) -> None:
        columns: Any = compiler.select
        places = {columns[place][0].target.attname: place for place in info["select_fields"]}
        self._model: type[Model] = info["model"]
        options = self._model._meta  # noqa: SLF001  a public interface in spite of its name
        self._names = list(places)
        #: The position of each field's column. None: the column is not read.
        self._places = [places.get(field.attname) for field in options.concrete_fields]
        self._key = places[options.pk.attname]
        self._annotations = list(annotations.items())
        self._related = [
            (_InstanceMaker(related, compiler, {}), related["local_setter"], related["remote_setter"])
            for related in info.get("related_klass_infos", ())
        ]

    def make(self, row: Sequence[Any], alias: str) -> Any:
        """Return the instance, or None if the join found no row."""
        if row[self._key] is None:
            return None
        values = [DEFERRED if place is None else row[place] for place in self._places]
        made = self._model.from_db(alias, self._names, values)
        for maker, set_here, set_there in self._related:
            related = maker.make(row, alias)
            set_here(made, related)
            if related is not None:
                set_there(related, made)
        for name, place in self._annotations:
            setattr(made, name, row[place])
        return made


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


def _execute(compiled: _Compiled, connection: BaseDatabaseWrapper, values: dict[str, Any]) -> list[Sequence[Any]]:
    sql, params = _insert(compiled, connection, values)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    return [_convert(row, compiled, connection) for row in rows]


def _convert(row: Sequence[Any], compiled: _Compiled, connection: BaseDatabaseWrapper) -> Sequence[Any]:
    converted = list(row)
    for place, (converters, expression) in compiled.converters.items():
        value = converted[place]
        for convert in converters:
            value = convert(value, expression, connection)
        converted[place] = value
    return converted


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
        compiled, connection = self._prepare()
        return [compiled.maker.make(row, connection.alias) for row in _execute(compiled, connection, values)]

    def fetch_values(self, **values: Any) -> list[Sequence[Any]]:
        """Return the values of each row, in one query, for a query set made with ``values_list``.

        Args:
            values: as in `fetch`.

        Raises:
            KeyError: a parameter has no value.
        """
        return _execute(*self._prepare(), values)

    def _prepare(self) -> tuple[_Compiled, BaseDatabaseWrapper]:
        alias = router.db_for_read(self._model)
        connection = connections[alias]
        compiled = self._compiled.get(alias)
        if compiled is None:
            # Threads that arrive at the same time compile the same statement.
            compiled = self._compiled[alias] = self._compile(connection)
        return compiled, connection

    def _compile(self, connection: BaseDatabaseWrapper) -> _Compiled:
        query = self._make().using(connection.alias).query
        compiler = query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        return _Compiled(compiler, sql, tuple(params), converters)
