"""Define the filters of the lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from learning_credentials.admin.scoping import is_viewer_limited, limit_to_viewer
from learning_credentials.models import Credential, CredentialConfiguration, CredentialEvent, CredentialType
from learning_credentials.services.credentials import is_called_back, list_waiting
from learning_credentials.services.desk import expires_soon, is_waiting
from learning_credentials.services.notices import MAX_MAIL_ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


def find_uuid(text: str) -> UUID | None:
    """Return the first UUID in a text, such as a verification address. Return None if there is none."""
    match = _UUID.search(text)
    return UUID(match[0]) if match else None


class StatusFilter(admin.SimpleListFilter):
    """Filter by status as verifiers read it. "Expired" is not stored: it is available with a past expiry."""

    title = gettext_lazy("status")
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise | str]]:  # noqa: ARG002
        """Return the statuses. Two more are offered only if a page links to them: valid and expired together, and waiting for long."""
        available = Credential.Status.AVAILABLE
        both = [(available.value, gettext_lazy("Valid or expired"))]
        waiting = [("waiting", gettext_lazy("Being made for over an hour"))]
        return [
            ("valid", available.label),
            ("expired", pgettext_lazy("credential", "Expired")),
            *(waiting if request.GET.get(self.parameter_name) == "waiting" else []),
            *(both if request.GET.get(self.parameter_name) == available else []),
            *((status.value, status.label) for status in Credential.Status if status != available),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credential]) -> QuerySet[Credential]:  # noqa: ARG002
        """Return the credentials with that status."""
        available = queryset.filter(status=Credential.Status.AVAILABLE)
        now = timezone.now()
        match self.value():
            case None:
                return queryset
            case "valid":
                return available.filter(Q(expires_at=None) | Q(expires_at__gt=now))
            case "expired":
                return available.filter(expires_at__lte=now)
            case "waiting":
                return queryset.filter(is_waiting(now))
            case status:
                return queryset.filter(status=status)


class WarningFilter(admin.SimpleListFilter):
    """Filter credentials that were made with warnings, such as a name with characters that no font has."""

    title = gettext_lazy("warnings")
    parameter_name = "warnings"
    NARROWED_BY = ("generation_run__id__exact", "configuration__id__exact", "learning_context_key")

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise]]:  # noqa: ARG002
        """Offer the filter only for one run, configuration or context.

        It has to read the history of each credential.
        """
        is_narrow = any(request.GET.get(name) for name in self.NARROWED_BY)
        return [("yes", gettext_lazy("Made with warnings"))] if is_narrow else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credential]) -> QuerySet[Credential]:  # noqa: ARG002
        """Return the credentials whose file caused a warning."""
        return with_warnings(queryset) if self.value() == "yes" else queryset


def with_warnings(credentials: QuerySet[Credential]) -> QuerySet[Credential]:
    """Return the available credentials whose file was made with warnings."""
    warned = CredentialEvent.objects.filter(credential=OuterRef("pk"), detail__has_key="warnings")
    return credentials.filter(Exists(warned), status=Credential.Status.AVAILABLE)


class RelatedFilter(admin.RelatedFieldListFilter):
    """Filter by a row of another model of this app. Offer only rows that the user can view."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Any:
        """Return the rows."""
        choices = super().field_choices(field, request, model_admin)
        if not is_viewer_limited(request):
            return choices
        rows = field.remote_field.model._default_manager.all()  # noqa: SLF001  a public interface in spite of its name
        visible = set(limit_to_viewer(request, rows).order_by().values_list("pk", flat=True))
        return [choice for choice in choices if choice[0] in visible]


class TypeFilter(admin.SimpleListFilter):
    """Filter by credential type through its configurations. With a join, MariaDB would sort all credentials of the type for one page."""

    title = gettext_lazy("credential type")
    parameter_name = "credential_type"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return all types that the user can view."""
        types = limit_to_viewer(request, CredentialType.objects.order_by("name"))
        return [(str(pk), name) for pk, name in types.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the rows of that type's configurations."""
        value = self.value()
        if value is None or value not in dict(self.lookup_choices):
            return queryset
        configurations = CredentialConfiguration.objects.filter(credential_type=int(value)).order_by()
        return queryset.filter(configuration__in=list(configurations.values_list("pk", flat=True)))


