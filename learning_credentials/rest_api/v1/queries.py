"""What the views read beside the facade: configurations of a context and what a learner holds of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from learning_credentials import api
from learning_credentials.models import Credential, CredentialConfiguration

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet


def enabled_configurations(context_key: str) -> QuerySet[CredentialConfiguration]:
    """Return what can be earned in a context, in stable order."""
    return (
        CredentialConfiguration.objects.filter(learning_context_key=context_key, is_enabled=True)
        .select_related("credential_type")
        .order_by("pk")
    )


def find_held_credentials(user_id: int, configuration_ids: Collection[int]) -> Mapping[int, Credential]:
    """Return by configuration the learner's live credential, or else the one invalidated last.

    Successors in the making are left out, and whatever may not be seen yet.
    """
    rows = (
        Credential.objects.filter(Q(is_current=True) | Q(status=Credential.Status.INVALIDATED))
        .filter(user_id=user_id, configuration_id__in=configuration_ids)
        .defer("issuer", "signatories", "error_message")
        .order_by("invalidated_at")
    )
    visible = api.are_visible(rows)
    found: dict[int, Credential] = {}
    for row in rows:
        if not visible[row.pk]:
            continue
        held = found.get(row.configuration_id)
        if held is None or not held.is_current:
            found[row.configuration_id] = row
    return found


def conceal(credential: Credential) -> Credential:
    """Let a credential that may not be seen yet look unfinished."""
    if not api.are_visible([credential])[credential.pk]:
        credential.status = Credential.Status.GENERATING
    return credential
