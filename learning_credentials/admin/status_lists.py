"""Provide the read-only admin of the badges' status lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import NOTHING, ReadOnlyAdmin, get_url, link
from learning_credentials.models import Credential, RevokedPlace, StatusList
from learning_credentials.services.desk import is_nearly_full

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString


class FillingFilter(admin.SimpleListFilter):
    """Filter lists whose places are nearly all taken."""

    title = gettext_lazy("places")
    parameter_name = "places"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise]]:  # noqa: ARG002
        """Return the only choice."""
        return [("filling", gettext_lazy("Nearly all taken"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StatusList]) -> QuerySet[StatusList]:  # noqa: ARG002
        """Return the lists that are nearly full and still open."""
        return queryset.filter(is_nearly_full()) if self.value() == "filling" else queryset


@admin.register(StatusList)
class StatusListAdmin(ReadOnlyAdmin[StatusList]):
    """Show how full each list is and how many of its badges were revoked.

    The pages of the credentials show the places.
    """

    list_display = ("name", "places", "revoked", "version", "created", "closed_at", "public")
    list_filter = (FillingFilter,)
    fields = ("places", "is_mirrored", "revoked", "version", "created", "closed_at", "public")
    readonly_fields = ("places", "revoked", "created", "public")

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatusList]:
        """Count with the index on list and status, because a full list has more than a hundred thousand credentials."""
        revoked = Credential.objects.filter(status_list=OuterRef("pk"), status=Credential.Status.INVALIDATED).order_by()
        counted = revoked.values("status_list").annotate(number=Count("pk")).values("number")
        lost = RevokedPlace.objects.filter(status_list=OuterRef("pk")).order_by().values("status_list")
        numbers = {"revoked_total": counted, "lost_total": lost.annotate(number=Count("pk")).values("number")}
        return (
            super()
            .get_queryset(request)
            .annotate(
                **{name: Coalesce(Subquery(query, output_field=IntegerField()), 0) for name, query in numbers.items()}
            )
        )

    @admin.display(description=gettext_lazy("list"), ordering="pk")
    def name(self, obj: StatusList) -> str:
        """Return the list's number, as in its address."""
        return str(obj.pk)

    @admin.display(description=gettext_lazy("used places"), ordering="allocated")
    def places(self, obj: StatusList) -> SafeString:
        """Return how many of the places are allocated, with a bar."""
        said = _("%(taken)s of %(all)s") % {"taken": f"{obj.allocated:,}", "all": f"{obj.capacity:,}"}
        return format_html(
            '<progress class="lcred-progress" value="{}" max="{}" aria-hidden="true"></progress> {}',
            obj.allocated,
            obj.capacity,
            said,
        )

    @admin.display(description=gettext_lazy("revoked"), ordering="revoked_total")
    def revoked(self, obj: StatusList) -> SafeString | str:
        """Return how many credentials of the list are revoked, with a link to them.

        If a restored backup lost credentials, also return how many places were revoked for them.
        """
        number: int = getattr(obj, "revoked_total", 0)
        lost: int = getattr(obj, "lost_total", 0)
        chosen = f"status_list__id__exact={obj.pk}&status__exact={Credential.Status.INVALIDATED.value}"
        found = link(f"{get_url('credential_changelist')}?{chosen}", number) if number else NOTHING
        return format_html("{} {}", found, _("and %d of lost credentials") % lost) if lost else found

    @admin.display(description=gettext_lazy("public address"))
    def public(self, obj: StatusList) -> SafeString:
        """Return the address from which verifiers load the list. It needs a key that signs the list."""
        url = reverse("learning_credentials:status_list", args=[obj.pk])
        return link(url, url)
