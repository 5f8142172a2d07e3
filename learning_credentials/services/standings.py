"""Evaluates learners' standings in a course run: gather the facts, decide, record, and bring the credentials in line.

Every change is by compare-and-set on the standing's version: two evaluations at once end as one of them run last would. A learner who
leaves ``downloadable`` loses the live credential in the same transaction; one who becomes ``downloadable`` is put into GENERATING
afterwards, and if that is lost the schedule makes up for it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Case, CharField, F, FloatField, Value, When
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.models import AllowlistEntry, CertificateEvent, CourseCertificate, LearnerCertificate
from learning_credentials.services import certificate_status, course_certificates, eligibility, pending, withdrawal
from learning_credentials.services.certificate_facts import Gathered, gather
from learning_credentials.services.certificate_status import SETTABLE
from learning_credentials.services.database import in_batches, retry_on_contention
from learning_credentials.services.history import get_actor_id

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from learning_credentials.lms import Grade
    from learning_credentials.models import CredentialConfiguration
    from learning_credentials.services.history import Actor

logger = logging.getLogger(__name__)

Status = LearnerCertificate.Status

#: How often an evaluation starts again for learners whose standing somebody else changed meanwhile.
MAX_ROUNDS = 10


class Cause(StrEnum):
    """Why an evaluation takes place."""

    SCHEDULE = "schedule"
    STAFF = "staff"
    GRADE_PASSING = "grade_passing"
    GRADE_FAILING = "grade_failing"
    MODE_CHANGED = "mode_changed"
    IDENTITY_VERIFIED = "identity_verified"
    ALLOWLIST_ADDED = "allowlist_added"
    ALLOWLIST_REMOVED = "allowlist_removed"
    INVALIDATED = "invalidated"
    INVALIDATION_WITHDRAWN = "invalidation_withdrawn"


#: Causes by which a learner who does not pass loses the standing; for any other it is kept.
FAILING_CAUSES = frozenset({Cause.GRADE_FAILING, Cause.ALLOWLIST_REMOVED})


@dataclass(frozen=True, slots=True)
class _Standing:
    pk: int
    user_id: int
    status: str
    mode: str
    grade: float | None
    letter_grade: str
    version: int


@dataclass(frozen=True, slots=True)
class _Change:
    """What one learner's standing becomes. ``old`` is None where it is created."""

    user_id: int
    old: _Standing | None
    status: str
    mode: str
    grade: float | None
    letter_grade: str

    @property
    def moves_status(self) -> bool:
        return self.old is None or self.old.status != self.status


def evaluate(
    course_key: str,
    user_ids: Collection[int],
    *,
    cause: Cause = Cause.SCHEDULE,
    actor: Actor = None,
    reason: str = "",
) -> dict[int, str]:
    """Evaluate learners and bring their credentials in line.

    Nothing happens in a run that issues no course certificates: one without an active row and without a configuration for them.

    Returns:
        The status by user id, for learners who have a record.

    Raises:
        ContextNotFoundError: the LMS does not know the run.
        TransientError: the LMS could not answer; nothing has changed.
    """
    statuses = record(course_key, user_ids, cause=cause, actor=actor, reason=reason)
    downloadable = [user_id for user_id, status in statuses.items() if status == Status.DOWNLOADABLE]
    for configuration in course_certificates.list_configurations(course_key).filter(is_enabled=True):
        _issue(configuration, downloadable, actor)
    return statuses


def record(
    course_key: str,
    user_ids: Collection[int],
    *,
    cause: Cause = Cause.SCHEDULE,
    actor: Actor = None,
    reason: str = "",
) -> dict[int, str]:
    """Evaluate learners and record their standings, without issuing to those who became downloadable; raises like `evaluate`."""
    row = CourseCertificate.objects.filter(course_key=course_key).first()
    if row is None:
        if not course_certificates.list_configurations(course_key).exists():
            return {}
        row = course_certificates.ensure(course_key)
    if not row.is_active:
        return {}
    left = set(user_ids)
    statuses: dict[int, str] = {}
    for _round in range(MAX_ROUNDS):
        current = _read(row, left)
        gathered = gather(course_key, left, is_failing_event=cause in FAILING_CAUSES)
        changes = _plan(gathered, current)
        missed = _apply(row, changes, cause, actor, reason) if changes else set()
        settled = {change.user_id: change.status for change in changes if change.user_id not in missed}
        statuses |= {user_id: standing.status for user_id, standing in current.items() if user_id not in missed}
        statuses |= settled
        left = missed
        if not left:
            return statuses
    logger.error("Standings in %s kept changing during an evaluation: %s", course_key, sorted(left)[:20])
    return statuses


