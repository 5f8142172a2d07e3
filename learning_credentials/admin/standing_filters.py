"""Define the filters of the list of standings."""

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

CertificateStatus = LearnerCertificate.Status

#: The statuses that the app sets. All others are historical.
CURRENT = (
    CertificateStatus.DOWNLOADABLE,
    CertificateStatus.NOTPASSING,
    CertificateStatus.UNAVAILABLE,
    CertificateStatus.UNVERIFIED,
)
HISTORICAL = tuple(status for status in CertificateStatus if status not in CURRENT)
ANY = "any"


class _ChoiceFilter(admin.SimpleListFilter):
    """Filter by values that are known without a query."""

    lookup = ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the rows with that value."""
        value = self.value()
        return queryset.filter(**{self.lookup: value}) if value else queryset


class CurrentStatusFilter(_ChoiceFilter):
    """Filter by the statuses that the app sets."""

    title = gettext_lazy("status")
    parameter_name = lookup = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise | str]]:  # noqa: ARG002
        """Return the four statuses."""
        return [(status.value, status.label) for status in CURRENT]


class HistoricalStatusFilter(_ChoiceFilter):
    """Filter by statuses that only old rows have."""

    title = gettext_lazy("historical status")
    parameter_name = "historical"
    lookup = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise | str]]:  # noqa: ARG002
        """Return any historical status, and each of them."""
        return [(ANY, gettext_lazy("Any historical")), *((status.value, status.label) for status in HISTORICAL)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with that status."""
        if self.value() == ANY:
            return queryset.filter(status__in=HISTORICAL)
        return super().queryset(request, queryset)


class ModeFilter(_ChoiceFilter):
    """Filter by enrolment mode: the modes of the settings, and audit."""

    title = gettext_lazy("mode")
    parameter_name = lookup = "mode"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise | str]]:  # noqa: ARG002
        """Return the modes."""
        return [(mode, mode) for mode in dict.fromkeys([*get_settings().EARNING_MODES, "audit"])]


class RunFilter(ContextKeyFilter):
    """Filter by a course run that the user types in."""

    title = gettext_lazy("course run")
    parameter_name = "course_key"
    lookup = "course_certificate__course_key"
