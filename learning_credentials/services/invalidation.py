"""Takes credentials back, for good or until a block is lifted."""

from __future__ import annotations

import logging
from posixpath import dirname
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.dates import require_in_range
from learning_credentials.exceptions import (
    ChangedMeanwhileError,
    CredentialNotFoundError,
    InvalidTransitionError,
    ReasonRequiredError,
    StorageUnavailableError,
)
from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.models.batches import in_batches
from learning_credentials.services import (
    accounts,
    barring,
    course_certificates,
    history,
    revocation_log,
    runs,
    status_lists,
    storage,
    strays,
)
from learning_credentials.services.database import retry_on_contention
from learning_credentials.services.ids import parse_uuid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from types import EllipsisType
    from uuid import UUID

    from learning_credentials.services.history import Actor

logger = logging.getLogger(__name__)

Status = Credential.Status
Action = CredentialEvent.Action

ARCHIVE_LIMIT = 1000
#: After so many files in a row the storage is taken to be down.
MAX_FAILURES = 5


def get_credential(credential_uuid: UUID | str) -> Credential:
    """Return a credential by its internal id.

    Raises:
        CredentialNotFoundError: there is none, or the id is malformed.
    """
    key = parse_uuid(credential_uuid)
    rows = Credential.objects.select_related("configuration__credential_type__issuer__logo")
    credential = rows.filter(pk=key).first() if key else None
    if credential is None:
        msg = f"no credential has the id {credential_uuid}"
        raise CredentialNotFoundError(msg)
    return credential


def require_reason(reason: str) -> str:
    """Return the reason, trimmed.

    Raises:
        ReasonRequiredError: it is blank.
    """
    if not isinstance(reason, str) or not reason.strip():
        msg = "a reason is required"
        raise ReasonRequiredError(msg)
    return reason.strip()


@retry_on_contention
def invalidate(
    credential_uuid: UUID | str, *, reason: str, actor: Actor = None, blocks_reissue: bool = True
) -> Credential:
    """Invalidate an available credential, or cancel one that is not finished. Its file is archived afterwards.

    To cancel the unfinished successor of a reissue blocks nothing: the old credential holds. Neither does the invalidation of a credential
    that was renewed: the renewal has taken its place.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        InvalidTransitionError: it is invalidated already.
    """
    reason = require_reason(reason)
    credential = get_credential(credential_uuid)
    with transaction.atomic():
        actor = _hold_accounts(credential, actor)
        locked = Credential.objects.select_for_update().values_list("status", "is_current", "generation_task_id")
        old_status, is_current, token = locked.get(pk=credential.pk)
        is_issued = old_status == Status.AVAILABLE
        is_unfinished_reissue = not is_issued and credential.replaces_id is not None and not credential.is_renewal
        was_renewed = is_issued and is_current is None
        blocks_reissue = blocks_reissue and not is_unfinished_reissue and not was_renewed
        # By compare-and-set also where the database has no row locks.
        changed = (
            Credential.objects.filter(pk=credential.pk, status=old_status)
            .exclude(status=Status.INVALIDATED)
            .update(
                status=Status.INVALIDATED,
                is_current=None,
                invalidated_at=timezone.now(),
                invalidation_reason=reason,
                blocks_reissue=blocks_reissue,
            )
        )
        if not changed:
            msg = "the credential is invalidated already"
            raise InvalidTransitionError(msg)
        strays.note_claims([token])  # its worker may have stored the file
        status_lists.note_revoked([credential.pk])
        history.record(
            [
                history.new_event(
                    credential.pk,
                    Action.INVALIDATED if is_issued else Action.CANCELLED,
                    from_status=old_status,
                    to_status=Status.INVALIDATED,
                    actor=actor,
                    reason=reason,
                    detail={"blocks_reissue": blocks_reissue},
                )
            ]
        )
        if blocks_reissue and (is_issued or not credential.is_renewal):
            _bar_from_course_certificate(credential, reason, actor)
        uuids = [str(credential.pk)]
        transaction.on_commit(
            lambda: signals.send(signals.credentials_invalidated, credential_uuids=uuids, reason=reason), robust=True
        )
    return get_credential(credential.pk)


@retry_on_contention
def lift_block(credential_uuid: UUID | str, *, reason: str, actor: Actor = None) -> Credential:
    """Let a credential be issued anew to the learner of an invalidated one. The old one stays invalidated.

    For a course certificate this withdraws the learner's invalidation in the run, and the standing is evaluated again.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        InvalidTransitionError: it blocks nothing.
    """
    reason = require_reason(reason)
    credential = get_credential(credential_uuid)
    with transaction.atomic():
        actor = _hold_accounts(credential, actor)
        if not Credential.objects.filter(pk=credential.pk, blocks_reissue=True).update(blocks_reissue=False):
            msg = "the credential blocks no reissue"
            raise InvalidTransitionError(msg)
        history.record([history.new_event(credential.pk, Action.BLOCK_LIFTED, actor=actor, reason=reason)])
        revocation_log.note([credential.pk])
        if course_certificates.is_issued_by(credential.configuration) and credential.user_id is not None:
            barring.withdraw_of(credential.user_id, credential.learning_context_key, notes=reason, actor=actor)
    return get_credential(credential.pk)


