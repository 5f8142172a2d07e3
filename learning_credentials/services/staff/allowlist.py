"""The allowlist: learners for whom the grade is waived, in a course run's course certificate or in one configuration.

It waives nothing but the grade. An entry is never deleted: one that was removed stays as history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from learning_credentials.exceptions import (
    ConfigurationError,
    ContextNotFoundError,
    EntryNotFoundError,
    InvalidTransitionError,
    NotEligibleError,
)
from learning_credentials.lms import get_lms
from learning_credentials.models import (
    AllowlistEntry,
    CertificateEvent,
    CertificateInvalidation,
    CourseCertificate,
    CredentialConfiguration,
)
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    find_held_account,
    get_actor_id,
    hold_accounts,
    require_account,
    retry_on_contention,
)
from learning_credentials.services.course_runs import (
    ACTIVE,
    issues_course_certificates,
    new_activity_event,
    record_certificate_event,
)
from learning_credentials.services.credentials import require_reason
from learning_credentials.services.standings import Cause, tell_outdated

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet

    from learning_credentials.services.common import Actor

SUBJECT = CertificateEvent.Subject.ALLOWLIST
REMOVED = "removed"

#: How often an insertion looks again at what somebody else did at the same moment.
MAX_TRIES = 5


@dataclass(frozen=True)
class Target:
    """What an entry acts on: a run's course certificate (``configuration_id`` None), or one other configuration."""

    context_key: str
    configuration_id: int | None = None

    @property
    def scope(self) -> str:
        """The configuration as it stands in the unique constraint."""
        return "" if self.configuration_id is None else str(self.configuration_id)

    def list_active(self) -> QuerySet[AllowlistEntry]:
        """The entries that hold."""
        return AllowlistEntry.objects.filter(learning_context_key=self.context_key, scope=self.scope, is_active=True)


def get_target_run(context_key: str, configuration_id: int | None = None) -> Target:
    """Check what an entry is to act on. To name the configuration of the run's course certificate is to name none.

    Raises:
        ConfigurationError: there is no such configuration in that context.
        ContextNotFoundError: neither the app nor the LMS knows the context.
        TransientError: the LMS could not answer.
    """
    if configuration_id is None:
        if not _is_known(context_key) and context_key not in get_lms().find_contexts([context_key]):
            msg = f"the LMS knows no learning context '{context_key}'"
            raise ContextNotFoundError(msg)
        return Target(context_key)
    configuration = (
        CredentialConfiguration.objects.filter(pk=configuration_id, learning_context_key=context_key)
        .select_related("credential_type")
        .first()
    )
    if configuration is None:
        msg = f"the learning context '{context_key}' has no configuration {configuration_id}"
        raise ConfigurationError(msg)
    return Target(context_key, None if issues_course_certificates(configuration) else configuration.pk)


def add_allowlist_entry(
    user_id: int,
    context_key: str,
    *,
    configuration_id: int | None = None,
    notes: str = "",
    actor: Actor = None,
) -> AllowlistEntry:
    """Waive the grade for a learner; an entry that holds already is returned as it is.

    Args:
        user_id: the learner.
        context_key: the course run, or the context of the configuration.
        configuration_id: the configuration to act on; None: the run's course certificate.
        notes: why.
        actor: who adds it.

    Raises:
        ConfigurationError, ContextNotFoundError, LearnerNotFoundError, TransientError.
        NotEligibleError: the learner's certificate in that context was invalidated; withdraw the invalidation first.
    """
    target = get_target_run(context_key, configuration_id)
    for _attempt in range(MAX_TRIES):
        if entry := target.list_active().filter(user_id=user_id).first():
            return entry
        require_account(user_id)
        if reason := find_invalidations(context_key, [user_id]).get(user_id):
            raise NotEligibleError(describe_refusal(reason))
        try:
            return insert(target, {user_id: notes.strip()}, actor)[0]
        except IntegrityError:  # somebody else added it, or the learner was deleted: look again
            continue
    msg = f"the allowlist entry of learner {user_id} kept changing"
    raise InvalidTransitionError(msg)


