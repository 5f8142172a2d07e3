"""E-mails learners about their new credentials. A failed e-mail never changes a credential.

Each e-mail is noted as sent directly after the mail server accepted it. Only the e-mail that is on its way when a process dies may be sent
twice.
"""

from __future__ import annotations

import logging
from copy import copy
from typing import TYPE_CHECKING

from django.core import mail
from django.core.mail import EmailMessage
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.translation import check_for_language

from learning_credentials.catalogues import choose_language
from learning_credentials.conf import get_settings
from learning_credentials.services.common import get_url_maker
from learning_credentials.services.credentials import CONTEXT_NAME, TYPE_NAME, get_text
from learning_credentials.services.notices import mail_claims

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from django.core.mail.backends.base import BaseEmailBackend

    from learning_credentials.models import Credential
    from learning_credentials.services.notices.mail_claims import MailClaim

logger = logging.getLogger(__name__)

BATCH_SIZE = 200
TEMPLATES = "learning_credentials/email/credential_{kind}_{part}.txt"


def announce_credentials(credential_uuids: Sequence[UUID | str]) -> int:
    """E-mail the learners of those of the credentials that are available and not announced yet. Return how many e-mails were sent."""
    if not get_settings().NOTIFY_LEARNERS:
        return 0
    claim = mail_claims.claim(credential_uuids)
    claim.settle_at_once([credential for credential in claim.credentials if not mail_claims.find_address(credential)])
    return _send_all(claim) if claim.credentials else 0


def _send_all(claim: MailClaim) -> int:
    count = 0
    is_server_down = True
    connection = make_connection()
    try:
        connection.open()
        is_server_down = False
        for credential in sorted(claim.credentials, key=_get_language):
            if not claim.begin(credential):
                continue
            try:
                # One by one over one connection, because a batch that fails halfway does not say which e-mails were sent.
                connection.send_messages([_write(credential)])
            except Exception as error:
                logger.exception("The e-mail about credential %s was not sent", credential.pk)
                claim.postpone(credential, error)
                # If the server only dropped the connection, it accepts another one. If it accepts none, the other e-mails wait too.
                _close(connection)
                is_server_down = True
                connection.open()
                is_server_down = False
            else:
                claim.note_sent(credential)
                count += 1
    finally:
        claim.end(is_server_down=is_server_down)
        _close(connection)
    return count


def _write(credential: Credential) -> EmailMessage:
    language = _get_language(credential)
    # A copy, because the row itself is saved later.
    shown = copy(credential)
    for name in (TYPE_NAME, CONTEXT_NAME):
        setattr(shown, name, get_text(credential, name, language))
    with translation.override(language):
        context = {
            "credential": shown,
            "verify_url": get_url_maker()(credential.verify_uuid),
            "reason": getattr(credential, "replacement_reason", None) or "",
        }
        kind = _choose_kind(credential)
        subject, body = (get_template(TEMPLATES.format(kind=kind, part=part)) for part in ("subject", "body"))
        return EmailMessage(
            subject=" ".join(subject.render(context).split()),
            body=body.render(context),
            to=[mail_claims.find_address(credential)],
        )


def _choose_kind(credential: Credential) -> str:
    """Return which e-mail to send about a credential, as in the names of the templates.

    If the learner was never e-mailed about the replaced credential, for example because it was hidden, the successor is announced as new.
    """
    if credential.is_renewal:
        return "renewed"
    return "replaced" if getattr(credential, "predecessor_notified_at", None) else "issued"


def make_connection() -> BaseEmailBackend:
    """Return the project's default mail connection: that of ``MAILERS``, which Django 6.1 introduced, or that of ``EMAIL_BACKEND``."""
    mailers = getattr(mail, "mailers", None)
    connection: BaseEmailBackend = mail.get_connection() if mailers is None else mailers.default
    return connection


def _close(connection: BaseEmailBackend) -> None:
    """Close the connection. An error of closing does not change what was sent, so it is only logged."""
    try:
        connection.close()
    except Exception:
        logger.warning("The connection to the mail server could not be closed", exc_info=True)


def announce_pending_credentials() -> int:
    """E-mail learners about credentials whose announcement was lost. Return how many e-mails were sent."""
    mail_claims.settle_old_mails()
    if not get_settings().NOTIFY_LEARNERS:
        return 0
    count = 0
    for uuids in _iter_waiting():
        count += announce_credentials(uuids)
    return count


def _iter_waiting() -> Iterator[list[UUID]]:
    """Yield batches of waiting credentials in the order of primary keys, so that programs that stay hidden appear only once."""
    last = None
    while True:
        # All have the same empty ``notified_at``. With it as the first key, databases use the index of waiting credentials.
        waiting = mail_claims.waiting(timezone.now()).order_by("notified_at", "pk")
        uuids = list((waiting.filter(pk__gt=last) if last else waiting).values_list("pk", flat=True)[:BATCH_SIZE])
        if not uuids:
            return
        yield uuids
        last = uuids[-1]


def _get_language(credential: Credential) -> str:
    """Return the learner's language if the e-mails exist in it, else the site's."""
    language = credential.language if credential.language and check_for_language(credential.language) else ""
    return choose_language([language, translation.get_language()])
