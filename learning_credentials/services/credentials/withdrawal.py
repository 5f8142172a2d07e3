"""Withdraws live credentials of many learners at once, in the caller's transaction: their standing no longer grants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.credentials.transitions import lock_for_transition, make_invalidated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.services.common import Actor


def withdraw_live(
    configuration_ids: Sequence[int], user_ids: Sequence[int], *, reason: str, cause: str, actor: Actor = None
) -> int:
    """Invalidate the learners' live credentials of these configurations, whatever their status; return how many.

    The reason is a code that the public may see. No block is set: whoever regains the standing is issued a new credential.
    """
    withdrawn = 0
    for batch in in_batches(user_ids):
        live = Credential.objects.filter(configuration_id__in=configuration_ids, user_id__in=batch, is_current=True)
        rows = lock_for_transition(live)
        withdrawn += len(make_invalidated(rows, reason=reason, actor=actor, detail={"cause": cause}))
    return withdrawn
