"""Says what reissuing credentials would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.lms import get_lms
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.course_runs import get_gates
from learning_credentials.services.credentials import (
    choose_successor_name,
    find_announced,
    get_awarded_type,
    get_mail_delay,
)
from learning_credentials.services.desk.consequences.values import Consequences, group
from learning_credentials.services.issuing import count_reachable, find_reissue_obstacles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from learning_credentials.lms import LearnerProfile

#: How many changed names are listed.
MAX_NAMES = 100
TYPE_GONE, NAME_MISSING = "type_gone", "name_missing"


def foresee_reissues(credential_uuids: Sequence[UUID], *, notify: bool = True) -> Consequences:
    """Return which credentials would be replaced, which names would change, and how many e-mails would be sent.

    Raises:
        TransientError: the LMS could not give the present names.
    """
    rows: list[Credential] = []
    for batch in in_batches(sorted(credential_uuids)):
        rows += Credential.objects.filter(pk__in=batch).select_related("configuration__credential_type").order_by("pk")
    obstacles = find_reissue_obstacles(rows)
    open_rows = [row for row in rows if obstacles[row.pk] is None]
    users = sorted({row.user_id for row in open_rows if row.user_id is not None})
    profiles = get_lms().get_profiles(users) if users else {}
    left_out: list[tuple[str, int | None]] = [
        (str(obstacle), row.user_id) for row in rows if (obstacle := obstacles[row.pk])
    ]
    done, renamed = [], []
    for row in open_rows:
        name = _find_name(row, profiles.get(row.user_id) if row.user_id is not None else None)
        if not name or name == TYPE_GONE:
            left_out.append((name or NAME_MISSING, row.user_id))
            continue
        done.append(row)
        if name != row.user_full_name:
            renamed.append((row.user_full_name, name))
    told = find_announced([row.pk for row in done])
    mailed = [row for row in done if notify or row.pk not in told] if get_settings().NOTIFY_LEARNERS else []
    gates = get_gates(mailed)
    openings = [gates[row.pk].opens_at for row in mailed]
    reachable = count_reachable([row.user_id for row in mailed if row.user_id is not None])
    counts, lists = group(("reissued", row.user_id) for row in done)
    left_counts, left_lists = group(left_out)
    return Consequences(
        counts,
        lists,
        left_counts,
        left_lists,
        checked=len(rows),
        mails=reachable,
        mails_from=max((moment for moment in openings if moment is not None), default=None),
        mail_delay=get_mail_delay() or None,
        unreachable=len(mailed) - reachable,
        renamed=tuple(renamed[:MAX_NAMES]),
    )


def _find_name(row: Credential, profile: LearnerProfile | None) -> str:
    """Return the name that the successor would have. It is empty if there is none. Return `TYPE_GONE` if the type is gone."""
    try:
        get_awarded_type(row)
    except ConfigurationError:
        return TYPE_GONE
    return choose_successor_name(row, profile)
