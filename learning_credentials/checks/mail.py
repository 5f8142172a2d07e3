"""Check the sending of e-mails to learners.

W035: workers wait for the mail server without a limit. W036: e-mails failed so often that they are not tried again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.mail.backends.smtp import EmailBackend
from django.db import DatabaseError

from learning_credentials.checks.tags import TAG
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.services import notices

if TYPE_CHECKING:
    from collections.abc import Sequence


def _is_sending() -> bool:
    try:
        return get_settings().NOTIFY_LEARNERS
    except (ConfigurationError, TypeError):
        return False  # another check reports it


@register(TAG)
def check_mail_timeout(**_kwargs: object) -> list[CheckMessage]:
    """Warn if a mail server that never answers could block a worker permanently.

    This check does not contact the server.
    """
    if not _is_sending():
        return []
    try:
        backend = notices.make_connection()
    except Exception:
        return []  # the project's mail settings are wrong, and Django reports that
    if not isinstance(backend, EmailBackend) or backend.timeout is not None:
        return []
    message = (
        "The mail server has no timeout. If it accepts a connection and never answers, it blocks a worker permanently."
    )
    hint = (
        "Set EMAIL_TIMEOUT = 600, or 'timeout' in the OPTIONS of MAILERS. Do not set much less: if a worker "
        "stops waiting while the server still processes an e-mail, the learner gets it twice."
    )
    return [CheckWarning(message, hint=hint, id=f"{TAG}.W035")]


@register(TAG, Tags.database)
def check_given_up_mails(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Count e-mails that are not tried again. This check runs only with ``check --database``."""
    if not databases or not _is_sending():
        return []
    try:
        count = notices.list_given_up().count()
        last = notices.list_given_up().values_list("notification_error", flat=True).first() if count else ""
    except DatabaseError:
        return []  # not migrated yet
    if not count:
        return []
    message = (
        f"The e-mails about {count} credentials failed {notices.MAX_MAIL_ATTEMPTS} times, so the app has "
        f"stopped trying. One of them failed with: {last}"
    )
    hint = (
        "Fix the cause. Then run `manage.py retry_emails --yes`, or filter the list of credentials in the "
        "admin by “e-mail: given up” and use the action “Send e-mails of selected credentials again”."
    )
    return [CheckWarning(message, hint=hint, id=f"{TAG}.W036")]
