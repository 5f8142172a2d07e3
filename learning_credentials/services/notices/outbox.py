"""Processes messages. What the app owes other systems is done here: it tells the LMS which standings changed.

A message names the learners and not their status. The status is read when the LMS is told, and only one worker at a time tells about a
course run. So the last thing that the LMS hears about a learner is the latest status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.lms import get_lms
from learning_credentials.models import LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import WorkResult, work_off
from learning_credentials.services.standings import TELL_STANDINGS, work_off_inbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.services.common import Actor

#: The kinds of messages to other systems. All other kinds are messages from the host project.
OUTBOX_KINDS = frozenset({TELL_STANDINGS})


def work_off_messages(kind: str, context_key: str) -> WorkResult:
    """Process the messages of one kind for one course run that are due. Return how many succeeded and failed.

    Safe to call at any time, also twice at once.
    """
    if kind in OUTBOX_KINDS:
        return work_off(kind, context_key, _tell_standings, is_exclusive=True)
    return work_off_inbox(kind, context_key)


def _tell_standings(
    kind: str,  # noqa: ARG001  there is one kind
    context_key: str,
    user_ids: Sequence[int],
    *,
    actor: Actor = None,  # noqa: ARG001
    reason: str = "",  # noqa: ARG001
) -> None:
    """Tell the LMS the present certificate status of learners in a course run. Learners without a standing are skipped.

    Raises:
        TransientError: the LMS could not be told.
    """
    statuses: dict[int, str] = {}
    for batch in in_batches(list(user_ids)):
        rows = LearnerCertificate.objects.filter(course_certificate__course_key=context_key, user_id__in=batch)
        statuses.update(rows.order_by().values_list("user_id", "status"))
    if statuses:
        get_lms().take_standings(context_key, statuses)
