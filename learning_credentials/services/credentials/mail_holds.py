"""Lets the e-mails of an act by staff wait, so that staff can call them back.

While an e-mail waits, ``notification_held_until`` of its credential is in the future, so no worker claims it. After that time it is due
like any other. Nothing depends on a message or a process: the periodic announcement finds what is due.

A worker that is about to send an e-mail first inserts a note, in a statement that locks the credential and checks
``notification_held_until``. So a change of that column decides: the e-mail was noted before, or it is never begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q
from django.utils import timezone

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import InvalidTransitionError
from learning_credentials.models import Credential, CredentialEvent, MailHold
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    find_held_account,
    get_actor_id,
    hold_accounts,
    new_event,
    record_events,
    retry_on_contention,
)
from learning_credentials.services.credentials.mail_notes import is_noted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from learning_credentials.services.common import Actor

Status = Credential.Status
Action = CredentialEvent.Action


def get_mail_delay() -> timedelta:
    """Return how long e-mails of acts by staff wait. It is zero if they do not wait, or if the app sends no e-mails."""
    settings = get_settings()
    return timedelta(seconds=settings.MAIL_DELAY if settings.NOTIFY_LEARNERS else 0)


def open_mail_hold(act: MailHold.Act, actor: Actor, context_key: str) -> int | None:
    """Return the id of a new hold for the credentials of one act by staff in one context. Return None if their e-mails do not wait.

    The e-mails do not wait if nobody is named as the actor, or if ``MAIL_DELAY`` is 0.
    """
    if get_actor_id(actor) is None or not get_mail_delay():
        return None
    with transaction.atomic():
        held = hold_accounts([get_actor_id(actor)])
        account = find_held_account(actor, held)
        return MailHold.objects.create(act=act, learning_context_key=context_key, requested_by_id=account).pk


class MailHolds:
    """The holds of one act on credentials of several contexts. Each is opened when it is first needed."""

    def __init__(self, act: MailHold.Act, actor: Actor) -> None:
        self._act = act
        self._actor = actor
        self._holds: dict[str, int | None] = {}

    def get(self, context_key: str) -> int | None:
        """Return the id of the hold for a context, see `open_mail_hold`."""
        if context_key not in self._holds:
            self._holds[context_key] = open_mail_hold(self._act, self._actor, context_key)
        return self._holds[context_key]


def find_mail_time(credential: Credential, now: datetime) -> datetime | None:
    """Return until when the e-mail about a credential waits that is issued now, or None if it does not wait.

    The credential must have the annotation ``hold_released_at``, see `claim_credentials`.
    """
    if credential.mail_hold_id is None or getattr(credential, "hold_released_at", None) or not get_mail_delay():
        return None
    return now + get_mail_delay()


def is_called_back() -> Q:
    """Return the condition that the e-mail about a credential was called back: alone, or with all e-mails of its act."""
    acts = MailHold.objects.filter(pk=OuterRef("mail_hold"), called_back_at__isnull=False)
    return Q(mail_called_back_at__isnull=False) | Q(Exists(acts))


def list_unsent() -> QuerySet[Credential]:
    """Return the available credentials whose learner was not e-mailed and is not being e-mailed."""
    return Credential.objects.filter(~is_noted(), status=Status.AVAILABLE, notified_at=None)


def list_waiting() -> QuerySet[Credential]:
    """Return the credentials whose e-mail waits because of an act by staff."""
    return list_unsent().filter(
        ~is_called_back(), mail_hold__isnull=False, notification_attempts=0, notification_held_until__gt=timezone.now()
    )


@dataclass(frozen=True)
class HeldMails:
    """The e-mails of one act: how many wait, how many were called back, and when the first and the last one are due."""

    waiting: int = 0
    called_back: int = 0
    first_due: datetime | None = None
    last_due: datetime | None = None


def count_held_mails(hold_ids: Collection[int]) -> dict[int, HeldMails]:
    """Return the counts of the e-mails of several acts, by the id of the hold, in two statements."""
    waiting = _count(list_waiting(), hold_ids)
    called_back = _count(list_unsent().filter(is_called_back()), hold_ids)
    return {
        pk: HeldMails(waiting.get(pk, _NONE)[0], called_back.get(pk, _NONE)[0], *waiting.get(pk, _NONE)[1:])
        for pk in hold_ids
    }


_NONE: tuple[int, datetime | None, datetime | None] = (0, None, None)


def _count(
    rows: QuerySet[Credential], hold_ids: Collection[int]
) -> dict[int, tuple[int, datetime | None, datetime | None]]:
    found = rows.filter(mail_hold__in=list(hold_ids)).order_by().values_list("mail_hold")
    counted = found.annotate(Count("pk"), Min("notification_held_until"), Max("notification_held_until"))
    return {pk: (number, first, last) for pk, number, first, last in counted if pk is not None}


@retry_on_contention
def call_back_mails(hold_id: int, *, actor: Actor = None) -> int:
    """Call back all e-mails of an act that were not begun, also those about credentials that it issues later. Return how many wait no more.

    Raises:
        InvalidTransitionError: they were called back already, or there is no such act.
    """
    now = timezone.now()
    with transaction.atomic():
        actor = find_held_account(actor, hold_accounts([get_actor_id(actor)]))
        holds = MailHold.objects.filter(pk=hold_id, called_back_at=None)
        if not holds.update(called_back_at=now, released_at=None, decided_by=actor):
            raise InvalidTransitionError("the e-mails were called back already")
        return _call_back(Credential.objects.filter(mail_hold=hold_id), now)


def _call_back(credentials: QuerySet[Credential], now: datetime) -> int:
    """Mark the unsent credentials. Their rows are then locked, so a note that is there now was inserted before."""
    open_rows = credentials.filter(status__in=(Status.AVAILABLE, Status.GENERATING), notified_at=None)
    number = open_rows.filter(~is_noted(), status=Status.AVAILABLE, mail_called_back_at=None).update(
        mail_called_back_at=now, notification_held_until=None
    )
    marked = open_rows.filter(status=Status.AVAILABLE, mail_called_back_at=now)
    return number - marked.filter(is_noted()).update(mail_called_back_at=None)


@retry_on_contention
def release_mails(hold_id: int, *, actor: Actor = None) -> int:
    """Have all e-mails of an act sent with the next announcement, also those that were called back. Return how many.

    Raises:
        InvalidTransitionError: they were released already, or there is no such act.
    """
    with transaction.atomic():
        actor = find_held_account(actor, hold_accounts([get_actor_id(actor)]))
        holds = MailHold.objects.filter(pk=hold_id, released_at=None)
        if not holds.update(released_at=timezone.now(), called_back_at=None, decided_by=actor):
            raise InvalidTransitionError("the e-mails were sent already")
        return _release(Credential.objects.filter(mail_hold=hold_id))


def _release(credentials: QuerySet[Credential]) -> int:
    held = Q(mail_called_back_at__isnull=False) | Q(notification_held_until__gt=timezone.now())
    rows = credentials.filter(~is_noted(), held, status=Status.AVAILABLE, notified_at=None, notification_attempts=0)
    return rows.update(mail_called_back_at=None, notification_held_until=None)


@retry_on_contention
def call_back_mails_about(credential_uuids: Sequence[UUID], *, actor: Actor = None, reason: str = "") -> list[UUID]:
    """Call back the e-mails about single credentials. Return the credentials whose e-mail was not begun and is now not sent."""
    return _decide(credential_uuids, Action.MAIL_CALLED_BACK, actor, reason)


@retry_on_contention
def release_mails_about(credential_uuids: Sequence[UUID], *, actor: Actor = None, reason: str = "") -> list[UUID]:
    """Have e-mails about single credentials sent with the next announcement, also those that were called back. Return the credentials.

    If all e-mails of the act were called back, the credentials are detached from the act.
    """
    return _decide(credential_uuids, Action.MAIL_RELEASED, actor, reason)


def _decide(credential_uuids: Sequence[UUID], action: Action, actor: Actor, reason: str) -> list[UUID]:
    done: list[UUID] = []
    with transaction.atomic():
        actor = find_held_account(actor, hold_accounts([get_actor_id(actor)]))
        for batch in in_batches(sorted(set(credential_uuids))):
            rows = Credential.objects.filter(pk__in=batch, status=Status.AVAILABLE, notified_at=None)
            locked = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
            # The rows are locked, so no note is inserted any more.
            unsent = list_unsent().filter(pk__in=locked)
            if action is Action.MAIL_CALLED_BACK:
                unsent = unsent.filter(~is_called_back())
                values = {"mail_called_back_at": timezone.now(), "notification_held_until": None}
            else:
                unsent = unsent.filter(is_called_back() | Q(pk__in=list_waiting().filter(pk__in=locked)))
                values = {"mail_called_back_at": None, "notification_held_until": None, "mail_hold": None}
            found = list(unsent.order_by("pk").values_list("pk", flat=True))
            Credential.objects.filter(pk__in=found, notified_at=None).update(**values)
            done += found
        record_events(new_event(pk, action, actor=actor, reason=reason) for pk in done)
    return done


def annotate_hold(rows: QuerySet[Credential]) -> QuerySet[Credential]:
    """Annotate credentials with what `find_mail_time` needs."""
    return rows.annotate(hold_released_at=F("mail_hold__released_at"))
