"""Check permissions: warn about staff accounts that the app treats like learners.

W034: active accounts with ``is_staff`` that lack permissions for the data of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import FieldError
from django.db import DatabaseError

from learning_credentials.checks.tags import TAG
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.lms import Act, LMSBackend, get_lms
from learning_credentials.services.common import list_grants_of

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How many accounts a warning names, and how many are checked. Each check takes three queries.
MAX_NAMED = 20
MAX_LOOKED_AT = 1_000
#: The acts of REST and of the pages.
OUTSIDE_ADMIN = (
    Act.VIEW_CONTEXT,
    Act.VIEW_ELIGIBILITY,
    Act.REQUEST_CREDENTIAL,
    Act.DOWNLOAD_FILE,
    Act.VIEW_LEARNER_STATUS,
    Act.VIEW_COURSE_CERTIFICATE,
    Act.ADD_COURSE_CERTIFICATE,
    Act.CHANGE_COURSE_CERTIFICATE,
)


@register(TAG, Tags.database)
def check_staff(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Warn about accounts with ``is_staff`` that lack the permissions.

    This check runs only with ``check --database``, and only if the LMS backend does not map roles itself.
    """
    if not databases:
        return []
    try:
        if type(get_lms()).has_permission is not LMSBackend.has_permission:
            return []
    except (ConfigurationError, TypeError):
        return []  # another check reports it
    try:
        accounts = _list_staff()
        lacking = [(user, lacks) for user in accounts[:MAX_LOOKED_AT] if (lacks := _list_lacking(user))]
    except (DatabaseError, FieldError, AttributeError):
        return []  # not migrated yet, or a user model without these fields
    if not lacking:
        return []
    count = f"{len(lacking)} of the first {MAX_LOOKED_AT}" if len(accounts) > MAX_LOOKED_AT else str(len(lacking))
    named = ", ".join(f"{user.get_username()} ({', '.join(lacks)})" for user, lacks in lacking[:MAX_NAMED])
    rest = f" and {len(lacking) - MAX_NAMED} more" if len(lacking) > MAX_NAMED else ""
    message = (
        f"These active accounts have is_staff but lack permissions of this app ({count}): {named}{rest}. The "
        "flag is_staff alone gives no access to this app, neither over REST nor on its pages."
    )
    hint = (
        "Give the accounts the permissions that they need in the admin, or map the roles of your LMS in "
        "has_permission of LMS_BACKEND. The page “Who may do what” of the documentation lists which action "
        "needs which permission. If nothing is missing, add this id to SILENCED_SYSTEM_CHECKS."
    )
    return [CheckWarning(message, hint=hint, id=f"{TAG}.W034")]


def _list_staff() -> list[Any]:
    users = get_user_model()._default_manager  # noqa: SLF001
    return list(users.filter(is_active=True, is_staff=True, is_superuser=False).order_by("pk")[: MAX_LOOKED_AT + 1])


def _list_lacking(user: Any) -> list[str]:
    """Return the acts outside the admin that an account may not do in all contexts. Accounts with grants lack them on purpose."""
    if list_grants_of(user).exists():
        return []
    lms = get_lms()
    return [act.value for act in OUTSIDE_ADMIN if not lms.has_permission(user, act)]
