"""Query what the views need besides the services: the configurations of a context and a learner's credentials from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from learning_credentials.models import Credential, CredentialConfiguration
from learning_credentials.services.course_runs import are_visible

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet


def enabled_configurations(context_key: str) -> QuerySet[CredentialConfiguration]:
    """Return the enabled configurations of a context in a stable order."""
    return (
        CredentialConfiguration.objects.filter(learning_context_key=context_key, is_enabled=True)
        .select_related("credential_type")
        .order_by("pk")
    )


def find_held_credentials(user_id: int, configuration_ids: Collection[int]) -> Mapping[int, Credential]:
    """Return, by configuration, the learner's live credential. If there is none, return the one that was invalidated last.

    Unfinished successors and hidden credentials are left out.
    """
    rows = (
        Credential.objects.filter(Q(is_current=True) | Q(status=Credential.Status.INVALIDATED))
        .filter(user_id=user_id, configuration_id__in=configuration_ids)
        .defer("issuer", "signatories", "error_message")
        .order_by("invalidated_at")
    )
    visible = are_visible(rows)
    found: dict[int, Credential] = {}
    for row in rows:
        if not visible[row.pk]:
            continue
        held = found.get(row.configuration_id)
        if held is None or not held.is_current:
            found[row.configuration_id] = row
    return found


def conceal(credential: Credential) -> Credential:
    """Set the status of a hidden credential to GENERATING in the answer, so that it looks unfinished."""
    if not are_visible([credential])[credential.pk]:
        credential.status = Credential.Status.GENERATING
    return credential
