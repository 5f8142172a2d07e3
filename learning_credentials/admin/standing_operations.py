"""Define the operations on standings for which staff have to write notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.operations import NotesForm, Operation
from learning_credentials.exceptions import InvalidTransitionError
from learning_credentials.models import CertificateInvalidation, LearnerCertificate
from learning_credentials.services.staff import invalidate_certificate, lift_certificate_invalidation

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


def _invalidate(row: LearnerCertificate, values: dict[str, Any], actor: AbstractBaseUser) -> object:
    return invalidate_certificate(row.user_id, row.course_certificate.course_key, notes=values["notes"], actor=actor)


def _revalidate(row: LearnerCertificate, values: dict[str, Any], actor: AbstractBaseUser) -> object:
    invalidation = find_invalidation(row)
    if invalidation is None:
        raise InvalidTransitionError(_("The learner is not barred."))
    return lift_certificate_invalidation(invalidation.pk, notes=values["notes"], actor=actor)


def find_invalidation(row: LearnerCertificate) -> CertificateInvalidation | None:
    """Return the active invalidation of the learner in the run."""
    rows = CertificateInvalidation.objects.filter(user_id=row.user_id, is_active=True)
    return rows.filter(learning_context_key=row.course_certificate.course_key).first()


INVALIDATE = Operation[LearnerCertificate](
    name="invalidate",
    title=gettext_lazy("Bar"),
    explanation=lambda number: (
        ngettext(
            "The learner’s course certificate becomes unavailable and its credential is revoked. "
            "Neither a grade nor the allowlist changes that until you lift the bar.",
            "The course certificates of these %(number)d learners become unavailable and their credentials are revoked. "
            "Neither a grade nor the allowlist changes that until you lift the bars.",
            number,
        )
        % {"number": number}
    ),
    button=gettext_lazy("Bar"),
    form_class=NotesForm,
    apply=_invalidate,
    compared=("status",),
    report=lambda number: ngettext("%d learner was barred.", "%d learners were barred.", number) % number,
    is_dangerous=True,
)
REVALIDATE = Operation[LearnerCertificate](
    name="revalidate",
    title=gettext_lazy("Lift the bar"),
    title_of_many=gettext_lazy("Lift the bars"),
    explanation=lambda number: (
        ngettext(
            "The bar is lifted and the learner is evaluated again. "
            "If the learner qualifies, a new credential is issued. The old one stays revoked.",
            "The bars of these %(number)d learners are lifted and the learners are evaluated again. "
            "Learners who qualify get a new credential. The old ones stay revoked.",
            number,
        )
        % {"number": number}
    ),
    button=gettext_lazy("Lift the bar"),
    form_class=NotesForm,
    apply=_revalidate,
    compared=("status",),
    report=lambda number: ngettext("%d bar was lifted.", "%d bars were lifted.", number) % number,
)
