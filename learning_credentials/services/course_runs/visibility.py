"""Decides when a credential is visible, and which date it shows.

The available date of a course run is stored only on its `CourseCertificate`. It is read whenever a credential is shown, so a change of the
date hides or shows every credential of the course run at once. The LMS is never asked. Pacing and dates never change a credential's status.
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

    from learning_credentials.services.common import Parameter

CONSTITUENTS = "constituent_runs"
#: A key in the evidence of the reissue of a renewed program: the program counts as earned on the day of the renewal.
RENEWED = "renewed"
INSTRUCTOR = CourseCertificate.Pacing.INSTRUCTOR


@dataclass(frozen=True, slots=True)
class Gate:
    """The dates that decide about a credential's visibility and shown date.

    ``opens_at`` is when it becomes visible (None: at once). ``dated_at`` is the latest available date that has passed. ``earned_at`` is
    when a program's last course run was earned. ``overridden`` is the latest date that staff set for a credential of its course runs.
    """

    opens_at: datetime | None = None
    dated_at: datetime | None = None
    earned_at: datetime | None = None
    overridden: date | None = None

    def is_open(self, now: datetime) -> bool:
        """Return whether the credential is visible."""
        return self.opens_at is None or self.opens_at <= now


def filter_visible(queryset: QuerySet[Credential], now: datetime | Parameter | None = None) -> QuerySet[Credential]:
    """Exclude credentials of course runs whose available date has not come. For programs use `drop_hidden` as well.

    Args:
        queryset: credentials.
        now: a `Parameter` for the time, if the statement is compiled once. Without it, the time of this call.
    """
    hiding = CourseCertificate.objects.filter(
        course_key=OuterRef("learning_context_key"),
        pacing=INSTRUCTOR,
        shows_early=False,
        available_date__gt=now or timezone.now(),
    )
    return queryset.exclude(Exists(hiding))


def with_run_date(queryset: QuerySet[Credential], now: datetime | Parameter | None = None) -> QuerySet[Credential]:
    """Annotate ``run_date``: the available date of the credential's course run if it hides the credential or has passed, else None.

    Args:
        queryset: credentials.
        now: as in `filter_visible`.
    """
    runs = CourseCertificate.objects.filter(course_key=OuterRef("learning_context_key"), pacing=INSTRUCTOR).order_by()
    runs = runs.filter(Q(shows_early=False) | Q(available_date__lte=now or timezone.now()))
    return queryset.annotate(run_date=Subquery(runs.values("available_date")[:1]))


def drop_hidden(credentials: Iterable[Credential]) -> list[Credential]:
    """Return the credentials, which passed `filter_visible`, without programs whose date has not come. It takes a few queries at most."""
    rows = list(credentials)
    gates = get_program_gates(rows)
    now = timezone.now()
    return [row for row in rows if row.pk not in gates or gates[row.pk].is_open(now)]


def are_visible(credentials: Iterable[Credential]) -> dict[Any, bool]:
    """Return whether each credential is visible, by primary key, for programs and course runs. The number of queries is constant."""
    rows = list(credentials)
    now = timezone.now()
    gates = get_gates(rows)
    return {row.pk: gates[row.pk].is_open(now) for row in rows}


def get_gates(credentials: Sequence[Credential]) -> dict[Any, Gate]:
    """Return the gate of each credential, by primary key."""
    runs = _find_runs({row.learning_context_key for row in credentials if not _get_constituents(row)})
    gates = {row.pk: get_run_gate(runs.get(row.learning_context_key)) for row in credentials}
    return gates | get_program_gates(credentials)


def get_program_gates(credentials: Sequence[Credential]) -> dict[Any, Gate]:
    """Return the gates of those of the credentials that are for programs, by primary key.

    A gate depends on the course runs in the credential's evidence for which the learner has a live credential. A course run without a live
    credential counts as earned when the program was issued.
    """
    programs = [row for row in credentials if _get_constituents(row)]
    if not programs:
        return {}
    now = timezone.now()
    keys = {key for row in programs for key in _get_constituents(row)}
    runs = _find_runs(keys)
    awards = _find_awards({row.user_id for row in programs if row.user_id is not None}, keys)
    return {row.pk: _get_program_gate(row, runs, awards, now) for row in programs}


def _get_program_gate(
    program: Credential,
    runs: Mapping[str, CourseCertificate],
    awards: Mapping[tuple[int | None, str], Sequence[_Award]],
    now: datetime,
) -> Gate:
    latest = program.issued_at or now
    earned, passed, hiding, overrides = [], [], [], []
    for key in _get_constituents(program):
        held = awards.get((program.user_id, key), ())
        # An award after the program's issue did not earn the program.
        earned += [min(award.issued_at or latest, latest) for award in held] or [latest]
        overrides += [award.date_override for award in held if award.date_override]
        gate = get_run_gate(runs.get(key)) if held else Gate()
        passed += [gate.dated_at] if gate.dated_at else []
        hiding += [gate.opens_at] if gate.opens_at else []
    return Gate(
        opens_at=max(hiding, default=None),
        dated_at=max(passed, default=None),
        earned_at=latest if program.is_renewal or program.evidence.get(RENEWED) else max(earned),
        overridden=max(overrides, default=None),
    )


def get_run_gate(run: CourseCertificate | None) -> Gate:
    """Return the gate of a course run's credentials."""
    if run is None or run.available_date is None or run.pacing != INSTRUCTOR:
        return Gate()
    return Gate(
        opens_at=None if run.shows_early else run.available_date,
        dated_at=run.available_date if run.available_date <= timezone.now() else None,
    )


