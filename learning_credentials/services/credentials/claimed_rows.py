"""Updates the rows of a claim, many in one statement, and only while the claim still has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import ByKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from learning_credentials.services.credentials.rendering import RenderedClaim


class RowsLostError(Exception):
    """Raised when a row no longer belongs to the claim, or a credential can no longer be renewed."""


def update_claimed(
    token: str, outcomes: Sequence[RenderedClaim], per_row: Mapping[str, Sequence[Any]], **same: Any
) -> None:
    """Update the rows of many outcomes, in one statement for each batch.

    Args:
        token: the claim's token.
        outcomes: the results of rendering, one for each row.
        per_row: for each column, the values of the outcomes in the same order.
        same: the columns that get the same value in every row.

    Raises:
        RowsLostError: a row no longer belongs to the claim.
    """
    for batch in in_batches(range(len(outcomes)), params_each=2 * len(per_row) + 1):
        keys = [outcomes[index].credential.pk for index in batch]
        values: dict[str, Any] = dict(same)
        for column, all_values in per_row.items():
            wanted = [all_values[index] for index in batch]
            is_same = wanted.count(wanted[0]) == len(wanted)
            values[column] = wanted[0] if is_same else ByKey(Credential, column, dict(zip(keys, wanted, strict=True)))
        mine = Credential.objects.filter(
            pk__in=sorted(keys), status=Credential.Status.GENERATING, generation_task_id=token
        )
        if mine.update(**values) < len(keys):
            raise RowsLostError
