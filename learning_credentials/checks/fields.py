"""Check that required custom fields can have a value. W040: a configuration that can issue nothing for want of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError

from learning_credentials.checks.tags import TAG

if TYPE_CHECKING:
    from collections.abc import Sequence


@register(TAG, Tags.database)
def check_required_fields(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Warn about enabled configurations whose required custom fields have no value. This check runs only with ``check --database``."""
    if not databases:
        return []
    from learning_credentials.models import CredentialConfiguration
    from learning_credentials.services.credentials import list_unsupplied_fields

    try:
        rows = list(CredentialConfiguration.objects.filter(is_enabled=True).select_related("credential_type"))
    except DatabaseError:
        return []  # not migrated yet
    hint = "Enter the values in the configuration, or have the LMS or the retrieval function give learners their own."
    return [
        CheckWarning(
            f"{row}: nothing can be issued, because these required custom fields have no value: {', '.join(names)}.",
            hint=hint,
            id="learning_credentials.W040",
        )
        for row in rows
        if (names := list_unsupplied_fields(row))
    ]
