"""Define lookups on keys of learning contexts that use indexes on every database and need few parameters for many keys.

Databases compare with regard to case, because a `KeyField` compares byte by byte.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db.models import Lookup

from learning_credentials.models.fields import KeyField

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    _Lookup = Lookup[Any]
else:
    _Lookup = Lookup

#: No key contains a greater character.
_LAST = "\U0010ffff"


class _KeyLookup(_Lookup):
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> Any:  # noqa: ARG002
        """Return the value as it is."""
        return "%s", [value]


@KeyField.register_lookup
class Among(_KeyLookup):
    """The key is one of many: ``key__among=keys``. ``in`` would need a parameter for each of them, and SQLite takes 999."""

    lookup_name = "among"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Pass the keys as one JSON list."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(sorted(self.rhs))]  # noqa: S608  a column of our own

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Pass the keys as one array."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::text[])", [*params, sorted(self.rhs)]

    def as_mysql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Pass each key. MariaDB and MySQL have no limit."""
        column, params = self.process_lhs(compiler, connection)
        keys = sorted(self.rhs)
        if not keys:
            return "1 = 0", []
        return f"{column} IN ({', '.join(['%s'] * len(keys))})", [*params, *keys]


@KeyField.register_lookup
class BeginsWith(_KeyLookup):
    """The key begins with a text: ``key__begins=text``. Django's ``startswith`` uses no index on SQLite and MariaDB.

    ``LIKE`` is no help there either: with an index, MariaDB overlooks keys that go on with a character beyond the first 65,536.
    """

    lookup_name = "begins"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Compare with the two ends of a range."""
        column, params = self.process_lhs(compiler, connection)
        return f"({column} >= %s AND {column} < %s)", [*params, self.rhs, *params, self.rhs + _LAST]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Compare with a pattern. The order of texts in PostgreSQL is that of a language, so a range would contain other keys."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column}::text LIKE %s", [*params, f"{connection.ops.prep_for_like_query(self.rhs)}%"]


@KeyField.register_lookup
class BeginsWithAny(_KeyLookup):
    """The key begins with one of many texts: ``key__begins_any=texts``. No index helps: it is for more texts than a statement takes."""

    lookup_name = "begins_any"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Pass the texts as one JSON list."""
        column, params = self.process_lhs(compiler, connection)
        sql = f"EXISTS (SELECT 1 FROM json_each(%s) WHERE substr({column}, 1, length(value)) = value)"  # noqa: S608  a column of our own
        return sql, [json.dumps(list(self.rhs)), *params]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Pass the texts as one array."""
        column, params = self.process_lhs(compiler, connection)
        sql = f"EXISTS (SELECT 1 FROM unnest(%s::text[]) AS b(t) WHERE starts_with({column}, b.t))"  # noqa: S608  a column of our own
        return sql, [list(self.rhs), *params]

    def as_mysql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Pass the two ends of a range for each text. MariaDB and MySQL have no limit."""
        column, params = self.process_lhs(compiler, connection)
        either = " OR ".join([f"({column} >= %s AND {column} < %s)"] * len(self.rhs))
        return f"({either})", [each for text in self.rhs for each in (*params, text, *params, text + _LAST)]
