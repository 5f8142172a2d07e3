"""Provide the admin of invalidations. They block learners from the course certificate of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.active_notes import ActiveNotesAdmin
from learning_credentials.admin.fields import ContextKeyField, point_picker_at
from learning_credentials.admin.learners import LearnerField
from learning_credentials.admin.operations import NotesForm, Operation
from learning_credentials.models import CertificateInvalidation
from learning_credentials.services.staff import invalidate_certificate, lift_certificate_invalidation

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse


class BlockForm(NotesForm):
    """Ask for the learner, the course run and the reason."""

    learner = LearnerField()
    context_key = ContextKeyField(label=gettext_lazy("Course run"))

    field_order = ("learner", "context_key", "notes")

    def __init__(self, *args: Any, search_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        point_picker_at(self.fields["context_key"], search_url)


def _lift(row: CertificateInvalidation, values: dict[str, Any], actor: AbstractBaseUser) -> object:
    return lift_certificate_invalidation(row.pk, notes=values["notes"], actor=actor)


@admin.register(CertificateInvalidation)
class CertificateInvalidationAdmin(ActiveNotesAdmin[CertificateInvalidation]):
    """Show active and lifted invalidations."""

    list_display = ("learner", "state", "learning_context_key", "notes", "recorded")
    fields = (("learner", "state"), "learning_context_key", "notes", ("created_by", "created"))
    readonly_fields = ("learner", "state", "created")
    actions = ("lift_selected",)
    ended_label = gettext_lazy("lifted")
    end_operation = Operation[CertificateInvalidation](
        name="lift",
        title=gettext_lazy("Lift the bar"),
        title_of_many=gettext_lazy("Lift the bars"),
        explanation=lambda number: (
            ngettext(
                "The learner is evaluated again. If the learner qualifies, a new credential is issued. "
                "The old one stays revoked.",
                "The learners of these %(number)d bars are evaluated again. Learners who qualify get a new credential. "
                "The old ones stay revoked.",
                number,
            )
            % {"number": number}
        ),
        button=gettext_lazy("Lift the bar"),
        form_class=NotesForm,
        apply=_lift,
        compared=("is_active",),
        report=lambda number: ngettext("%d bar was lifted.", "%d bars were lifted.", number) % number,
    )
    add_form_class = BlockForm
    add_title = gettext_lazy("Bar learner")
    added_message = gettext_lazy("%s: the learner was barred.")
    add_explanation = gettext_lazy(
        "The learner’s course certificate becomes unavailable and its credential is revoked. Neither a "
        "grade nor the allowlist changes that until you lift the bar."
    )
    is_adding_dangerous = True

    def add_row(self, values: dict[str, Any], actor: AbstractBaseUser) -> CertificateInvalidation:
        """Invalidate the certificate."""
        return invalidate_certificate(values["learner"].pk, values["context_key"], notes=values["notes"], actor=actor)

    @admin.action(permissions=["act"], description=gettext_lazy("Lift selected bars"))
    def lift_selected(self, request: HttpRequest, queryset: QuerySet[CertificateInvalidation]) -> HttpResponse | None:
        """Ask for notes. Then lift each invalidation."""
        return self.end_selected(request, queryset)
