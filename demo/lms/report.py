"""Compare the issued credentials with the expected ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from demo.lms.backend import DemoLMS
from demo.lms.expected import list_expected_holders
from demo.lms.models import Enrolment, PathEnrolment
from learning_credentials.models import CourseCertificate, Credential, CredentialConfiguration

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date


@dataclass(frozen=True)
class Line:
    """The results of one configuration, in numbers of learners.

    ``withdrawn`` counts credentials that staff invalidated and blocked.
    """

    context: str
    credential_type: str
    enrolled: int
    eligible: int
    issued: int
    failed: int
    withdrawn: int
    missing: int
    unexpected: int
    hidden_until: date | None = None

    @property
    def is_right(self) -> bool:
        """Return whether exactly the right learners have a credential."""
        return not self.missing and not self.unexpected

    @property
    def not_eligible(self) -> int:
        """Return how many enrolled learners do not meet the criteria or may not receive credentials."""
        return self.enrolled - self.eligible


def make_report() -> list[Line]:
    """Return one line for each configuration."""
    configurations = list(CredentialConfiguration.objects.filter(is_enabled=True).select_related("credential_type"))
    contexts = DemoLMS().find_contexts([row.learning_context_key for row in configurations])
    return [_make_line(row, contexts[row.learning_context_key].name) for row in configurations]


def _make_line(configuration: CredentialConfiguration, context_name: str) -> Line:
    key = configuration.learning_context_key
    expected = list_expected_holders(configuration)
    rows = Credential.objects.filter(configuration=configuration)
    status = Credential.Status
    live = rows.filter(is_current=True).values_list("user_id", "status")
    holders = {user_id for user_id, state in live if state == status.AVAILABLE}
    withdrawn = set(rows.filter(blocks_reissue=True).values_list("user_id", flat=True))
    enrolled = (
        Enrolment.objects.filter(run__key=key, is_active=True).count()
        or PathEnrolment.objects.filter(path__key=key, is_active=True).count()
    )
    return Line(
        context=context_name,
        credential_type=configuration.credential_type.name,
        enrolled=enrolled,
        eligible=len(expected),
        issued=len(holders),
        failed=Counter(state for _, state in live)[status.ERROR],
        withdrawn=len(withdrawn & expected),
        missing=len(expected - holders - withdrawn),
        unexpected=len(holders - expected),
        hidden_until=_find_hiding_date(key),
    )


def _find_hiding_date(run_key: str) -> date | None:
    """Return the available date of the run's certificates, if it is in the future."""
    run = CourseCertificate.objects.filter(course_key=run_key, available_date__gt=timezone.now()).first()
    return run.available_date.date() if run else None


COLUMNS = ("learning context", "credential", "enrolled", "not eligible", "eligible", "issued", "failed", "")


def format_report(lines: Iterable[Line]) -> str:
    """Return the report as a table."""
    return format_table(COLUMNS, [_format_line(line) for line in lines], numbers=range(2, 7))


def format_table(columns: Sequence[str], lines: Iterable[Sequence[str]], *, numbers: Collection[int] = ()) -> str:
    """Return a table for a terminal. The columns in ``numbers`` are aligned to the right."""
    rows = [columns, *lines]
    widths = [max(len(row[index]) for row in rows) for index in range(len(columns))]
    text = [
        "  ".join(
            cell.rjust(width) if index in numbers else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in text)


def _format_line(line: Line) -> tuple[str, ...]:
    notes = ["as expected" if line.is_right else f"WRONG: {line.missing} missing, {line.unexpected} not expected"]
    if line.hidden_until and line.issued:
        notes.append(f"shown from {line.hidden_until}")
    if line.withdrawn:
        notes.append(f"{line.withdrawn} withdrawn")
    numbers = (line.enrolled, line.not_eligible, line.eligible, line.issued, line.failed)
    return (line.context, line.credential_type, *map(str, numbers), "; ".join(notes))
