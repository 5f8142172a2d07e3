"""What the app owes others after a change: the LMS is told of standings that changed.

A message names the learners and not their status. The status is read when the LMS is told, and one worker at a time tells of a run, so
that what the LMS hears last of a learner is the latest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import ConfigurationError
from learning_credentials.lms import LMSBackend, get_lms
from learning_credentials.models import LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import put_message

if TYPE_CHECKING:
    from collections.abc import Sequence

TELL_STANDINGS = "tell_standings"


def owe_standings(course_key: str, user_ids: Sequence[int]) -> None:
    """Note that the LMS is to be told of these learners' standings, if it wants to know; in the transaction that changes them."""
    if _is_interested():
        put_message(TELL_STANDINGS, course_key, user_ids)


def _is_interested() -> bool:
    try:
        return type(get_lms()).take_standings is not LMSBackend.take_standings
    except ConfigurationError:  # decided once the settings are right again
        return True


def tell_standings(course_key: str, user_ids: Sequence[int]) -> None:
    """Tell the LMS how learners stand in a run now. Learners without a record are left out.

    Raises:
        TransientError: the LMS could not be told.
    """
    statuses: dict[int, str] = {}
    for batch in in_batches(list(user_ids)):
        rows = LearnerCertificate.objects.filter(course_certificate__course_key=course_key, user_id__in=batch)
        statuses.update(rows.order_by().values_list("user_id", "status"))
    if statuses:
        get_lms().take_standings(course_key, statuses)