@retry_on_contention
def remove_allowlist_entry(entry_id: int, *, notes: str, actor: Actor = None) -> AllowlistEntry:
    """End an entry. The learner is evaluated again, and keeps the certificate only by a passing grade.

    Raises:
        EntryNotFoundError: there is no such entry.
        InvalidTransitionError: it was removed already.
        ReasonRequiredError: the notes are blank.
    """
    notes = require_reason(notes)
    with transaction.atomic():
        user_id = AllowlistEntry.objects.filter(pk=entry_id).values_list("user_id", flat=True).first()
        held = hold_accounts([user_id, get_actor_id(actor)])
        actor = find_held_account(actor, held)
        removed = AllowlistEntry.objects.filter(pk=entry_id, is_active=True).update(
            is_active=None, modified=timezone.now()
        )
        entry = AllowlistEntry.objects.filter(pk=entry_id).first()
        if entry is None:
            msg = f"there is no allowlist entry {entry_id}"
            raise EntryNotFoundError(msg)
        if not removed:
            raise InvalidTransitionError("the allowlist entry was removed already")
        event = new_activity_event(SUBJECT, entry, from_value=ACTIVE, to_value=REMOVED, actor=actor, reason=notes)
        record_certificate_event([event])
        if not entry.scope:
            tell_outdated(
                entry.learning_context_key,
                [entry.user_id],
                cause=Cause.ALLOWLIST_REMOVED,
                actor=actor,
                reason=notes,
            )
    return entry


def find_invalidations(context_key: str, user_ids: Collection[int]) -> dict[int, str]:
    """The notes of active invalidations in a context, by user id."""
    found: dict[int, str] = {}
    for batch in in_batches(list(user_ids)):
        rows = CertificateInvalidation.objects.filter(
            learning_context_key=context_key, user_id__in=batch, is_active=True
        )
        found.update(rows.order_by().values_list("user_id", "notes"))
    return found


def describe_refusal(reason: str) -> str:
    """Say why a learner whose certificate was invalidated cannot be added."""
    return f"the learner's certificate was invalidated ({reason}); withdraw the invalidation first"


@retry_on_contention
def insert(target: Target, notes: Mapping[int, str], actor: Actor = None) -> list[AllowlistEntry]:
    """Insert entries with their history, all or none; learners of a run's course certificate are evaluated afterwards.

    Args:
        target: what the entries act on.
        notes: by user id.
        actor: who adds them.

    Raises:
        IntegrityError: one of them has an entry already, or is no user any more.
    """
    with transaction.atomic():
        held = hold_accounts([*notes, get_actor_id(actor)])
        if not notes.keys() <= held:
            raise IntegrityError("an account was deleted meanwhile")
        actor = find_held_account(actor, held)
        AllowlistEntry.objects.bulk_create(
            AllowlistEntry(
                user_id=user_id,
                learning_context_key=target.context_key,
                configuration_id=target.configuration_id,
                scope=target.scope,
                notes=text,
                created_by_id=get_actor_id(actor),
            )
            for user_id, text in notes.items()
        )
        # Read back, for not every database tells the ids of what was inserted.
        entries = [
            entry for batch in in_batches(list(notes)) for entry in target.list_active().filter(user_id__in=batch)
        ]
        record_certificate_event(
            new_activity_event(SUBJECT, entry, actor=actor, reason=entry.notes) for entry in entries
        )
        if target.configuration_id is None:
            reason = next(iter(notes.values())) if len(notes) == 1 else ""
            tell_outdated(
                target.context_key,
                [entry.user_id for entry in entries],
                cause=Cause.ALLOWLIST_ADDED,
                actor=actor,
                reason=reason,
            )
    return entries


def _is_known(context_key: str) -> bool:
    """Whether the app has the context itself, so that a typing error is told without the LMS."""
    return (
        CourseCertificate.objects.filter(course_key=context_key).exists()
        or CredentialConfiguration.objects.filter(learning_context_key=context_key).exists()
    )
