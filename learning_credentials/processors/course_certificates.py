"""Who stands ``downloadable`` in a course run. It reads the standings that the app keeps; it evaluates none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from learning_credentials.models import LearnerCertificate
from learning_credentials.options import Options

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


class CourseCertificatesOptions(Options):
    """It has no options: grade, mode, identity, allowlist and invalidations decide, by the rules for course certificates."""


def retrieve_course_certificates(
    learning_context_key: str,
    options: Mapping[str, Any],  # noqa: ARG001  the signature is that of every processor
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Learners whose course certificate stands downloadable.

    Returns:
        By user id, for learners who have a record: ``is_eligible``, ``certificate_status``, ``mode``, and as far as they are known
        ``current_grades`` (``Total``, from 0 to 1) and ``letter_grade``. The required status is ``downloadable``.
    """
    wanted = user_ids if user_ids is not None else None if user_id is None else [user_id]
    rows = LearnerCertificate.objects.filter(course_certificate__course_key=learning_context_key).order_by()
    found: dict[int, dict[str, Any]] = {}
    for part in _cut(wanted):
        values = (rows if part is None else rows.filter(user_id__in=part)).values_list(
            "user_id", "status", "mode", "grade", "letter_grade", "course_certificate__is_active"
        )
        for learner, status, mode, grade, letter, is_active in values.iterator():
            found[learner] = {
                "is_eligible": is_active and status == LearnerCertificate.Status.DOWNLOADABLE,
                "certificate_status": status,
                "required_certificate_status": LearnerCertificate.Status.DOWNLOADABLE.value,
                "mode": mode,
                **({"current_grades": {"Total": grade}} if grade is not None else {}),
                **({"letter_grade": letter} if letter else {}),
            }
    return found


def _cut(user_ids: Collection[int] | None) -> Iterable[Sequence[int] | None]:
    """Cut ids to what the database takes in one statement."""
    if user_ids is None:
        return [None]
    ids = sorted(user_ids)
    size = max(1, (connection.features.max_query_params or len(ids) + 50) - 50)
    return [ids[start : start + size] for start in range(0, len(ids), size)]


retrieve_course_certificates.options_model = CourseCertificatesOptions  # type: ignore[attr-defined]
