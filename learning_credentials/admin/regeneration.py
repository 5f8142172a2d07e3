"""Evaluate again the learners of a run whose standings have chosen statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.db.models import Count, Sum
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.base import get_actor, get_url
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.admin.recent_actions import log_act
from learning_credentials.models import LearnerCertificate
from learning_credentials.services.standings import regenerate_certificates

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse, QueryDict

    from learning_credentials.models import CourseCertificate

_SALT = "learning_credentials.admin.regeneration"


#: For each status, how many learners have it and the sum of their ids.
Standings = dict[str, tuple[int, int]]


class StatusesForm(forms.Form):
    """Ask for statuses. Only statuses that occur in the run can be chosen.

    The form carries the number of learners with each status and the sum of their ids. If they have changed for a chosen status, the page
    comes back with the new numbers. So exactly as many learners are evaluated as the page showed.
    """

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    statuses = forms.MultipleChoiceField(
        label=gettext_lazy("Statuses"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one status.")},
    )

    def __init__(self, data: QueryDict | None, standings: Standings) -> None:
        super().__init__(data, initial={"shown": signing.dumps(standings, salt=_SALT)})
        self._standings = standings
        labels = dict(LearnerCertificate.Status.choices)
        field = self.fields["statuses"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [
                (status, f"{labels.get(status, status)} ({number})")
                for status, (number, _sum) in sorted(standings.items())
            ]

    def clean(self) -> dict[str, Any] | None:
        """Refuse statuses that other learners have now than when the page was shown."""
        cleaned = super().clean()
        try:
            shown = signing.loads(self.data.get("shown", ""), salt=_SALT)
        except signing.BadSignature:  # the page does not tell
            return cleaned
        labels = dict(LearnerCertificate.Status.choices)
        for status in self.cleaned_data.get("statuses", ()):
            before, now = shown.get(status, (0, 0)), self._standings[status]
            if list(before) != list(now):
                text = _(
                    "Nobody was evaluated: other learners have the status “%(status)s” now. The page showed "
                    "%(before)d, and now there are %(now)d. Check the numbers and confirm again."
                )
                told = {"status": labels.get(status, status), "before": before[0], "now": now[0]}
                self.add_error(None, text % told)
        if self.errors:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data["shown"] = self.initial["shown"]  # type: ignore[index]
        return cleaned


def read_standings(row: CourseCertificate) -> Standings:
    """Return, for each status, how many learners of the run have it and the sum of their ids."""
    counted = row.standings.order_by().values("status").annotate(number=Count("pk"), total=Sum("user_id"))
    return {each["status"]: (each["number"], int(each["total"])) for each in counted}


def count_by_status(row: CourseCertificate) -> dict[str, int]:
    """Return how many learners of the run have each status."""
    counted = row.standings.order_by().values_list("status").annotate(number=Count("pk"))
    return dict(counted)


def regenerate(model_admin: admin.ModelAdmin[Any], request: HttpRequest, row: CourseCertificate) -> HttpResponse:
    """Ask for the statuses. Then evaluate and report."""
    own_page = get_url("coursecertificate_change", row.pk)
    standings = read_standings(row)
    if not standings:
        messages.warning(request, _("No learner of this run has a certificate status."))
        return HttpResponseRedirect(own_page)
    form = StatusesForm(request.POST if request.method == "POST" else None, standings)

    def act(values: dict[str, Any]) -> int:
        return regenerate_certificates(row.course_key, statuses=values["statuses"], actor=get_actor(request))

    if request.method == "POST" and (number := submit(form, act)) is not None:
        _log(request, row, number, form.cleaned_data["statuses"])
        text = ngettext("%d learner will be evaluated again.", "%d learners will be evaluated again.", number)
        messages.success(request, text % number)
        return HttpResponseRedirect(own_page)
    return render_form(
        model_admin,
        request,
        form,
        title=_("Evaluate again"),
        explanation=_(
            "The app evaluates the learners with the chosen statuses again, using what the LMS says now. This "
            "happens in the background. Then it issues or revokes their credentials to match. Learners "
            "who stay downloadable keep their credentials, even if the grade changed."
        ),
        button=_("Evaluate again"),
        cancel_url=own_page,
        parent={"url": own_page, "name": row},
    )


def _log(request: HttpRequest, row: CourseCertificate, number: int, statuses: list[str]) -> None:
    labels = dict(LearnerCertificate.Status.choices)
    text = ngettext("%d learner is evaluated again", "%d learners are evaluated again", number) % number
    named = ", ".join(str(labels.get(status, status)) for status in statuses)
    log_act(request, row, _("Evaluate again"), f"{text}: {named}")
