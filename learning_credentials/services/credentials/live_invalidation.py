"""Invalidates live credentials of many learners at once, in the caller's transaction, because their standings changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.credentials.transitions import lock_for_transition, make_invalidated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.services.common import Actor


def invalidate_live(
    configuration_ids: Sequence[int], user_ids: Sequence[int], *, reason: str, cause: str, actor: Actor = None
) -> int:
    """Invalidate the learners' live credentials of these configurations, in any status. Return how many.

    The reason is a code that the public can see. No block is set: a learner who qualifies again receives a new credential.
    """
    count = 0
    for batch in in_batches(user_ids):
        live = Credential.objects.filter(configuration_id__in=configuration_ids, user_id__in=batch, is_current=True)
        rows = lock_for_transition(live)
        count += len(make_invalidated(rows, reason=reason, actor=actor, detail={"cause": cause}))
    return count
