"""Decide whether a retry can help after an error."""

from __future__ import annotations

from enum import StrEnum

from django.db import InterfaceError, OperationalError

from learning_credentials.exceptions import (
    CredentialsError,
    DatabaseUnavailableError,
    TransientError,
    UnexpectedError,
)

#: The database raises these errors when the connection is closed or it cannot serve now. Such a transaction can be retried.
DATABASE_OUTAGES = (InterfaceError, OperationalError)
#: A wrong path stays wrong. Other errors of the operating system may be temporary.
_WRONG_PATHS = (FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)
#: Programming mistakes: with the same inputs they happen again.
_MISTAKES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)


#: Error numbers with which MySQL and MariaDB say that they cannot serve now. The numbers of the client library start at 2000.
_MYSQL_OUTAGES = frozenset(
    {1020, 1021, 1037, 1038, 1040, 1041, 1042, 1043, 1047, 1053, 1079, 1129, 1135, 1152, 1153, 1154, 1155, 1156}
    | {1157, 1158, 1159, 1160, 1161, 1180, 1184, 1203, 1205, 1213, 1226, 1290, 1317, 1836, 1927, 1969, 3024, 3159}
)
_FIRST_CLIENT_ERROR = 2000


class Failure(StrEnum):
    """Whether a retry can help."""

    #: Something outside fails now. Retry for as long as an outage can last.
    OUTAGE = "outage"
    #: The cause is unknown. Retry a limited number of times.
    UNKNOWN = "unknown"
    #: A retry cannot help.
    PERMANENT = "permanent"


def classify(error: Exception) -> Failure:
    """Return whether a retry can help after an error of code that calls other systems, such as a processor or an LMS backend."""
    if isinstance(error, UnexpectedError):
        return Failure.UNKNOWN
    if isinstance(error, CredentialsError):
        return Failure.OUTAGE if isinstance(error, TransientError) else Failure.PERMANENT
    if isinstance(error, DATABASE_OUTAGES):
        return Failure.UNKNOWN if _is_refused_by_mysql(error) else Failure.OUTAGE
    if isinstance(error, MemoryError):
        return Failure.OUTAGE
    if isinstance(error, OSError) and not isinstance(error, _WRONG_PATHS):
        return Failure.OUTAGE
    return Failure.UNKNOWN


def _is_refused_by_mysql(error: Exception) -> bool:
    """Return whether MySQL or MariaDB refused the statement itself, for example because a value does not fit.

    The driver raises ``OperationalError`` for this too.
    """
    number = error.args[0] if error.args else None
    return isinstance(number, int) and 0 < number < _FIRST_CLIENT_ERROR and number not in _MYSQL_OUTAGES


def classify_rendering(error: Exception) -> Failure:
    """Return whether a retry can help after an error of a generator.

    A generator calls no other system and gets the same snapshot in each attempt. So a programming mistake in it is permanent.
    """
    return Failure.PERMANENT if isinstance(error, _MISTAKES) else classify(error)


def as_credentials_error(error: Exception) -> CredentialsError:
    """Return the error as a `CredentialsError`. The class of a converted error says whether a retry can help."""
    if isinstance(error, CredentialsError):
        return error
    message = describe(error)
    if isinstance(error, DATABASE_OUTAGES):
        return DatabaseUnavailableError(message)
    return TransientError(message) if classify(error) is Failure.OUTAGE else UnexpectedError(message)


def describe(error: Exception) -> str:
    """Return the message that is stored for an error."""
    return str(error) if isinstance(error, CredentialsError) else f"{type(error).__name__}: {error}"
