"""Count the statements that issuing costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core import mail

if TYPE_CHECKING:
    from django.test.utils import CaptureQueriesContext


def count_statements(queries: CaptureQueriesContext) -> int:
    """Count what was asked, without what only begins, ends or marks a transaction, and without the one that notes each mail as sent."""
    marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return sum(not query["sql"].startswith(marks) for query in queries) - len(mail.outbox)