class ErrorFilter(admin.SimpleListFilter):
    """Filter by error code."""

    title = gettext_lazy("error")
    parameter_name = "error_code"
    #: How many of the last errors are read for their codes.
    LOOKED_AT = 1000

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return the codes of the last errors. Finding every code would read all errors for each page."""
        errors = limit_to_viewer(request, Credential.objects.filter(status=Credential.Status.ERROR))
        errors = errors.order_by("-generation_started_at")
        codes = set(errors.values_list("error_code", flat=True)[: self.LOOKED_AT])
        return [(code, code) for code in sorted(codes) if code]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credential]) -> QuerySet[Credential]:  # noqa: ARG002
        """Return the errors with that code."""
        value = self.value()
        return queryset.filter(status=Credential.Status.ERROR, error_code=value) if value else queryset


class BlockFilter(admin.SimpleListFilter):
    """Filter credentials that block a new one. Only invalidated credentials do."""

    title = gettext_lazy("blocks reissue")
    parameter_name = "blocks_reissue"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise]]:  # noqa: ARG002
        """Return the only choice."""
        return [("yes", gettext_lazy("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credential]) -> QuerySet[Credential]:  # noqa: ARG002
        """Return the credentials that block a new one."""
        if self.value() != "yes":
            return queryset
        return queryset.filter(status=Credential.Status.INVALIDATED, blocks_reissue=True)


class MailFilter(admin.SimpleListFilter):
    """Filter by whether the learner was e-mailed. Few credentials wait for an e-mail, and an index contains them."""

    title = gettext_lazy("e-mail")
    parameter_name = "email"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise]]:  # noqa: ARG002
        """Return not sent, failed and given up."""
        return [
            ("unsent", gettext_lazy("Not sent yet")),
            ("failed", gettext_lazy("Failed, will be tried again")),
            ("given_up", gettext_lazy("Given up")),
            ("waiting", gettext_lazy("Waits for staff")),
            ("called_back", gettext_lazy("Called back")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credential]) -> QuerySet[Credential]:  # noqa: ARG002
        """Return the available credentials whose learner was not e-mailed."""
        limit = MAX_MAIL_ATTEMPTS
        unsent = queryset.filter(status=Credential.Status.AVAILABLE, notified_at=None)
        match self.value():
            case "unsent":
                return unsent
            case "failed":
                return unsent.filter(notification_attempts__gt=0, notification_attempts__lt=limit)
            case "given_up":
                return unsent.filter(notification_attempts__gte=limit)
            case "waiting":
                return queryset.filter(pk__in=list_waiting().order_by().values("pk"))
            case "called_back":
                return unsent.filter(is_called_back())
        return queryset


class ExpiryFilter(admin.SimpleListFilter):
    """Filter by expiry. Renewed credentials are a separate choice."""

    title = gettext_lazy("expiry")
    parameter_name = "expiry"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise]]:  # noqa: ARG002
        """Return past, soon and never."""
        return [
            ("expired", gettext_lazy("Expired, not renewed")),
            ("renewed", gettext_lazy("Expired and renewed")),
            ("soon", gettext_lazy("Expires within 30 days")),
            ("never", gettext_lazy("Never expires")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credential]) -> QuerySet[Credential]:  # noqa: ARG002
        """Return the available credentials with that expiry."""
        now = timezone.now()
        available = queryset.filter(status=Credential.Status.AVAILABLE)
        match self.value():
            case "expired":
                return available.filter(is_current=True, expires_at__lte=now)
            case "renewed":
                return available.filter(is_current=None)
            case "soon":
                return queryset.filter(expires_soon(now))
            case "never":
                return available.filter(expires_at=None)
        return queryset


class ContextKeyFilter(admin.SimpleListFilter):
    """Filter by a learning context that the user types in.

    A list of all contexts could have thousands of entries and would read the whole table.
    """

    title = gettext_lazy("learning context")
    parameter_name = "learning_context_key"
    template = "admin/learning_credentials/text_filter.html"
    #: The lookup from a row of the list to the key.
    lookup = "learning_context_key"

    def has_output(self) -> bool:
        """Return True, because there is always a field to type in."""
        return True

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return no choices."""
        return []

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the values for the template: the text, and the other parameters of the page, which must be kept."""
        others = {key: value for key, value in changelist.get_filters_params().items() if key != self.parameter_name}
        yield {
            "selected": bool(self.value()),
            "value": self.value() or "",
            "parameter_name": self.parameter_name,
            "others": [(key, value) for key, values in others.items() for value in _as_list(values)],
            "clear_url": changelist.get_query_string(remove=[self.parameter_name]),
            "query": changelist.query,
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the rows of that context."""
        key = (self.value() or "").strip()
        return queryset.filter(**{self.lookup: key}) if key else queryset


def _as_list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]
