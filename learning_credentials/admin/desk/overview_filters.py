"""Reads the filters of the overview: the period, the course and the person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.searching import find_user_ids
from learning_credentials.folding import compose
from learning_credentials.services.desk import MAX_PERIOD, ActFilter, get_start, get_today

if TYPE_CHECKING:
    from django.http import HttpRequest, QueryDict

#: The length of the period that is shown first, and the others that are one click away, in days.
DEFAULT_DAYS = 28
PERIODS = (
    (7, gettext_lazy("1 week")),
    (28, gettext_lazy("4 weeks")),
    (91, gettext_lazy("13 weeks")),
    (364, gettext_lazy("1 year")),
)

#: At most so many people are looked for. They are parameters of one statement.
_MAX_PEOPLE = 200


def _make_day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, input_formats=["%Y-%m-%d"])


class OverviewForm(forms.Form):
    """Ask for the period, the course and the person."""

    first = _make_day(gettext_lazy("From"))
    last = _make_day(gettext_lazy("To"))
    course = forms.CharField(
        label=gettext_lazy("Course"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "course-suggestions"}),
    )
    person = forms.CharField(
        label=gettext_lazy("Person"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: QueryDict, *, search_url: str) -> None:
        today = get_today()
        filled = data.copy()
        filled.setdefault("last", today.isoformat())
        filled.setdefault("first", (today - timedelta(days=DEFAULT_DAYS - 1)).isoformat())
        super().__init__(filled)
        if search_url:
            self.fields["course"].widget.attrs["data-search-url"] = search_url

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or that is too long."""
        cleaned = super().clean() or {}
        today = get_today()
        first, last = cleaned.get("first"), cleaned.get("last") or today
        cleaned["last"] = last
        cleaned["first"] = first or last - timedelta(days=DEFAULT_DAYS - 1)
        if not self.errors:
            if cleaned["first"] > last:
                raise ValidationError(_("The period ends before it begins."))
            if last - cleaned["first"] >= MAX_PERIOD or not date(1900, 1, 1) <= cleaned["first"] <= date(9000, 1, 1):
                raise ValidationError(_("A period can have at most 371 days."))
        cleaned["course"] = compose(cleaned.get("course", "").strip())
        cleaned["person"] = compose(cleaned.get("person", "").strip())
        return cleaned


@dataclass(frozen=True)
class Chosen:
    """What the overview shows. If the form has errors, it shows the usual period."""

    form: OverviewForm
    first: date
    last: date
    course: str = ""
    person: str = ""
    before: datetime | None = None

    def make_query(self, **more: str) -> str:
        """Return the filters as the query of an address."""
        values = {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "course": self.course,
            "person": self.person,
        }
        return urlencode({name: value for name, value in {**values, **more}.items() if value})

    def list_periods(self) -> list[dict[str, str]]:
        """Return the usual periods until today, each with its label and the query of its address."""
        today = get_today()
        return [
            {
                "label": str(label),
                "query": replace(self, first=today - timedelta(days=days - 1), last=today).make_query(),
                "is_shown": "yes" if (self.last, (self.last - self.first).days + 1) == (today, days) else "",
            }
            for days, label in PERIODS
        ]

    def make_act_filter(self, request: HttpRequest) -> ActFilter:
        """Return which acts to list. A person is found by user name, e-mail address, or the beginning of the name."""
        until = get_start(self.last + timedelta(days=1))
        user_ids = find_people(request, self.person) if self.person else None
        return ActFilter(
            get_start(self.first), min(until, self.before) if self.before else until, self.course, user_ids
        )


def read_filters(request: HttpRequest, *, search_url: str = "") -> Chosen:
    """Return the filters of a request."""
    form = OverviewForm(request.GET, search_url=search_url)
    if not form.is_valid():
        today = get_today()
        return Chosen(form, today - timedelta(days=DEFAULT_DAYS - 1), today)
    values = form.cleaned_data
    return Chosen(
        form,
        values["first"],
        values["last"],
        values["course"],
        values["person"],
        _read_moment(request.GET.get("before")),
    )


def find_people(request: HttpRequest, text: str) -> list[Any]:
    """Return the accounts with exactly this user name or e-mail address. If there are none, return those whose name begins with it."""
    users = get_user_model()
    exact = users._default_manager.filter(**{users.USERNAME_FIELD: text}).values_list("pk", flat=True)  # noqa: SLF001
    return list(exact) or find_user_ids(request, text)[:_MAX_PEOPLE]


def _read_moment(text: str | None) -> datetime | None:
    try:
        moment = parse_datetime(text or "")
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None
