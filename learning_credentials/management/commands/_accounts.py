"""Find the account that somebody named on the command line."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError


def find_account(text: str) -> Any:
    """Return the account with this user name, e-mail address or id.

    Raises:
        CommandError: there is none, or there are several.
    """
    users: Any = get_user_model()
    email = users.get_email_field_name()
    found: dict[Any, Any] = {}
    for name in (users.USERNAME_FIELD, email, "pk"):
        try:
            found |= {user.pk: user for user in users.objects.filter(**{name: text})[:3]}
        except (ValueError, ValidationError):
            continue  # the text cannot be an id
    if len(found) == 1:
        return next(iter(found.values()))
    ids = ", ".join(sorted(map(str, found)))
    msg = (
        f"{len(found)} accounts have the name, address or id {text!r}: {ids}. Give the id."
        if found
        else (f"no account has the name, address or id {text!r}")
    )
    raise CommandError(msg)