@retry_on_contention
def override_date(
    credential_uuid: UUID | str,
    date_override: date | None,
    *,
    reason: str,
    actor: Actor = None,
    expected: date | EllipsisType | None = ...,
) -> Credential:
    """Show another date than that of the issue, or with None that of the issue again.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        DateOutOfRangeError: the date is before 1900 or after 2200.
        ChangedMeanwhileError: the override is not the ``expected`` one.
    """
    reason = require_reason(reason)
    require_in_range(date_override)
    credential = get_credential(credential_uuid)
    with transaction.atomic():
        before = Credential.objects.select_for_update().values_list("date_override", flat=True).get(pk=credential.pk)
        if before != date_override:
            # By compare-and-set also where the database has no row locks.
            same = Credential.objects.filter(pk=credential.pk, date_override=before if expected is ... else expected)
            if not same.update(date_override=date_override):
                msg = f"somebody else changed the date to {before or 'none'} after you read it; nothing was changed"
                raise ChangedMeanwhileError(msg)
            detail = {"from": str(before or ""), "to": str(date_override or "")}
            history.record(
                [history.new_event(credential.pk, Action.DATE_OVERRIDDEN, actor=actor, reason=reason, detail=detail)]
            )
    return get_credential(credential.pk)


def _hold_accounts(credential: Credential, actor: Actor) -> Actor:
    """Hold the accounts of the learner and of who acts. Return who acts; take the learner off the object if the account is gone."""
    held = accounts.hold([credential.user_id, history.get_actor_id(actor)])
    if credential.user_id not in held:
        credential.user_id = None
    present_actor: Actor = accounts.find_held(actor, held)
    return present_actor


def _bar_from_course_certificate(credential: Credential, reason: str, actor: Actor) -> None:
    """A course certificate that staff take back is an invalidation of the learner in the run: standing and credential never differ."""
    if course_certificates.is_issued_by(credential.configuration) and credential.user_id is not None:
        barring.ensure(credential.user_id, credential.learning_context_key, notes=reason, actor=actor)


def archive(credential_uuids: Sequence[UUID | str]) -> int:
    """Move the files of invalidated credentials into the archive; return how many are done. Safe to repeat, and to do twice at once."""
    done = failures = 0
    for batch in in_batches(list(credential_uuids)):
        rows = Credential.objects.filter(pk__in=batch, status=Status.INVALIDATED, archived_at=None)
        for pk, name, sha256, token in rows.values_list("pk", "artifact_name", "artifact_sha256", "generation_task_id"):
            if not name:
                done += _archive_nothing(pk, token)
                continue
            is_done = _archive_file(pk, name, sha256, token)
            failures = 0 if is_done is not False else failures + 1
            done += bool(is_done)
            if failures >= MAX_FAILURES:
                logger.warning("The storage fails; the sweep archives the rest later")
                return done
    return done


def archive_pending() -> int:
    """Archive what is left over from invalidations whose message was lost."""
    left = Credential.objects.filter(status=Status.INVALIDATED, archived_at=None).order_by(
        F("generation_started_at").asc(nulls_first=True),
        "pk",  # what failed last comes last
    )
    return archive(list(left.values_list("pk", flat=True)[:ARCHIVE_LIMIT]))


def _archive_file(pk: UUID, name: str, sha256: str, old_token: str) -> bool | None:
    """Move one file; return whether it was moved, or None if somebody else is at it.

    Of two who copy and delete the same, one would delete what the other relies on.
    """
    token, now = str(uuid4()), timezone.now()
    is_free = Q(generation_task_id="") | Q(generation_started_at__lt=now - runs.get_timeout())
    waiting = Credential.objects.filter(is_free, pk=pk, artifact_name=name, archived_at=None)
    copy = storage.get_archive_name(name)
    with transaction.atomic():
        if not waiting.update(generation_task_id=token, generation_started_at=now):
            return None
        if old_token:  # the worker that held it was lost
            strays.note([dirname(copy)], file_names=[copy])
    mine = Credential.objects.filter(pk=pk, generation_task_id=token)
    try:
        archived_name = storage.archive(name, sha256)
    except StorageUnavailableError:
        logger.exception("The file of credential %s is not archived yet", pk)
        with transaction.atomic():
            if mine.update(generation_task_id=""):
                strays.note([dirname(copy)], file_names=[copy])
        return False
    return bool(mine.update(artifact_name=archived_name, archived_at=timezone.now(), generation_task_id="")) or None


@retry_on_contention
def _archive_nothing(pk: UUID, token: str) -> int:
    """A cancelled credential has no file but what a worker may have stored and could not finish."""
    with transaction.atomic():
        strays.note_claims([token])
        return Credential.objects.filter(pk=pk, archived_at=None).update(archived_at=timezone.now())
