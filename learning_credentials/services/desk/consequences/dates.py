"""Says what another available date of a course run would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.conf import get_settings
from learning_credentials.models import CourseCertificate, Credential
from learning_credentials.services.course_runs import (
    change_course_certificate,
    filter_visible,
    find_opening,
    get_run_gate,
    get_shown_date,
)
from learning_credentials.services.desk.consequences.values import Consequences, group, rolled_back
from learning_credentials.services.notices import count_due_mails

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from django.db.models import QuerySet

Status = Credential.Status


def foresee_available_date(course_key: str, available_date: datetime | None) -> Consequences:
    """Return whose credentials would appear or disappear, how many e-mails would be sent, and how many files print another date.

    The e-mails are those about credentials that no learner was e-mailed about yet. If the new date is in the future, they wait for it.
    """
    before, dates, due = _list_visible(course_key), _read_dates(course_key), count_due_mails()
    with rolled_back():
        change_course_certificate(course_key, available_date=available_date)
        after, new_dates, now_due = _list_visible(course_key), _read_dates(course_key), count_due_mails()
        opens_at = find_opening(CourseCertificate.objects.get(course_key=course_key))
    pairs = [("shown", after[pk]) for pk in sorted(after.keys() - before.keys())]
    pairs += [("hidden", before[pk]) for pk in sorted(before.keys() - after.keys())]
    counts, learners = group(pairs)
    is_mailed = get_settings().NOTIFY_LEARNERS
    return Consequences(
        counts,
        learners,
        mails=max(now_due - due, 0) if is_mailed else 0,
        mails_from=opens_at,
        unsent=max(due - now_due, 0) if is_mailed else 0,
        old_files=sum(new_dates.get(pk) != day for pk, day in dates.items()),
    )


def _list_issued(course_key: str) -> QuerySet[Credential]:
    return Credential.objects.filter(learning_context_key=course_key, status=Status.AVAILABLE).order_by()


def _list_visible(course_key: str) -> dict[UUID, int | None]:
    return dict(filter_visible(_list_issued(course_key)).values_list("pk", "user"))


def _read_dates(course_key: str) -> dict[UUID, date]:
    """Return the date that each file would print if it were made now."""
    gate = get_run_gate(CourseCertificate.objects.filter(course_key=course_key).first())
    rows = _list_issued(course_key).only("issued_at", "date_override")
    return {row.pk: get_shown_date(row, gate, is_printed=True) for row in rows.iterator()}
