"""Who stands ``downloadable`` in a course run. It reads the standings that the app keeps; it evaluates none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.models import LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.options import Options
from learning_credentials.plugins import processor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


class CourseCertificatesOptions(Options):
    """It has no options: grade, mode, identity, allowlist and invalidations decide, by the rules for course certificates."""


@processor(options=CourseCertificatesOptions)
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
    parts: Iterable[Sequence[int] | None] = [None] if wanted is None else in_batches(sorted(wanted))
    for part in parts:
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
