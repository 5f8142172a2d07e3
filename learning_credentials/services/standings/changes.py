"""Reads and writes learners' standings by compare-and-set on their version, with history and with their credentials.

A learner who leaves ``downloadable`` loses the live credential in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Case, CharField, F, FloatField, Value, When
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.models import CertificateEvent, CertificateInvalidation, CourseCertificate, LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    find_actor_id,
    find_held_account,
    find_known_accounts,
    get_actor_id,
    hold_accounts,
    retry_on_contention,
)
from learning_credentials.services.course_runs import list_course_certificate_configurations
from learning_credentials.services.credentials import invalidate_live
from learning_credentials.services.standings import owing
from learning_credentials.services.standings.rules import SETTABLE, Cause

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from learning_credentials.services.common import Actor

CertificateStatus = LearnerCertificate.Status


@dataclass(frozen=True, slots=True)
class StoredStanding:
    """A standing as it was read."""

    pk: int
    user_id: int
    status: str
    mode: str
    grade: float | None
    letter_grade: str
    version: int


@dataclass(frozen=True, slots=True)
class StandingChange:
    """The new values of one learner's standing. ``old`` is None if it is to be created."""

    user_id: int
    old: StoredStanding | None
    status: str
    mode: str
    grade: float | None
    letter_grade: str

    @property
    def moves_status(self) -> bool:
        """Return whether the certificate status changes, and not only the mode or the grade."""
        return self.old is None or self.old.status != self.status


def read(row: CourseCertificate, user_ids: Collection[int]) -> dict[int, StoredStanding]:
    """Return the standings of those of the learners who have one, by user id."""
    fields = ("pk", "user_id", "status", "mode", "grade", "letter_grade", "version")
    found: dict[int, StoredStanding] = {}
    for batch in in_batches(sorted(user_ids)):
        rows = LearnerCertificate.objects.filter(course_certificate=row, user_id__in=batch).order_by()
        found |= {values[1]: StoredStanding(*values) for values in rows.values_list(*fields)}
    return found


def apply_changes(
    row: CourseCertificate, changes: Sequence[StandingChange], cause: Cause, actor: Actor, reason: str
) -> set[int]:
    """Write changes to standings that are still as they were read. Return the learners whose standing changed or whose account is gone."""
    try:
        return _apply(row, changes, cause, actor, reason)
    except IntegrityError:  # an account was deleted, on a database where accounts cannot be locked
        known = find_known_accounts([change.user_id for change in changes])
        present_actor = find_actor_id(actor)
        if len(known) == len(changes) and present_actor == get_actor_id(actor):
            raise
    rest = [change for change in changes if change.user_id in known]
    return {change.user_id for change in changes} - known | (
        apply_changes(row, rest, cause, present_actor, reason) if rest else set()
    )


@retry_on_contention
def _apply(
    row: CourseCertificate, changes: Sequence[StandingChange], cause: Cause, actor: Actor, reason: str
) -> set[int]:
    with transaction.atomic():
        held = hold_accounts([*(change.user_id for change in changes), get_actor_id(actor)])
        actor = find_held_account(actor, held)
        gone = {change.user_id for change in changes} - held
        changes = [change for change in changes if change.user_id in held]
        updated, missed = _update([change for change in changes if change.old is not None])
        created, conflicting = _create(row, [change for change in changes if change.old is None])
        _record_events(row, [*updated, *created], cause, actor, reason)
        leaving = [
            change for change in updated if change.moves_status and change.status != CertificateStatus.DOWNLOADABLE
        ]
        _invalidate_credentials(row, leaving, cause, actor)
    return missed | conflicting | gone


def _update(changes: list[StandingChange]) -> tuple[list[StandingChange], set[int]]:
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


def _choose(changes: Sequence[StandingChange], attribute: str, field: Any) -> Any:
    """Return an expression that sets a value for each row in one statement, or one value if all are the same."""
    values = {getattr(change, attribute) for change in changes}
    if len(values) == 1:
        return Value(values.pop(), output_field=field)
    cases = (
        When(pk=change.old.pk, then=Value(getattr(change, attribute), output_field=field))
        for change in changes
        if change.old
    )
    return Case(*cases, output_field=field)


def _create(row: CourseCertificate, changes: list[StandingChange]) -> tuple[list[StandingChange], set[int]]:
    if not changes:
        return [], set()
    # A learner without a standing has no version that shows a simultaneous invalidation. So `block_standing` takes this lock too.
    CourseCertificate.objects.select_for_update().get(pk=row.pk)
    blocked = _find_blocked(row, [change.user_id for change in changes])
    changes = [change for change in changes if change.user_id not in blocked]
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
    except IntegrityError:  # another process created some of them: read these learners again
        return [], {change.user_id for change in changes} | blocked
    return changes, blocked


def _find_blocked(row: CourseCertificate, user_ids: Sequence[int]) -> set[int]:
    blocked: set[int] = set()
    for batch in in_batches(user_ids):
        active = CertificateInvalidation.objects.filter(
            learning_context_key=row.course_key, user_id__in=batch, is_active=True
        )
        blocked.update(active.order_by().values_list("user_id", flat=True))
    return blocked


def _record_events(
    row: CourseCertificate, changes: Sequence[StandingChange], cause: Cause, actor: Actor, reason: str
) -> None:
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
    owing.owe_standings(course_key, sorted(statuses))
    transaction.on_commit(
        lambda: signals.send(signals.standings_changed, course_key=course_key, statuses=statuses), robust=True
    )


def _invalidate_credentials(
    row: CourseCertificate, changes: Sequence[StandingChange], cause: Cause, actor: Actor
) -> None:
    """Invalidate the live credentials of learners who left downloadable, grouped by their new status."""
    if not changes:
        return
    configurations = list(list_course_certificate_configurations(row.course_key).values_list("pk", flat=True))
    if not configurations:
        return
    for status in SETTABLE:
        user_ids = [change.user_id for change in changes if change.status == status]
        if user_ids:
            invalidate_live(
                configurations, user_ids, reason=f"certificate_status:{status.value}", cause=cause.value, actor=actor
            )


@retry_on_contention
def block_standing(
    course_key: str, user_id: int, *, cause: Cause = Cause.INVALIDATED, actor: Actor = None, reason: str = ""
) -> None:
    """Set a learner's standing to ``unavailable``, if there is one, and invalidate the credential. Rule 1 needs no fact from the LMS.

    Call it in the transaction that stores the invalidation.
    """
    with transaction.atomic():
        run = CourseCertificate.objects.select_for_update().filter(course_key=course_key).first()
        rows = LearnerCertificate.objects.filter(course_certificate_id=run.pk if run else None, user_id=user_id)
        standing = rows.select_for_update().first()
        if run is None or standing is None or standing.status == CertificateStatus.UNAVAILABLE:
            return
        LearnerCertificate.objects.filter(pk=standing.pk).update(
            status=CertificateStatus.UNAVAILABLE, version=F("version") + 1, modified=timezone.now()
        )
        old = StoredStanding(
            standing.pk, user_id, standing.status, standing.mode, standing.grade, standing.letter_grade, 0
        )
        change = StandingChange(user_id, old, CertificateStatus.UNAVAILABLE, old.mode, old.grade, old.letter_grade)
        _record_events(run, [change], cause, actor, reason)
        _invalidate_credentials(run, [change], cause, actor)
