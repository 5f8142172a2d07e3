"""Says of an error whether a retry can mend it."""

from __future__ import annotations

from enum import StrEnum

from django.db import InterfaceError, OperationalError

from learning_credentials.exceptions import (
    CredentialsError,
    DatabaseUnavailableError,
    TransientError,
    UnexpectedError,
)

#: What the database raises when its connection is cut or it cannot serve now. A transaction that failed so may be run again.
DATABASE_OUTAGES = (InterfaceError, OperationalError)
#: A path that is wrong stays wrong; any other error of the operating system may pass.
_WRONG_PATHS = (FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)
#: Mistakes in a program: with the same inputs they happen again.
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


#: Numbers of errors with which MySQL and MariaDB say that they cannot serve now; those of the client library follow from 2000 on.
_MYSQL_OUTAGES = frozenset(
    {1020, 1021, 1037, 1038, 1040, 1041, 1042, 1043, 1047, 1053, 1079, 1129, 1135, 1152, 1153, 1154, 1155, 1156}
    | {1157, 1158, 1159, 1160, 1161, 1180, 1184, 1203, 1205, 1213, 1226, 1290, 1317, 1836, 1927, 1969, 3024, 3159}
)
_FIRST_CLIENT_ERROR = 2000


class Failure(StrEnum):
    """What a retry can do about an error."""

    #: Something outside fails for now: try again for as long as an outage may last.
    OUTAGE = "outage"
    #: Nobody knows: try again a limited number of times.
    UNKNOWN = "unknown"
    #: A retry cannot mend it.
    PERMANENT = "permanent"


def classify(error: Exception) -> Failure:
    """Return what a retry can do about an error of code that asks other systems, such as a processor or an LMS backend."""
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
    """Whether MySQL or MariaDB refused the statement itself, such as a value that does not fit: the driver calls that operational too."""
    number = error.args[0] if error.args else None
    return isinstance(number, int) and 0 < number < _FIRST_CLIENT_ERROR and number not in _MYSQL_OUTAGES


def classify_rendering(error: Exception) -> Failure:
    """Return what a retry can do about an error of a generator.

    A generator asks nobody and is given the same snapshot at each attempt, so that a mistake in its program is permanent.
    """
    return Failure.PERMANENT if isinstance(error, _MISTAKES) else classify(error)


def as_credentials_error(error: Exception) -> CredentialsError:
    """Return an error of this app's tree: the error itself, or one that says what a retry can do about it."""
    if isinstance(error, CredentialsError):
        return error
    message = describe(error)
    if isinstance(error, DATABASE_OUTAGES):
        return DatabaseUnavailableError(message)
    return TransientError(message) if classify(error) is Failure.OUTAGE else UnexpectedError(message)


def describe(error: Exception) -> str:
    """Return the message under which an error is kept."""
    return str(error) if isinstance(error, CredentialsError) else f"{type(error).__name__}: {error}"
