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
#: In the evidence of the reissue of a renewed program: the program was earned anew on the day of the renewal.
RENEWED = "renewed"
INSTRUCTOR = CourseCertificate.Pacing.INSTRUCTOR


@dataclass(frozen=True, slots=True)
class Gate:
    """What a credential's dates come to.

    ``opens_at`` is from when it may be seen (None: at once). ``dated_at`` is the latest available date that has passed. ``earned_at`` is
    when a program's last run was earned, and ``overridden`` the latest date that staff set for one of its runs' credentials.
    """

    opens_at: datetime | None = None
    dated_at: datetime | None = None
    earned_at: datetime | None = None
    overridden: date | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the credential may be seen."""
        return self.opens_at is None or self.opens_at <= now


def filter_visible(queryset: QuerySet[Credential]) -> QuerySet[Credential]:
    """Leave out credentials of runs whose date is yet to come. Programs are not looked at: see `drop_hidden`."""
    hiding = CourseCertificate.objects.filter(
        course_key=OuterRef("learning_context_key"),
        pacing=INSTRUCTOR,
        shows_early=False,
        available_date__gt=timezone.now(),
    )
    return queryset.exclude(Exists(hiding))


def with_run_date(queryset: QuerySet[Credential]) -> QuerySet[Credential]:
    """Annotate ``run_date``: the date of the credential's run if it hides the credential or has passed, else None."""
    runs = CourseCertificate.objects.filter(course_key=OuterRef("learning_context_key"), pacing=INSTRUCTOR).order_by()
    runs = runs.filter(Q(shows_early=False) | Q(available_date__lte=timezone.now()))
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

    What counts are the runs snapshot on it in which the learner holds a live credential. A run in which the learner holds none was earned
    at the latest when the program was issued.
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
        # What the learner was awarded after the program was not what the program was earned by.
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
    """The gate of a run's credentials."""
    if run is None or run.available_date is None or run.pacing != INSTRUCTOR:
        return Gate()
    return Gate(
        opens_at=None if run.shows_early else run.available_date,
        dated_at=run.available_date if run.available_date <= timezone.now() else None,
    )


def keep_evidence(old: Credential) -> dict[str, Any]:
    """Return the evidence of a reissue of the credential, which shows the same date.

    That a program was renewed is not seen from its reissue otherwise: the reissue replaces the renewal, and is none itself.
    """
    return {**old.evidence, RENEWED: True} if old.is_renewal and _get_constituents(old) else old.evidence


def describe_visibility(credentials: Sequence[Credential]) -> dict[Any, CredentialVisibility]:
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
    """The date that a credential shows: an override, else the later of its issue time and its run's date, if that has passed.

    A program shows the latest of the dates that its runs' credentials show, and never a day before the last of them was earned.

    A date that is yet to come and hides the credential is printed all the same: the artifact is made once, and may be seen only from then
    on.

    Args:
        credential: issued, or about to be.
        gate: from `get_gates`; without it the annotation of `with_run_date` is read.
        is_printed: for an artifact rather than for a page.
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


@dataclass(slots=True)
class _Award:
    """What a learner holds in a run by one configuration. ``issued_at`` is that of the first award: renewals do not move it.

    It is None while the credential is being made.
    """

    issued_at: datetime | None
    date_override: date | None = None
    is_live: bool = False


def _find_awards(user_ids: Iterable[int], keys: Iterable[str]) -> dict[tuple[int | None, str], list[_Award]]:
    """Return the live credentials of learners in runs, by learner and run; in a few queries, however many they are."""
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
