"""Find learners whose certificate status is ``downloadable``. The processor reads the stored standings and evaluates none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.models import LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.options import Options
from learning_credentials.plugins import processor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


class CourseCertificatesOptions(Options):
    """This processor has no options. The rules for course certificates decide: grade, mode, identity, allowlist and invalidations."""


@processor(options=CourseCertificatesOptions)
def retrieve_course_certificates(
    learning_context_key: str,
    options: Mapping[str, Any],  # noqa: ARG001  the signature is that of every processor
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Find learners whose certificate status in the course run is ``downloadable``.

    Returns:
        The results by user id, for learners who have a standing: ``is_eligible``, ``certificate_status``, ``required_certificate_status``
        (always ``downloadable``) and ``mode``. If they are known, also ``current_grades`` (``Total``, from 0 to 1) and ``letter_grade``.
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
