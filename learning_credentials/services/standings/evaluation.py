"""Evaluates learners in a course run: gathers the facts, decides, stores the standings, and issues or invalidates credentials to match.

Every change is by compare-and-set on the standing's version, so two evaluations at once give the same result as the later one alone. A
learner who leaves ``downloadable`` loses the live credential in the same transaction. A learner who becomes ``downloadable`` gets a
credential in GENERATING afterwards. If that step is lost, the message is processed again, or the schedule makes the credential.
"""

from __future__ import annotations

import logging
from math import isfinite
from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.models import LearnerCertificate, MailHold
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import as_text, find_actor_id, find_known_accounts, put_message
from learning_credentials.services.course_runs import (
    find_active_course_certificate,
    list_course_certificate_configurations,
)
from learning_credentials.services.credentials import (
    PendingFactory,
    find_candidates,
    get_context,
    open_mail_hold,
    send_pending,
)
from learning_credentials.services.standings import rules
from learning_credentials.services.standings.changes import StandingChange, StoredStanding, apply_changes, read
from learning_credentials.services.standings.facts import Gathered, gather_facts
from learning_credentials.services.standings.rules import FAILING_CAUSES, Cause

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from learning_credentials.lms import Grade
    from learning_credentials.models import CredentialConfiguration
    from learning_credentials.services.common import Actor

logger = logging.getLogger(__name__)

CertificateStatus = LearnerCertificate.Status

#: How often an evaluation runs again for learners whose standing another process changed meanwhile.
MAX_ROUNDS = 10


def evaluate_course_certificate(
    course_key: str, user_id: int, *, cause: Cause = Cause.STAFF, actor: Actor = None, reason: str = ""
) -> str | None:
    """Evaluate one learner in a course run and issue or invalidate the course certificate to match.

    Returns:
        The certificate status, or None if the learner has no standing.

    Raises:
        ContextNotFoundError, TransientError.
    """
    statuses = evaluate_course_certificates(course_key, [user_id], cause=cause, actor=actor, reason=reason)
    return statuses.get(user_id)


def evaluate_course_certificates(
    course_key: str, user_ids: Collection[int], *, cause: Cause = Cause.STAFF, actor: Actor = None, reason: str = ""
) -> dict[int, str]:
    """Evaluate many learners of one course run and issue or invalidate their course certificates to match.

    If the course run issues no course certificates, do nothing: see `find_active_course_certificate`.

    Returns:
        The certificate status by user id, for learners who have a standing.

    Raises:
        ContextNotFoundError: the LMS does not know the course run.
        TransientError: the LMS could not answer; nothing has changed.
    """
    course_key = compose(course_key)
    actor = find_actor_id(actor)
    statuses = evaluate_and_store(course_key, user_ids, cause=cause, actor=actor, reason=reason)
    downloadable = [user_id for user_id, status in statuses.items() if status == CertificateStatus.DOWNLOADABLE]
    for configuration in list_course_certificate_configurations(course_key).filter(is_enabled=True):
        _issue(configuration, downloadable, actor)
    return statuses


def evaluate_and_store(
    course_key: str,
    user_ids: Collection[int],
    *,
    cause: Cause = Cause.SCHEDULE,
    actor: Actor = None,
    reason: str = "",
) -> dict[int, str]:
    """Evaluate learners and store their standings, without issuing new credentials. Raises like `evaluate_course_certificates`."""
    row = find_active_course_certificate(course_key)
    if row is None:
        return {}
    left = set(user_ids)
    statuses: dict[int, str] = {}
    for _round in range(MAX_ROUNDS):
        current = read(row, left)
        gathered = gather_facts(course_key, left, is_failing_event=cause in FAILING_CAUSES)
        changes = _plan(gathered, current)
        missed = apply_changes(row, changes, cause, actor, reason) if changes else set()
        settled = {change.user_id: change.status for change in changes if change.user_id not in missed}
        statuses |= {user_id: standing.status for user_id, standing in current.items() if user_id not in missed}
        statuses |= settled
        left = missed
        if not left:
            return statuses
    logger.error(
        "Other processes kept changing standings in %s during an evaluation: %s", course_key, sorted(left)[:20]
    )
    return statuses


def _plan(gathered: Gathered, current: dict[int, StoredStanding]) -> list[StandingChange]:
    changes = []
    known = None
    for user_id, facts in gathered.facts.items():
        old = current.get(user_id)
        status = rules.decide(facts, old.status if old else None)
        if status is None:
            continue
        known = known if known is not None else find_known_accounts(list(gathered.facts))
        if user_id not in known:
            continue
        percent, letter = _read_grade(gathered.grades.get(user_id), old)
        change = StandingChange(user_id, old, status, facts.mode or (old.mode if old else ""), percent, letter)
        if _differs(change):
            changes.append(change)
    return changes


def _read_grade(grade: Grade | None, old: StoredStanding | None) -> tuple[float | None, str]:
    """Return the grade to store: from the LMS, or else the one stored before."""
    percent = grade.percent if grade else None
    if grade is None or not isinstance(percent, int | float) or not isfinite(percent):
        return (old.grade, old.letter_grade) if old else (None, "")
    return float(percent), as_text(grade.letter or "", 16)


def _differs(change: StandingChange) -> bool:
    old = change.old
    return old is None or (old.status, old.mode, old.grade, old.letter_grade) != (
        change.status,
        change.mode,
        change.grade,
        change.letter_grade,
    )


def _issue(configuration: CredentialConfiguration, user_ids: Sequence[int], actor: Actor) -> None:
    """Put credentials of downloadable learners who have none into GENERATING. The insertion checks their standings once more."""
    for batch in in_batches(user_ids):
        waiting = find_candidates(configuration, batch)
        if waiting:
            context = get_context(configuration.learning_context_key)
            hold_id = open_mail_hold(MailHold.Act.STANDING, actor, context.key)
            factory = PendingFactory(configuration, context, mail_hold_id=hold_id)
            send_pending(factory.put(waiting, actor=actor))


def regenerate_certificates(course_key: str, statuses: Collection[str], *, actor: Actor = None) -> int:
    """Have workers evaluate again all learners of a course run who have one of these certificate statuses. Return how many."""
    course_key = compose(course_key)
    rows = LearnerCertificate.objects.filter(course_certificate__course_key=course_key, status__in=list(statuses))
    user_ids = list(rows.order_by("user_id").values_list("user_id", flat=True))
    tell_outdated(course_key, user_ids, cause=Cause.STAFF, actor=actor)
    return len(user_ids)


def tell_learner_outdated(user_id: int, *, cause: Cause) -> None:
    """Have workers evaluate one learner in every course run where the learner has a standing or an allowlist entry."""
    put_message(cause.value, "", [user_id])


def tell_outdated(
    course_key: str, user_ids: Sequence[int], *, cause: Cause, actor: Actor = None, reason: str = ""
) -> None:
    """Have learners evaluated again: write a message in the caller's transaction, which workers process after the commit."""
    put_message(cause.value, course_key, user_ids, actor=actor, reason=reason)
