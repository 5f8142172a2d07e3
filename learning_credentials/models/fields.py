"""Model fields that behave the same on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    _TextField = models.CharField[str, str]
else:
    _TextField = models.CharField


class KeyField(_TextField):
    """Text compared byte by byte.

    MariaDB and MySQL compare without regard to case unless told otherwise, and would take two course keys that differ in case for one.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Add the binary collation where the database needs it."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters
