"""Filters of the lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy

from learning_credentials.models import Credential, CredentialEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


def find_uuid(text: str) -> UUID | None:
    """The first UUID in a text, such as a verification address; None for none."""
    match = _UUID.search(text)
    return UUID(match[0]) if match else None


class WarningFilter(admin.SimpleListFilter):
    """What was made, but not quite as it should be, such as a name with characters that no font has."""

    title = gettext_lazy("warnings")
    parameter_name = "warnings"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise]]:  # noqa: ARG002
        """Those with one."""
        return [("yes", gettext_lazy("Made with warnings"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Credential]) -> QuerySet[Credential]:  # noqa: ARG002
        """Credentials whose file left a warning in their history."""
        return with_warnings(queryset) if self.value() == "yes" else queryset


def with_warnings(credentials: QuerySet[Credential]) -> QuerySet[Credential]:
    """Those whose file was made with warnings and still stands."""
    warned = CredentialEvent.objects.filter(credential=OuterRef("pk"), detail__has_key="warnings")
    return credentials.filter(Exists(warned), status=Credential.Status.AVAILABLE)


class ContextKeyFilter(admin.SimpleListFilter):
    """By learning context, typed in: a list of all contexts could be thousands long, and cost a pass over the table."""

    title = gettext_lazy("learning context")
    parameter_name = "learning_context_key"
    template = "admin/learning_credentials/text_filter.html"
    #: Where the key is, seen from the rows of the list.
    lookup = "learning_context_key"

    def has_output(self) -> bool:
        """There is always a field to type in."""
        return True

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        """Nothing to choose from."""
        return []

    def choices(self, changelist: Any) -> Iterator[Any]:
        """What the template needs: the text, and the other parameters of the page, to be kept."""
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
        """Rows of that context."""
        key = (self.value() or "").strip()
        return queryset.filter(**{self.lookup: key}) if key else queryset


def _as_list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]
