"""Check the addresses that badges refer to and the log of revocations. Badges depend on them for years.

E011: a former address is wrong. W009: a former address is not https. W010: Django refuses the host of a former address. W011: badges refer
to an address that is not in the settings. W014: the log of revocations cannot be written. W015: the log knows revocations that the database
does not know.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError
from django.http.request import validate_host

from learning_credentials.checks.tags import TAG
from learning_credentials.conf import SETTING_NAME, get_settings
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.services.credentials import (
    get_issuer_host,
    get_present_issuer_id,
    get_revocation_log_path,
    list_forgotten_issuer_ids,
    list_issuer_ids,
)
from learning_credentials.services.staff import plan_restore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAME = "FORMER_BASE_URLS"
_LOCAL = {"localhost", "127.0.0.1"}


@register(TAG)
def check_former_addresses(**_kwargs: object) -> list[CheckMessage]:
    """Check each former address of the site."""
    try:
        if not get_settings().FORMER_BASE_URLS:
            return []
        get_present_issuer_id()
    except (ConfigurationError, TypeError):
        return []  # another check reports it
    try:
        present, *former = list_issuer_ids()
    except ConfigurationError as error:
        hint = f"Correct or remove the address in {SETTING_NAME}['{_NAME}']."
        return [Error(str(error), hint=hint, id=f"{TAG}.E011")]
    seen = {get_issuer_host(present.base_url): "BASE_URL"}
    messages: list[CheckMessage] = []
    for number, site in enumerate(former):
        name = f"{_NAME}[{number}]"
        host = get_issuer_host(site.base_url)
        if host in seen:
            message = (
                f"{name}: '{site.base_url}' has the same host as {seen[host]}, so the app cannot tell "
                "apart requests to them."
            )
            hint = (
                f"Remove the address from {SETTING_NAME}['{_NAME}']. Each address must have a host of its "
                "own, different from the host of BASE_URL."
            )
            messages.append(Error(message, hint=hint, id=f"{TAG}.E011"))
        messages += _check_reachable(name, site.base_url, host[0])
        seen.setdefault(host, name)
    return messages


def _check_reachable(name: str, base_url: str, host: str) -> Iterator[CheckMessage]:
    if not base_url.lower().startswith("https://") and not django_settings.DEBUG and host not in _LOCAL:
        hint = "Serve the address over https: verifiers ask for its keys only over https."
        yield CheckWarning(f"{name}: '{base_url}' does not begin with https.", hint=hint, id=f"{TAG}.W009")
    allowed = django_settings.ALLOWED_HOSTS
    if not validate_host(host, allowed) and not (django_settings.DEBUG and not allowed):
        hint = f"Add '{host}' to ALLOWED_HOSTS. Otherwise nobody can verify the badges that were issued there."
        message = f"{name}: Django refuses requests for '{host}', which is not in ALLOWED_HOSTS."
        yield CheckWarning(message, hint=hint, id=f"{TAG}.W010")


@register(TAG, Tags.database)
def check_issued_addresses(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Warn about addresses that badges refer to and that are not in the settings.

    This check runs only with ``check --database``.
    """
    try:
        if not databases or not get_settings().SIGNING_KEYS:
            return []
        forgotten = list_forgotten_issuer_ids()
    except (ConfigurationError, TypeError, DatabaseError):
        return []  # another check reports it, or not migrated yet
    hint = (
        f"If the site moved, add the address to {SETTING_NAME}['{_NAME}'] and make sure that its host still "
        "reaches the app. If you no longer have the address, nobody can verify the badges that were issued "
        "there. Then ask their holders to download them again."
    )
    return [
        CheckWarning(
            f"Badges were issued under '{url}', which is neither BASE_URL nor in {_NAME}.", hint=hint, id=f"{TAG}.W011"
        )
        for url in forgotten
    ]


@register(TAG)
def check_revocation_log(**_kwargs: object) -> list[CheckMessage]:
    """Warn if the log of revocations cannot be written.

    The first revocation makes the file, so only its directory has to exist.
    """
    try:
        path = get_revocation_log_path()
    except (ConfigurationError, TypeError):
        return []  # another check reports it
    if path is None or (path.is_file() and os.access(path, os.R_OK | os.W_OK)):
        return []
    if not path.exists() and path.parent.is_dir() and os.access(path.parent, os.W_OK):
        return []
    hint = (
        "Make the directory, let the web processes and workers write to it, or correct "
        f"{SETTING_NAME}['REVOCATION_LOG']."
    )
    return [CheckWarning(f"REVOCATION_LOG: '{path}' cannot be written.", hint=hint, id=f"{TAG}.W014")]


@register(TAG, Tags.database)
def check_restored(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Warn about revocations that are only in the log. This check runs only with ``check --database``."""
    try:
        path = get_revocation_log_path() if databases else None
        if path is None or not path.is_file():
            return []
        plan = plan_restore([], [path])
    except (ConfigurationError, TypeError, DatabaseError, OSError):
        return []  # another check reports it, or not migrated yet
    if not plan.revocations and not plan.places and not plan.lifts:
        return []
    hint = "If the database was restored from a backup, stop the site and run `manage.py after_restore`."
    message = "The file in REVOCATION_LOG has revocations or lifted blocks that are not in the database."
    return [CheckWarning(message, hint=hint, id=f"{TAG}.W015")]
