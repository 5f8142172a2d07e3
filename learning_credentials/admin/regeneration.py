"""Evaluates the learners of a run again whose standings have chosen statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials import api
from learning_credentials.admin.base import get_actor, get_url
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.models import LearnerCertificate

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse

    from learning_credentials.models import CourseCertificate


class StatusesForm(forms.Form):
    """Which standings. Only statuses that somebody in the run has can be chosen."""

    statuses = forms.MultipleChoiceField(
        label=gettext_lazy("Statuses"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one status.")},
    )

    def __init__(self, *args: Any, counts: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(LearnerCertificate.Status.choices)
        field = self.fields["statuses"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [
                (status, f"{labels.get(status, status)} ({number})") for status, number in sorted(counts.items())
            ]


def count_by_status(row: CourseCertificate) -> dict[str, int]:
    """How many learners of the run have each status."""
    counted = row.standings.order_by().values_list("status").annotate(number=Count("pk"))
    return dict(counted)


def regenerate(model_admin: admin.ModelAdmin[Any], request: HttpRequest, row: CourseCertificate) -> HttpResponse:
    """Ask which statuses, then evaluate and report."""
    own_page = get_url("coursecertificate_change", row.pk)
    counts = count_by_status(row)
    if not counts:
        messages.warning(request, _("Nobody has a standing in this run."))
        return HttpResponseRedirect(own_page)
    form = StatusesForm(request.POST if request.method == "POST" else None, counts=counts)

    def act(values: dict[str, Any]) -> int:
        return api.regenerate_certificates(row.course_key, statuses=values["statuses"], actor=get_actor(request))

    if request.method == "POST" and (number := submit(form, act)) is not None:
        text = ngettext("%d learner is evaluated again.", "%d learners are evaluated again.", number)
        messages.success(request, text % number)
        return HttpResponseRedirect(own_page)
    return render_form(
        model_admin,
        request,
        form,
        title=_("Evaluate again"),
        explanation=_(
            "Learners with the chosen statuses are evaluated in the background by what the LMS says now; their credentials follow. "
            "Nobody who stands downloadable loses it for a grade alone."
        ),
        button=_("Evaluate again"),
        cancel_url=own_page,
        parent={"url": own_page, "name": row},
    )
