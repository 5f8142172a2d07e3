"""Notes which e-mails about credentials were sent, in case the worker that sends them dies.

A worker inserts a `MailNote` before each e-mail. It settles its notes together: it writes ``notified_at`` and deletes them. If the worker
died, another one settles them. Each change can run twice, and two workers can make it at the same time.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import DateTimeField, Exists, OuterRef, UUIDField
from django.db.models.constants import OnConflict

from learning_credentials.models import Credential, MailNote
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import ByKey, retry_on_contention

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

logger = logging.getLogger(__name__)

_UUID, _TIME = UUIDField(), DateTimeField()

#: The lock is for a credential that another worker took over. This statement waits while that worker settles its notes, and finds what
#: it wrote. Without CASE, a database whose statistics are old may search all credentials of this status.
_BEGIN = """
    {insert} lcred_mail_note (credential_uuid, claim, begun_at)
    SELECT uuid, %s, %s FROM lcred_credential
    WHERE uuid = %s AND CASE WHEN status = %s AND notified_at IS NULL AND notification_held_until = %s THEN 1 ELSE 0 END = 1
    {unsynced} {lock} {on_conflict}
"""
#: PostgreSQL then commits this one statement without waiting until its disk has the note.
_UNSYNCED = "AND set_config('synchronous_commit', 'off', true) = 'off'"


def is_noted() -> Exists:
    """Return the condition that a credential has a note: its e-mail was sent, or is on its way."""
    return Exists(MailNote.objects.filter(pk=OuterRef("pk")))


def begin_mail(credential_uuid: UUID, claim: UUID, begun_at: datetime, held_until: datetime) -> bool:
    """Note that an e-mail is sent next, if its credential is available, unannounced and still held until the given time.

    The check and the note are one statement, because it runs for each e-mail. If the server of PostgreSQL crashes, it may lose the notes of
    the last second. So after a lost connection the caller must call `record_sent` for the e-mails before this one.

    Returns:
        Whether the claim has the note. True also if the statement had run before and its answer was lost.
    """
    features, ops = connection.features, connection.ops
    # In a caller's transaction, the setting would hold for all that the caller wrote.
    is_alone = connection.vendor == "postgresql" and connection.get_autocommit()
    sql = _BEGIN.format(
        unsynced=_UNSYNCED if is_alone else "",
        insert=ops.insert_statement(on_conflict=OnConflict.IGNORE),
        lock=ops.for_update_sql(no_key=features.has_select_for_no_key_update) if features.has_select_for_update else "",
        on_conflict=ops.on_conflict_suffix_sql([], OnConflict.IGNORE, [], []),
    )
    uuids = [_UUID.get_db_prep_value(value, connection) for value in (claim, credential_uuid)]
    times = [_TIME.get_db_prep_value(value, connection) for value in (begun_at, held_until)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [uuids[0], times[0], uuids[1], Credential.Status.AVAILABLE.value, times[1]])
        is_noted_now = cursor.rowcount > 0
    return is_noted_now or MailNote.objects.filter(pk=credential_uuid, claim=claim).exists()


def record_sent(begun_at: Mapping[UUID, datetime], claim: UUID) -> None:
    """Write that the learners of credentials were e-mailed, and when. Delete the claim's notes about them.

    Call it in a transaction.
    """
    for batch in in_batches(sorted(begun_at), params_each=3):
        times = {pk: begun_at[pk] for pk in batch}
        Credential.objects.filter(pk__in=batch, notified_at=None).update(
            notified_at=ByKey(Credential, "notified_at", times), notification_held_until=None
        )
        drop_notes(batch, claim)


def drop_notes(credential_uuids: Sequence[UUID], claim: UUID) -> None:
    """Delete the claim's notes about credentials. Another claim can have its own."""
    MailNote.objects.filter(pk__in=credential_uuids, claim=claim).delete()


def find_announced(credential_uuids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when the learners of credentials were e-mailed, also in batches that are not settled yet. Leave out those who were not."""
    for claim in set(MailNote.objects.filter(pk__in=credential_uuids).values_list("claim", flat=True)):
        _settle(claim)
    announced = Credential.objects.filter(pk__in=credential_uuids).values_list("pk", "notified_at")
    return {pk: notified_at for pk, notified_at in announced if notified_at is not None}


def settle_old_notes(*, old: datetime, lost: datetime) -> None:
    """Settle the notes of workers that are slow or died.

    The last e-mail of such a worker may be on its way. Its note stays until it is lost. Then the e-mail is sent again.

    Args:
        old: workers whose notes all began later are left alone.
        lost: if the last e-mail of a worker began earlier, its worker is dead.
    """
    for claim in set(MailNote.objects.filter(begun_at__lt=old).values_list("claim", flat=True)):
        _settle(claim, lost)


@retry_on_contention
@transaction.atomic
def _settle(claim: UUID, lost: datetime | None = None) -> None:
    notes = list(MailNote.objects.filter(claim=claim).order_by("begun_at"))
    record_sent({note.pk: note.begun_at for note in notes[:-1]}, claim)
    for last in notes[-1:]:
        if lost is not None and last.begun_at < lost:
            logger.warning(
                "A worker died while it e-mailed the learner of credential %s. The app sends it again", last.pk
            )
            drop_notes([last.pk], claim)