def _read(row: CourseCertificate, user_ids: Collection[int]) -> dict[int, _Standing]:
    fields = ("pk", "user_id", "status", "mode", "grade", "letter_grade", "version")
    found: dict[int, _Standing] = {}
    for batch in in_batches(sorted(user_ids)):
        rows = LearnerCertificate.objects.filter(course_certificate=row, user_id__in=batch).order_by()
        found |= {values[1]: _Standing(*values) for values in rows.values_list(*fields)}
    return found


def _plan(gathered: Gathered, current: dict[int, _Standing]) -> list[_Change]:
    changes = []
    known = None
    for user_id, facts in gathered.facts.items():
        old = current.get(user_id)
        status = certificate_status.decide(facts, old.status if old else None)
        if status is None:
            continue
        known = known if known is not None else pending.find_known_users(list(gathered.facts))
        if user_id not in known:
            continue
        percent, letter = _read_grade(gathered.grades.get(user_id), old)
        change = _Change(user_id, old, status, facts.mode or (old.mode if old else ""), percent, letter)
        if _differs(change):
            changes.append(change)
    return changes


def _read_grade(grade: Grade | None, old: _Standing | None) -> tuple[float | None, str]:
    """The grade to keep: what the LMS says, or else what was known before."""
    if grade is None or grade.percent is None:
        return (old.grade, old.letter_grade) if old else (None, "")
    return grade.percent, grade.letter


def _differs(change: _Change) -> bool:
    old = change.old
    return old is None or (old.status, old.mode, old.grade, old.letter_grade) != (
        change.status,
        change.mode,
        change.grade,
        change.letter_grade,
    )


@retry_on_contention
def _apply(row: CourseCertificate, changes: Sequence[_Change], cause: Cause, actor: Actor, reason: str) -> set[int]:
    """Write the changes whose standing is still as it was read; return the learners for whom it is not."""
    with transaction.atomic():
        updated, missed = _update([change for change in changes if change.old is not None])
        created, conflicting = _create(row, [change for change in changes if change.old is None])
        _record_events(row, [*updated, *created], cause, actor, reason)
        leaving = [change for change in updated if change.moves_status and change.status != Status.DOWNLOADABLE]
        _withdraw(row, leaving, cause, actor)
    return missed | conflicting


def _update(changes: list[_Change]) -> tuple[list[_Change], set[int]]:
    versions: dict[int, int] = {}
    for batch in in_batches([change.old.pk for change in changes if change.old]):
        locked = LearnerCertificate.objects.filter(pk__in=batch).select_for_update().order_by("pk")
        versions.update(locked.values_list("pk", "version"))
    held = [change for change in changes if change.old and versions.get(change.old.pk) == change.old.version]
    for part in in_batches(held, params_each=10):
        pks = {change.user_id: change.old.pk for change in part if change.old}
        LearnerCertificate.objects.filter(pk__in=list(pks.values())).update(
            status=_choose(part, "status", CharField()),
            mode=_choose(part, "mode", CharField()),
            grade=_choose(part, "grade", FloatField()),
            letter_grade=_choose(part, "letter_grade", CharField()),
            version=F("version") + 1,
            modified=timezone.now(),
        )
    kept = {change.user_id for change in held}
    return held, {change.user_id for change in changes} - kept


def _choose(changes: Sequence[_Change], attribute: str, field: Any) -> Any:
    """A value for each row in one statement, or one for all where they are alike."""
    values = {getattr(change, attribute) for change in changes}
    if len(values) == 1:
        return Value(values.pop(), output_field=field)
    cases = (
        When(pk=change.old.pk, then=Value(getattr(change, attribute), output_field=field))
        for change in changes
        if change.old
    )
    return Case(*cases, output_field=field)


def _create(row: CourseCertificate, changes: list[_Change]) -> tuple[list[_Change], set[int]]:
    if not changes:
        return [], set()
    rows = [
        LearnerCertificate(
            user_id=change.user_id,
            course_certificate=row,
            status=change.status,
            mode=change.mode,
            grade=change.grade,
            letter_grade=change.letter_grade,
        )
        for change in changes
    ]
    try:
        with transaction.atomic():
            LearnerCertificate.objects.bulk_create(rows)
    except IntegrityError:  # somebody else created some of them: these learners are read again
        return [], {change.user_id for change in changes}
    return changes, set()


