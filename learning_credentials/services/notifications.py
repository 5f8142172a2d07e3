"""Tells learners of their new credentials, each once. A failing mail never touches the credential.

Announcements are claimed in batches. A process that dies in the middle leaves its claim, which lapses, and the rest is sent by the next
one: a repeated mail is better than none.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.translation import check_for_language

from learning_credentials.conf import get_settings
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services import visibility
from learning_credentials.services.addresses import get_url_maker
from learning_credentials.services.database import retry_on_contention

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from django.core.mail.backends.base import BaseEmailBackend
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

CLAIM_LAPSES_AFTER = timedelta(hours=1)
BATCH_SIZE = 200
#: What no mail speaks of; a template that does nevertheless reads it one by one.
UNTOLD = (
    "created",
    "modified",
    "generation_task_id",
    "generation_started_at",
    "attempts",
    "error_code",
    "error_message",
    "artifact_name",
    "artifact_media_type",
    "artifact_sha256",
    "invalidated_at",
    "invalidation_reason",
    "archived_at",
    "notified_at",
    "notification_claimed_at",
)
TEMPLATES = "learning_credentials/email/credential_issued"


def announce(credential_uuids: Sequence[UUID | str]) -> int:
    """Mail the learners of those of the credentials that are available and not announced yet; return how many were sent."""
    if not get_settings().NOTIFY_LEARNERS:
        return 0
    claimed = _claim(credential_uuids)
    if not claimed:
        return 0
    sent: list[UUID] = []
    settled: list[UUID] = []
    subjects, bodies = get_template(f"{TEMPLATES}_subject.txt"), get_template(f"{TEMPLATES}_body.txt")
    default = translation.get_language()
    connection = _make_connection()
    try:
        connection.open()
        for language, group in groupby(sorted(claimed, key=_get_language), key=_get_language):
            with translation.override(language or default):
                get_url = get_url_maker()
                for credential in group:
                    address = _find_address(credential)
                    if not address:
                        settled.append(credential.pk)  # there is nobody to tell
                        continue
                    try:
                        # One by one over one connection: a batch that fails in its middle does not tell who was told.
                        context = {"credential": credential, "verify_url": get_url(credential.verify_uuid)}
                        message = EmailMessage(
                            subject=" ".join(subjects.render(context).split()),
                            body=bodies.render(context),
                            to=[address],
                        )
                        connection.send_messages([message])
                    except Exception:
                        # The claim stays until it lapses. A server that merely dropped the connection takes another; where it takes none,
                        # the rest is left as well: a server that is down is not asked again at once.
                        logger.exception("The announcement of credential %s was not sent", credential.pk)
                        _close(connection)
                        connection.open()
                    else:
                        sent.append(credential.pk)
    finally:
        _settle([*sent, *settled])
        _close(connection)
    return len(sent)


def _make_connection() -> BaseEmailBackend:
    """The project's default way to send mail: that of ``MAILERS``, which Django 6.1 introduced, or that of ``EMAIL_BACKEND``."""
    mailers = getattr(mail, "mailers", None)
    connection: BaseEmailBackend = mail.get_connection() if mailers is None else mailers.default
    return connection


def _find_address(credential: Credential) -> str:
    """The address of the learner if there is somebody to tell, wherever the project's user model keeps it."""
    user = credential.user
    if user is None or not user.is_active:
        return ""
    return str(getattr(user, user.get_email_field_name(), "") or "")


def _close(connection: BaseEmailBackend) -> None:
    """A connection that ends badly makes no difference to what was sent over it."""
    try:
        connection.close()
    except Exception:
        logger.warning("The connection to the mail server could not be closed", exc_info=True)


def announce_pending() -> int:
    """Announce what was issued and not announced, as after a lost message; return how many were sent."""
    if not get_settings().NOTIFY_LEARNERS:
        return 0
    count = 0
    for uuids in _iter_waiting():
        count += announce(uuids)
    return count


def _iter_waiting() -> Iterator[list[UUID]]:
    """Batches of what waits, in the order of primary keys: programs that stay hidden are stepped over, not met again."""
    last = None
    while True:
        # All have the same empty ``notified_at``; named first, it keeps databases to the index of what waits, however rarely anything does.
        waiting = _unannounced(timezone.now()).order_by("notified_at", "pk")
        uuids = list((waiting.filter(pk__gt=last) if last else waiting).values_list("pk", flat=True)[:BATCH_SIZE])
        if not uuids:
            return
        yield uuids
        last = uuids[-1]


def _unannounced(now: datetime) -> QuerySet[Credential]:
    is_free = Q(notification_claimed_at=None) | Q(notification_claimed_at__lt=now - CLAIM_LAPSES_AFTER)
    waiting = Credential.objects.filter(is_free, status=Credential.Status.AVAILABLE, notified_at=None)
    return visibility.visible(waiting)  # what is hidden is announced when its date comes


@retry_on_contention
def _claim(credential_uuids: Sequence[UUID | str]) -> list[Credential]:
    claimed: list[Credential] = []
    for batch in in_batches(sorted({UUID(str(pk)) for pk in credential_uuids})):
        now = timezone.now()
        waiting = _unannounced(now).filter(pk__in=batch).select_related("user").defer(*UNTOLD).order_by("pk")
        rows = visibility.drop_hidden(waiting)
        if not rows:
            continue
        mine = _take([row.pk for row in rows], now)
        claimed += [row for row in rows if row.pk in mine]
    return claimed


def _take(keys: list[UUID], now: datetime) -> set[UUID]:
    """Claim the credentials; return those of them that nobody else claimed or announced first."""
    free = _unannounced(now).filter(pk__in=keys)
    with suppress(_TakenError), transaction.atomic():
        if free.update(notification_claimed_at=now) < len(keys):
            raise _TakenError
        return set(keys)
    with transaction.atomic():
        locked = set(free.select_for_update().order_by("pk").values_list("pk", flat=True))
        Credential.objects.filter(pk__in=locked).update(notification_claimed_at=now)
    return locked


class _TakenError(Exception):
    """Somebody else was faster with some of the credentials."""


@retry_on_contention
def _settle(settled: Sequence[UUID]) -> None:
    for batch in in_batches(sorted(settled)):
        Credential.objects.filter(pk__in=batch).update(notified_at=timezone.now())


def _get_language(credential: Credential) -> str:
    """The learner's language if the project speaks it, or nothing."""
    return credential.language if credential.language and check_for_language(credential.language) else ""
