"""When a credential may be seen, and which date it shows.

The date of a run is kept on its `CourseCertificate` alone. What hides a credential is read from there at each look, so that moving the date
hides or shows every credential of the run at once. The LMS is never asked. Pacing and dates never touch a credential's status.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from learning_credentials.data import CredentialVisibility
from learning_credentials.models import CourseCertificate, Credential
from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

CONSTITUENTS = "constituent_runs"
INSTRUCTOR = CourseCertificate.Pacing.INSTRUCTOR


@dataclass(frozen=True, slots=True)
class Gate:
    """What a credential's dates come to: from when it may be seen (None: at once), and the date that replaces its issue time."""

    opens_at: datetime | None = None
    dated_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the credential may be seen."""
        return self.opens_at is None or self.opens_at <= now


def visible(queryset: QuerySet[Credential]) -> QuerySet[Credential]:
    """Leave out credentials of runs whose date is yet to come. Programs are not looked at: see `drop_hidden`."""
    hiding = CourseCertificate.objects.filter(
        course_key=OuterRef("learning_context_key"),
        pacing=INSTRUCTOR,
        shows_early=False,
        available_date__gt=timezone.now(),
    )
    return queryset.exclude(Exists(hiding))


def with_run_date(queryset: QuerySet[Credential]) -> QuerySet[Credential]:
    """Annotate ``run_date``: the date of the credential's run, None where the run has none."""
    runs = CourseCertificate.objects.filter(course_key=OuterRef("learning_context_key"), pacing=INSTRUCTOR).order_by()
    return queryset.annotate(run_date=Subquery(runs.values("available_date")[:1]))


def drop_hidden(credentials: Iterable[Credential]) -> list[Credential]:
    """Of credentials that `visible` let pass, leave out programs whose date is yet to come; one or no query more."""
    rows = list(credentials)
    gates = get_program_gates(rows)
    now = timezone.now()
    return [row for row in rows if row.pk not in gates or gates[row.pk].is_open(now)]


def are_visible(credentials: Iterable[Credential]) -> dict[Any, bool]:
    """Whether each credential may be seen, by primary key, programs and runs alike; a constant number of queries."""
    rows = list(credentials)
    now = timezone.now()
    gates = get_gates(rows)
    return {row.pk: gates[row.pk].is_open(now) for row in rows}


def get_gates(credentials: Sequence[Credential]) -> dict[Any, Gate]:
    """The gate of each credential, by primary key."""
    runs = _find_runs({row.learning_context_key for row in credentials if not _get_constituents(row)})
    gates = {row.pk: get_run_gate(runs.get(row.learning_context_key)) for row in credentials}
    return gates | get_program_gates(credentials)


def get_program_gates(credentials: Sequence[Credential]) -> dict[Any, Gate]:
    """The gates of those of the credentials that are for programs.

    A program's date is the latest date among the runs snapshot on it in which the learner holds a live credential.
    """
    programs = [row for row in credentials if _get_constituents(row)]
    if not programs:
        return {}
    runs = _find_runs({key for row in programs for key in _get_constituents(row)})
    dated = {key: run.available_date for key, run in runs.items() if run.available_date and run.pacing == INSTRUCTOR}
    live = _find_live({row.user_id for row in programs if row.user_id is not None}, set(dated))
    gates = {}
    for row in programs:
        keys = [key for key in _get_constituents(row) if key in dated and (row.user_id, key) in live]
        latest = max((dated[key] for key in keys), default=None)
        hiding = max((dated[key] for key in keys if not runs[key].shows_early), default=None)
        gates[row.pk] = Gate(opens_at=hiding, dated_at=latest)
    return gates


def get_run_gate(run: CourseCertificate | None) -> Gate:
    """The gate of a run's credentials."""
    if run is None or run.available_date is None or run.pacing != INSTRUCTOR:
        return Gate()
    return Gate(opens_at=None if run.shows_early else run.available_date, dated_at=run.available_date)


def describe(credentials: Sequence[Credential]) -> dict[Any, CredentialVisibility]:
    """What staff are told of each credential, by primary key; a constant number of queries."""
    gates = get_gates(credentials)
    now = timezone.now()
    return {
        row.pk: CredentialVisibility(
            is_visible=gates[row.pk].is_open(now),
            visible_from=None if gates[row.pk].is_open(now) else gates[row.pk].opens_at,
            issue_date=get_shown_date(row, gates[row.pk]) if row.issued_at else None,
        )
        for row in credentials
    }


def find_opening(run: CourseCertificate) -> datetime | None:
    """When the credentials of a run may be seen at last; None: they may be seen now."""
    gate = get_run_gate(run)
    return None if gate.is_open(timezone.now()) else gate.opens_at


def get_shown_date(credential: Credential, gate: Gate | None = None, *, is_printed: bool = False) -> date:
    """The date that a credential shows: an override, else its run's or program's date if that has passed, else the issue time's.

    A date that is yet to come is printed all the same: the artifact is made once, and may be seen only from then on.

    Args:
        credential: issued, or about to be.
        gate: from `get_gates`; without it the annotation of `with_run_date` is read.
        is_printed: for an artifact rather than for a page.
    """
    if credential.date_override is not None:
        return credential.date_override
    dated_at = gate.dated_at if gate else getattr(credential, "run_date", None)
    now = timezone.now()
    if dated_at is not None and (is_printed or dated_at <= now):
        return get_local_date(dated_at)
    return get_local_date(credential.issued_at or now)


def get_local_date(moment: datetime) -> date:
    """The day of a moment in the project's time zone, whatever the reader's is: the same day is printed on the artifact."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def _get_constituents(credential: Credential) -> Sequence[str]:
    keys = credential.evidence.get(CONSTITUENTS) if isinstance(credential.evidence, dict) else None
    return keys if isinstance(keys, list) else ()


def _find_runs(keys: Iterable[str]) -> Mapping[str, CourseCertificate]:
    found: dict[str, CourseCertificate] = {}
    for batch in in_batches(sorted(keys)):
        found |= {row.course_key: row for row in CourseCertificate.objects.filter(course_key__in=batch)}
    return found


def _find_live(user_ids: Iterable[int], keys: Iterable[str]) -> set[tuple[int | None, str]]:
    wanted = sorted(keys)
    found: set[tuple[int | None, str]] = set()
    if not wanted:
        return found
    for batch in in_batches(sorted(user_ids), spare=40 + len(wanted)):
        rows = Credential.objects.filter(Q(user_id__in=batch), learning_context_key__in=wanted, is_current=True)
        found.update(rows.order_by().values_list("user_id", "learning_context_key"))
    return found
