"""Help tests of e-mails: kill the process that sends them, let time pass, and count what learners got."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core import mail
from django.db import OperationalError, connection

from learning_credentials.models import Credential, MailNote
from tests.integration.threads import assert_no_errors, at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Death(BaseException):
    """What ends a process, as `SystemExit` does."""


class DyingProcess:
    """A process of which nothing reaches the database once it is dead.

    Attributes:
        is_dead: whether it died. Tests set it.
        statements: how many statements reached the database.
    """

    def __init__(self, lives_for: int | None = None) -> None:
        self.is_dead = False
        self.statements = 0
        self._lives_for = lives_for

    def __call__(self, execute: Callable[..., Any], *call: Any) -> Any:
        """Run a statement, unless the process is dead."""
        if self.statements == self._lives_for:
            self.is_dead = True
        if self.is_dead:
            raise Death
        self.statements += 1
        return execute(*call)

    def live_for(self, statements: int) -> None:
        """Die after that many more statements."""
        self._lives_for = self.statements + statements

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let all statements of this thread be those of the process."""
        try:
            with connection.execute_wrapper(self):
                yield
        except Death:
            self.is_dead = True


def let_time_pass(seconds: float) -> None:
    """Make all times that decide about e-mails earlier, as if time had passed."""
    past = timedelta(seconds=seconds)
    for note in MailNote.objects.all():
        MailNote.objects.filter(pk=note.pk).update(begun_at=note.begun_at - past)
    for row in Credential.objects.exclude(notification_held_until=None):
        Credential.objects.filter(pk=row.pk).update(notification_held_until=row.notification_held_until - past)


def count_told() -> list[int]:
    """Return how many e-mails each learner got, from the fewest to the most."""
    return sorted(Counter(message.to[0] for message in mail.outbox).values())


def in_another_process(function: Callable[[], Any]) -> Any:
    """Run a function with its own database connection. Return what it returned."""
    (result,) = results = at_once(function)
    assert_no_errors(results)
    return result


def fail_once() -> None:
    """Let the next statement meet a lost database connection. SQLite has no connection that others can cut."""

    def fail(*_call: Any) -> None:
        connection.execute_wrappers.remove(fail)
        raise OperationalError("the connection was lost")

    connection.execute_wrappers.append(fail)
