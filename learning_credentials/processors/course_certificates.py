"""Find learners whose certificate status is ``downloadable``. The processor reads the stored standings and evaluates none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from learning_credentials.models import AllowlistEntry, LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.options import Options
from learning_credentials.plugins import processor
from learning_credentials.processors.wording import write_course_passed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from learning_credentials.data import CriteriaSource


class CourseCertificatesOptions(Options):
    """This processor has no options. The rules for course certificates decide: grade, mode, identity, allowlist and invalidations."""


class _CourseCertificatesWriter:
    """Writes the criterion of every course certificate. Mode and identity are no achievements, so they are not mentioned."""

    def collect(self, source: CriteriaSource) -> dict[str, Any]:  # noqa: ARG002
        return {"is_passed": True}

    def write(self, facts: Mapping[str, Any], language: str) -> str:  # noqa: ARG002
        return write_course_passed(language)


@processor(
    title="Passed course, by its course certificate",
    options=CourseCertificatesOptions,
    criteria=_CourseCertificatesWriter(),
)
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
        ``is_allowlisted`` is present and True if the allowlist waives the learner's grade.
    """
    wanted = user_ids if user_ids is not None else None if user_id is None else [user_id]
    entries = AllowlistEntry.objects.filter(
        user_id=OuterRef("user_id"), learning_context_key=learning_context_key, scope="", is_active=True
    )
    rows = LearnerCertificate.objects.filter(course_certificate__course_key=learning_context_key).order_by()
    found: dict[int, dict[str, Any]] = {}
    parts: Iterable[Sequence[int] | None] = [None] if wanted is None else in_batches(sorted(wanted))
    for part in parts:
        values = (rows if part is None else rows.filter(user_id__in=part)).values_list(
            "user_id", "status", "mode", "grade", "letter_grade", "course_certificate__is_active", Exists(entries)
        )
        for learner, status, mode, grade, letter, is_active, is_allowlisted in values.iterator():
            found[learner] = {
                "is_eligible": is_active and status == LearnerCertificate.Status.DOWNLOADABLE,
                "certificate_status": status,
                "required_certificate_status": LearnerCertificate.Status.DOWNLOADABLE.value,
                "mode": mode,
                **({"current_grades": {"Total": grade}} if grade is not None else {}),
                **({"letter_grade": letter} if letter else {}),
                **({"is_allowlisted": True} if is_allowlisted else {}),
            }
    return found
