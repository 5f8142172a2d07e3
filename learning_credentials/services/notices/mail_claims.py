"""Decides which worker e-mails about which credentials, until when, and when a failed e-mail is tried again.

A worker claims a batch by compare-and-set on ``notification_held_until``: until that time no other worker sends these e-mails. The lease is
short, and it is renewed while the worker is busy, so that another worker soon sends the e-mails of one that died. The lease of the e-mail
that is on its way to the mail server is longer, because nobody can know whether the server accepted it.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from learning_credentials.conf import get_settings
from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import as_text, persist, retry_on_contention
from learning_credentials.services.course_runs import drop_hidden, filter_visible
from learning_credentials.services.credentials import (
    begin_mail,
    drop_notes,
    find_announced,
    is_called_back,
    is_noted,
    record_sent,
    settle_old_notes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

R = TypeVar("R")

#: The lease of the e-mail on its way, in normal leases: an hour by default, which is longer than mail servers take.
LEASES_ON_ITS_WAY = 12
#: How often one e-mail is tried. With the default lease, the tries are spread over more than three days.
MAX_MAIL_ATTEMPTS = 20
#: The longest pause before another try, in leases: six hours by default.
LONGEST_PAUSE = 72
#: Columns that no e-mail uses; a host's template that does use one loads it for each credential.
_UNUSED = (
    "created",
    "modified",
    "search_name",
    "generation_task_id",
    "generation_started_at",
    "attempts",
    "error_code",
    "error_message",
    "artifact_name",
    "artifact_media_type",
    "artifact_sha256",
    "artifact_pages",
    "invalidated_at",
    "invalidation_reason",
    "archived_at",
    "notified_at",
    "notification_error",
    "mail_called_back_at",
)


def get_lease() -> timedelta:
    """Return how long a claim lasts without being renewed."""
    return timedelta(seconds=get_settings().NOTIFICATION_CLAIM_TIMEOUT)


def waiting(now: datetime) -> QuerySet[Credential]:
    """Return the credentials whose learners must be e-mailed now, and that no worker has claimed."""
    is_free = Q(notification_held_until=None) | Q(notification_held_until__lt=now)
    rows = Credential.objects.filter(
        is_free,
        ~is_noted(),
        ~is_called_back(),
        status=Credential.Status.AVAILABLE,
        notified_at=None,
        notification_attempts__lt=MAX_MAIL_ATTEMPTS,
    )
    return filter_visible(rows)  # a hidden credential is announced when its date comes


def count_due_mails() -> int:
    """Return how many e-mails are due now to learners who can be e-mailed, and that no worker has claimed."""
    rows = list(waiting(timezone.now()).select_related("user").defer(*_UNUSED))
    return sum(bool(find_address(row)) for row in drop_hidden(rows))


def find_address(credential: Credential) -> str:
    """Return the learner's e-mail address from the project's user model. It is empty if the account is gone or not active."""
    user = credential.user
    if user is None or not user.is_active:
        return ""
    return str(getattr(user, user.get_email_field_name(), "") or "")


def list_failed() -> QuerySet[Credential]:
    """Return the available credentials whose e-mail failed at the last try."""
    return Credential.objects.filter(
        ~is_called_back(), status=Credential.Status.AVAILABLE, notified_at=None, notification_attempts__gt=0
    ).order_by("notified_at", "pk")


def list_given_up() -> QuerySet[Credential]:
    """Return those of the credentials with a failed e-mail that are not tried again."""
    return list_failed().filter(notification_attempts__gte=MAX_MAIL_ATTEMPTS)


def count_failed_announcements() -> tuple[int, int]:
    """Return how many failed e-mails to learners will be tried again, and how many were given up."""
    failed, given_up = list_failed().count(), list_given_up().count()
    return failed - given_up, given_up


def retry_announcements(credential_uuids: Sequence[UUID] | None = None) -> int:
    """Have failed e-mails sent again with the next announcement, and reset their tries. Return how many.

    E-mails that a worker may be sending now are left out, because they could be sent twice. E-mails that are due within one lease are left
    out too, because they will be tried soon.

    Args:
        credential_uuids: the credentials. None: all whose e-mail failed.
    """
    soon = timezone.now() + get_lease() * LEASES_ON_ITS_WAY
    is_waiting = Q(notification_attempts__gte=MAX_MAIL_ATTEMPTS) | Q(notification_held_until__gt=soon)
    keys = list(list_failed().values_list("pk", flat=True) if credential_uuids is None else credential_uuids)
    changed = 0
    for batch in in_batches(keys):
        failed = list_failed().order_by().filter(is_waiting, pk__in=batch)
        changed += failed.update(notification_attempts=0, notification_held_until=None)
    return changed


class MailClaim:
    """The credentials whose e-mails this worker sends, one after the other.

    Every change is retried on a new connection if the database connection is lost. After the mail server accepted an e-mail, nothing must
    happen before that is noted: by the note of the next e-mail, or by settling.
    """

    def __init__(self, credentials: Sequence[Credential], held_until: datetime) -> None:
        self.credentials = credentials
        self._id = uuid4()
        self._held_until = held_until
        self._renewed = time.monotonic()
        self._begun_at = timezone.now()
        self._sent: dict[UUID, datetime] = {}
        self._rest = dict.fromkeys(credential.pk for credential in credentials)

    def settle_at_once(self, credentials: Sequence[Credential]) -> None:
        """Mark credentials as announced because nobody can be e-mailed about them, and remove them from the claim."""
        done = [credential.pk for credential in credentials]
        for batch in in_batches(done):
            self._update(Credential.objects.filter(pk__in=batch), notified_at=timezone.now())
        left_out = set(done)
        self.credentials = [credential for credential in self.credentials if credential.pk not in left_out]
        for pk in done:
            del self._rest[pk]

    def begin(self, credential: Credential) -> bool:
        """Note that the credential's e-mail is sent next. The note also says that the previous e-mail was sent.

        Returns:
            Whether this worker can send it. False if another worker has the claim now, or the credential was invalidated meanwhile.
        """
        if time.monotonic() - self._renewed > get_lease().total_seconds() / 3:
            self._settle()
            self._renew()
        del self._rest[credential.pk]
        # The order of the notes must not depend on the clock, which can be set back.
        self._begun_at = max(timezone.now(), self._begun_at + timedelta(microseconds=1))
        tries = count()

        def change() -> bool:
            next(tries)
            return begin_mail(credential.pk, self._id, self._begun_at, self._held_until)

        is_begun = self._persist(change)
        # If the connection was lost, the database server may have crashed, and may have lost the last notes.
        if not is_begun or next(tries) > 1:
            self._settle()
        return is_begun

    def note_sent(self, credential: Credential) -> None:
        """Remember that the mail server accepted the e-mail. The next change, which follows at once, writes it to the database."""
        self._sent[credential.pk] = self._begun_at

    def postpone(self, credential: Credential, error: Exception) -> None:
        """Schedule another try for an e-mail that failed, after a pause that grows with each try up to a limit."""
        attempts = credential.notification_attempts + 1
        pause = get_lease() * min(2 ** (attempts - 1), LONGEST_PAUSE)
        if attempts >= MAX_MAIL_ATTEMPTS:
            logger.error(
                "The e-mail about credential %s failed %s times. The app does not try again", credential.pk, attempts
            )
        failed = {
            "notification_attempts": attempts,
            "notification_error": as_text(f"{type(error).__name__}: {error}", 500),
            "notification_held_until": timezone.now() + pause,
        }

        def change() -> None:
            # The note of the failed e-mail says that the previous one was sent. So it is deleted together with the others.
            with transaction.atomic():
                record_sent(self._sent, self._id)
                drop_notes([credential.pk], self._id)
                Credential.objects.filter(pk=credential.pk, notified_at=None).update(**failed)

        self._persist(change)
        self._sent.clear()

    def end(self, *, is_server_down: bool) -> None:
        """Settle what was sent, and release the others: at once, or after a lease if the mail server is down."""
        self._settle()
        until = timezone.now() + get_lease() if is_server_down else None
        for batch in in_batches(list(self._rest)):
            self._update(self._mine(batch), notification_held_until=until)
        self._rest.clear()

    def _settle(self) -> None:
        if self._sent:
            self._persist(transaction.atomic(lambda: record_sent(self._sent, self._id)))
            self._sent.clear()

    def _renew(self) -> None:
        self._renewed = time.monotonic()
        until = timezone.now() + get_lease()
        for batch in in_batches(list(self._rest)):
            # Rows that another worker claimed keep that worker's time, so this worker does not begin them.
            self._update(self._mine(batch, until), notification_held_until=until)
        self._held_until = until

    def _mine(self, keys: Sequence[UUID], *also: datetime) -> QuerySet[Credential]:
        return Credential.objects.filter(
            pk__in=keys, notified_at=None, notification_held_until__in=(self._held_until, *also)
        )

    def _update(self, rows: QuerySet[Credential], **values: object) -> int:
        return self._persist(lambda: rows.update(**values))

    @staticmethod
    def _persist(change: Callable[[], R]) -> R:
        return persist(change, get_lease().total_seconds())


@retry_on_contention
def claim(credential_uuids: Sequence[UUID | str]) -> MailClaim:
    """Claim those of the credentials that wait to be announced.

    A credential that replaces another one is annotated with ``predecessor_notified_at`` and ``replacement_reason``.
    """
    claimed: list[Credential] = []
    until = timezone.now() + get_lease()
    for batch in in_batches(sorted({UUID(str(pk)) for pk in credential_uuids})):
        now = timezone.now()
        found = waiting(now).filter(pk__in=batch).select_related("user").defer(*_UNUSED).order_by("pk")
        found = found.annotate(
            predecessor_notified_at=F("replaces__notified_at"), replacement_reason=F("replaces__invalidation_reason")
        )
        rows = drop_hidden(found)
        if rows:
            mine = _take([row.pk for row in rows], now, until)
            _complete_predecessors(rows)
            _forget_revocations(rows)
            claimed += [row for row in rows if row.pk in mine]
    return MailClaim(claimed, until)


def settle_old_mails() -> None:
    """Settle what workers that died have sent, and release the e-mails that were on their way if nobody settled them in time."""
    now = timezone.now()
    settle_old_notes(old=now - get_lease(), lost=now - get_lease() * LEASES_ON_ITS_WAY)


def _complete_predecessors(rows: Sequence[Any]) -> None:
    """Also find predecessors whose e-mails another worker has sent in its present batch."""
    unknown = [row for row in rows if row.replaces_id and row.predecessor_notified_at is None]
    if unknown:
        announced = find_announced([row.replaces_id for row in unknown])
        for row in unknown:
            row.predecessor_notified_at = announced.get(row.replaces_id)


def _forget_revocations(rows: Sequence[Any]) -> None:
    """Let a credential that makes up for a revocation be announced as a new one. The reason of the revocation does not hold any more."""
    replaced = [row.replaces_id for row in rows if row.replaces_id and not row.is_renewal]
    if replaced:
        restored = CredentialEvent.objects.filter(credential__in=replaced, action=CredentialEvent.Action.RESTORED)
        undone = set(restored.order_by().values_list("credential", flat=True))
        for row in rows:
            if row.replaces_id in undone:
                row.predecessor_notified_at, row.replacement_reason = None, ""


def _take(keys: list[UUID], now: datetime, until: datetime) -> set[UUID]:
    """Claim credentials. Return those that no other worker claimed or announced first."""
    free = waiting(now).filter(pk__in=keys)
    with suppress(_TakenError), transaction.atomic():
        if free.update(notification_held_until=until) < len(keys):
            raise _TakenError
        return set(keys)
    with transaction.atomic():
        locked = set(free.select_for_update().order_by("pk").values_list("pk", flat=True))
        Credential.objects.filter(pk__in=locked).update(notification_held_until=until)
    return locked


class _TakenError(Exception):
    """Raised when another worker claimed some of the credentials first."""