def _record_events(row: CourseCertificate, changes: Sequence[_Change], cause: Cause, actor: Actor, reason: str) -> None:
    moved = [change for change in changes if change.moves_status]
    if not moved:
        return
    pks: dict[int, int] = {change.user_id: change.old.pk for change in moved if change.old}
    created = [change.user_id for change in moved if change.old is None]
    for batch in in_batches(created):
        rows = LearnerCertificate.objects.filter(course_certificate=row, user_id__in=batch).order_by()
        pks.update(rows.values_list("user_id", "pk"))
    CertificateEvent.objects.bulk_create(
        CertificateEvent(
            subject=CertificateEvent.Subject.STANDING,
            subject_id=pks[change.user_id],
            user_id=change.user_id,
            learning_context_key=row.course_key,
            field="status",
            from_value=change.old.status if change.old else "",
            to_value=change.status,
            actor_id=get_actor_id(actor),
            reason=f"{cause.value}: {reason}" if reason else cause.value,
        )
        for change in moved
    )
    statuses = {change.user_id: change.status for change in moved}
    course_key = row.course_key
    transaction.on_commit(
        lambda: signals.send(signals.standings_changed, course_key=course_key, statuses=statuses), robust=True
    )


def _withdraw(row: CourseCertificate, changes: Sequence[_Change], cause: Cause, actor: Actor) -> None:
    """Invalidate the live credentials of learners who left downloadable, grouped by what their standing is now."""
    if not changes:
        return
    configurations = list(course_certificates.list_configurations(row.course_key).values_list("pk", flat=True))
    if not configurations:
        return
    for status in SETTABLE:
        user_ids = [change.user_id for change in changes if change.status == status]
        if user_ids:
            withdrawal.withdraw_live(
                configurations, user_ids, reason=f"certificate_status:{status.value}", cause=cause.value, actor=actor
            )


def _issue(configuration: CredentialConfiguration, user_ids: Sequence[int], actor: Actor) -> None:
    """Put the credentials of downloadable learners who have none into GENERATING; the insertion looks at their standing once more."""
    for batch in in_batches(user_ids):
        waiting = eligibility.find_candidates(configuration, batch)
        if waiting:
            context = eligibility.get_context(configuration.learning_context_key)
            factory = pending.PendingFactory(configuration, context)
            pending.announce_pending(factory.put(waiting, actor=actor))


@retry_on_contention
def bar(
    course_key: str, user_id: int, *, cause: Cause = Cause.INVALIDATED, actor: Actor = None, reason: str = ""
) -> None:
    """Make a learner's record, if there is one, ``unavailable`` and withdraw the credential: rule 1, which needs nothing of the LMS.

    To be called in the transaction that records the invalidation.
    """
    with transaction.atomic():
        run = CourseCertificate.objects.filter(course_key=course_key).first()
        rows = LearnerCertificate.objects.filter(course_certificate_id=run.pk if run else None, user_id=user_id)
        standing = rows.select_for_update().first()
        if run is None or standing is None or standing.status == Status.UNAVAILABLE:
            return
        LearnerCertificate.objects.filter(pk=standing.pk).update(
            status=Status.UNAVAILABLE, version=F("version") + 1, modified=timezone.now()
        )
        old = _Standing(standing.pk, user_id, standing.status, standing.mode, standing.grade, standing.letter_grade, 0)
        change = _Change(user_id, old, Status.UNAVAILABLE, old.mode, old.grade, old.letter_grade)
        _record_events(run, [change], cause, actor, reason)
        _withdraw(run, [change], cause, actor)


def regenerate(course_key: str, statuses: Collection[str], *, actor: Actor = None) -> int:
    """Ask that all learners of a run whose standing is one of these be evaluated again; return how many."""
    rows = LearnerCertificate.objects.filter(course_certificate__course_key=course_key, status__in=list(statuses))
    user_ids = list(rows.order_by("user_id").values_list("user_id", flat=True))
    tell_outdated(course_key, user_ids, cause=Cause.STAFF, actor=actor)
    return len(user_ids)


def list_course_keys(user_id: int) -> list[str]:
    """The runs in which a learner has a record, or an allowlist entry that may have been waiting for something."""
    recorded = LearnerCertificate.objects.filter(user_id=user_id).values_list(
        "course_certificate__course_key", flat=True
    )
    allowed = AllowlistEntry.objects.filter(user_id=user_id, is_active=True, scope="")
    return sorted({*recorded.order_by(), *allowed.order_by().values_list("learning_context_key", flat=True)})


def tell_outdated(
    course_key: str, user_ids: Sequence[int], *, cause: Cause, actor: Actor = None, reason: str = ""
) -> None:
    """Ask after commit that learners be evaluated again; what is lost, the schedule makes up for."""
    for start in range(0, len(user_ids), signals.MAX_IDS):
        batch = list(user_ids[start : start + signals.MAX_IDS])
        transaction.on_commit(
            lambda batch=batch: signals.send(  # type: ignore[misc]
                signals.standings_outdated,
                course_key=course_key,
                user_ids=batch,
                cause=cause.value,
                actor_id=get_actor_id(actor),
                reason=reason,
            ),
            robust=True,
        )
