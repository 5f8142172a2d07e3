"""Filters of the list of standings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from learning_credentials.admin.filters import ContextKeyFilter
from learning_credentials.conf import get_settings
from learning_credentials.models import LearnerCertificate

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

Status = LearnerCertificate.Status

#: What the app sets; the other statuses are historical.
CURRENT = (Status.DOWNLOADABLE, Status.NOTPASSING, Status.UNAVAILABLE, Status.UNVERIFIED)
HISTORICAL = tuple(status for status in Status if status not in CURRENT)
ANY = "any"


class _ChoiceFilter(admin.SimpleListFilter):
    """By values that are known without asking the database."""

    lookup = ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Rows with that value."""
        value = self.value()
        return queryset.filter(**{self.lookup: value}) if value else queryset


class CurrentStatusFilter(_ChoiceFilter):
    """By the statuses that the app sets."""

    title = gettext_lazy("status")
    parameter_name = lookup = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise | str]]:  # noqa: ARG002
        """The four."""
        return [(status.value, status.label) for status in CURRENT]


class HistoricalStatusFilter(_ChoiceFilter):
    """By statuses that only rows of the past have."""

    title = gettext_lazy("historical status")
    parameter_name = "historical"
    lookup = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise | str]]:  # noqa: ARG002
        """Any of them, or each."""
        return [(ANY, gettext_lazy("Any historical")), *((status.value, status.label) for status in HISTORICAL)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows with that status."""
        if self.value() == ANY:
            return queryset.filter(status__in=HISTORICAL)
        return super().queryset(request, queryset)


class ModeFilter(_ChoiceFilter):
    """By enrolment mode: those of the settings, and audit."""

    title = gettext_lazy("mode")
    parameter_name = lookup = "mode"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise | str]]:  # noqa: ARG002
        """The modes."""
        return [(mode, mode) for mode in dict.fromkeys([*get_settings().EARNING_MODES, "audit"])]


class RunFilter(ContextKeyFilter):
    """By course run, typed in."""

    title = gettext_lazy("course run")
    parameter_name = "course_key"
    lookup = "course_certificate__course_key"
