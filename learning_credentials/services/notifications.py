"""Tells learners of their new credentials, each once. A failing mail never touches the credential.

Announcements are claimed in batches. A process that dies in the middle leaves its claim, which lapses, and the rest is sent by the next
one: a repeated mail is better than none.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import check_for_language

from learning_credentials.conf import get_settings
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services import visibility
from learning_credentials.services.database import retry_on_contention
from learning_credentials.services.verification import get_verification_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.core.mail.backends.base import BaseEmailBackend
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

CLAIM_LAPSES_AFTER = timedelta(hours=1)
BATCH_SIZE = 200
TEMPLATES = "learning_credentials/email/credential_issued"


def announce(credential_uuids: Sequence[UUID | str]) -> int:
    """Mail the learners of those of the credentials that are available and not announced yet; return how many were sent."""
    if not get_settings().NOTIFY_LEARNERS:
        return 0
    claimed = _claim(credential_uuids)
    sent: list[UUID] = []
    settled: list[UUID] = []
    with mail.get_connection() as connection:
        for credential in claimed:
            if credential.user is None or not credential.user.email or not credential.user.is_active:
                settled.append(credential.pk)  # there is nobody to tell
                continue
            try:
                _make_message(credential, credential.user.email, connection).send()
            except Exception:
                logger.exception("The announcement of credential %s was not sent", credential.pk)
                # The claim stays until it lapses: a mail server that is down is not asked again at once.
            else:
                sent.append(credential.pk)
    _settle([*sent, *settled])
    return len(sent)


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
        waiting = _unannounced(timezone.now()).order_by("pk")
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
    now = timezone.now()
    claimed: list[Credential] = []
    with transaction.atomic():
        for batch in in_batches(sorted(str(pk) for pk in credential_uuids)):
            waiting = visibility.drop_hidden(_unannounced(now).filter(pk__in=batch).select_for_update())
            free = [credential.pk for credential in waiting]
            if not free:
                continue
            _unannounced(now).filter(pk__in=free).update(notification_claimed_at=now)
            claimed += Credential.objects.filter(pk__in=free, notification_claimed_at=now).select_related("user")
    return claimed


@retry_on_contention
def _settle(settled: Sequence[UUID]) -> None:
    for batch in in_batches(settled):
        Credential.objects.filter(pk__in=batch).update(notified_at=timezone.now())


def _make_message(credential: Credential, address: str, connection: BaseEmailBackend) -> EmailMessage:
    language = credential.language if credential.language and check_for_language(credential.language) else None
    context = {"credential": credential, "verify_url": get_verification_url(credential.verify_uuid)}
    with translation.override(language or translation.get_language()):
        subject = " ".join(render_to_string(f"{TEMPLATES}_subject.txt", context).split())
        body = render_to_string(f"{TEMPLATES}_body.txt", context)
    return EmailMessage(subject=subject, body=body, to=[address], connection=connection)