def keep_evidence(old: Credential) -> dict[str, Any]:
    """Return the evidence for a reissue of the credential, so that it shows the same date.

    A reissue of a renewal is not a renewal itself. So its evidence says that the program was renewed.
    """
    return {**old.evidence, RENEWED: True} if old.is_renewal and _get_constituents(old) else old.evidence


def describe_visibility(credentials: Sequence[Credential]) -> dict[Any, CredentialVisibility]:
    """Return for staff whether each credential is visible and which date it shows, by primary key. The number of queries is constant."""
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
    """Return when the credentials of a course run become visible, or None if they are visible now."""
    gate = get_run_gate(run)
    return None if gate.is_open(timezone.now()) else gate.opens_at


def get_shown_date(credential: Credential, gate: Gate | None = None, *, is_printed: bool = False) -> date:
    """Return the date that a credential shows: an override, else the later of its issue time and the available date, if that has passed.

    A program shows the latest of the dates that its course runs' credentials show, but never a day before the last of them was earned.

    An artifact also shows an available date that has not come and hides the credential. The artifact is made once, and is visible only from
    that date on.

    Args:
        credential: issued, or about to be.
        gate: from `get_gates`. Without it, the annotation of `with_run_date` is read.
        is_printed: whether the date is for an artifact rather than for a page.
    """
    override: date | None = credential.date_override
    if override is not None:
        return override
    now = timezone.now()
    if gate is None:
        run_date = getattr(credential, "run_date", None)
        gate = Gate(opens_at=run_date, dated_at=run_date if run_date is not None and run_date <= now else None)
    moments = [gate.earned_at or credential.issued_at or now, gate.dated_at, gate.opens_at if is_printed else None]
    day = get_local_date(max(moment for moment in moments if moment is not None))
    return max(day, gate.overridden) if gate.overridden else day


def get_local_date(moment: datetime) -> date:
    """Return the day of a moment in the project's time zone, not in the reader's, so that pages and artifacts show the same day."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def _get_constituents(credential: Credential) -> Sequence[str]:
    keys = credential.evidence.get(CONSTITUENTS) if isinstance(credential.evidence, dict) else None
    return keys if isinstance(keys, list) else ()


def _find_runs(keys: Iterable[str]) -> Mapping[str, CourseCertificate]:
    found: dict[str, CourseCertificate] = {}
    for batch in in_batches(sorted(keys)):
        found |= {row.course_key: row for row in CourseCertificate.objects.filter(course_key__in=batch)}
    return found


@dataclass(slots=True)
class _Award:
    """A learner's credential in a course run by one configuration. ``issued_at`` is that of the first award: renewals do not change it.

    It is None while the credential is being made.
    """

    issued_at: datetime | None
    date_override: date | None = None
    is_live: bool = False


def _find_awards(user_ids: Iterable[int], keys: Iterable[str]) -> dict[tuple[int | None, str], list[_Award]]:
    """Return the live credentials of learners in course runs, by learner and course run, in a few queries."""
    wanted = sorted(keys)
    found: dict[tuple[int | None, str, int], _Award] = {}
    for batch in in_batches(sorted(user_ids), spare=40 + len(wanted)):
        rows = Credential.objects.filter(Q(user_id__in=batch), learning_context_key__in=wanted)
        rows = rows.exclude(status=Credential.Status.INVALIDATED).order_by()
        columns = ("user_id", "learning_context_key", "configuration_id", "issued_at", "date_override", "is_current")
        for user_id, key, configuration_id, issued_at, date_override, is_current in rows.values_list(*columns):
            award = found.setdefault((user_id, key, configuration_id), _Award(issued_at))
            award.issued_at = min((moment for moment in (award.issued_at, issued_at) if moment), default=None)
            if is_current:
                award.is_live, award.date_override = True, date_override
    awards: dict[tuple[int | None, str], list[_Award]] = {}
    for (user_id, key, _configuration_id), award in found.items():
        if award.is_live:
            awards.setdefault((user_id, key), []).append(award)
    return awards
