"""Adds learners to the allowlist and removes them, for the course certificate of a course run or for one configuration.

An entry waives only the passing grade or the configuration's criteria. Entries are never deleted: a removed one stays as history.
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
from learning_credentials.folding import compose
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

#: How often an insertion is tried again after somebody else changed the same rows.
MAX_TRIES = 5


@dataclass(frozen=True)
class Target:
    """What an entry applies to: the course certificate of a course run (``configuration_id`` is None), or one other configuration."""

    context_key: str
    configuration_id: int | None = None

    @property
    def scope(self) -> str:
        """Return the configuration's id as it is in the unique constraint."""
        return "" if self.configuration_id is None else str(self.configuration_id)

    def list_active(self) -> QuerySet[AllowlistEntry]:
        """Return the active entries."""
        return AllowlistEntry.objects.filter(learning_context_key=self.context_key, scope=self.scope, is_active=True)


def get_target(context_key: str, configuration_id: int | None = None) -> Target:
    """Return what an entry applies to, after checking that it exists. The configuration of a course certificate counts as no configuration.

    Raises:
        ConfigurationError: there is no such configuration in that context.
        ContextNotFoundError: neither the app nor the LMS knows the context.
        TransientError: the LMS could not answer.
    """
    if configuration_id is None:
        if not _is_known(context_key) and context_key not in get_lms().find_contexts([context_key]):
            msg = f"the LMS does not know the learning context '{context_key}'"
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
    """Add a learner to the allowlist. Return the entry. If there is an active entry already, return that one unchanged.

    The entry waives the passing grade for the course certificate of a course run, or the criteria of one configuration.

    Args:
        user_id: the learner.
        context_key: the course run, or the learning context of the configuration.
        configuration_id: the configuration to waive the criteria of. None: the course certificate of the course run.
        notes: why the requirement is waived.
        actor: who adds the entry.

    Raises:
        ConfigurationError, ContextNotFoundError, LearnerNotFoundError, TransientError.
        NotEligibleError: an invalidation blocks the learner; lift it first.
    """
    context_key = compose(context_key)
    target = get_target(context_key, configuration_id)
    for _attempt in range(MAX_TRIES):
        if entry := target.list_active().filter(user_id=user_id).first():
            return entry
        require_account(user_id)
        if reason := find_invalidations(context_key, [user_id]).get(user_id):
            raise NotEligibleError(describe_refusal(reason))
        try:
            return insert(target, {user_id: notes.strip()}, actor)[0]
        except IntegrityError:  # somebody else added it, or the learner was deleted: try again
            continue
    msg = f"the allowlist entry of learner {user_id} was changed several times at once. Try again"
    raise InvalidTransitionError(msg)


@retry_on_contention
def remove_allowlist_entry(entry_id: int, *, notes: str, actor: Actor = None) -> AllowlistEntry:
    """End an entry. Return it. For a course certificate the learner is evaluated again, and keeps it only with a passing grade.

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
            msg = f"there is no allowlist entry with the id {entry_id}"
            raise EntryNotFoundError(msg)
        if not removed:
            raise InvalidTransitionError("the allowlist entry was already removed")
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
    """Return the notes of active invalidations in a context, by user id."""
    found: dict[int, str] = {}
    for batch in in_batches(list(user_ids)):
        rows = CertificateInvalidation.objects.filter(
            learning_context_key=context_key, user_id__in=batch, is_active=True
        )
        found.update(rows.order_by().values_list("user_id", "notes"))
    return found


def describe_refusal(reason: str) -> str:
    """Return the message that says why a learner with an active invalidation cannot be added."""
    return f"the learner is barred from the certificate ({reason}). Lift the bar first"


@retry_on_contention
def insert(target: Target, notes: Mapping[int, str], actor: Actor = None) -> list[AllowlistEntry]:
    """Insert entries with their history, all or none. Return them. For a course certificate the learners are evaluated afterwards.

    Args:
        target: what the entries apply to.
        notes: the notes, by user id.
        actor: who adds them.

    Raises:
        IntegrityError: one of the learners has an entry already, or no longer has an account.
    """
    with transaction.atomic():
        held = hold_accounts([*notes, get_actor_id(actor)])
        if not notes.keys() <= held:
            raise IntegrityError("an account was deleted at the same time")
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
        # Read the entries, because not every database returns the ids of inserted rows.
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
    """Return whether the app itself knows the context. Then the LMS need not be asked."""
    return (
        CourseCertificate.objects.filter(course_key=context_key).exists()
        or CredentialConfiguration.objects.filter(learning_context_key=context_key).exists()
    )
